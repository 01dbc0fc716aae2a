"""A waiting call rings at somebody, and what becomes of the ring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from madoguchi.domain.agents.actions import cool_off, reserve
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.queries import at_the_phone
from madoguchi.domain.agents.states import Activity, ActivityEvent
from madoguchi.domain.calls.models import Call, Leg, Offer, QueueVisit
from madoguchi.domain.calls.rows import call_of_visit
from madoguchi.domain.calls.scene import Scene, scene
from madoguchi.domain.calls.states import COOLS_OFF, CallEvent, OfferEvent, OfferStage, Phase
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id
from madoguchi.kit.phone_numbers import display
from madoguchi.switch import port


def offer(visit_id: int, agent_ids: Sequence[int], *, ring_all: bool = False) -> list[int]:
    """Ring a waiting call at one person, or at all of `agent_ids` where the queue rings all.

    1. The call is locked; a caller who left meanwhile is rung for by nobody.
    2. Those who are really free are taken by a guarded update; the others are passed over.
    3. Offers, legs and dial commands are written; the people's desks are told after commit.

    Returns the agents who ring. Called by the matcher only.
    """
    call_id = call_of_visit(visit_id)
    with scene(call_id) as acted:
        visit = acted.visit
        if visit is None or visit.pk != visit_id or acted.call.phase != Phase.WAITING:
            return []
        taken = reserve(list(agent_ids if ring_all else agent_ids[:1]), call_id, at=acted.at)
        if not taken:
            return []
        # Whoever set these people free may have done so after our own moment began.
        acted.at = now()
        acted.move(CallEvent.OFFERED, {"agents": taken})
        for agent_id in sorted(taken):
            agent = at_the_phone(agent_id)
            _ring(
                acted, agent, Offer.Purpose.QUEUE, ring_s=visit.queue.ring_s, visit=visit, ring_all=ring_all
            )
        return taken


def ring(acted: Scene, agent: Agent, purpose: Offer.Purpose, *, ring_s: int, auto: bool = False) -> Offer:
    """Ring at a person whom the caller has reserved, for another purpose than a queue's."""
    return _ring(acted, agent, purpose, ring_s=ring_s, auto=auto)


def _ring(
    acted: Scene,
    agent: Agent,
    purpose: Offer.Purpose,
    *,
    ring_s: int,
    visit: QueueVisit | None = None,
    ring_all: bool = False,
    auto: bool = False,
) -> Offer:
    call, offer_id = acted.call, new_id()
    leg = _new_leg(acted, f"o-{offer_id}", agent, purpose)
    made = Offer(
        id=offer_id,
        call=call,
        visit=visit,
        agent=agent,
        purpose=purpose,
        ring_all=ring_all,
        leg_id=leg.pk,
        offered_at=acted.at,
        rings_until=acted.at + timedelta(seconds=ring_s),
    )
    acted.offers.append(made)
    acted.add(made)
    acted.step("offer", offer_id, "", OfferStage.OPEN, "offered", {"agent": agent.pk, "purpose": purpose})
    if purpose in {Offer.Purpose.QUEUE, Offer.Purpose.CONSULT}:
        acted.step("activity", agent.pk, Activity.IDLE, Activity.RINGING, ActivityEvent.OFFERED)
    acted.ring(f"agent:{agent.pk}", "me offer call story today")
    acted.tell(_dial(call, agent, made, ring_s, auto))
    return made


def _new_leg(acted: Scene, leg_id: str, agent: Agent, purpose: Offer.Purpose) -> Leg:
    leg = Leg(
        id=leg_id,
        call=acted.call,
        role=Leg.Role.CONSULTED if purpose == Offer.Purpose.CONSULT else Leg.Role.OPERATOR,
        agent=agent,
        address=f"phone:{agent.endpoint}",
        began_at=acted.at,
    )
    acted.legs[leg.pk] = leg
    acted.add(leg)
    return leg


def _dial(call: Call, agent: Agent, made: Offer, ring_s: int, auto: bool) -> port.Dial:
    headers = {"X-Madoguchi-Call": str(call.pk), "X-Madoguchi-Offer": str(made.pk)}
    if auto and agent.phone == Agent.Phone.BROWSER:
        headers["X-Madoguchi-Auto"] = "1"
    return port.Dial(
        leg_id=made.leg_id,
        address=f"phone:{agent.endpoint}",
        caller_number=call.customer_e164.replace("+81", "0", 1),
        caller_name=display(call.customer_e164) if call.customer_e164 else "",
        # We end the ring ourselves; the switch's own limit is only a net under it.
        timeout_s=ring_s + 10,
        headers=headers,
        call_id=str(call.pk),
    )


def close_offer(acted: Scene, ended: Offer, event: OfferEvent, *, blameless: bool = False) -> None:
    """End one ring that led to nothing: silence the phone, free the person, cool them off if it was theirs.

    The call's own phase is left to the caller of this function.
    """
    acted.end_offer(ended, event)
    if ended.leg_id in acted.legs:
        acted.tell(port.HangUp(leg_id=ended.leg_id))
    if ended.purpose in {Offer.Purpose.RESTORE, Offer.Purpose.OUTBOUND}:
        return  # the person still has the call: its end, or the end of the patience, sets them free
    acted.move_agent(ended.agent_id, ActivityEvent.OFFER_ENDED)
    reason = COOLS_OFF.get(OfferStage(ended.stage))
    if reason and ended.visit is not None and not blameless:
        cool_off(ended.agent_id, reason, acted.at + timedelta(seconds=ended.visit.queue.cooling_off_s))
        acted.save(ended.visit, tried={**ended.visit.tried, str(ended.agent_id): acted.at.isoformat()})


def back_to_waiting(acted: Scene) -> None:
    """After the last ring of a round: the caller waits on, at the place they had."""
    if acted.call.phase == Phase.RINGING and not acted.offers:
        acted.move(CallEvent.OFFER_ENDED)
        acted.ring("control", "match")


def open_offer(acted: Scene, *, pk: UUID | None = None, leg_id: str = "") -> Offer | None:
    """The ring of this call that goes on, by its id or by its leg."""
    return next((x for x in acted.offers if x.pk == pk or (leg_id and x.leg_id == leg_id)), None)


def rang(leg_id: str, *, acted: Scene) -> None:
    """The far end rings."""
    leg = acted.legs.get(leg_id)
    if leg is None or leg.rang_at is not None:
        return
    acted.save(leg, rang_at=acted.at)
    ringing = open_offer(acted, leg_id=leg_id)
    if ringing is not None:
        acted.save(ringing, rang_at=acted.at)
