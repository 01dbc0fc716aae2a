"""Calling a customer: own phone, their phone, the notice, the talk."""

from datetime import timedelta

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions import dial, hang_up, hearing, ring_out
from madoguchi.domain.calls.errors import NoTrunk, NumberRefused, OwnPhoneOff
from madoguchi.domain.calls.models import Call, Leg, Recording, WrapUp
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.cases.actions import make_promise
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def dialled(centre: Centre, number: str = "090-1234-5678", promise_id: int | None = None) -> Call:
    return dial(
        centre.sato.pk,
        number,
        centre.number.pk,
        promise_id=promise_id,
        acting_user=centre.sato.account_id,
    )


def ringing_there(centre: Centre, promise_id: int | None = None) -> tuple[Call, str]:
    call = dialled(centre, promise_id=promise_id)
    centre.answer(centre.sato)
    return call, call.legs.get(role="customer").pk


def reached(centre: Centre, promise_id: int | None = None) -> tuple[Call, str]:
    call, leg_id = ringing_there(centre, promise_id)
    hearing.leg_answered(call.pk, leg_id)
    call.refresh_from_db()
    hearing.playback_ended(call.pk, call.playback_id)
    call.refresh_from_db()
    return call, leg_id


def call_back(centre: Centre) -> Promise:
    return make_promise(
        kind="call_back",
        customer_id=None,
        client_id=centre.client.pk,
        contact_id=None,
        call_id=None,
        number="+819012345678",
        due_at=now() + timedelta(hours=1),
        acting_user=centre.sato.account_id,
    )


def test_the_own_phone_rings_first_and_answers_by_itself(centre: Centre) -> None:
    call = dialled(centre)
    (first,) = centre.told(call.pk, "Dial")
    assert first["address"] == f"phone:{centre.sato.endpoint}"
    assert first["headers"]["X-Madoguchi-Auto"] == "1"
    assert (call.phase, centre.now(centre.sato)) == ("dialling", "dialling")


