"""`verify` is silent about a true day, and names whatever is broken in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.domain.calls import invariants
from madoguchi.domain.calls.models import Call, Leg, Offer, QueueVisit, Recording
from madoguchi.domain.calls.tests.a_day import Centre, seconds
from madoguchi.domain.ledger.models import Transition

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@pytest.fixture
def centre() -> Centre:
    made = Centre(NOW)
    morning = NOW - timedelta(hours=3)
    made.answered(morning, made.customers[0], made.agents[0])
    made.answered(morning + seconds(30), made.customers[1], made.agents[1], wait_s=40)
    made.left(morning + seconds(100))
    made.out_of_hours(morning - timedelta(hours=4))
    made.talking(60, made.customers[2], made.agents[2])
    made.waiting(20)
    return made


def _broken() -> list[str]:
    return [found.rule for found in invariants.violations(NOW - timedelta(days=1), NOW + seconds(60))]


def _answered() -> Call:
    return Call.objects.filter(outcome="answered").earliest("arrived_at")


def test_a_true_day_is_passed_over_in_silence(centre: Centre) -> None:
    assert _broken() == []


def _an_end_is_missing() -> None:
    Transition.objects.filter(subject="call", subject_id=_answered().pk, new="ended").delete()


def _ended_twice() -> None:
    Transition.objects.create(
        subject="call", subject_id=str(_answered().pk), old="ended", new="ended", event="gone", at=NOW
    )


def _a_wrong_outcome() -> None:
    Call.objects.filter(pk=_answered().pk).update(outcome="reached")


def _answered_by_nobody() -> None:
    Call.objects.filter(pk=_answered().pk).update(agent=None)


def _a_leg_never_ends() -> None:
    Leg.objects.filter(call=_answered(), role="operator").update(gone_at=None)


def _a_visit_never_ends() -> None:
    QueueVisit.objects.filter(call=_answered()).update(left_at=None)


def _a_ring_after_the_end() -> None:
    call = _answered()
    assert call.ended_at is not None
    Offer.objects.filter(call=call).update(offered_at=call.ended_at + seconds(1), ended_at=None)


def _no_audio() -> None:
    Recording.objects.filter(call=_answered()).delete()


def _missing_without_a_reason() -> None:
    Recording.objects.filter(call=_answered()).update(stage="missing")


def _a_recording_that_never_ends() -> None:
    Recording.objects.filter(call=_answered()).update(stage="running")


def _a_step_out_of_nowhere() -> None:
    Transition.objects.filter(subject="activity", new="talking").update(old="wrap_up")


@pytest.mark.parametrize(
    ("breaks", "code"),
    [
        (_an_end_is_missing, "one_outcome"),
        (_ended_twice, "one_outcome"),
        (_a_wrong_outcome, "one_outcome"),
        (_answered_by_nobody, "one_outcome"),
        (_an_end_is_missing, "phases_are_the_last_step"),
        (_a_leg_never_ends, "living_calls_have_legs"),
        (_a_visit_never_ends, "nothing_stays_open"),
        (_a_ring_after_the_end, "rung_only_while_the_caller_is_there"),
        (_no_audio, "answered_calls_are_recorded"),
        (_missing_without_a_reason, "answered_calls_are_recorded"),
        (_a_recording_that_never_ends, "recordings_are_finished"),
        (_a_step_out_of_nowhere, "transitions_chain"),
    ],
)
def test_what_is_broken_is_named(centre: Centre, breaks: Callable[[], None], code: str) -> None:
    breaks()
    assert code in _broken()


def test_an_operator_in_two_calls_at_once_is_named(centre: Centre) -> None:
    call = _answered()
    assert call.answered_at is not None
    other = centre.call(call.answered_at)
    Leg.objects.create(
        id="o-second",
        call=other,
        role="operator",
        agent=call.agent,
        began_at=call.answered_at,
        answered_at=call.answered_at + seconds(20),
    )
    assert "people_do_one_thing" in _broken()


def test_an_operator_who_was_offered_two_calls_at_once_is_named(centre: Centre) -> None:
    first = Offer.objects.filter(stage="accepted").earliest("offered_at")
    visit = centre.enter(centre.call(first.offered_at), centre.repair, first.offered_at)
    centre.ring(visit, first.agent, first.offered_at + seconds(1), first.offered_at + seconds(2), "missed")
    assert "one_offer_at_a_time" in _broken()


def test_an_activity_without_its_call_is_named(centre: Centre) -> None:
    agent = centre.agents[2]
    Call.objects.filter(agent=agent, phase="talking").update(agent=centre.agents[3])
    assert _broken() == ["activities_have_their_call"]


def test_a_caller_who_was_passed_over_is_named(centre: Centre) -> None:
    long_waiting = centre.waiting(600, centre.customers[0], centre.orders)
    lucky = centre.waiting(300, centre.customers[1], centre.orders)
    centre.ring(lucky, centre.agents[4], NOW - seconds(100), NOW - seconds(90), "missed")
    [found] = invariants.served_in_order(NOW - timedelta(days=1), NOW)
    assert found.call_id == str(long_waiting.call_id)
    assert found.ids == (str(long_waiting.pk), str(lucky.pk))


def test_a_caller_who_rings_at_another_or_was_missed_by_this_operator_is_not_passed_over(
    centre: Centre,
) -> None:
    ringing = centre.waiting(600, centre.customers[0], centre.orders)
    centre.ring(ringing, centre.agents[4], NOW - seconds(105), NOW - seconds(85), "missed")
    QueueVisit.objects.filter(pk=ringing.pk).update(
        tried={str(centre.agents[5].pk): (NOW - seconds(200)).isoformat()}
    )
    lucky = centre.waiting(300, centre.customers[1], centre.orders)
    centre.ring(lucky, centre.agents[6], NOW - seconds(100), NOW - seconds(90), "missed")
    centre.ring(lucky, centre.agents[5], NOW - seconds(70), NOW - seconds(60), "missed")
    assert list(invariants.served_in_order(NOW - timedelta(days=1), NOW)) == []


def _flow_step(subject_id: str, number: int, old: str, new: str) -> None:
    at = NOW - timedelta(hours=2)
    Transition.objects.create(
        subject="flow", subject_id=subject_id, old=old, new=new, event=new, at=at, cause={"number": number}
    )


def test_versions_of_a_flow_written_down_under_the_flow_alone_are_told_apart(centre: Centre) -> None:
    _flow_step("7", 1, "", "draft")
    _flow_step("7", 1, "draft", "published")
    _flow_step("7", 2, "", "draft")
    _flow_step("7", 1, "published", "retired")
    _flow_step("7", 2, "draft", "published")
    _flow_step("7/3", 3, "", "draft")
    # A version that began in the older form goes on in the newer one.
    _flow_step("7/2", 2, "published", "retired")
    assert _broken() == []
    _flow_step("7/2", 2, "draft", "published")
    assert _broken() == ["transitions_chain"]


def test_a_version_in_the_older_form_that_jumps_is_named(centre: Centre) -> None:
    _flow_step("7", 1, "", "draft")
    _flow_step("7", 1, "published", "retired")
    assert _broken() == ["transitions_chain"]
