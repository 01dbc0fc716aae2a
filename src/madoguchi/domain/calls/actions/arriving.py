"""A call arrives: the row exists before the caller hears a sound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from madoguchi.domain.calls.actions.leaving import end_call, leg_gone
from madoguchi.domain.calls.actions.waiting import LAST_MESSAGE_LIMIT, turn_away
from madoguchi.domain.calls.actions.walking import begin_flow
from madoguchi.domain.calls.models import Call, Leg
from madoguchi.domain.calls.rows import Rows, call_of_leg, only_customer
from madoguchi.domain.calls.scene import Scene, scene
from madoguchi.domain.calls.states import CallEvent, Outcome, Phase
from madoguchi.domain.clients.models import Number
from madoguchi.domain.clients.queries import number_for, opening
from madoguchi.domain.contacts.actions import open_contact
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.flows.models import FlowVersion
from madoguchi.domain.flows.queries import version_for_calls
from madoguchi.domain.prompts.refs import Spoken
from madoguchi.domain.trunks.queries import by_endpoint, rules_of
from madoguchi.kit.callers import Caller, read_caller
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id
from madoguchi.kit.phone_numbers import storable
from madoguchi.switch import port

UNALLOCATED = 1
"""Q.850: nobody has that number."""


class TooLate(Exception):
    """The caller was let go while this waited for the database."""


def arrive(event: port.CallArrived, *, wanted: Callable[[], bool] = lambda: True) -> UUID:
    """Write an arriving call down and begin what its number demands. Returns the call's id.

    Raises `TooLate`, having written nothing, when `wanted` says no at the end.

    1. A leg that is known already (the switch repeats itself, or reconcile was quicker) changes nothing.
    2. Caller and number are read by the trunk's own rules; a caller without a number matches nobody.
    3. Call, contact and leg are written; the flow begins, or the closed message, or the refusal.
    """
    known = _known(event.leg_id)
    if known is not None:
        return known
    try:
        with transaction.atomic(durable=True):
            acted = write_down(event)
            _begin(acted)
            acted.close()
            if not wanted():
                raise TooLate
    except IntegrityError:
        known = _known(event.leg_id)
        if known is None:
            raise
        return known
    return acted.call.pk


def _known(leg_id: str) -> UUID | None:
    """The call of a leg that is written down; one that ended in our books, but lives, is hung up."""
    found = call_of_leg(leg_id)
    if found is None:
        return None
    call_id, gone_at = found
    if gone_at is not None:
        with scene(call_id) as acted:
            acted.tell(port.HangUp(leg_id=leg_id))
    return call_id


def arrived_unheard(past: port.PastLeg) -> UUID | None:
    """Write down a call that came and went while we could not take it; None when it is known already.

    Its outcome is a fault of ours, and it is owed a call back; not so a wrong number, or a call out of hours.
    """
    event = past.arrival
    if event is None or past.ended_at is None or Leg.objects.filter(pk=past.leg_id).exists():
        return None
    try:
        return _write_down_unheard(event, past)
    except IntegrityError:
        # The log and the one who let the caller go tell of it at the same time.
        if Leg.objects.filter(pk=past.leg_id).exists():
            return None
        raise


def _write_down_unheard(event: port.CallArrived, past: port.PastLeg) -> UUID:
    with transaction.atomic(durable=True):
        acted = write_down(event, at=event.at)
        leg, number = acted.customer_leg, acted.call.number
        assert leg is not None  # written a moment ago
        acted.at = max(past.ended_at or event.at, event.at)
        leg_gone(acted, leg, past.cause, acted.at)
        fault = "nobody could take the call: " + (past.released_to or "outage")
        if number is None:
            acted.set(coming_outcome=Outcome.FAILED)
        elif not opening(number, event.at).is_open:
            acted.set(coming_outcome=Outcome.OUT_OF_HOURS)
        end_call(acted, cause=past.cause, fault="" if acted.call.coming_outcome else fault)
        acted.close()
    return acted.call.pk


def write_down(event: port.CallArrived, *, at: datetime | None = None) -> Scene:
    """The rows of an arrival, in a scene of their own that the caller closes."""
    trunk = by_endpoint(event.trunk)
    caller = read_caller(
        event.caller_raw, name=event.caller_name, presentation=event.presentation, rules=rules_of(trunk)
    )
    number = number_for(event.called_raw, trunk, event.headers)
    # Our own clock, not the switch's: an arrival that waited in the dialplan came when the switch says.
    acted_at = at or now()
    at = min(event.at, acted_at)
    call_id, customer_id = new_id(), _only_customer(number, caller)
    contact = open_contact(
        client_id=number.client_id if number else None,
        channel=Contact.Channel.CALL_IN,
        at=at,
        call_id=call_id,
        customer_id=customer_id,
    )
    call = Call(
        id=call_id,
        direction=Call.Direction.INBOUND,
        node=event.node,
        trunk_endpoint=event.trunk[:40],
        number=number,
        client_id=number.client_id if number else None,
        called_raw=storable(event.called_raw),
        caller_raw=storable(event.caller_raw),
        **_caller_fields(caller),
        customer_id=customer_id,
        contact=contact,
        phase_since=at,
        arrived_at=at,
    )
    acted = Scene(Rows(call), at=acted_at, by=None, is_new=True)
    acted.step("call", call_id, "", Phase.ARRIVED, "arrived", {"leg": event.leg_id})
    acted.ring("floor", "today")
    leg = Leg(id=event.leg_id, call=call, role=Leg.Role.CUSTOMER, began_at=at)
    acted.legs[leg.pk] = leg
    acted.add(leg)
    return acted


def _only_customer(number: Number | None, caller: Caller) -> int | None:
    """Who calls, where the caller's number is one person's; of several nobody is chosen."""
    return only_customer(number.client_id, caller.e164) if number and caller.e164 else None


def _caller_fields(caller: Caller) -> dict[str, str]:
    return {
        "customer_e164": caller.e164 or "",
        "customer_number_kind": str(caller.number.kind) if caller.number else "",
        "no_number_reason": str(caller.no_number_reason or ""),
    }


def _begin(acted: Scene) -> None:
    call, leg = acted.call, acted.customer_leg
    assert leg is not None  # written a moment ago
    if call.number is None:
        acted.move(CallEvent.TURNED_AWAY, {"why": "unknown_number"}, coming_outcome=Outcome.FAILED)
        acted.set(step_due_at=acted.at + LAST_MESSAGE_LIMIT)
        acted.tell(port.HangUp(leg_id=leg.pk, cause=UNALLOCATED))
        return
    acted.tell(port.Answer(leg_id=leg.pk))
    acted.save(leg, answered_at=acted.at)
    if not opening(call.number, acted.at).is_open:
        turn_away(acted, Outcome.OUT_OF_HOURS, [Spoken(call.number.closed_message)])
        return
    version = _published(call.number)
    if version is None:
        acted.move(CallEvent.TURNED_AWAY, {"why": "no_flow"}, coming_outcome=Outcome.FAILED)
        acted.set(step_due_at=acted.at + timedelta(seconds=5))
        acted.tell(port.Release(leg_id=leg.pk, place="emergency"))
        return
    acted.set(flow_version=version)
    begin_flow(acted)


def _published(number: Number) -> FlowVersion | None:
    return version_for_calls(number.flow_id) if number.flow_id is not None else None