def test_then_the_customer_with_our_number_shown(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    second = centre.told(call.pk, "Dial")[1]
    assert (second["leg_id"], second["address"]) == (leg_id, "trunk:trunk-1:09012345678")
    assert second["caller_number"] == "0312345678"


def test_the_customer_hears_the_notice_before_the_operator(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    hearing.leg_answered(call.pk, leg_id)
    assert centre.told(call.pk, "Play")[-1]["leg_id"] == leg_id
    assert "Join" not in centre.commands(call.pk)


def test_what_the_customers_network_says_is_heard_by_who_dialled(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    assert centre.told(call.pk, "Dial")[1]["early"] is True
    hearing.leg_rang(call.pk, leg_id)
    assert "Join" not in centre.commands(call.pk)
    for _ in range(2):
        hearing.leg_rang(call.pk, leg_id, sound=True)
    (joined,) = centre.told(call.pk, "Join")
    assert set(joined["leg_ids"]) == {leg_id, centre.leg_of(centre.sato)}
    hearing.leg_ended(call.pk, leg_id, cause=1)
    call.refresh_from_db()
    assert (call.outcome, call.cause) == ("not_reached", 1)
    assert {"bridge_id": joined["bridge_id"]} in centre.told(call.pk, "Dissolve")


def test_after_early_sound_the_notice_comes_before_the_operator_as_ever(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    hearing.leg_rang(call.pk, leg_id, sound=True)
    (early,) = centre.told(call.pk, "Join")
    hearing.leg_answered(call.pk, leg_id)
    assert centre.commands(call.pk)[-5:] == ["Leave", "Leave", "Dissolve", "ShowRinging", "Play"]
    call.refresh_from_db()
    hearing.playback_ended(call.pk, call.playback_id)
    _, talking = centre.told(call.pk, "Join")
    assert talking["bridge_id"] != early["bridge_id"]
    call.refresh_from_db()
    assert (call.phase, call.bridge_id) == ("talking", talking["bridge_id"])
    # Of a ring that is told late, nothing comes.
    hearing.leg_rang(call.pk, leg_id, sound=True)
    assert len(centre.told(call.pk, "Join")) == 2


def test_reached_they_talk_and_are_recorded(centre: Centre) -> None:
    call, leg_id = reached(centre)
    assert (call.phase, centre.now(centre.sato)) == ("talking", "talking")
    assert centre.told(call.pk, "Join")[-1]["leg_ids"][0] == leg_id
    assert Recording.objects.get().agent == centre.sato
    hearing.leg_ended(call.pk, leg_id, cause=16)
    call.refresh_from_db()
    assert (call.outcome, centre.now(centre.sato)) == ("reached", "wrap_up")


def test_a_notice_whose_end_is_never_told_keeps_nobody_waiting(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    hearing.leg_answered(call.pk, leg_id)
    Call.objects.filter(pk=call.pk).update(step_due_at=now() - timedelta(seconds=1))
    hearing.call_fell_due(call.pk)
    call.refresh_from_db()
    assert call.phase == "talking"


def test_who_is_not_reached_is_a_try_that_leaves_a_wrap_up(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    hearing.leg_ended(call.pk, leg_id, cause=17)
    call.refresh_from_db()
    assert (call.phase, call.outcome, call.cause) == ("ended", "not_reached", 17)
    assert (centre.now(centre.sato), WrapUp.objects.count()) == ("wrap_up", 1)


def test_ringing_that_never_ends_is_ended(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    for _ in range(2):
        Call.objects.filter(pk=call.pk).update(step_due_at=now() - timedelta(seconds=1))
        hearing.call_fell_due(call.pk)
    call.refresh_from_db()
    assert (call.phase, call.outcome) == ("ended", "not_reached")
    assert {"leg_id": leg_id, "cause": 16} in centre.told(call.pk, "HangUp")


def test_a_promise_is_kept_by_reaching_the_customer(centre: Centre) -> None:
    promise = call_back(centre)
    call, leg_id = reached(centre, promise.pk)
    hearing.leg_ended(call.pk, leg_id, cause=16)
    promise.refresh_from_db()
    assert (promise.stage, promise.kept_by_call_id) == ("kept", call.pk)


def test_a_try_in_vain_is_counted(centre: Centre) -> None:
    promise = call_back(centre)
    call, leg_id = ringing_there(centre, promise.pk)
    hearing.leg_ended(call.pk, leg_id, cause=19)
    promise.refresh_from_db()
    assert (promise.stage, promise.tries) == ("open", 1)


def test_the_operator_gives_up_while_it_rings(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    hang_up(call.pk, acting_user=centre.sato.account_id)
    assert centre.told(call.pk, "HangUp") == [{"leg_id": leg_id, "cause": 16}]
    hearing.leg_ended(call.pk, leg_id, cause=16)
    call.refresh_from_db()
    assert (call.outcome, call.hung_up_by) == ("not_reached", "operator")


def test_the_operators_own_line_ends_while_it_rings(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=16)
    assert centre.told(call.pk, "HangUp")[-1]["leg_id"] == leg_id
    hearing.leg_ended(call.pk, leg_id, cause=16)
    call.refresh_from_db()
    assert (call.outcome, call.hung_up_by) == ("not_reached", "operator")


def test_the_operator_hangs_up_before_the_own_phone_answered(centre: Centre) -> None:
    call = dialled(centre)
    leg_id = centre.offer_of(centre.sato).leg_id
    hang_up(call.pk, acting_user=centre.sato.account_id)
    hearing.leg_ended(call.pk, leg_id, cause=16)
    call.refresh_from_db()
    assert (call.phase, call.outcome, centre.now(centre.sato)) == ("ended", "not_reached", "wrap_up")
    assert not call.legs.filter(role="customer").exists()


def test_an_own_phone_that_does_not_answer_dials_nobody(centre: Centre) -> None:
    call = dialled(centre)
    ring_out(centre.offer_of(centre.sato).pk)
    call.refresh_from_db()
    assert (call.phase, call.outcome) == ("ended", "not_reached")
    assert Agent.objects.get(pk=centre.sato.pk).cooling_off_until is None


def test_a_customer_who_answers_an_ended_call_is_not_left_in_silence(centre: Centre) -> None:
    call, leg_id = ringing_there(centre)
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=16)
    Call.objects.filter(pk=call.pk).update(step_due_at=now() - timedelta(seconds=1))
    hearing.call_fell_due(call.pk)
    Leg.objects.filter(pk=leg_id).update(gone_at=None)
    before = len(centre.told(call.pk, "HangUp"))
    hearing.leg_answered(call.pk, leg_id)
    assert centre.told(call.pk, "HangUp")[before:] == [{"leg_id": leg_id, "cause": 16}]


def test_without_an_own_phone_nobody_is_dialled_and_no_wrap_up_ends(centre: Centre) -> None:
    first = centre.talking()
    hearing.leg_ended(first.pk, "in-1", cause=16)
    Agent.objects.filter(pk=centre.sato.pk).update(phone_reachable=False)
    with pytest.raises(OwnPhoneOff):
        dialled(centre)
    assert WrapUp.objects.get().ended_at is None
    assert Call.objects.count() == 1


def test_nobody_dials_in_the_middle_of_a_talk(centre: Centre) -> None:
    centre.talking()
    with pytest.raises(OwnPhoneOff):
        dialled(centre)


@pytest.mark.parametrize("number", ["110", "119", "+44 20 7946 0958", "0990-123-456", "", "電話して"])
def test_what_may_not_be_dialled_is_refused(centre: Centre, number: str) -> None:
    with pytest.raises(NumberRefused):
        dialled(centre, number)
    assert (Call.objects.count(), centre.now(centre.sato)) == (0, "idle")


def test_without_a_line_out_it_is_said_so(centre: Centre) -> None:
    Trunk.objects.update(outbound=False)
    with pytest.raises(NoTrunk):
        dialled(centre)


def test_dialling_out_of_a_wrap_up_ends_it(centre: Centre) -> None:
    first = centre.talking()
    hearing.leg_ended(first.pk, "in-1", cause=16)
    call = dialled(centre)
    row = WrapUp.objects.get()
    assert (row.ended_by, row.call_id) == ("dialled", first.pk)
    assert Agent.objects.get(pk=centre.sato.pk).activity_call_id == call.pk
