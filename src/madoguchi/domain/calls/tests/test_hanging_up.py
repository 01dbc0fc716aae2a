"""The operator ends the call; and what ends that the switch never tells of."""

from datetime import timedelta

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import hang_up, hearing
from madoguchi.domain.calls.due import due
from madoguchi.domain.calls.errors import CallGone
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_the_call_ends_when_the_switch_says_so(centre: Centre) -> None:
    call = centre.talking()
    hang_up(call.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert call.phase == "talking"
    assert centre.told(call.pk, "HangUp") == [{"leg_id": "in-1", "cause": 16}]
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    assert (call.outcome, call.ending, call.hung_up_by) == ("answered", "completed", "operator")


def test_an_end_that_is_never_reported_is_taken_as_come(centre: Centre) -> None:
    call = centre.talking()
    hang_up(call.pk, acting_user=centre.sato.account_id)
    hearing.call_fell_due(call.pk)
    call.refresh_from_db()
    assert call.phase == "talking"
    Call.objects.filter(pk=call.pk).update(step_due_at=now() - timedelta(seconds=1))
    assert ("call", str(call.pk)) in {(one.kind, one.id) for one in due(now())}
    hearing.call_fell_due(call.pk)
    call.refresh_from_db()
    assert (call.phase, call.outcome, call.hung_up_by) == ("ended", "answered", "operator")
    assert centre.now(centre.sato) == "wrap_up"
    hearing.leg_ended(call.pk, "in-1", cause=16)


def test_a_leg_that_ended_in_our_books_but_lives_is_hung_up(centre: Centre) -> None:
    call = centre.talking()
    hearing.leg_ended(call.pk, "in-1", cause=16)
    before = len(centre.told(call.pk, "HangUp"))
    assert centre.arrive("in-1").pk == call.pk
    assert centre.told(call.pk, "HangUp")[before:] == [{"leg_id": "in-1", "cause": 16}]
    assert Call.objects.count() == 1


def test_a_desk_phone_put_down_ends_the_call(centre: Centre) -> None:
    Agent.objects.filter(pk=centre.sato.pk).update(phone="desk")
    call = centre.talking()
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=16)
    call.refresh_from_db()
    assert (call.phase, call.hung_up_by) == ("talking", "operator")
    assert centre.told(call.pk, "HangUp") == [{"leg_id": "in-1", "cause": 16}]


def test_a_desk_phone_whose_line_died_is_waited_for(centre: Centre) -> None:
    Agent.objects.filter(pk=centre.sato.pk).update(phone="desk")
    call = centre.talking()
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=38)
    call.refresh_from_db()
    assert call.phase == "restoring"


def test_after_the_end_there_is_nothing_to_hang_up(centre: Centre) -> None:
    call = centre.talking()
    hearing.leg_ended(call.pk, "in-1", cause=16)
    with pytest.raises(CallGone):
        hang_up(call.pk, acting_user=centre.sato.account_id)
