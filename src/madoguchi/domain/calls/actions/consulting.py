"""Asking somebody while the customer hears music; then handing over, or going back."""

from __future__ import annotations

from uuid import UUID

from madoguchi.domain.agents.actions import reserve
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import ActivityEvent
from madoguchi.domain.calls.actions.leaving import set_free, wrap_up_s
from madoguchi.domain.calls.actions.offering import close_offer, open_offer, ring
from madoguchi.domain.calls.actions.outgoing import dialable_number, outbound_trunk, shown_number
from madoguchi.domain.calls.actions.recording import begin_recording, end_recording
from madoguchi.domain.calls.actions.talking import back_from_hold, put_on_hold
from madoguchi.domain.calls.actions.wrapping import begin_wrap_up
from madoguchi.domain.calls.errors import NotNow, TargetBusy
from madoguchi.domain.calls.models import Consult, Leg, Offer
from madoguchi.domain.calls.scene import Scene, operators_scene
from madoguchi.domain.calls.states import CONSULT, CallEvent, ConsultEvent, ConsultStage, OfferEvent, Phase
from madoguchi.domain.contacts.actions import spoken_by
from madoguchi.kit.ids import new_id
from madoguchi.switch import port

RING_S = 30


def consult(call_id: UUID, agent_id: int | None = None, number: str = "", *, acting_user: int) -> None:
    """Ring a colleague (or an outside number) and let the customer hear music meanwhile.

    Raises `TargetBusy` when the colleague is not idle with a reachable phone, `NumberRefused`, `NotNow`.
    """
    with operators_scene(call_id, acting_user=acting_user) as acted:
        if acted.call.phase not in {Phase.TALKING, Phase.HOLDING} or acted.consult is not None:
            raise NotNow
        if acted.call.phase == Phase.TALKING:
            put_on_hold(acted)
        if agent_id is not None:
            _ask_colleague(acted, agent_id)
        else:
            _ask_outside(acted, number)


def _ask_colleague(acted: Scene, agent_id: int) -> None:
    target = Agent.objects.select_related("account").filter(pk=agent_id).first()
    if target is None or not reserve([agent_id], acted.call.pk, at=acted.at, forced=True):
        raise TargetBusy(name=target.account.name if target else "?")
    ringing = ring(acted, target, Offer.Purpose.CONSULT, ring_s=RING_S)
    _begin(acted, leg_id=ringing.leg_id, to_agent=target)


def _ask_outside(acted: Scene, number: str) -> None:
    trunk = outbound_trunk(acted.call.number)
    digits = dialable_number(number, trunk)
    leg = Leg(
        id=f"c-{new_id()}",
        call=acted.call,
        role=Leg.Role.CONSULTED,
        address=f"trunk:{digits}",
        began_at=acted.at,
    )
    acted.legs[leg.pk] = leg
    acted.add(leg)
    acted.tell(
        port.Dial(
            leg_id=leg.pk,
            address=f"trunk:{trunk.endpoint}:{digits}",
            caller_number=shown_number(acted.call.number),
            timeout_s=RING_S,
            call_id=str(acted.call.pk),
            early=True,
        )
    )
    _begin(acted, leg_id=leg.pk, to_number=number[:20])


def _begin(acted: Scene, *, leg_id: str, to_agent: Agent | None = None, to_number: str = "") -> None:
    assert acted.call.agent_id is not None  # an operator's scene
    asked = Consult(
        call=acted.call,
        by_agent_id=acted.call.agent_id,
        to_agent=to_agent,
        to_number=to_number,
        leg_id=leg_id,
        began_at=acted.at,
    )
    acted.consult = asked
    acted.add(asked)
    cause = {"by": acted.call.agent_id, "to": to_agent.pk if to_agent else to_number}
    acted.step("consult", asked.pk, "", asked.stage, "asked", cause)
    operator = acted.leg_of(Leg.Role.OPERATOR, acted.call.agent_id)
    if operator is not None:
        acted.tell(port.ShowRinging(leg_id=operator.pk))
    acted.ring(f"agent:{acted.call.agent_id}", "call")


def let_asker_hear_early(acted: Scene, leg_id: str) -> None:
    """The network of who is asked says something: the operator hears it instead of our ringing tone."""
    asked, operator = acted.consult, acted.leg_of(Leg.Role.OPERATOR, acted.call.agent_id)
    if operator is None or asked is None or asked.leg_id != leg_id or asked.stage != ConsultStage.RINGING:
        return
    # They may talk in the same bridge: unlike a customer, who is asked needs to be told nothing first.
    acted.tell(port.Join(bridge_id=_bridge(asked), leg_ids=(operator.pk, leg_id)))


