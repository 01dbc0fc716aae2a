"""Callers whom nobody can take: what they hear, what their outcome is, and that the line always ends."""

from datetime import timedelta

import pytest

from madoguchi.domain.calls.actions import hearing, waiting
from madoguchi.domain.calls.actions.arriving import arrived_unheard
from madoguchi.domain.calls.due import due
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.tests.conftest import CALLED, Centre
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.clients.models import Hours
from madoguchi.domain.flows.models import FlowVersion
from madoguchi.domain.ledger.models import Transition
from madoguchi.kit.clock import now
from madoguchi.switch import port

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def closed(centre: Centre) -> None:
    centre.number.hours = Hours.objects.create(name="never")
    centre.number.save()


def gone(call: Call) -> Call:
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    return call


def test_out_of_hours_they_are_told_and_counted(centre: Centre) -> None:
    closed(centre)
    call = centre.arrive()
    assert (call.phase, centre.commands(call.pk)) == ("closing", ["Answer", "Play"])
    hearing.playback_ended(call.pk, call.playback_id)
    assert centre.commands(call.pk)[-1] == "HangUp"
    assert gone(call).outcome == "out_of_hours"


def test_who_hangs_up_during_the_message_was_out_of_hours_too(centre: Centre) -> None:
    closed(centre)
    assert gone(centre.arrive()).outcome == "out_of_hours"


def test_a_last_message_whose_end_is_never_told_ends_all_the_same(centre: Centre) -> None:
    closed(centre)
    call = centre.arrive()
    for expected in ("closing", "ended"):
        Call.objects.filter(pk=call.pk).update(step_due_at=now() - timedelta(seconds=1))
        hearing.call_fell_due(call.pk)
        call.refresh_from_db()
        assert call.phase == expected
    assert call.outcome == "out_of_hours"


def test_a_message_that_cannot_be_played_ends_the_call_at_once(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "playable", lambda refs: [])
    closed(centre)
    call = centre.arrive()
    assert centre.commands(call.pk) == ["Answer", "HangUp"]
    assert call.step_due_at is not None


def test_a_number_that_is_none_of_ours_is_refused_unanswered(centre: Centre) -> None:
    centre.number.active = False
    centre.number.save()
    call = centre.arrive()
    assert centre.told(call.pk, "HangUp") == [{"leg_id": "in-1", "cause": 1}]
    assert "Answer" not in centre.commands(call.pk)
    assert (gone(call).outcome, call.client, Promise.objects.count()) == ("failed", None, 0)


def test_a_number_without_a_published_flow_hears_the_emergency_message(centre: Centre) -> None:
    FlowVersion.objects.update(stage="draft")
    call = centre.arrive()
    assert centre.told(call.pk, "Release") == [{"leg_id": "in-1", "place": "emergency"}]
    assert gone(call).outcome == "failed"


def test_who_waited_too_long_is_told(centre: Centre) -> None:
    call = centre.waiting()
    visit = centre.visit(call)
    later = now() + timedelta(seconds=centre.queue.max_wait_s + 1)
    assert ("leave", str(visit.pk)) in {(one.kind, one.id) for one in due(later)}
    waiting.evict(visit.pk, closing=False)
    waiting.evict(visit.pk, closing=False)
    call.refresh_from_db()
    assert (call.phase, call.visits.get().left, centre.commands(call.pk)[-1]) == (
        "closing",
        "evicted",
        "Play",
    )
    assert gone(call).outcome == "system_evicted"


def test_nobody_is_evicted_while_it_rings_for_them(centre: Centre) -> None:
    call = centre.ringing()
    visit = centre.visit(call)
    later = now() + timedelta(seconds=centre.queue.max_wait_s + 1)
    assert "leave" not in {one.kind for one in due(later)}
    waiting.evict(visit.pk, closing=False)
    call.refresh_from_db()
    assert call.phase == "ringing"


def test_closing_time_is_told_by_the_centres_rule(centre: Centre) -> None:
    from madoguchi.control.waiting_line import tell_at_closing

    call = centre.waiting()
    closed(centre)
    tell_at_closing()
    call.refresh_from_db()
    assert call.phase == "waiting"
    centre.client.at_closing = "tell"
    centre.client.save()
    tell_at_closing()
    call.refresh_from_db()
    assert (call.phase, call.visits.get().left) == ("closing", "closed")


def past(leg_id: str = "in-1", called: str = CALLED) -> port.PastLeg:
    began = now() - timedelta(seconds=60)
    return port.PastLeg(
        leg_id=leg_id,
        arrival=port.CallArrived(
            node="node-1",
            at=began,
            leg_id=leg_id,
            trunk="trunk-1",
            called_raw=called,
            caller_raw="09012345678",
            purpose="in",
        ),
        began_at=began,
        answered_at=None,
        ended_at=began + timedelta(seconds=40),
        cause=16,
        released_to="emergency",
    )


def unheard(told: port.PastLeg) -> Call:
    call_id = arrived_unheard(told)
    assert call_id is not None
    return Call.objects.get(pk=call_id)


def test_a_call_that_came_and_went_unheard_is_owed_a_call_back_once(centre: Centre) -> None:
    told = past()
    call = unheard(told)
    assert arrived_unheard(told) is None
    assert (call.outcome, call.arrived_at, call.ended_at) == ("failed", told.began_at, told.ended_at)
    assert (Promise.objects.get().call_id, Promise.objects.get().number) == (call.pk, "+819012345678")
    steps = Transition.objects.filter(subject="call", call_id=call.pk).order_by("at", "pk")
    assert [step.new for step in steps] == ["arrived", "ended"]


def test_out_of_hours_nobody_is_owed_a_call_back(centre: Centre) -> None:
    closed(centre)
    call = unheard(past())
    assert (call.outcome, Promise.objects.count()) == ("out_of_hours", 0)


def test_nor_for_a_wrong_number(centre: Centre) -> None:
    call = unheard(past(called="0399999999"))
    assert (call.outcome, Promise.objects.count()) == ("failed", 0)


@pytest.mark.parametrize("where", ["waiting", "ringing", "talking"])
def test_when_the_switch_dies_a_call_back_is_owed_once(centre: Centre, where: str) -> None:
    call: Call = getattr(centre, where)()
    for _ in range(2):
        hearing.leg_ended(call.pk, "in-1", cause=0, fault="the telephone switch stopped")
    call.refresh_from_db()
    assert call.outcome == ("answered" if where == "talking" else "failed")
    assert Promise.objects.get().call_id == call.pk
    assert centre.now(centre.sato) == ("wrap_up" if where == "talking" else "idle")
