"""A queue that rings all its free people at once (一斉着信): one wins, nobody else missed anything."""

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import hearing, offer, ring_out
from madoguchi.domain.calls.models import Call, Offer
from madoguchi.domain.calls.tests.conftest import Centre

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def all_ring(centre: Centre) -> Call:
    call = centre.waiting()
    everybody = [centre.sato.pk, centre.suzuki.pk, centre.tanaka.pk]
    assert sorted(offer(centre.visit(call).pk, everybody, ring_all=True)) == everybody
    call.refresh_from_db()
    return call


def stages() -> dict[int, str]:
    return dict(Offer.objects.values_list("agent_id", "stage"))


def test_the_first_to_answer_wins_and_the_others_fall_silent(centre: Centre) -> None:
    call = all_ring(centre)
    others = {centre.offer_of(centre.sato).leg_id, centre.offer_of(centre.tanaka).leg_id}
    centre.answer(centre.suzuki)
    call.refresh_from_db()
    assert (call.phase, call.agent) == ("talking", centre.suzuki)
    assert stages() == {
        centre.sato.pk: "beaten",
        centre.suzuki.pk: "accepted",
        centre.tanaka.pk: "beaten",
    }
    assert {fields["leg_id"] for fields in centre.told(call.pk, "HangUp")} == others
    assert [centre.now(x) for x in (centre.sato, centre.suzuki, centre.tanaka)] == ["idle", "talking", "idle"]


def test_who_was_beaten_does_not_cool_off(centre: Centre) -> None:
    call = all_ring(centre)
    beaten = centre.offer_of(centre.sato).leg_id
    centre.answer(centre.suzuki)
    hearing.leg_ended(call.pk, beaten, cause=26)
    assert not Agent.objects.filter(cooling_off_until__isnull=False).exists()


def test_the_second_to_pick_up_hears_nothing(centre: Centre) -> None:
    call = all_ring(centre)
    late = centre.offer_of(centre.tanaka).leg_id
    centre.answer(centre.suzuki)
    hearing.leg_answered(call.pk, late)
    call.refresh_from_db()
    assert call.agent == centre.suzuki
    assert late not in str(centre.told(call.pk, "Join"))


def test_one_who_declines_leaves_the_others_ringing(centre: Centre) -> None:
    call = all_ring(centre)
    ring_out(centre.offer_of(centre.sato).pk)
    call.refresh_from_db()
    assert call.phase == "ringing"
    assert stages()[centre.tanaka.pk] == "open"


def test_when_all_miss_it_the_call_waits_on(centre: Centre) -> None:
    call = all_ring(centre)
    for agent in (centre.sato, centre.suzuki, centre.tanaka):
        ring_out(centre.offer_of(agent).pk)
    call.refresh_from_db()
    assert call.phase == "waiting"
    assert len(centre.visit(call).tried) == 3
    assert centre.steps("call", call.pk)[-2:] == ["ringing", "waiting"]


def test_when_the_caller_leaves_all_fall_silent_in_the_same_breath(centre: Centre) -> None:
    call = all_ring(centre)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    assert set(stages().values()) == {"withdrawn"}
    assert len(centre.told(call.pk, "HangUp")) == 3
    assert {centre.now(x) for x in (centre.sato, centre.suzuki, centre.tanaka)} == {"idle"}


def test_only_those_who_are_free_ring(centre: Centre) -> None:
    centre.talking(centre.sato, "in-9")
    call = centre.waiting()
    taken = offer(centre.visit(call).pk, [centre.sato.pk, centre.suzuki.pk], ring_all=True)
    assert taken == [centre.suzuki.pk]
