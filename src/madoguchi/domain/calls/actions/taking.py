"""Somebody answers: who gets the customer, and who falls silent."""

from __future__ import annotations

from madoguchi.domain.agents.queries import at_the_phone
from madoguchi.domain.agents.states import ActivityEvent
from madoguchi.domain.calls.actions.consulting import consult_answered
from madoguchi.domain.calls.actions.dialling import own_phone_answered
from madoguchi.domain.calls.actions.offering import close_offer, open_offer
from madoguchi.domain.calls.actions.recording import begin_recording
from madoguchi.domain.calls.actions.waiting import leave_queue
from madoguchi.domain.calls.models import Leg, Offer, QueueVisit
from madoguchi.domain.calls.scene import Scene
from madoguchi.domain.calls.states import CallEvent, OfferEvent, Phase
from madoguchi.domain.contacts.actions import spoken_by
from madoguchi.switch import port


def offer_answered(acted: Scene, leg: Leg) -> None:
    """The phone that rang was picked up. Too late (caller gone, a colleague was first): it is hung up."""
    taken = open_offer(acted, leg_id=leg.pk)
    if taken is None:
        acted.tell(port.HangUp(leg_id=leg.pk))
        return
    acted.save(leg, answered_at=acted.at)
    acted.end_offer(taken, OfferEvent.ANSWERED)
    match taken.purpose:
        case Offer.Purpose.QUEUE:
            _take_from_queue(acted, taken, leg)
        case Offer.Purpose.RESTORE:
            _restored(acted, leg)
        case Offer.Purpose.CONSULT:
            consult_answered(acted, leg)
        case Offer.Purpose.OUTBOUND:
            own_phone_answered(acted, leg)


def _take_from_queue(acted: Scene, taken: Offer, leg: Leg) -> None:
    """Connect the caller; the other phones of the round fall silent and count no miss."""
    for beaten in list(acted.offers):
        close_offer(acted, beaten, OfferEvent.OTHER_ANSWERED)
    if acted.visit is not None:
        leave_queue(acted, acted.visit, QueueVisit.Left.TAKEN)
    acted.move_agent(taken.agent_id, ActivityEvent.ANSWERED)
    first = acted.call.answered_at or acted.at
    acted.move(
        CallEvent.TAKEN,
        {"agent": taken.agent_id},
        agent_id=taken.agent_id,
        answered_at=first,
        playback_id="",
        ending="",
    )
    spoken_by(acted.call.contact_id, at_the_phone(taken.agent_id).account_id)
    join(acted, leg)
    begin_recording(acted, taken.agent_id)
    acted.ring("floor", "today")


def _restored(acted: Scene, leg: Leg) -> None:
    """The operator is back; the recording of the customer's leg went on meanwhile."""
    if acted.call.phase == Phase.RESTORING:
        acted.move(
            CallEvent.TAKEN, {"agent": leg.agent_id, "restored": True}, step_due_at=None, playback_id=""
        )
        join(acted, leg)


def join(acted: Scene, leg: Leg) -> None:
    """Let the customer and this leg hear each other."""
    customer = acted.customer_leg
    if customer is None:
        return
    bridge_id = acted.call.bridge_id or f"b-{acted.call.pk}"
    acted.set(bridge_id=bridge_id)
    acted.tell(port.Join(bridge_id=bridge_id, leg_ids=(customer.pk, leg.pk)))
