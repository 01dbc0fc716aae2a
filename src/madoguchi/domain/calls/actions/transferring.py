"""Giving the customer to a queue or to a named person, without asking first."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions.leaving import set_free
from madoguchi.domain.calls.actions.recording import end_recording
from madoguchi.domain.calls.actions.waiting import enqueue
from madoguchi.domain.calls.errors import NotNow, TargetBusy
from madoguchi.domain.calls.models import Leg, QueueVisit
from madoguchi.domain.calls.rows import last_queue
from madoguchi.domain.calls.scene import Scene, operators_scene
from madoguchi.domain.calls.states import CallEvent, Phase
from madoguchi.domain.queues.models import Queue
from madoguchi.switch import port

NAMED_FOR = timedelta(seconds=45)
"""How long a call waits for the person it was given to before anybody of the queue may take it."""


def transfer_to_queue(call_id: UUID, queue_id: int, note: str = "", *, acting_user: int) -> None:
    """Send the customer to a queue; they keep the place of their arrival."""
    with operators_scene(call_id, acting_user=acting_user) as acted:
        queue = Queue.objects.filter(pk=queue_id, active=True).first()
        if queue is None:
            raise NotNow
        give_away(acted, queue, note=note)


def transfer_to_agent(call_id: UUID, agent_id: int, note: str = "", *, acting_user: int) -> None:
    """Send the customer to a colleague by name; after a while anybody of the queue may take them.

    Raises `TargetBusy` when the colleague's phone is off.
    """
    with operators_scene(call_id, acting_user=acting_user) as acted:
        target = Agent.objects.select_related("account").filter(pk=agent_id).first()
        if target is None or not target.phone_reachable or target.pk == acted.call.agent_id:
            raise TargetBusy(name=target.account.name if target else "?")
        queue = last_queue(acted.call.pk) or Queue.objects.filter(members=target, active=True).first()
        if queue is None:
            raise TargetBusy(name=target.account.name)
        give_away(acted, queue, note=note, named_agent_id=target.pk, named_until=acted.at + NAMED_FOR)


def give_away(
    acted: Scene,
    queue: Queue,
    *,
    note: str,
    named_agent_id: int | None = None,
    named_until: datetime | None = None,
) -> QueueVisit:
    """Take the customer from the operator and let them wait on, first of their priority."""
    if acted.call.phase not in {Phase.TALKING, Phase.HOLDING} or acted.consult is not None:
        raise NotNow
    operator = acted.leg_of(Leg.Role.OPERATOR, acted.call.agent_id)
    customer = acted.customer_leg
    if customer is None:
        raise NotNow
    if acted.call.phase == Phase.TALKING:
        acted.tell(port.Leave(bridge_id=acted.call.bridge_id, leg_id=customer.pk))
    end_recording(acted)
    acted.set(note=note[:200], ending="transferred")
    visit = enqueue(
        acted,
        queue,
        event=CallEvent.REQUEUED,
        place=acted.call.arrived_at,
        named_agent_id=named_agent_id,
        named_until=named_until,
    )
    if operator is not None:
        acted.tell(port.HangUp(leg_id=operator.pk))
    set_free(acted)
    return visit
