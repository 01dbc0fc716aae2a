"""A customer whom we call, and who leaves while the notice is said, was reached and has no recording."""

from datetime import timedelta

import pytest

from madoguchi.domain.calls import invariants
from madoguchi.domain.calls.actions import dial, hearing
from madoguchi.domain.calls.models import Call, Recording
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.calls.tests.storm import after_all_has_settled
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def _broken() -> list[str]:
    with after_all_has_settled():
        return [one.rule for one in invariants.violations(now() - timedelta(minutes=1), now())]


def _notified(centre: Centre) -> tuple[Call, str]:
    call = dial(centre.sato.pk, "090-1234-5678", centre.number.pk, acting_user=centre.sato.account_id)
    centre.answer(centre.sato)
    leg_id = call.legs.get(role="customer").pk
    hearing.leg_answered(call.pk, leg_id)
    call.refresh_from_db()
    return call, leg_id


def _end(centre: Centre, call: Call, leg_id: str) -> None:
    own = centre.leg_of(centre.sato)
    hearing.leg_ended(call.pk, leg_id, cause=16)
    hearing.leg_ended(call.pk, own, cause=16)
    call.refresh_from_db()


def test_no_rule_is_broken_by_it(centre: Centre) -> None:
    call, leg_id = _notified(centre)
    _end(centre, call, leg_id)
    assert (call.outcome, Recording.objects.count()) == ("reached", 0)
    assert _broken() == []


def test_once_they_talk_a_recording_is_missed(centre: Centre) -> None:
    call, leg_id = _notified(centre)
    hearing.playback_ended(call.pk, call.playback_id)
    _end(centre, call, leg_id)
    assert _broken() == []
    Recording.objects.all().delete()
    assert _broken() == ["answered_calls_are_recorded"]
