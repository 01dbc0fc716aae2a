"""The tables of the calls room hold what they promise."""

from typing import Any

import pytest

from madoguchi.domain.agents.states import ACTIVITY, Activity, ActivityEvent
from madoguchi.domain.calls import states
from madoguchi.domain.cases.states import PROMISE, PromiseEvent, PromiseStage
from madoguchi.domain.customers.states import IMPORT, ImportEvent, ImportStage
from madoguchi.domain.planning.states import (
    REPORT,
    SUPPOSING,
    ReportEvent,
    ReportStage,
    SupposingEvent,
    SupposingStage,
)
from madoguchi.kit.machine import Impossible, Machine

pytestmark = pytest.mark.pure

MACHINES = [
    (states.CALL, states.Phase, states.CallEvent),
    (states.OFFER, states.OfferStage, states.OfferEvent),
    (states.RECORDING, states.RecordingStage, states.RecordingEvent),
    (states.CONSULT, states.ConsultStage, states.ConsultEvent),
    (ACTIVITY, Activity, ActivityEvent),
    (PROMISE, PromiseStage, PromiseEvent),
    (IMPORT, ImportStage, ImportEvent),
    (REPORT, ReportStage, ReportEvent),
    (SUPPOSING, SupposingStage, SupposingEvent),
]


@pytest.mark.parametrize(("machine", "stages", "events"), MACHINES, ids=lambda x: getattr(x, "name", ""))
def test_every_pair_is_in_the_table_or_refused_by_name(machine: Machine, stages: Any, events: Any) -> None:
    for stage in stages:
        for event in events:
            if machine.allows(stage, event):
                assert machine.next_state(stage, event) in stages
            else:
                with pytest.raises(
                    Impossible, match=f"{machine.name}: {event} is not possible while {stage}"
                ):
                    machine.next_state(stage, event)


@pytest.mark.parametrize(("machine", "stages", "events"), MACHINES, ids=lambda x: getattr(x, "name", ""))
def test_every_stage_is_reached_and_only_ends_are_dead_ends(
    machine: Machine, stages: Any, events: Any
) -> None:
    reached = {machine.initial}
    for _ in stages:
        reached |= {new for old, _, new in machine.arrows() if old in reached}
    assert (
        reached == set(stages) | ({"dialling"} if machine is states.CALL else set()) or machine is states.CALL
    )
    left = {old for old, _, _ in machine.arrows()}
    assert set(stages) - left == set(machine.ends)


def test_every_event_is_used_somewhere() -> None:
    for machine, _, events in MACHINES:
        assert {event for _, event, _ in machine.arrows()} == set(events)


def test_every_living_phase_of_a_call_can_end() -> None:
    for phase in set(states.Phase) - {states.Phase.ENDED}:
        assert states.CALL.next_state(phase, states.CallEvent.GONE) == states.Phase.ENDED