def consult_answered(acted: Scene, leg: Leg) -> None:
    """Who is asked has answered: the two of them talk."""
    asked = acted.consult
    operator = acted.leg_of(Leg.Role.OPERATOR, acted.call.agent_id)
    if asked is None or asked.leg_id != leg.pk or operator is None:
        acted.tell(port.HangUp(leg_id=leg.pk))
        return
    if asked.to_agent_id is not None:
        acted.move_agent(asked.to_agent_id, ActivityEvent.ANSWERED)
    asked.answered_at = acted.at
    _move(acted, asked, ConsultEvent.ANSWERED)
    acted.tell(port.Join(bridge_id=_bridge(asked), leg_ids=(operator.pk, leg.pk)))
    acted.ring(f"agent:{acted.call.agent_id}", "call")


def consult_failed(acted: Scene) -> None:
    """Nobody answered; the customer is still on hold and the operator is told."""
    asked = acted.consult
    if asked is not None and asked.stage == ConsultStage.RINGING:
        _move(acted, asked, ConsultEvent.NOT_REACHED)
        _silence(acted)
        acted.tell(port.Dissolve(bridge_id=_bridge(asked)))
        acted.ring(f"agent:{acted.call.agent_id}", "call")


def hand_over(call_id: UUID, *, acting_user: int) -> None:
    """Give the customer to the person who was asked; the operator goes into wrap-up."""
    with operators_scene(call_id, acting_user=acting_user) as acted:
        asked, customer = acted.consult, acted.customer_leg
        if asked is None or asked.stage != ConsultStage.TALKING or customer is None:
            raise NotNow
        leg, operator = acted.legs.get(asked.leg_id), acted.leg_of(Leg.Role.OPERATOR, acted.call.agent_id)
        if leg is None:
            raise NotNow
        _move(acted, asked, ConsultEvent.HANDED_OVER)
        end_recording(acted)
        set_free(acted)
        acted.move(
            CallEvent.TAKEN,
            {"agent": asked.to_agent_id, "handed_over": True},
            agent_id=asked.to_agent_id,
            ending="transferred",
        )
        acted.save(leg, role=Leg.Role.OPERATOR)
        acted.tell(port.Join(bridge_id=acted.call.bridge_id, leg_ids=(customer.pk, leg.pk)))
        if operator is not None:
            acted.tell(port.HangUp(leg_id=operator.pk))
        acted.tell(port.Dissolve(bridge_id=_bridge(asked)))
        if asked.to_agent is not None:
            spoken_by(acted.call.contact_id, asked.to_agent.account_id)
            acted.ring(f"agent:{asked.to_agent_id}", "me call story wrap_up today")
        begin_recording(acted, asked.to_agent_id)


def take_back(call_id: UUID, *, acting_user: int) -> None:
    """End the asking and go back to the customer."""
    with operators_scene(call_id, acting_user=acting_user) as acted:
        asked = acted.consult
        if asked is None:
            raise NotNow
        end_consult(acted, asked)
        if acted.call.phase == Phase.HOLDING:
            back_from_hold(acted)


def end_consult(acted: Scene, asked: Consult) -> None:
    """End the asking: the asked person's phone falls silent and they are free."""
    ringing = open_offer(acted, leg_id=asked.leg_id)
    talked = asked.stage == ConsultStage.TALKING
    _move(acted, asked, ConsultEvent.RETURNED)
    if not talked:
        _silence(acted)
    if ringing is not None:
        close_offer(acted, ringing, OfferEvent.CALLER_LEFT)
    elif asked.leg_id in acted.legs:
        acted.tell(port.HangUp(leg_id=asked.leg_id))
    if (
        talked
        and asked.to_agent_id is not None
        and acted.move_agent(asked.to_agent_id, ActivityEvent.CALL_LEFT)
    ):
        begin_wrap_up(acted, asked.to_agent_id, min(wrap_up_s(acted.call) or 30, 30))
    acted.tell(port.Dissolve(bridge_id=_bridge(asked)))
    acted.ring(f"agent:{acted.call.agent_id}", "call")


def _silence(acted: Scene) -> None:
    """The operator no longer hears the ringing at the person who was asked."""
    operator = acted.leg_of(Leg.Role.OPERATOR, acted.call.agent_id)
    if operator is not None:
        acted.tell(port.StopRinging(leg_id=operator.pk))


def _move(acted: Scene, asked: Consult, event: ConsultEvent) -> None:
    old, new = asked.stage, CONSULT.next_state(asked.stage, event)
    ended_at = acted.at if new in CONSULT.ends else None
    acted.save(asked, stage=new, answered_at=asked.answered_at, ended_at=ended_at)
    if ended_at is not None:
        acted.consult = None
    acted.step("consult", asked.pk, old, new, event)


def _bridge(asked: Consult) -> str:
    return f"c-{asked.pk}"
