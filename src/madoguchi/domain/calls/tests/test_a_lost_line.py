"""The operator's line dies in mid-call: the customer is kept for them, then for the next (pains 9, 10)."""

from datetime import timedelta

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import hang_up, hearing, hold, offer, ring_out
from madoguchi.domain.calls.actions.restoring import NOTE, try_to_restore
from madoguchi.domain.calls.due import due
from madoguchi.domain.calls.models import Call, Offer, Recording
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def cut_off(centre: Centre, *, on_hold: bool = False) -> Call:
    call = centre.talking()
    if on_hold:
        hold(call.pk, acting_user=centre.sato.account_id)
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=0)
    call.refresh_from_db()
    return call


def patience_over(call: Call) -> None:
    Call.objects.filter(pk=call.pk).update(step_due_at=now() - timedelta(seconds=1))
    hearing.call_fell_due(call.pk)
    call.refresh_from_db()


def test_the_customer_is_kept_and_told(centre: Centre) -> None:
    call = cut_off(centre)
    assert (call.phase, centre.now(centre.sato)) == ("restoring", "talking")
    assert centre.commands(call.pk)[-2:] == ["Leave", "Play"]


def test_then_they_hear_music(centre: Centre) -> None:
    call = cut_off(centre)
    hearing.playback_ended(call.pk, call.playback_id)
    assert centre.commands(call.pk)[-1] == "StartMusic"


def test_the_same_operator_is_rung_and_has_the_customer_again(centre: Centre) -> None:
    call = cut_off(centre)
    assert ("restore", str(call.pk)) in {(one.kind, one.id) for one in due(now())}
    assert try_to_restore(call.pk)
    dial = centre.told(call.pk, "Dial")[-1]
    assert dial["headers"]["X-Madoguchi-Auto"] == "1"
    centre.answer(centre.sato)
    call.refresh_from_db()
    assert (call.phase, call.agent, call.step_due_at) == ("talking", centre.sato, None)
    assert centre.told(call.pk, "Join")[-1]["leg_ids"] == ["in-1", dial["leg_id"]]
    assert Recording.objects.count() == 1
    assert centre.steps("activity", call.pk) == ["ringing", "talking"]


def test_one_try_at_a_time(centre: Centre) -> None:
    call = cut_off(centre)
    assert try_to_restore(call.pk)
    assert not try_to_restore(call.pk)


def test_a_phone_that_is_away_is_not_rung(centre: Centre) -> None:
    call = cut_off(centre)
    Agent.objects.filter(pk=centre.sato.pk).update(phone_reachable=False)
    assert not try_to_restore(call.pk)
    assert due(now()) == []


def test_a_try_that_fails_is_repeated_but_not_at_once(centre: Centre) -> None:
    call = cut_off(centre)
    try_to_restore(call.pk)
    ring_out(centre.offer_of(centre.sato).pk)
    call.refresh_from_db()
    assert call.phase == "restoring"
    assert due(now()) == []
    assert {one.kind for one in due(now() + timedelta(seconds=2))} == {"restore"}
    assert Agent.objects.get(pk=centre.sato.pk).cooling_off_until is None


def test_from_hold_they_come_back_to_a_talk_that_is_recorded(centre: Centre) -> None:
    call = cut_off(centre, on_hold=True)
    assert centre.now(centre.sato) == "talking"
    assert [fields["on"] for fields in centre.told(call.pk, "MuteRecording")] == [True, False]
    try_to_restore(call.pk)
    centre.answer(centre.sato)
    call.refresh_from_db()
    assert (call.phase, Recording.objects.get().muted[0][1] is None) == ("talking", False)


def test_not_restored_in_time_the_next_one_takes_them_and_is_told_why(centre: Centre) -> None:
    call = cut_off(centre)
    try_to_restore(call.pk)
    patience_over(call)
    assert (call.phase, call.note, centre.now(centre.sato)) == ("waiting", NOTE, "wrap_up")
    assert not Offer.objects.filter(stage="open").exists()
    assert offer(centre.visit(call).pk, [centre.suzuki.pk])
    centre.answer(centre.suzuki)
    call.refresh_from_db()
    assert (call.phase, call.agent, call.ending) == ("talking", centre.suzuki, "")
    assert Recording.objects.count() == 2


def test_they_come_before_everybody_who_waits(centre: Centre) -> None:
    from madoguchi.domain.calls import floor_plan
    from madoguchi.science.routing.choose import place

    call = cut_off(centre)
    other = centre.waiting("in-2", at=now() - timedelta(minutes=9))
    patience_over(call)
    first = min(floor_plan.read().visits, key=place)
    assert first.id == centre.visit(call).pk != centre.visit(other).pk


def test_the_customer_leaves_while_the_line_is_restored(centre: Centre) -> None:
    call = cut_off(centre)
    try_to_restore(call.pk)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    assert (call.outcome, call.ending, centre.now(centre.sato)) == ("answered", "line_lost", "wrap_up")
    assert Offer.objects.filter(purpose="restore").get().stage == "withdrawn"


def test_the_customer_leaves_while_they_wait_for_the_next(centre: Centre) -> None:
    call = cut_off(centre)
    patience_over(call)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    assert (call.outcome, call.ending) == ("answered", "line_lost")


def test_a_browser_that_ends_a_moment_before_the_button_is_no_lost_line(centre: Centre) -> None:
    call = cut_off(centre)
    hang_up(call.pk, acting_user=centre.sato.account_id)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    assert (call.ending, call.hung_up_by) == ("completed", "operator")
