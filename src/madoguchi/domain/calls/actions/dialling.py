"""Calling somebody: first the operator's own phone, then the customer, then the recording notice."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from madoguchi.domain.agents.actions import move
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Activity, ActivityEvent
from madoguchi.domain.calls.actions.offering import ring
from madoguchi.domain.calls.actions.outgoing import dialable_number, outbound_trunk, shown_number
from madoguchi.domain.calls.actions.recording import begin_recording
from madoguchi.domain.calls.actions.waiting import hang_up_customer, say
from madoguchi.domain.calls.actions.wrapping import end_for_dialling
from madoguchi.domain.calls.errors import OwnPhoneOff
from madoguchi.domain.calls.models import Call, Leg, Offer
from madoguchi.domain.calls.rows import Rows
from madoguchi.domain.calls.scene import Scene
from madoguchi.domain.calls.states import CallEvent, Phase
from madoguchi.domain.clients.models import Number
from madoguchi.domain.contacts.actions import open_contact
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.queries import by_number
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.refs import Ready
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.queries import rules_of
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id
from madoguchi.kit.phone_numbers import PhoneNumber, parse, storable
from madoguchi.switch import port

OWN_RING_S = 15
CUSTOMER_RING_S = 60
NOTICE_LIMIT = timedelta(seconds=20)
SILENT_FOR = timedelta(seconds=10)
"""So long after the ringing's own end we wait for the switch to tell of it."""


def dial(
    agent_id: int,
    number_text: str,
    number_id: int | None = None,
    customer_id: int | None = None,
    promise_id: int | None = None,
    *,
    acting_user: int,
    node: str = "node-1",
) -> Call:
    """Call a customer with one of our numbers shown.

    1. The number is checked against what this line may dial (`NumberRefused`, `NoTrunk`).
    2. An open wrap-up ends; what is written in it is saved already.
    3. The operator's own phone is rung and answers by itself; the customer is dialled after that.

    Raises `OwnPhoneOff` when the operator is busy or her phone is off.
    """
    ours = Number.objects.select_related("client", "trunk").filter(active=True)
    shown = ours.filter(pk=number_id).first() if number_id is not None else None
    trunk = outbound_trunk(shown)
    dialable_number(number_text, trunk)
    if not Agent.objects.filter(pk=agent_id, phone_reachable=True).exists():
        raise OwnPhoneOff
    end_for_dialling(agent_id, acting_user=acting_user)
    with transaction.atomic(durable=True):
        acted = _write_down(number_text, shown, trunk, node=node, by=acting_user)
        acted.set(agent_id=agent_id, promise_id=promise_id)
        if customer_id is not None:
            acted.set(customer_id=customer_id, customer_chosen_by=acting_user)
            acted.call.contact.customer_id = customer_id
            acted.call.contact.save(update_fields=["customer"])
        _reserve_own(acted, agent_id)
        agent = Agent.objects.get(pk=agent_id)
        ring(acted, agent, Offer.Purpose.OUTBOUND, ring_s=OWN_RING_S, auto=True)
        acted.close()
    return acted.call


def _reserve_own(acted: Scene, agent_id: int) -> None:
    free = Agent.objects.select_for_update(of=("self",)).filter(
        pk=agent_id, activity=Activity.IDLE, phone_reachable=True
    )
    moved = (
        move(agent_id, ActivityEvent.DIALLED, acted.call.pk, at=acted.at, by=acted.by)
        if free.exists()
        else None
    )
    if moved is None:
        raise OwnPhoneOff
    acted.step("activity", agent_id, moved.old, moved.new, moved.event)


def _write_down(text: str, shown: Number | None, trunk: Trunk, *, node: str, by: int) -> Scene:
    at, call_id = now(), new_id()
    read: PhoneNumber = parse(text, rules_of(trunk))
    client_id = shown.client_id if shown else None
    people = by_number(client_id, read.e164) if client_id and read.e164 else []
    customer_id = people[0].pk if len(people) == 1 else None
    contact = open_contact(
        client_id=client_id,
        channel=Contact.Channel.CALL_OUT,
        at=at,
        call_id=call_id,
        customer_id=customer_id,
        account_id=by,
    )
    call = Call(
        id=call_id,
        direction=Call.Direction.OUTBOUND,
        node=node,
        trunk_endpoint=trunk.endpoint,
        number=shown,
        client_id=client_id,
        caller_raw=storable(text),
        customer_e164=read.e164 or "",
        customer_number_kind=str(read.kind),
        customer_id=customer_id,
        contact=contact,
        phase=Phase.DIALLING,
        phase_since=at,
        arrived_at=at,
    )
    acted = Scene(Rows(call), at=at, by=by, is_new=True)
    acted.step("call", call_id, "", Phase.DIALLING, "dialled")
    return acted


