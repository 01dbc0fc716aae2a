"""Every call has exactly one outcome: the table of phases and facts, walked whole."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.domain.calls.actions.leaving import outcome_of
from madoguchi.domain.calls.models import Call, QueueVisit
from madoguchi.domain.calls.states import INBOUND_OUTCOMES, Outcome, Phase
from madoguchi.domain.queues.models import Queue

pytestmark = pytest.mark.pure

BEGAN = datetime(2026, 11, 2, tzinfo=UTC)
NOW = BEGAN + timedelta(minutes=2)
LIVING = [phase for phase in Phase if phase != Phase.ENDED]


def call(phase: str, **fields: object) -> Call:
    return Call(**{"direction": "inbound", "phase": phase, "arrived_at": BEGAN} | fields)


def visit(waited_s: int, short_s: int = 5) -> QueueVisit:
    return QueueVisit(enqueued_at=NOW - timedelta(seconds=waited_s), queue=Queue(short_abandon_s=short_s))


@pytest.mark.parametrize(
    ("phase", "waited_s", "fields", "fault", "expected"),
    [
        ("arrived", None, {}, "", ("ivr_abandoned", "")),
        ("menu", None, {}, "", ("ivr_abandoned", "")),
        ("menu", None, {}, "boom", ("failed", "")),
        ("closing", None, {"coming_outcome": "out_of_hours"}, "", ("out_of_hours", "")),
        ("closing", None, {"coming_outcome": "ivr_self_served"}, "boom", ("ivr_self_served", "")),
        ("waiting", 5, {}, "", ("short_abandon", "")),
        ("waiting", 6, {}, "", ("queue_abandon", "")),
        ("waiting", 6, {}, "boom", ("failed", "")),
        ("ringing", 1, {}, "", ("ring_abandon", "")),
        ("ringing", 90, {}, "", ("ring_abandon", "")),
        ("talking", None, {"answered_at": NOW}, "", ("answered", "completed")),
        ("talking", None, {"answered_at": NOW}, "boom", ("answered", "line_lost")),
        ("talking", None, {"answered_at": NOW, "ending": "transferred"}, "", ("answered", "transferred")),
        ("holding", None, {"answered_at": NOW}, "", ("answered", "hold_abandon")),
        ("holding", None, {"answered_at": NOW, "hung_up_by": "operator"}, "", ("answered", "completed")),
        ("restoring", None, {"answered_at": NOW}, "", ("answered", "line_lost")),
        ("restoring", None, {"answered_at": NOW, "hung_up_by": "operator"}, "", ("answered", "completed")),
        ("waiting", 1, {"answered_at": NOW}, "", ("answered", "transferred")),
        ("ringing", 1, {"answered_at": NOW, "ending": "line_lost"}, "", ("answered", "line_lost")),
        (
            "closing",
            None,
            {"answered_at": NOW, "ending": "transferred", "coming_outcome": "system_evicted"},
            "",
            ("answered", "transferred"),
        ),
    ],
)
def test_the_outcome_of_an_inbound_call(
    phase: str, waited_s: int | None, fields: dict[str, object], fault: str, expected: tuple[str, str]
) -> None:
    waited = None if waited_s is None else visit(waited_s)
    assert outcome_of(call(phase, **fields), waited, NOW, fault=fault) == expected


@pytest.mark.parametrize("phase", [Phase.DIALLING, Phase.TALKING, Phase.HOLDING])
@pytest.mark.parametrize("fault", ["", "boom"])
def test_a_call_of_ours_is_reached_or_not(phase: str, fault: str) -> None:
    assert outcome_of(call(phase, direction="outbound"), None, NOW, fault=fault) == ("not_reached", "")
    reached = call(phase, direction="outbound", answered_at=NOW)
    assert outcome_of(reached, None, NOW, fault=fault) == ("reached", "completed")


def test_whatever_the_facts_there_is_one_outcome_and_an_ending_only_for_answered_calls() -> None:
    facts = itertools.product(
        LIVING,
        [None, NOW],
        [None, visit(1), visit(99)],
        ["", *INBOUND_OUTCOMES],
        ["", "customer", "operator", "system"],
        ["", "boom"],
    )
    for phase, answered_at, waited, coming, hung_up_by, fault in facts:
        one = call(phase, answered_at=answered_at, coming_outcome=coming, hung_up_by=hung_up_by)
        outcome, ending = outcome_of(one, waited, NOW, fault=fault)
        assert outcome in INBOUND_OUTCOMES
        assert (outcome == Outcome.ANSWERED) == bool(ending) or coming == Outcome.ANSWERED
