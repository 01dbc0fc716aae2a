"""A desk phone is muted at the switch: the browser's telephone does that by itself."""

import pytest

from madoguchi.domain.calls.actions import consult, hearing, hold, mute, resume
from madoguchi.domain.calls.errors import NotNow
from madoguchi.domain.calls.models import Leg
from madoguchi.domain.calls.tests.conftest import Centre

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_the_switch_is_told_of_the_operators_own_line_and_told_back(centre: Centre) -> None:
    call = centre.talking()
    line = centre.leg_of(centre.sato)
    mute(call.pk, True, acting_user=centre.sato.account_id)
    assert Leg.objects.get(muted=True).pk == line
    mute(call.pk, False, acting_user=centre.sato.account_id)
    assert not Leg.objects.filter(muted=True).exists()
    assert centre.told(call.pk, "Mute") == [{"leg_id": line, "on": True}, {"leg_id": line, "on": False}]


def test_it_holds_through_hold(centre: Centre) -> None:
    call = centre.talking()
    mute(call.pk, True, acting_user=centre.sato.account_id)
    hold(call.pk, acting_user=centre.sato.account_id)
    resume(call.pk, acting_user=centre.sato.account_id)
    assert Leg.objects.get(muted=True).agent_id == centre.sato.pk


def test_a_colleague_who_is_asked_mutes_only_themselves(centre: Centre) -> None:
    call = centre.talking()
    consult(call.pk, centre.suzuki.pk, acting_user=centre.sato.account_id)
    line = centre.answer(centre.suzuki)
    mute(call.pk, True, acting_user=centre.suzuki.account_id)
    assert centre.told(call.pk, "Mute") == [{"leg_id": line, "on": True}]


def test_who_has_no_line_in_the_call_cannot_mute_it(centre: Centre) -> None:
    call = centre.talking()
    with pytest.raises(NotNow):
        mute(call.pk, True, acting_user=centre.suzuki.account_id)
    hearing.leg_ended(call.pk, centre.leg_of(centre.sato), cause=16)
    with pytest.raises(NotNow):
        mute(call.pk, True, acting_user=centre.sato.account_id)
    assert centre.told(call.pk, "Mute") == []
