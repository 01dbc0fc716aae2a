"""The main way of a call: menu, queue, ring, talk, wrap-up."""

import pytest

from madoguchi.domain.calls.actions import hearing, offer
from madoguchi.domain.calls.actions.wrapping import end_wrap_up
from madoguchi.domain.calls.actions.writing import write_down
from madoguchi.domain.calls.models import Call, QueueVisit, Recording, WrapUp
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.switchboard.models import Command

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def waiting_call(centre: Centre, leg_id: str = "in-1") -> tuple[Call, QueueVisit]:
    call = centre.arrive(leg_id)
    hearing.key_heard(call.pk, leg_id, "1")
    call.refresh_from_db()
    return call, call.visits.get()


def talking_call(centre: Centre) -> Call:
    call, visit = waiting_call(centre)
    offer(visit.pk, [centre.sato.pk])
    hearing.leg_answered(call.pk, centre.offer_of(centre.sato).leg_id)
    call.refresh_from_db()
    return call


def test_the_row_stands_before_the_caller_hears_anything(centre: Centre) -> None:
    call = centre.arrive()
    assert call.phase == "menu"
    assert call.contact.call_id == call.pk
    assert centre.commands(call.pk) == ["Answer", "Play"]


def test_the_same_arrival_twice_is_one_call(centre: Centre) -> None:
    assert centre.arrive().pk == centre.arrive().pk
    assert Call.objects.count() == 1


def test_a_key_leads_into_the_queue_and_is_remembered(centre: Centre) -> None:
    call, visit = waiting_call(centre)
    assert (call.phase, call.menu, visit.queue) == ("waiting", "修理", centre.queue)
    assert centre.commands(call.pk)[-1] == "StartMusic"


def test_an_offer_rings_one_free_person(centre: Centre) -> None:
    call, visit = waiting_call(centre)
    assert offer(visit.pk, [centre.sato.pk]) == [centre.sato.pk]
    centre.sato.refresh_from_db()
    assert (centre.sato.activity, centre.sato.activity_call_id) == ("ringing", call.pk)
    dial = Command.objects.get(kind="Dial")
    assert dial.fields["headers"]["X-Madoguchi-Call"] == str(call.pk)
    assert dial.fields["address"] == f"phone:{centre.sato.endpoint}"


def test_answering_connects_records_and_tells(centre: Centre) -> None:
    call = talking_call(centre)
    assert (call.phase, call.agent, call.outcome) == ("talking", centre.sato, "")
    assert centre.commands(call.pk)[-2:] == ["Join", "Record"]
    assert Recording.objects.get().agent == centre.sato
    assert call.visits.get().left == "taken"


def test_the_end_gives_one_outcome_and_a_wrap_up(centre: Centre) -> None:
    call = talking_call(centre)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    centre.sato.refresh_from_db()
    assert (call.phase, call.outcome, call.ending) == ("ended", "answered", "completed")
    assert centre.sato.activity == "wrap_up"
    assert WrapUp.objects.get().agent == centre.sato
    assert centre.steps("call", call.pk) == ["arrived", "menu", "waiting", "ringing", "talking", "ended"]


def test_the_wrap_up_is_written_and_ends(centre: Centre) -> None:
    call = talking_call(centre)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    wrap_up, account_id = WrapUp.objects.get(), centre.sato.account_id
    write_down(call.pk, "済", {"handling": "done"}, based_on=0, acting_user=account_id)
    end_wrap_up(wrap_up.pk, acting_user=account_id)
    centre.sato.refresh_from_db()
    call.contact.refresh_from_db()
    assert (centre.sato.activity, centre.sato.activity_call_id) == ("idle", None)
    assert (call.contact.handling, call.contact.summary) == ("done", "済")
    assert call.contact.closed_at is not None
