"""In the menu and while they wait: each sound once, and the end of an old one changes nothing."""

from datetime import timedelta

import pytest

from madoguchi.control.waiting_line import announce_place
from madoguchi.domain.calls.actions import hearing
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_the_end_of_the_menus_words_begins_the_wait_for_a_key(centre: Centre) -> None:
    call = centre.arrive()
    hearing.playback_ended(call.pk, call.playback_id)
    after = Call.objects.get(pk=call.pk)
    assert (after.phase, after.playback_id) == ("menu", "")
    assert after.step_due_at is not None
    assert after.step_due_at < now() + timedelta(minutes=1)


def test_the_same_end_twice_and_an_old_end_change_nothing(centre: Centre) -> None:
    call = centre.arrive()
    hearing.playback_ended(call.pk, call.playback_id)
    before = Call.objects.filter(pk=call.pk).values().get()
    hearing.playback_ended(call.pk, call.playback_id)
    hearing.playback_ended(call.pk, "p-of-yesterday")
    assert Call.objects.filter(pk=call.pk).values().get() == before


def test_a_key_during_the_words_cuts_them_short(centre: Centre) -> None:
    call = centre.waiting()
    assert centre.commands(call.pk) == ["Answer", "Play", "StopPlayback", "StartMusic"]


def test_the_end_of_words_that_were_cut_short_does_not_disturb_the_wait(centre: Centre) -> None:
    call = centre.arrive()
    playback_id = call.playback_id
    hearing.key_heard(call.pk, "in-1", "1")
    before = centre.commands(call.pk)
    hearing.playback_ended(call.pk, playback_id)
    assert centre.commands(call.pk) == before


def test_the_same_key_twice_is_one_way_into_the_queue(centre: Centre) -> None:
    call = centre.waiting()
    hearing.key_heard(call.pk, "in-1", "1")
    assert call.visits.count() == 1


def test_a_key_while_waiting_means_nothing(centre: Centre) -> None:
    call = centre.waiting()
    before = Call.objects.filter(pk=call.pk).values().get()
    for key in "1#*9A":
        hearing.key_heard(call.pk, "in-1", key)
    assert Call.objects.filter(pk=call.pk).values().get() == before


def test_the_operators_keys_are_not_the_customers(centre: Centre) -> None:
    call = centre.talking()
    before = centre.commands(call.pk)
    hearing.key_heard(call.pk, centre.leg_of(centre.sato), "1")
    assert centre.commands(call.pk) == before


def test_without_any_key_the_menu_leads_to_a_person_in_the_end(centre: Centre) -> None:
    call = centre.arrive()
    for _ in range(20):
        Call.objects.filter(pk=call.pk).update(step_due_at=now() - timedelta(seconds=1))
        hearing.call_fell_due(call.pk)
        call.refresh_from_db()
        if call.phase != "menu":
            break
    assert call.phase == "waiting"


def test_a_place_is_told_and_then_the_music_goes_on(centre: Centre) -> None:
    centre.waiting("in-0", at=now() - timedelta(seconds=5))
    call = centre.waiting()
    announce_place(centre.visit(call).pk)
    call.refresh_from_db()
    assert centre.commands(call.pk)[-1] == "Play"
    hearing.playback_ended(call.pk, call.playback_id)
    assert centre.commands(call.pk)[-1] == "StartMusic"
    announced = centre.visit(call).announce_at
    assert announced is not None
    assert announced > now() + timedelta(seconds=20)


def test_an_answer_during_the_announcement_is_not_followed_by_music(centre: Centre) -> None:
    call = centre.waiting()
    announce_place(centre.visit(call).pk)
    call.refresh_from_db()
    playback_id = call.playback_id
    from madoguchi.domain.calls.actions import offer

    offer(centre.visit(call).pk, [centre.sato.pk])
    centre.answer(centre.sato)
    hearing.playback_ended(call.pk, playback_id)
    assert centre.commands(call.pk)[-2:] == ["Join", "Record"]


def test_a_play_that_is_refused_leaves_nobody_in_silence(centre: Centre) -> None:
    call = centre.arrive()
    hearing.command_failed(
        call.pk, "Play", {"leg_id": "in-1", "playback_id": call.playback_id}, "no file", permanent=True
    )
    after = Call.objects.get(pk=call.pk)
    assert (after.playback_id, after.step_due_at is not None) == ("", True)


def test_after_an_outage_the_end_of_words_is_taken_as_come_soon(centre: Centre) -> None:
    call = centre.arrive()
    hearing.hasten(call.pk)
    call.refresh_from_db()
    assert call.step_due_at is not None
    assert call.step_due_at <= now() + hearing.SOON
