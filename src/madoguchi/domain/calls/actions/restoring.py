"""The operator's line died in mid-call: the customer is kept, and given back (pains 9, 10)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import ActivityEvent
from madoguchi.domain.calls.actions.consulting import end_consult
from madoguchi.domain.calls.actions.leaving import set_free
from madoguchi.domain.calls.actions.offering import close_offer, ring
from madoguchi.domain.calls.actions.recording import end_recording, mute_recording
from madoguchi.domain.calls.actions.waiting import enqueue, hang_up_customer, say
from madoguchi.domain.calls.models import Leg, Offer
from madoguchi.domain.calls.rows import last_queue
from madoguchi.domain.calls.scene import Scene, scene
from madoguchi.domain.calls.states import CallEvent, OfferEvent, Phase
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.refs import Ready
from madoguchi.domain.queues.models import Queue
from madoguchi.switch import port

PATIENCE = timedelta(seconds=15)
TRY_S = 4
"""One try to ring the returning phone; it answers by itself or not at all."""
NOTE = "前のオペレーターとの通話中に回線が切れました。"
FIRST_IN_LINE = 100
"""Added to the priority: who was already talking does not queue behind new callers."""


def line_lost(acted: Scene) -> None:
    """The operator's leg ended without her wish."""
    call, customer = acted.call, acted.customer_leg
    asked = acted.consult
    if asked is not None:
        end_consult(acted, asked)
    if call.phase == Phase.HOLDING and call.agent_id is not None:
        # Whoever comes back talks: neither the person nor the recording may stay on hold.
        acted.move_agent(call.agent_id, ActivityEvent.RESUMED)
        mute_recording(acted, False)
    elif customer is not None and call.bridge_id:
        acted.tell(port.Leave(bridge_id=call.bridge_id, leg_id=customer.pk))
    acted.move(CallEvent.LINE_LOST, {"agent": call.agent_id}, step_due_at=acted.at + PATIENCE)
    acted.ring(f"agent:{call.agent_id}", "me call")
    if not say(acted, [Ready(BuiltIn.LINE_RESTORING)]) and customer is not None:
        acted.tell(port.StartMusic(leg_id=customer.pk))


def drop_dead_line(agent_id: int) -> bool:
    """End the leg of a browser that is no more, so that the customer is kept at once; True if there was one.

    For a page that began anew: the switch itself would only notice after seconds of silence. What follows is
    `line_lost`, as for every leg that ends without her wish.
    """
    living = Leg.objects.filter(
        agent_id=agent_id,
        role=Leg.Role.OPERATOR,
        gone_at__isnull=True,
        answered_at__isnull=False,
        agent__phone=Agent.Phone.BROWSER,
        call__agent_id=agent_id,
        call__phase__in=[Phase.TALKING, Phase.HOLDING],
    ).first()
    if living is None:
        return False
    with scene(living.call_id) as acted:
        if living.pk in acted.legs and not acted.call.hung_up_by:
            acted.step(
                "call", acted.call.pk, acted.call.phase, acted.call.phase, "desk_died", {"agent": agent_id}
            )
            acted.tell(port.HangUp(leg_id=living.pk))
    return True


def try_to_restore(call_id: UUID) -> bool:
    """Ring the operator whose phone is back; False when it is not, or a try is under way."""
    with scene(call_id) as acted:
        agent = acted.call.agent
        waiting = acted.call.phase == Phase.RESTORING and agent is not None and agent.phone_reachable
        if not waiting or agent is None or acted.offers:
            return False
        ring(acted, agent, Offer.Purpose.RESTORE, ring_s=TRY_S, auto=True)
        return True


def give_up_restoring(acted: Scene) -> None:
    """The operator did not come back in time: the next one takes the customer, and is told why."""
    call = acted.call
    for tried in list(acted.offers):
        close_offer(acted, tried, OfferEvent.PHONE_FAILED)
    queue = last_queue(call.pk) or Queue.objects.filter(client=call.client, active=True).first()
    if queue is None:
        hang_up_customer(acted)
        return
    end_recording(acted)
    acted.set(note=NOTE, ending="line_lost")
    enqueue(acted, queue, event=CallEvent.REQUEUED, priority=FIRST_IN_LINE, place=call.arrived_at)
    set_free(acted)
