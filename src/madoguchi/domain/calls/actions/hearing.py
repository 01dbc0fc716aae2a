"""What the switch reports of a call's legs, turned into what happens to the call.

Each function takes one event, in order within its call, and is harmless when the event comes twice: the
second time the leg is gone, the offer ended, the playback another one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from madoguchi.domain.agents.queries import at_the_phone
from madoguchi.domain.calls import rows
from madoguchi.domain.calls.actions.consulting import (
    consult_answered,
    consult_failed,
    end_consult,
    let_asker_hear_early,
)
from madoguchi.domain.calls.actions.dialling import (
    customer_answered,
    dial_fell_due,
    let_hear_early,
    notice_ended,
)
from madoguchi.domain.calls.actions.leaving import end_call, leg_gone
from madoguchi.domain.calls.actions.offering import open_offer, rang
from madoguchi.domain.calls.actions.recording import lost
from madoguchi.domain.calls.actions.restoring import give_up_restoring, line_lost
from madoguchi.domain.calls.actions.ringing import end_ring
from madoguchi.domain.calls.actions.taking import offer_answered
from madoguchi.domain.calls.actions.waiting import hang_up_customer
from madoguchi.domain.calls.actions.walking import key_pressed, prompt_ended, step_fell_due
from madoguchi.domain.calls.models import Call, Leg
from madoguchi.domain.calls.scene import Scene, scene
from madoguchi.domain.calls.states import ConsultStage, OfferEvent, Phase
from madoguchi.domain.ledger.actions import step, write
from madoguchi.kit.clock import now
from madoguchi.switch import port

USER_BUSY, NO_ANSWER, NOT_SELECTED, REJECTED = 17, 19, 18, 21
NORMAL_CLEARING = 16
SOON = timedelta(seconds=8)


def call_of_leg(leg_id: str) -> UUID | None:
    """Which call a leg belongs to."""
    found = rows.call_of_leg(leg_id)
    return found[0] if found else None


def leg_rang(call_id: UUID, leg_id: str, *, sound: bool = False) -> None:
    """The far end rings; with `sound` of its own, who dialled hears that from now on."""
    with scene(call_id) as acted:
        rang(leg_id, acted=acted)
        if sound:
            let_hear_early(acted, leg_id)
            let_asker_hear_early(acted, leg_id)


def leg_answered(call_id: UUID, leg_id: str) -> None:
    """A leg that we dialled was picked up."""
    with scene(call_id) as acted:
        leg = acted.legs.get(leg_id)
        if leg is None or acted.call.phase == Phase.ENDED:
            # What ended in our books lives at the switch: nobody may stay connected to nothing.
            acted.tell(port.HangUp(leg_id=leg_id))
        elif leg.answered_at is not None:
            return
        elif leg.role == Leg.Role.CUSTOMER:
            customer_answered(acted, leg)
        elif open_offer(acted, leg_id=leg_id) is None and leg.role == Leg.Role.CONSULTED:
            acted.save(leg, answered_at=acted.at)
            consult_answered(acted, leg)
        else:
            offer_answered(acted, leg)


def leg_ended(call_id: UUID, leg_id: str, *, cause: int, at: datetime | None = None, fault: str = "") -> None:
    """A leg is no more. The customer's ends the call; an operator's may mean that her line was lost.

    `fault` names a fault of ours: a customer is owed a call back, and nothing is held against an operator.
    """
    with scene(call_id) as acted:
        leg = acted.legs.get(leg_id)
        if leg is None:
            return
        leg_gone(acted, leg, cause, min(at or acted.at, acted.at))
        if leg.agent_id is not None:
            # Only now may this phone be rung again.
            acted.ring("control", "match")
        if acted.call.phase == Phase.ENDED:
            return
        if leg.role == Leg.Role.CUSTOMER:
            end_call(acted, cause=cause, fault=fault, at=leg.gone_at)
            return
        ringing = open_offer(acted, leg_id=leg_id)
        if ringing is not None:
            end_ring(acted, ringing, _why_not(cause), blameless=bool(fault))
        elif leg.role == Leg.Role.CONSULTED:
            _asked_person_left(acted, leg_id)
        else:
            _operator_left(acted, leg, cause)


def _why_not(cause: int) -> OfferEvent:
    if cause in {REJECTED, USER_BUSY}:
        return OfferEvent.REFUSED
    return (
        OfferEvent.RANG_OUT
        if cause in {NO_ANSWER, NOT_SELECTED, NORMAL_CLEARING}
        else OfferEvent.PHONE_FAILED
    )


def _asked_person_left(acted: Scene, leg_id: str) -> None:
    asked = acted.consult
    if asked is None or asked.leg_id != leg_id:
        return
    if asked.stage == ConsultStage.RINGING:
        consult_failed(acted)  # an outside number that is busy or does not answer
    else:
        end_consult(acted, asked)


def _operator_left(acted: Scene, leg: Leg, cause: int) -> None:
    """The operator's leg ended: by her wish, by ours, or because her line died."""
    call = acted.call
    others = {x.agent_id for x in acted.legs.values() if x.role == Leg.Role.OPERATOR}
    if leg.agent_id != call.agent_id or leg.agent_id in others:
        return  # an older leg of somebody who gave the customer away, or was given them back
    if call.phase == Phase.DIALLING:
        acted.set(hung_up_by="operator")
        hang_up_customer(acted)
        if acted.customer_leg is None:
            end_call(acted, cause=cause, hung_up_by="operator")
    elif call.phase in {Phase.TALKING, Phase.HOLDING} and not call.hung_up_by:
        # Somebody outside, to whom the customer was handed over, has no phone that could come back.
        if call.agent_id is None or _hung_up_herself(call, cause):
            acted.set(hung_up_by="operator")
            hang_up_customer(acted)
        else:
            line_lost(acted)


