"""A call that ended while the database, or control, was away ended when it ended, not when we heard of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, QuerySet

from madoguchi.domain.calls import invariants
from madoguchi.domain.calls.actions import hearing
from madoguchi.domain.calls.models import Call, Leg, Offer, QueueVisit, WrapUp
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.ledger.models import Transition
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]

AGO = timedelta(minutes=10)
OUTAGE = timedelta(minutes=5)


def as_if_before(call: Call) -> None:
    """All that was written so far was written ten minutes ago."""
    told: list[tuple[QuerySet[Any], list[str]]] = [
        (Call.objects.filter(pk=call.pk), ["arrived_at", "phase_since", "answered_at"]),
        (Leg.objects.filter(call=call), ["began_at", "rang_at", "answered_at"]),
        (QueueVisit.objects.filter(call=call), ["enqueued_at", "left_at"]),
        (Offer.objects.filter(call=call), ["offered_at", "ended_at"]),
        (Transition.objects.filter(call_id=call.pk), ["at"]),
    ]
    for rows, names in told:
        # What is empty stays so: NULL less ten minutes is NULL.
        rows.update(**{name: F(name) - AGO for name in names})


def hangs_up_unheard(call: Call) -> Call:
    hearing.leg_ended(call.pk, "in-1", cause=16, at=now() - OUTAGE)
    call.refresh_from_db()
    return call


def broken() -> list[str]:
    return [str(one) for one in invariants.violations(now() - timedelta(hours=1), now())]


def test_while_they_talked(centre: Centre) -> None:
    call = centre.talking()
    leg_id = centre.leg_of(centre.sato)
    as_if_before(call)
    heard = now()
    hangs_up_unheard(call)
    assert call.ended_at is not None
    assert abs(call.ended_at - (heard - OUTAGE)) < timedelta(seconds=2)
    assert Leg.objects.get(pk="in-1").gone_at == call.ended_at
    # The operator's wrap-up begins when she learns of it: an outage takes none of her time.
    assert WrapUp.objects.get(call=call).began_at >= heard
    ended = Transition.objects.get(call_id=call.pk, subject="call", new="ended")
    assert ended.at == call.ended_at
    assert ended.cause["heard_at"] >= heard.isoformat()
    # Her line was held until then.
    hearing.leg_ended(call.pk, leg_id, cause=16)
    assert broken() == []


def test_while_they_waited_the_wait_is_as_long_as_it_was(centre: Centre) -> None:
    call = centre.waiting()
    as_if_before(call)
    visit = call.visits.get()
    QueueVisit.objects.update(enqueued_at=now() - OUTAGE - timedelta(seconds=3))
    Call.objects.update(phase_since=now() - OUTAGE - timedelta(seconds=3))
    hangs_up_unheard(call)
    visit.refresh_from_db()
    # By the clock of our return it would be a long and a lost wait.
    assert (call.outcome, visit.left_at) == ("short_abandon", call.ended_at)
    assert broken() == []


def test_while_it_rang_the_ring_ends_with_the_call(centre: Centre) -> None:
    call = centre.ringing()
    rung = centre.offer_of(centre.sato)
    as_if_before(call)
    hangs_up_unheard(call)
    rung.refresh_from_db()
    assert (rung.stage, rung.ended_at) == ("withdrawn", call.ended_at)
    # The phone is silenced now, by an order that has not expired.
    assert "HangUp" in centre.commands(call.pk)
    assert Offer.objects.filter(stage="open").count() == 0
    hearing.leg_ended(call.pk, rung.leg_id, cause=26)
    assert broken() == []


def test_not_before_what_was_written_down_of_the_call_meanwhile(centre: Centre) -> None:
    call = centre.talking()
    hangs_up_unheard(call)
    assert call.ended_at == call.answered_at


def test_an_end_heard_at_once_says_nothing_of_it(centre: Centre) -> None:
    call = centre.talking()
    hearing.leg_ended(call.pk, "in-1", cause=16, at=now())
    ended = Transition.objects.get(call_id=call.pk, subject="call", new="ended")
    assert "heard_at" not in ended.cause
