"""Belief against what is so: every difference becomes an ordinary event, or a command that repairs.

`differences` is pure. The database is what we believe, the switch is what is so; events of an outage are
not sent again, so their true times and causes come from the switch's own log (`past`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from madoguchi.control.belief import Belief, BelievedCall
from madoguchi.domain.calls.states import Phase
from madoguchi.switch import port

CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Lost:
    """A leg ended while nobody heard it."""

    leg_id: str
    call_id: UUID
    event: port.LegGone
    fault: str
    """Why the customer was lost, if the switch died under the call; else empty."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A call came and went while nobody heard it."""

    past: port.PastLeg


@dataclass(frozen=True, slots=True)
class Repair:
    """A command that makes the switch do what we believe it does."""

    call_id: UUID
    command: port.Command


Difference = Lost | Missed | Repair | port.CallArrived | port.LegEntered


def differences(belief: Belief, living: port.Living, past: Iterable[port.PastLeg]) -> list[Difference]:
    """Everything that differs, in the order in which it is to be taken in.

    1. Legs that are gone, the customers' first: a customer's end ends the call and everything of it.
    2. Calls that came and went.
    3. Legs that were answered, and calls that wait to be taken in.
    4. Bridges, music and stray legs.
    """
    died = belief.booted_at is not None and abs((living.booted_at - belief.booted_at).total_seconds()) > 1
    here = {leg.leg_id: leg for leg in living.legs}
    told = {one.leg_id: one for one in past}
    found: list[Difference] = list(_lost(belief, living, told, died))
    known = {leg.leg_id for leg in belief.legs}
    found += [
        Missed(one)
        for one in told.values()
        if one.arrival and one.ended_at and one.leg_id not in known | here.keys()
    ]
    for leg in belief.legs:
        if leg.leg_id in here and here[leg.leg_id].answered and not leg.answered and leg.role != CUSTOMER:
            found.append(port.LegEntered(node=living.node, at=living.at, leg_id=leg.leg_id))
    found += [x.arrival for x in living.legs if x.arrival and x.ours and x.leg_id not in known]
    found += _repairs(belief, living)
    found += [
        Repair(UUID(int=0), port.HangUp(leg_id=leg.leg_id))
        for leg in living.legs
        if leg.leg_id not in known and leg.arrival is None and leg.call_id
    ]
    return found


def _lost(belief: Belief, living: port.Living, told: dict[str, port.PastLeg], died: bool) -> Iterable[Lost]:
    here = set() if died else {leg.leg_id for leg in living.legs}
    gone = [leg for leg in belief.legs if leg.leg_id not in here and not leg.undialled]
    # A customer who left during a plain outage hung up; only the death of the switch is our fault.
    for leg in sorted(gone, key=lambda one: one.role == CUSTOMER, reverse=True):
        log = told.get(leg.leg_id)
        at = log.ended_at if log and log.ended_at else living.at
        event = port.LegGone(node=living.node, at=at, leg_id=leg.leg_id, cause=log.cause if log else 0)
        yield Lost(
            leg.leg_id,
            leg.call_id,
            event,
            "the telephone switch stopped" if died and not log_ended(log) else "",
        )


def log_ended(past: port.PastLeg | None) -> bool:
    """Whether the switch itself saw the leg end, before it died."""
    return past is not None and past.ended_at is not None


def _repairs(belief: Belief, living: port.Living) -> Iterable[Repair]:
    here = {leg.leg_id for leg in living.legs}
    for call in belief.calls:
        if call.customer_leg not in here:
            continue
        bridged = set(living.bridges.get(call.bridge_id, ()))
        yield from _repair(call, bridged, here)


def _repair(call: BelievedCall, bridged: set[str], here: set[str]) -> Iterable[Repair]:
    both = {call.customer_leg, call.operator_leg}
    match call.phase:
        case Phase.TALKING if call.operator_leg in here and call.bridge_id and not both <= bridged:
            joined = (call.customer_leg, call.operator_leg)
            yield Repair(call.call_id, port.Join(bridge_id=call.bridge_id, leg_ids=joined))
        case Phase.HOLDING if call.customer_leg in bridged:
            yield Repair(call.call_id, port.Leave(bridge_id=call.bridge_id, leg_id=call.customer_leg))
            yield Repair(call.call_id, port.StartMusic(leg_id=call.customer_leg, music=call.music))
        case Phase.WAITING | Phase.RINGING | Phase.HOLDING | Phase.RESTORING:
            # Whether music plays cannot be asked; starting it again is harmless, silence is not.
            yield Repair(call.call_id, port.StartMusic(leg_id=call.customer_leg, music=call.music))
