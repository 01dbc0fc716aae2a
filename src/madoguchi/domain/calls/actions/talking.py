"""What an operator does with the customer she has: hold, mute, keys, hanging up, and saying who it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import ActivityEvent
from madoguchi.domain.calls.actions.recording import mute_recording
from madoguchi.domain.calls.actions.waiting import hang_up_customer
from madoguchi.domain.calls.errors import CallGone, NotNow
from madoguchi.domain.calls.models import Call, Leg
from madoguchi.domain.calls.rows import last_queue
from madoguchi.domain.calls.scene import Scene, operators_scene, scene
from madoguchi.domain.calls.states import CallEvent, Phase
from madoguchi.domain.contacts.actions import link_customer
from madoguchi.domain.customers.models import Customer
from madoguchi.domain.ledger.actions import note
from madoguchi.switch import port

KEYS = re.compile(r"[0-9*#]{1,32}")


def hold(call_id: UUID, *, acting_user: int) -> None:
    """Music for the customer; the recording writes silence meanwhile."""
    with operators_scene(call_id, acting_user=acting_user) as acted:
        if acted.call.phase != Phase.TALKING:
            raise NotNow
        put_on_hold(acted)


def resume(call_id: UUID, *, acting_user: int) -> None:
    """Back to the customer. Raises `NotNow` while a colleague is being asked (`take_back` does both)."""
    with operators_scene(call_id, acting_user=acting_user) as acted:
        if acted.call.phase != Phase.HOLDING or acted.consult is not None:
            raise NotNow
        back_from_hold(acted)


def put_on_hold(acted: Scene) -> None:
    """The customer leaves the bridge and hears music."""
    customer = acted.customer_leg
    if customer is None or acted.call.agent_id is None:
        raise NotNow
    acted.move(CallEvent.HELD)
    acted.move_agent(acted.call.agent_id, ActivityEvent.HELD)
    acted.tell(
        port.Leave(bridge_id=acted.call.bridge_id, leg_id=customer.pk),
        port.StartMusic(leg_id=customer.pk, music=_music(acted)),
    )
    mute_recording(acted, True)


def back_from_hold(acted: Scene) -> None:
    """The customer and the operator hear each other again."""
    customer, operator = acted.customer_leg, acted.leg_of(Leg.Role.OPERATOR, acted.call.agent_id)
    if customer is None or operator is None or acted.call.agent_id is None:
        raise NotNow
    acted.move(CallEvent.RESUMED)
    acted.move_agent(acted.call.agent_id, ActivityEvent.RESUMED)
    acted.tell(port.Join(bridge_id=acted.call.bridge_id, leg_ids=(customer.pk, operator.pk)))
    mute_recording(acted, False)


def _music(acted: Scene) -> str:
    queue = last_queue(acted.call.pk)
    return queue.music if queue else "default"


def send_keys(call_id: UUID, keys: str, *, acting_user: int) -> None:
    """Press keys towards the customer's side (the menu of somebody we called). Raises `NotNow`."""
    with operators_scene(call_id, acting_user=acting_user) as acted:
        customer = acted.customer_leg
        if acted.call.phase != Phase.TALKING or customer is None or not KEYS.fullmatch(keys):
            raise NotNow
        acted.tell(port.SendKeys(leg_id=customer.pk, keys=keys))


def mute(call_id: UUID, on: bool, *, acting_user: int) -> None:
    """Keep what this person says from everybody in the call, or let it be heard again; also for who is asked.

    It holds through hold and asking until it is undone or the line ends. Raises `NotNow` without a line.
    """
    with scene(call_id, by=acting_user) as acted:
        agent_id = Agent.objects.filter(account_id=acting_user).values_list("pk", flat=True).first()
        mine = [leg for leg in acted.legs.values() if agent_id is not None and leg.agent_id == agent_id]
        line = next((leg for leg in mine if leg.answered_at is not None), None)
        if line is None:
            raise NotNow
        acted.save(line, muted=on)
        acted.tell(port.Mute(leg_id=line.pk, on=on))
        acted.ring(f"agent:{agent_id}", "call")


def hang_up(call_id: UUID, *, acting_user: int) -> None:
    """End the call. It ends when the switch says that the customer's line is gone."""
    with operators_scene(call_id, acting_user=acting_user) as acted:
        acted.set(hung_up_by="operator")
        if acted.customer_leg is not None:
            hang_up_customer(acted)
            return
        for leg in acted.legs.values():
            acted.tell(port.HangUp(leg_id=leg.pk))


def say_who(call_id: UUID, customer_id: int | None, *, acting_user: int) -> None:
    """Choose whose call this is; the identity check begins anew. Also in wrap-up, so also after the end."""
    with scene(call_id, by=acting_user) as acted:
        _check_part(acted.call, acting_user)
        if customer_id is not None and not _same_client(acted.call, customer_id):
            raise NotNow
        acted.set(
            customer_id=customer_id,
            customer_chosen_by=acting_user,
            identity_checked_at=None,
            identity_checked_by=None,
            identity_items=[],
        )
        link_customer(acted.call.contact_id, customer_id, acting_user=acting_user)
        note("chose_customer", "call", call_id, acting_user=acting_user, customer=customer_id)
        _ring_own_desk(acted)


def check_identity(call_id: UUID, items: Sequence[str], *, acting_user: int) -> None:
    """Put on record that, and by which items, the caller proved who they are (本人確認)."""
    with scene(call_id, by=acting_user) as acted:
        _check_part(acted.call, acting_user)
        told = [item.strip()[:40] for item in items if item.strip()][:10]
        acted.set(
            identity_items=told,
            identity_checked_at=acted.at if told else None,
            identity_checked_by=acting_user if told else None,
        )
        note("checked_identity", "call", call_id, acting_user=acting_user, items=told)
        _ring_own_desk(acted)


def _check_part(call: Call, acting_user: int) -> None:
    """Raises `CallGone` for people who neither have the call nor wrap it up."""
    mine = call.agent is not None and call.agent.account_id == acting_user
    if not mine and not call.wrap_ups.filter(agent__account_id=acting_user, ended_at__isnull=True).exists():
        raise CallGone


def _same_client(call: Call, customer_id: int) -> bool:
    return (
        call.client_id is not None
        and Customer.objects.filter(pk=customer_id, client_id=call.client_id).exists()
    )


def _ring_own_desk(acted: Scene) -> None:
    if acted.call.agent_id is not None:
        acted.ring(f"agent:{acted.call.agent_id}", "call story wrap_up today")
