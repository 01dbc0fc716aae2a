"""A ring that led to nothing: the next person is asked, and who missed it is left alone for a while."""

from datetime import timedelta

import pytest

from madoguchi.domain.agents.actions import choose_presence, lift_cooling_off
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls import floor_plan
from madoguchi.domain.calls.actions import hearing, offer, refuse_offer, ring_out
from madoguchi.domain.calls.errors import OfferGone
from madoguchi.domain.calls.models import Offer
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.kit.clock import now
from madoguchi.science.routing.choose import choose

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def sato(centre: Centre) -> Agent:
    return Agent.objects.get(pk=centre.sato.pk)


def test_the_call_waits_on_at_its_place(centre: Centre) -> None:
    call = centre.ringing()
    place = centre.visit(call).enqueued_at
    ring_out(centre.offer_of(centre.sato).pk)
    call.refresh_from_db()
    visit = centre.visit(call)
    assert (call.phase, visit.enqueued_at) == ("waiting", place)
    assert list(visit.tried) == [str(centre.sato.pk)]


def test_the_phone_falls_silent_and_the_next_person_rings(centre: Centre) -> None:
    call = centre.ringing()
    missed = centre.offer_of(centre.sato)
    ring_out(missed.pk)
    assert centre.told(call.pk, "HangUp")[-1]["leg_id"] == missed.leg_id
    assert offer(centre.visit(call).pk, [centre.suzuki.pk]) == [centre.suzuki.pk]
    centre.answer(centre.suzuki)
    call.refresh_from_db()
    assert (call.phase, call.agent) == ("talking", centre.suzuki)


def test_who_missed_it_cools_off_with_the_reason(centre: Centre) -> None:
    centre.ringing()
    ring_out(centre.offer_of(centre.sato).pk)
    cooling = sato(centre)
    assert (cooling.activity, cooling.cooling_off_reason) == ("idle", "missed")
    assert cooling.cooling_off_until is not None
    assert now() < cooling.cooling_off_until <= now() + timedelta(seconds=centre.queue.cooling_off_s)


def test_nobody_who_cools_off_is_rung(centre: Centre) -> None:
    centre.ringing()
    ring_out(centre.offer_of(centre.sato).pk)
    other = centre.waiting("in-2")
    assert offer(centre.visit(other).pk, [centre.sato.pk]) == []


def test_there_is_a_way_back_by_oneself(centre: Centre) -> None:
    centre.ringing()
    ring_out(centre.offer_of(centre.sato).pk)
    choose_presence(centre.sato.pk, "available", acting_user=centre.sato.account_id)
    other = centre.waiting("in-2")
    assert offer(centre.visit(other).pk, [centre.sato.pk]) == [centre.sato.pk]


def test_there_is_a_way_back_by_the_supervisor(centre: Centre) -> None:
    centre.ringing()
    ring_out(centre.offer_of(centre.sato).pk)
    lift_cooling_off(centre.sato.pk, acting_user=centre.supervisor.account_id)
    assert (sato(centre).cooling_off_until, sato(centre).cooling_off_reason) == (None, "")


def test_the_call_that_was_missed_comes_again_when_the_pause_is_lifted(centre: Centre) -> None:
    call = centre.ringing()
    missed = centre.offer_of(centre.sato)
    ring_out(missed.pk)
    hearing.leg_ended(call.pk, missed.leg_id, cause=26)
    visit_id = centre.visit(call).pk
    Agent.objects.exclude(pk=centre.sato.pk).update(presence="break")

    def offered() -> list[tuple[int, tuple[int, ...]]]:
        plan = floor_plan.read()
        return [(pair.visit.id, pair.agent_ids) for pair in choose(now(), plan.visits, plan.agents).pairs]

    assert offered() == []
    lift_cooling_off(centre.sato.pk, acting_user=centre.supervisor.account_id)
    assert offered() == [(visit_id, (centre.sato.pk,))]


def test_time_alone_is_a_way_back(centre: Centre) -> None:
    centre.ringing()
    ring_out(centre.offer_of(centre.sato).pk)
    Agent.objects.filter(pk=centre.sato.pk).update(cooling_off_until=now() - timedelta(seconds=1))
    other = centre.waiting("in-2")
    assert offer(centre.visit(other).pk, [centre.sato.pk]) == [centre.sato.pk]


def test_declining_is_its_own_reason(centre: Centre) -> None:
    call = centre.ringing()
    refuse_offer(centre.offer_of(centre.sato).pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.phase, sato(centre).cooling_off_reason) == ("waiting", "refused")
    assert Offer.objects.get().stage == "refused"


def test_only_the_person_who_is_rung_may_decline(centre: Centre) -> None:
    centre.ringing()
    with pytest.raises(OfferGone):
        refuse_offer(centre.offer_of(centre.sato).pk, acting_user=centre.suzuki.account_id)


def test_declining_a_ring_that_is_over_is_refused(centre: Centre) -> None:
    centre.ringing()
    rung = centre.offer_of(centre.sato)
    ring_out(rung.pk)
    with pytest.raises(OfferGone):
        refuse_offer(rung.pk, acting_user=centre.sato.account_id)


@pytest.mark.parametrize(
    ("cause", "stage", "reason"),
    [
        (21, "refused", "refused"),
        (17, "refused", "refused"),
        (19, "missed", "missed"),
        (16, "missed", "missed"),
        (20, "failed", "phone_failed"),
        (0, "failed", "phone_failed"),
    ],
)
def test_the_phones_own_end_says_why(centre: Centre, cause: int, stage: str, reason: str) -> None:
    call = centre.ringing()
    rung = centre.offer_of(centre.sato)
    hearing.leg_ended(call.pk, rung.leg_id, cause=cause)
    rung.refresh_from_db()
    assert (rung.stage, sato(centre).cooling_off_reason) == (stage, reason)


def test_a_phone_that_is_not_there_is_held_against_its_owner(centre: Centre) -> None:
    call = centre.ringing()
    leg_id = centre.offer_of(centre.sato).leg_id
    hearing.command_failed(call.pk, "Dial", {"leg_id": leg_id}, "no phone", permanent=True)
    call.refresh_from_db()
    assert (call.phase, sato(centre).cooling_off_reason) == ("waiting", "phone_failed")


def test_a_dial_that_came_too_late_is_held_against_nobody(centre: Centre) -> None:
    call = centre.ringing()
    leg_id = centre.offer_of(centre.sato).leg_id
    hearing.command_failed(call.pk, "Dial", {"leg_id": leg_id}, "too late", permanent=False)
    call.refresh_from_db()
    assert (call.phase, sato(centre).activity, sato(centre).cooling_off_until) == ("waiting", "idle", None)
    assert offer(centre.visit(call).pk, [centre.sato.pk]) == [centre.sato.pk]


def test_ringing_out_twice_is_once(centre: Centre) -> None:
    call = centre.ringing()
    rung = centre.offer_of(centre.sato)
    ring_out(rung.pk)
    first = sato(centre).cooling_off_until
    ring_out(rung.pk)
    hearing.leg_ended(call.pk, rung.leg_id, cause=19)
    assert sato(centre).cooling_off_until == first
    assert centre.steps("offer", call.pk) == ["open", "missed"]


def test_a_missed_ring_does_not_send_anybody_to_the_end_of_the_line(centre: Centre) -> None:
    before = sato(centre).idle_since
    centre.ringing()
    ring_out(centre.offer_of(centre.sato).pk)
    assert sato(centre).idle_since == before
