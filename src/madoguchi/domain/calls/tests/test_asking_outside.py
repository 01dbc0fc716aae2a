"""Asking, or handing over to, somebody who is not of the house."""

import pytest

from madoguchi.domain.calls.actions import consult, hand_over, hearing
from madoguchi.domain.calls.errors import NumberRefused
from madoguchi.domain.calls.models import Call, Consult
from madoguchi.domain.calls.tests.conftest import Centre

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def asking(centre: Centre) -> tuple[Call, str]:
    call = centre.talking()
    consult(call.pk, number="03-9876-5432", acting_user=centre.sato.account_id)
    return call, Consult.objects.get().leg_id


def test_the_number_is_dialled_with_ours_shown(centre: Centre) -> None:
    call, leg_id = asking(centre)
    dial = centre.told(call.pk, "Dial")[-1]
    assert (dial["leg_id"], dial["address"]) == (leg_id, "trunk:trunk-1:0398765432")
    assert dial["caller_number"] == "0312345678"


def test_who_answers_talks_with_the_operator(centre: Centre) -> None:
    call, leg_id = asking(centre)
    hearing.leg_answered(call.pk, leg_id)
    assert leg_id in centre.told(call.pk, "Join")[-1]["leg_ids"]
    assert Consult.objects.get().stage == "talking"


def test_what_their_network_says_is_heard_by_who_asks(centre: Centre) -> None:
    call, leg_id = asking(centre)
    assert centre.told(call.pk, "Dial")[-1]["early"] is True
    before = len(centre.told(call.pk, "Join"))
    hearing.leg_rang(call.pk, leg_id)
    assert len(centre.told(call.pk, "Join")) == before, "our ringing tone, as theirs has no sound"
    hearing.leg_rang(call.pk, leg_id, sound=True)
    joined = centre.told(call.pk, "Join")[-1]
    assert set(joined["leg_ids"]) == {leg_id, centre.leg_of(centre.sato)}
    hearing.leg_ended(call.pk, leg_id, cause=1)
    assert Consult.objects.get().stage == "not_reached"
    assert {"bridge_id": joined["bridge_id"]} in centre.told(call.pk, "Dissolve")
    # Of a ring that is told late, nothing comes.
    heard = len(centre.told(call.pk, "Join"))
    hearing.leg_rang(call.pk, leg_id, sound=True)
    assert len(centre.told(call.pk, "Join")) == heard


def test_after_early_sound_they_talk_where_they_were_heard(centre: Centre) -> None:
    call, leg_id = asking(centre)
    hearing.leg_rang(call.pk, leg_id, sound=True)
    hearing.leg_answered(call.pk, leg_id)
    assert Consult.objects.get().stage == "talking"
    assert "Dissolve" not in centre.commands(call.pk)
    assert len({one["bridge_id"] for one in centre.told(call.pk, "Join")[-2:]}) == 1


def test_who_is_engaged_was_not_reached(centre: Centre) -> None:
    call, leg_id = asking(centre)
    hearing.leg_ended(call.pk, leg_id, cause=17)
    call.refresh_from_db()
    assert (Consult.objects.get().stage, call.phase) == ("not_reached", "holding")


@pytest.mark.parametrize("number", ["110", "+1 212 555 0100", "0120", "もしもし"])
def test_what_may_not_be_dialled_is_refused_and_the_talk_goes_on(centre: Centre, number: str) -> None:
    call = centre.talking()
    with pytest.raises(NumberRefused):
        consult(call.pk, number=number, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert call.phase == "talking"


def handed_over(centre: Centre) -> tuple[Call, str]:
    call, leg_id = asking(centre)
    hearing.leg_answered(call.pk, leg_id)
    hand_over(call.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    return call, leg_id


def test_handed_over_outside_the_customer_is_nobodys_of_ours(centre: Centre) -> None:
    call, _ = handed_over(centre)
    assert (call.phase, call.agent, centre.now(centre.sato)) == ("talking", None, "wrap_up")


@pytest.mark.parametrize("our_line_first", [True, False])
def test_when_they_hang_up_the_customer_is_not_left_alone(centre: Centre, our_line_first: bool) -> None:
    call, leg_id = handed_over(centre)
    if our_line_first:
        hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=16)
    hearing.leg_ended(call.pk, leg_id, cause=16)
    assert centre.told(call.pk, "HangUp")[-1]["leg_id"] == "in-1"
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    assert (call.outcome, call.ending) == ("answered", "transferred")
