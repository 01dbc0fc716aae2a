"""Belief against what is so: every difference becomes an ordinary event, or a command that repairs.

`differences` is pure. The database is what we believe, the switch is what is so; events of an outage are
not sent again, so their true times and causes come from the switch's own log (`past`).

The switch is asked *before* the database is read. So a leg at the switch that the database does not know is
really none of ours; a leg that the database knows and the switch does not may just be on its way there, and
is left alone while it is young.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from madoguchi.control.belief import Belief, BelievedCall, BelievedLeg
from madoguchi.domain.calls.states import Phase
from madoguchi.switch import port

CUSTOMER = "customer"
YOUNG = timedelta(seconds=3)
SWITCH_STOPPED = "the telephone switch stopped"
NEVER_SEEN = "the switch knows nothing of this line"


@dataclass(frozen=True, slots=True)
class Lost:
    """A leg ended while nobody heard it."""

    leg_id: str
    call_id: UUID
    event: port.LegGone
    fault: str
    """Why it was lost, if by a fault of ours (the switch died, the dial never got there); else empty."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A call came and went while nobody heard it."""

    past: port.PastLeg


@dataclass(frozen=True, slots=True)
class Repair:
    """A command that makes the switch do what we believe it does."""

    call_id: UUID
    command: port.Command


NO_CALL = UUID(int=0)
Difference = Lost | Missed | Repair | port.CallArrived | port.LegEntered


def differences(belief: Belief, living: port.Living, past: Iterable[port.PastLeg]) -> list[Difference]:
    """Everything that differs, in the order in which it is to be taken in.

    1. Legs that are gone, the customers' first: a customer's end ends the call and everything of it.
    2. Calls that came and went.
    3. Legs that were answered, and calls that wait to be taken in.
    4. Legs that nobody wants any more.
    5. Bridges, music and recordings.
    """
    told = {one.leg_id: one for one in past}
    known = {leg.leg_id for leg in belief.legs}
    here = {leg.leg_id for leg in living.legs}
    missed = [
        Missed(one)
        for one in told.values()
        if one.arrival and one.arrival.purpose != "desk" and one.ended_at and one.leg_id not in known | here
    ]
    return [
        *_lost(belief, living, told),
        *missed,
        *_entered(belief, living),
        *_unwanted(belief, living),
        *_repairs(belief, living),
    ]


def drifted(belief: Belief, living: port.Living, past: Iterable[port.PastLeg] = ()) -> list[Difference]:
    """The differences that an event which never came leaves behind, for looking now and then.

    Calls that came and went are no such thing (their events may be on their way), and what plays and who is
    joined is not touched: the switch cannot be asked for all of it, and callers would hear the repair.
    """
    told = {one.leg_id: one for one in past}
    return [*_lost(belief, living, told), *_entered(belief, living), *_unwanted(belief, living)]


def _lost(belief: Belief, living: port.Living, told: dict[str, port.PastLeg]) -> Iterable[Lost]:
    died = belief.booted_at is not None and abs((living.booted_at - belief.booted_at).total_seconds()) > 1
    here = {leg.leg_id for leg in living.legs}
    gone = [x for x in belief.legs if x.leg_id not in here and not x.undialled and not _is_young(x, living)]
    for leg in sorted(gone, key=lambda one: one.role == CUSTOMER, reverse=True):
        log = told.get(leg.leg_id)
        seen_ending = log is not None and log.ended_at is not None
        at = log.ended_at if log and log.ended_at else living.at
        event = port.LegGone(node=living.node, at=at, leg_id=leg.leg_id, cause=log.cause if log else 0)
        yield Lost(leg.leg_id, leg.call_id, event, "" if seen_ending else _fault(leg, died))


def _fault(leg: BelievedLeg, died: bool) -> str:
    """Whose fault an end is that the switch's log does not tell of."""
    if died:
        return SWITCH_STOPPED
    # A customer who left during a plain outage hung up; a dial that never got there is nobody's miss.
    return "" if leg.role == CUSTOMER else NEVER_SEEN


def _is_young(leg: BelievedLeg, living: port.Living) -> bool:
    """Whether the leg may still be on its way to the switch; what began before it started is not."""
    margin = YOUNG if leg.dialled else CLOCKS
    return leg.began_at > living.at - margin and leg.began_at > living.booted_at


def _entered(belief: Belief, living: port.Living) -> Iterable[port.LegEntered | port.CallArrived]:
    at_the_switch = {leg.leg_id: leg for leg in living.legs}
    for leg in belief.legs:
        found = at_the_switch.get(leg.leg_id)
        if found is not None and found.answered and found.arrival is None and not leg.answered:
            yield port.LegEntered(node=living.node, at=living.at, leg_id=leg.leg_id)
    known = {leg.leg_id for leg in belief.legs}
    for one in living.legs:
        if one.arrival is not None and one.ours and one.leg_id not in known:
            yield one.arrival


def _unwanted(belief: Belief, living: port.Living) -> Iterable[Repair]:
    believed = {leg.leg_id: leg for leg in belief.legs}
    for one in living.legs:
        leg = believed.get(one.leg_id)
        if leg is not None and leg.unwanted:
            yield Repair(leg.call_id, port.HangUp(leg_id=one.leg_id))
        elif leg is None and one.arrival is None and one.call_id:
            yield Repair(NO_CALL, port.HangUp(leg_id=one.leg_id))


def _repairs(belief: Belief, living: port.Living) -> Iterable[Repair]:
    here = {leg.leg_id for leg in living.legs}
    for call in belief.calls:
        if call.customer_leg not in here:
            continue
        bridged = set(living.bridges.get(call.bridge_id, ()))
        yield from _repair(call, bridged, here)
        if call.unbegun_recording and call.unbegun_recording not in living.recordings:
            record = port.Record(recording_id=call.unbegun_recording, leg_id=call.customer_leg)
            yield Repair(call.call_id, record)


def _repair(call: BelievedCall, bridged: set[str], here: set[str]) -> Iterable[Repair]:
    both = {call.customer_leg, call.operator_leg}
    match call.phase:
        case Phase.TALKING if call.operator_leg in here and call.bridge_id and not both <= bridged:
            joined = (call.customer_leg, call.operator_leg)
            yield Repair(call.call_id, port.Join(bridge_id=call.bridge_id, leg_ids=joined))
        case Phase.WAITING | Phase.RINGING | Phase.HOLDING | Phase.RESTORING:
            if call.customer_leg in bridged:
                yield Repair(call.call_id, port.Leave(bridge_id=call.bridge_id, leg_id=call.customer_leg))
            # Whether music plays cannot be asked; starting it again is harmless, silence is not.
            yield Repair(call.call_id, port.StartMusic(leg_id=call.customer_leg, music=call.music))


CLOCKS = timedelta(seconds=0.5)
"""So far the clocks of the switch and of control may be apart."""
