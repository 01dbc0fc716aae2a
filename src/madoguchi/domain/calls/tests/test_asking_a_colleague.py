"""Asking somebody while the customer hears music; then handing over, or going back."""

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import (
    consult,
    hand_over,
    hearing,
    hold,
    refuse_offer,
    resume,
    ring_out,
    take_back,
    transfer_to_queue,
)
from madoguchi.domain.calls.errors import NotNow, TargetBusy
from madoguchi.domain.calls.models import Call, Consult, Leg, Recording, WrapUp
from madoguchi.domain.calls.tests.conftest import Centre

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def asking(centre: Centre) -> Call:
    call = centre.talking()
    consult(call.pk, centre.suzuki.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    return call


def asked(centre: Centre) -> Call:
    call = asking(centre)
    centre.answer(centre.suzuki)
    return call


def activities(centre: Centre) -> tuple[str, str]:
    return centre.now(centre.sato), centre.now(centre.suzuki)


def test_the_customer_hears_music_while_the_colleague_rings(centre: Centre) -> None:
    call = asking(centre)
    assert (call.phase, activities(centre)) == ("holding", ("holding", "ringing"))
    assert centre.commands(call.pk)[-5:] == ["Leave", "StartMusic", "MuteRecording", "Dial", "ShowRinging"]


def test_who_answers_talks_with_the_operator_only(centre: Centre) -> None:
    call = asked(centre)
    joined = centre.told(call.pk, "Join")[-1]
    assert joined["bridge_id"] == f"c-{Consult.objects.get().pk}"
    assert "in-1" not in joined["leg_ids"]
    assert activities(centre) == ("holding", "talking")


def test_a_busy_colleague_is_not_rung_and_the_customer_not_put_on_hold(centre: Centre) -> None:
    centre.talking(centre.suzuki, "in-9")
    call = centre.talking()
    with pytest.raises(TargetBusy):
        consult(call.pk, centre.suzuki.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.phase, centre.now(centre.sato)) == ("talking", "talking")


def test_a_colleague_who_takes_no_calls_may_be_asked_by_name(centre: Centre) -> None:
    Agent.objects.filter(pk=centre.suzuki.pk).update(presence="meeting")
    assert asking(centre).phase == "holding"


def test_only_one_is_asked_at_a_time(centre: Centre) -> None:
    call = asking(centre)
    with pytest.raises(NotNow):
        consult(call.pk, centre.tanaka.pk, acting_user=centre.sato.account_id)


@pytest.mark.parametrize("how", ["refuses", "rings_out", "phone_ends"])
def test_a_colleague_who_does_not_answer_leaves_all_as_it_was(centre: Centre, how: str) -> None:
    call = asking(centre)
    rung = centre.offer_of(centre.suzuki)
    match how:
        case "refuses":
            refuse_offer(rung.pk, acting_user=centre.suzuki.account_id)
        case "rings_out":
            ring_out(rung.pk)
        case _:
            hearing.leg_ended(call.pk, rung.leg_id, cause=21)
    assert (Consult.objects.get().stage, activities(centre)) == ("not_reached", ("holding", "idle"))
    assert Agent.objects.get(pk=centre.suzuki.pk).cooling_off_until is None
    resume(call.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.phase, centre.now(centre.sato)) == ("talking", "talking")


def test_handing_over_gives_the_customer_and_sets_the_operator_free(centre: Centre) -> None:
    call = asked(centre)
    hand_over(call.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.phase, call.agent, activities(centre)) == ("talking", centre.suzuki, ("wrap_up", "talking"))
    assert [row.agent for row in Recording.objects.order_by("requested_at")] == [centre.sato, centre.suzuki]
    assert Consult.objects.get().stage == "handed_over"
    assert centre.told(call.pk, "Join")[-1]["leg_ids"] == ["in-1", Consult.objects.get().leg_id]


def test_the_first_operators_line_may_end_then(centre: Centre) -> None:
    call = asked(centre)
    hand_over(call.pk, acting_user=centre.sato.account_id)
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=16)
    call.refresh_from_db()
    assert (call.phase, call.agent) == ("talking", centre.suzuki)


def test_the_end_after_a_hand_over_gives_the_second_operator_a_wrap_up(centre: Centre) -> None:
    call = asked(centre)
    hand_over(call.pk, acting_user=centre.sato.account_id)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    assert set(WrapUp.objects.values_list("agent_id", flat=True)) == {centre.sato.pk, centre.suzuki.pk}


def test_the_second_operators_lost_line_is_restored_to_them(centre: Centre) -> None:
    call = asked(centre)
    hand_over(call.pk, acting_user=centre.sato.account_id)
    hearing.leg_ended(call.pk, centre.leg_of(centre.suzuki), cause=0)
    call.refresh_from_db()
    assert (call.phase, call.agent) == ("restoring", centre.suzuki)


def test_nobody_is_handed_over_to_a_ringing_phone(centre: Centre) -> None:
    call = asking(centre)
    with pytest.raises(NotNow):
        hand_over(call.pk, acting_user=centre.sato.account_id)


def test_going_back_ends_the_asking(centre: Centre) -> None:
    call = asked(centre)
    take_back(call.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.phase, activities(centre)) == ("talking", ("talking", "wrap_up"))
    assert Consult.objects.get().stage == "returned"
    assert centre.told(call.pk, "MuteRecording")[-1]["on"] is False


def test_going_back_while_it_rings_silences_the_phone(centre: Centre) -> None:
    call = asking(centre)
    leg_id = centre.offer_of(centre.suzuki).leg_id
    take_back(call.pk, acting_user=centre.sato.account_id)
    assert centre.told(call.pk, "HangUp")[-1]["leg_id"] == leg_id
    assert activities(centre) == ("talking", "idle")


def test_while_somebody_is_asked_the_customer_is_neither_resumed_nor_given_away(centre: Centre) -> None:
    call = asked(centre)
    with pytest.raises(NotNow):
        resume(call.pk, acting_user=centre.sato.account_id)
    with pytest.raises(NotNow):
        hold(call.pk, acting_user=centre.sato.account_id)
    with pytest.raises(NotNow):
        transfer_to_queue(call.pk, centre.queue.pk, acting_user=centre.sato.account_id)


def test_the_asked_person_leaves(centre: Centre) -> None:
    call = asked(centre)
    hearing.leg_ended(call.pk, Consult.objects.get().leg_id, cause=16)
    assert (Consult.objects.get().stage, activities(centre)) == ("returned", ("holding", "wrap_up"))
    resume(call.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert call.phase == "talking"


@pytest.mark.parametrize("answered", [True, False])
def test_the_customer_leaves_in_between(centre: Centre, answered: bool) -> None:
    call = asked(centre) if answered else asking(centre)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    assert (call.outcome, call.ending) == ("answered", "hold_abandon")
    assert activities(centre) == ("wrap_up", "wrap_up" if answered else "idle")
    assert Consult.objects.get().stage == "returned"
    hung_up = {fields["leg_id"] for fields in centre.told(call.pk, "HangUp")}
    assert hung_up == set(Leg.objects.filter(gone_at=None).values_list("pk", flat=True))
    assert centre.told(call.pk, "Dissolve")[0]["bridge_id"] == f"c-{Consult.objects.get().pk}"


def test_the_operators_line_dies_meanwhile(centre: Centre) -> None:
    call = asked(centre)
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=0)
    call.refresh_from_db()
    assert (call.phase, Consult.objects.get().stage) == ("restoring", "returned")
    assert activities(centre) == ("talking", "wrap_up")