def _hung_up_herself(call: Call, cause: int) -> bool:
    """A desk phone put down ends the call; a browser says so through the desk, or its line was lost."""
    on_desk_phone = call.agent_id is not None and at_the_phone(call.agent_id).phone == "desk"
    return on_desk_phone and cause == NORMAL_CLEARING


def key_heard(call_id: UUID, leg_id: str, key: str) -> None:
    """The customer pressed a key."""
    with scene(call_id) as acted:
        leg = acted.legs.get(leg_id)
        if leg is not None and leg.role == Leg.Role.CUSTOMER:
            key_pressed(acted, key)


def playback_ended(call_id: UUID, playback_id: str) -> None:
    """What the customer heard is over; the end of anything older is ignored."""
    with scene(call_id) as acted:
        if acted.call.playback_id == playback_id:
            acted.set(playback_id="")
            _after_playback(acted)


def _after_playback(acted: Scene) -> None:
    customer = acted.customer_leg
    match acted.call.phase:
        case Phase.MENU:
            prompt_ended(acted)
        case Phase.CLOSING:
            hang_up_customer(acted)
        case Phase.DIALLING:
            notice_ended(acted)
        case Phase.WAITING | Phase.RINGING | Phase.RESTORING if customer is not None:
            music = acted.visit.queue.music if acted.visit else "default"
            acted.tell(port.StartMusic(leg_id=customer.pk, music=music))


def call_fell_due(call_id: UUID) -> None:
    """The time of the call's phase is over."""
    with scene(call_id) as acted:
        due = acted.call.step_due_at
        if due is None or due > acted.at or acted.call.phase == Phase.ENDED:
            return
        acted.set(step_due_at=None)
        if acted.call.hung_up_by:
            _close_the_books(acted)
            return
        match acted.call.phase:
            case Phase.MENU:
                step_fell_due(acted)
            case Phase.CLOSING:
                hang_up_customer(acted)
            case Phase.DIALLING:
                dial_fell_due(acted)
            case Phase.RESTORING:
                give_up_restoring(acted)


def _close_the_books(acted: Scene) -> None:
    """A line that we hung up never reported its end: nobody is held for it any longer."""
    customer = acted.customer_leg
    if customer is not None:
        acted.tell(port.HangUp(leg_id=customer.pk))
        leg_gone(acted, customer, 0, acted.at)
    end_call(acted, cause=0)


def hasten(call_id: UUID) -> None:
    """After an outage nobody knows whether a prompt still plays: its end is taken as come soon."""
    with scene(call_id) as acted:
        if acted.call.phase in {Phase.MENU, Phase.CLOSING, Phase.DIALLING} and acted.call.playback_id:
            soon = acted.at + SOON
            acted.set(step_due_at=min(acted.call.step_due_at or soon, soon))


def command_failed(
    call_id: UUID, kind: str, fields: dict[str, object], reason: str, *, permanent: bool, gone: bool = False
) -> None:
    """The switch refused a command, or it was too late to send it: what it should have begun has ended.

    Only a `permanent` refusal of a dial (no phone is registered) is held against the person who was rung.
    A leg that is `gone` ended, even if its end was told before anybody knew of it (a caller who left at the
    very moment in which control came back).
    """
    at = now()
    leg_id = str(fields.get("leg_id", ""))
    match kind:
        case "Dial":
            leg_ended(call_id, leg_id, cause=0, at=at, fault="" if permanent else reason)
        case "Answer" | "Play" | "StartMusic" if gone:
            leg_ended(call_id, leg_id, cause=0, at=at)
        case "Play":
            playback_ended(call_id, str(fields.get("playback_id", "")))
        case "Record":
            lost(UUID(str(fields["recording_id"])), reason)
    refused = step(
        "command",
        call_id,
        "",
        "refused",
        event="command_failed",
        at=at,
        cause={"kind": kind, "reason": reason},
    )
    refused.call_id = call_id
    write([refused])
