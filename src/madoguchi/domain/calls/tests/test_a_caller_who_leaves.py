"""Wherever the caller is when they hang up: one outcome, and nobody is rung for them any more (pain 2)."""

from datetime import timedelta

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import hearing, offer
from madoguchi.domain.calls.models import Call, Leg, Offer
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.switchboard.models import Command
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def left(call: Call) -> Call:
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    return call


def test_in_the_menu(centre: Centre) -> None:
    call = left(centre.arrive())
    assert (call.phase, call.outcome, call.hung_up_by) == ("ended", "ivr_abandoned", "customer")


def test_soon_after_they_began_to_wait(centre: Centre) -> None:
    call = left(centre.waiting())
    assert (call.outcome, call.visits.get().left) == ("short_abandon", "abandoned")


def test_after_they_waited(centre: Centre) -> None:
    call = centre.waiting()
    call.visits.update(enqueued_at=now() - timedelta(seconds=60))
    assert left(call).outcome == "queue_abandon"


def test_while_it_rings_the_ring_is_withdrawn_at_once(centre: Centre) -> None:
    call = centre.ringing()
    rung = centre.offer_of(centre.sato)
    before = Command.objects.count()
    left(call)
    rung.refresh_from_db()
    assert (call.outcome, rung.stage) == ("ring_abandon", "withdrawn")
    assert list(Command.objects.order_by("pk")[before:].values_list("kind", "fields__leg_id")) == [
        ("HangUp", rung.leg_id)
    ]
    assert centre.now(centre.sato) == "idle"


def test_nobody_cools_off_or_loses_their_place_for_a_caller_who_left(centre: Centre) -> None:
    before = Agent.objects.get(pk=centre.sato.pk)
    left(centre.ringing())
    after = Agent.objects.get(pk=centre.sato.pk)
    assert (after.cooling_off_until, after.idle_since) == (None, before.idle_since)


def test_whoever_left_is_offered_to_nobody(centre: Centre) -> None:
    call = centre.waiting()
    visit = centre.visit(call)
    left(call)
    assert offer(visit.pk, [centre.sato.pk]) == []
    assert "Dial" not in centre.commands(call.pk)


def test_a_phone_picked_up_a_moment_too_late_is_hung_up(centre: Centre) -> None:
    call = centre.ringing()
    leg_id = centre.offer_of(centre.sato).leg_id
    left(call)
    hearing.leg_answered(call.pk, leg_id)
    call.refresh_from_db()
    assert (call.phase, call.outcome, centre.now(centre.sato)) == ("ended", "ring_abandon", "idle")
    assert centre.commands(call.pk)[-1] == "HangUp"
    assert "Join" not in centre.commands(call.pk)


def test_from_hold_is_told_apart(centre: Centre) -> None:
    from madoguchi.domain.calls.actions import hold

    call = centre.talking()
    hold(call.pk, acting_user=centre.sato.account_id)
    left(call)
    assert (call.outcome, call.ending, centre.now(centre.sato)) == ("answered", "hold_abandon", "wrap_up")


def test_their_end_said_twice_is_one_end(centre: Centre) -> None:
    call = left(centre.ringing())
    ended_at, steps = call.ended_at, centre.steps("call", call.pk)
    left(call)
    assert (call.ended_at, centre.steps("call", call.pk)) == (ended_at, steps)


def test_events_for_an_ended_call_change_nothing(centre: Centre) -> None:
    call = centre.talking()
    operator_leg = Offer.objects.get().leg_id
    left(call)
    before = Call.objects.filter(pk=call.pk).values().get()
    hearing.key_heard(call.pk, "in-1", "1")
    hearing.playback_ended(call.pk, "p-old")
    hearing.leg_rang(call.pk, operator_leg)
    hearing.leg_ended(call.pk, operator_leg, cause=16)
    hearing.call_fell_due(call.pk)
    assert Call.objects.filter(pk=call.pk).values().get() == before
    assert Leg.objects.get(pk=operator_leg).gone_at is not None


def test_a_caller_whose_end_came_before_the_arrival_does_not_wait_for_ever(centre: Centre) -> None:
    call = centre.arrive("in-1")
    hearing.command_failed(
        call.pk, "Answer", {"leg_id": "in-1"}, "there is no leg in-1", permanent=True, gone=True
    )
    call.refresh_from_db()
    assert (call.phase, call.outcome) == ("ended", "ivr_abandoned")