def own_phone_answered(acted: Scene, leg: Leg) -> None:
    """The operator is on the line: now the customer is dialled, under an id of ours, once."""
    call = acted.call
    trunk = Trunk.objects.filter(endpoint=call.trunk_endpoint).first()
    if trunk is None:
        acted.tell(port.HangUp(leg_id=leg.pk))
        return
    digits = dialable_number(call.caller_raw, trunk)
    out = Leg(
        id=f"x-{new_id()}",
        call=call,
        role=Leg.Role.CUSTOMER,
        address=f"trunk:{trunk.endpoint}"[:80],
        began_at=acted.at,
    )
    acted.legs[out.pk] = out
    acted.add(out)
    acted.set(step_due_at=acted.at + timedelta(seconds=CUSTOMER_RING_S) + SILENT_FOR)
    acted.tell(
        port.ShowRinging(leg_id=leg.pk),
        port.Dial(
            leg_id=out.pk,
            address=f"trunk:{trunk.endpoint}:{digits}",
            caller_number=shown_number(call.number),
            timeout_s=CUSTOMER_RING_S,
            call_id=str(call.pk),
            early=True,
        ),
    )


def let_hear_early(acted: Scene, leg_id: str) -> None:
    """The customer's network says something: that the number is not in use, or its own ringing tone."""
    call, customer = acted.call, acted.customer_leg
    operator = acted.leg_of(Leg.Role.OPERATOR, call.agent_id)
    if call.phase != Phase.DIALLING or call.bridge_id or customer is None or operator is None:
        return
    if customer.pk == leg_id and customer.answered_at is None:
        # A bridge of its own: the one in which they will talk is made when the notice was heard.
        acted.set(bridge_id=f"e-{call.pk}")
        acted.tell(port.Join(bridge_id=call.bridge_id, leg_ids=(customer.pk, operator.pk)))


def customer_answered(acted: Scene, leg: Leg) -> None:
    """The customer picked up: they hear the recording notice, then the operator."""
    if acted.call.phase != Phase.DIALLING:
        return
    operator = acted.leg_of(Leg.Role.OPERATOR, acted.call.agent_id)
    if acted.call.bridge_id and operator is not None:
        # As without early sound: until the notice is over, who dialled hears ringing. Taken out one by one,
        # since legs leave a bridge that is dissolved only after a moment, and a notice sent before is lost.
        early = acted.call.bridge_id
        acted.tell(
            port.Leave(bridge_id=early, leg_id=leg.pk),
            port.Leave(bridge_id=early, leg_id=operator.pk),
            port.Dissolve(bridge_id=early),
            port.ShowRinging(leg_id=operator.pk),
        )
    acted.save(leg, answered_at=acted.at)
    acted.set(answered_at=acted.at, step_due_at=acted.at + NOTICE_LIMIT)
    if not say(acted, [Ready(BuiltIn.RECORDING_NOTICE)]):
        notice_ended(acted)


def dial_fell_due(acted: Scene) -> None:
    """The end of the notice, or of the ringing, was never reported."""
    if acted.call.answered_at is None:
        hang_up_customer(acted)
    else:
        notice_ended(acted)


def notice_ended(acted: Scene) -> None:
    """Connect the two of them."""
    call, customer = acted.call, acted.customer_leg
    operator = acted.leg_of(Leg.Role.OPERATOR, call.agent_id)
    if call.phase != Phase.DIALLING or customer is None or call.agent_id is None:
        return
    if operator is None:
        hang_up_customer(acted)
        return
    acted.move(CallEvent.REACHED, step_due_at=None, playback_id="", bridge_id=f"b-{call.pk}")
    acted.move_agent(call.agent_id, ActivityEvent.ANSWERED)
    acted.tell(port.Join(bridge_id=f"b-{call.pk}", leg_ids=(customer.pk, operator.pk)))
    begin_recording(acted, call.agent_id)
