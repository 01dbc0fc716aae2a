"""Hold: music for the customer, silence in the recording, and back."""

import pytest

from madoguchi.domain.calls.actions import hang_up, hearing, hold, resume, send_keys
from madoguchi.domain.calls.errors import CallGone, NotNow
from madoguchi.domain.calls.models import Recording
from madoguchi.domain.calls.tests.conftest import Centre

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_the_customer_hears_music_and_is_not_recorded(centre: Centre) -> None:
    call = centre.talking()
    hold(call.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.phase, centre.now(centre.sato)) == ("holding", "holding")
    assert centre.commands(call.pk)[-3:] == ["Leave", "StartMusic", "MuteRecording"]
    ((_, end),) = Recording.objects.get().muted
    assert end is None


def test_back_again_both_hear_each_other(centre: Centre) -> None:
    call = centre.talking()
    hold(call.pk, acting_user=centre.sato.account_id)
    resume(call.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.phase, centre.now(centre.sato)) == ("talking", "talking")
    assert centre.commands(call.pk)[-2:] == ["Join", "MuteRecording"]
    ((begin, end),) = Recording.objects.get().muted
    assert begin < end


def test_holding_twice_is_refused(centre: Centre) -> None:
    call = centre.talking()
    hold(call.pk, acting_user=centre.sato.account_id)
    with pytest.raises(NotNow):
        hold(call.pk, acting_user=centre.sato.account_id)


def test_a_colleague_cannot_touch_the_call(centre: Centre) -> None:
    call = centre.talking()
    for verb in (hold, resume, hang_up):
        with pytest.raises(CallGone):
            verb(call.pk, acting_user=centre.suzuki.account_id)


def test_keys_go_to_the_customers_side(centre: Centre) -> None:
    call = centre.talking()
    send_keys(call.pk, "12#", acting_user=centre.sato.account_id)
    assert centre.told(call.pk, "SendKeys") == [{"leg_id": "in-1", "keys": "12#"}]
    with pytest.raises(NotNow):
        send_keys(call.pk, "12; rm", acting_user=centre.sato.account_id)


def test_a_hold_that_never_ended_is_silent_to_the_end(centre: Centre) -> None:
    call = centre.talking()
    hold(call.pk, acting_user=centre.sato.account_id)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    from madoguchi.domain.calls.actions.recording import track_ended

    call.refresh_from_db()
    row = Recording.objects.get()
    assert call.ended_at is not None
    for side in ("spoken", "heard"):
        track_ended(row.pk, side, path="/x", duration_s=1.0, failure="", at=call.ended_at)
    row.refresh_from_db()
    assert row.muted[0][1] == call.ended_at.isoformat()
