"""The end of a call: one outcome, everybody set free, in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from madoguchi.domain.agents.states import ActivityEvent
from madoguchi.domain.calls.actions.offering import close_offer
from madoguchi.domain.calls.actions.recording import LIVING
from madoguchi.domain.calls.actions.waiting import leave_queue
from madoguchi.domain.calls.actions.wrapping import begin_wrap_up
from madoguchi.domain.calls.models import Call, Leg, QueueVisit, Recording
from madoguchi.domain.calls.rows import last_queue
from madoguchi.domain.calls.scene import Scene
from madoguchi.domain.calls.states import (
    CONSULT,
    CallEvent,
    ConsultEvent,
    ConsultStage,
    OfferEvent,
    Outcome,
    Phase,
)
from madoguchi.domain.cases.actions import count_try, fulfil, promise_for_lost_call
from madoguchi.domain.cases.errors import PromiseEnded
from madoguchi.switch import port

log = structlog.get_logger(__name__)

DEFAULT_WRAP_UP_S = 120
LATE = timedelta(seconds=2)
ASKED_WRAP_UP_S = 10
"""For a colleague who was only asked, when the customer left meanwhile."""


def leg_gone(acted: Scene, leg: Leg, cause: int, at: datetime) -> None:
    """Note the end of one leg."""
    # The switch tells when they hung up; we may have rung or answered a line that was dead by then.
    moments = (at, leg.began_at, leg.rang_at, leg.answered_at)
    acted.save(leg, gone_at=max(moment for moment in moments if moment), cause=cause)
    acted.legs.pop(leg.pk, None)


def end_call(
    acted: Scene, *, cause: int, hung_up_by: str = "customer", fault: str = "", at: datetime | None = None
) -> None:
    """End the call, once: outcome, visit, offers, consultation, people, recording, bridge.

    `fault` names a fault of ours (the switch died): a caller who waited or talked gets a call-back to make.
    `at` is when the line ended: long ago, when nobody could hear of it, or write it down. What people do next
    begins now all the same: nobody loses the time for a wrap-up to an outage.
    """
    call, before, heard_at = acted.call, acted.call.phase, acted.at
    ended_at = _true_end(acted, at)
    _end_consult(acted)
    acted.at = ended_at
    outcome, ending = outcome_of(call, acted.visit, ended_at, fault=fault)
    _end_offers(acted)
    if acted.visit is not None:
        leave_queue(acted, acted.visit, QueueVisit.Left.LOST if fault else QueueVisit.Left.ABANDONED)
    acted.move(
        CallEvent.GONE,
        {"outcome": outcome, "cause": cause, "fault": fault} | _late(ended_at, heard_at),
        outcome=outcome,
        ending=ending,
        ended_at=ended_at,
        step_due_at=None,
        playback_id="",
        cause=cause,
        hung_up_by=call.hung_up_by or hung_up_by,
    )
    acted.at = heard_at
    set_free(acted)
    _end_legs(acted)
    if fault:
        _lose_recordings(acted)
        if before not in {Phase.CLOSING, Phase.DIALLING}:
            _owe_call_back(acted, fault)
    _keep_promise(acted)
    acted.ring("floor", "today attention")


def _true_end(acted: Scene, at: datetime | None) -> datetime:
    """When the line ended, but not before what was written down of the call meanwhile."""
    call, asked = acted.call, acted.consult
    moments = [at or acted.at, call.arrived_at, call.phase_since, call.answered_at]
    moments += [ringing.offered_at for ringing in acted.offers]
    moments += [acted.visit.enqueued_at] if acted.visit is not None else []
    moments += [asked.began_at] if asked is not None else []
    return min(max(moment for moment in moments if moment), acted.at)


def _late(ended_at: datetime, heard_at: datetime) -> dict[str, str]:
    """Kept with the end when it was heard of late: until then the others' lines were held."""
    return {"heard_at": heard_at.isoformat()} if heard_at - ended_at > LATE else {}


def outcome_of(call: Call, visit: QueueVisit | None, at: datetime, *, fault: str = "") -> tuple[Outcome, str]:
    """The one outcome of a call that ends now, and for answered ones how it ended. Pure.

    Definitions: docs/guides/measures.md. A call that was answered stays answered, whatever ended it.
    """
    if call.direction == Call.Direction.OUTBOUND:
        return (Outcome.REACHED, "completed") if call.answered_at else (Outcome.NOT_REACHED, "")
    if call.answered_at is not None:
        return Outcome.ANSWERED, _ending(call, fault)
    if call.coming_outcome:
        return Outcome(call.coming_outcome), ""
    if fault:
        return Outcome.FAILED, ""
    if call.phase == Phase.RINGING:
        return Outcome.RING_ABANDON, ""
    if visit is not None:
        waited_s = (at - visit.enqueued_at).total_seconds()
        short = waited_s <= visit.queue.short_abandon_s
        return (Outcome.SHORT_ABANDON if short else Outcome.QUEUE_ABANDON), ""
    return Outcome.IVR_ABANDONED, ""


def _ending(call: Call, fault: str) -> str:
    if fault or (call.phase == Phase.RESTORING and call.hung_up_by != "operator"):
        return "line_lost"
    if call.phase in {Phase.WAITING, Phase.RINGING}:
        return call.ending or "transferred"
    if call.phase == Phase.HOLDING and not call.hung_up_by:
        return "hold_abandon"
    return call.ending or "completed"


def set_free(acted: Scene) -> None:
    """The operator's part of the call is over: wrap-up begins."""
    call = acted.call
    if call.agent_id is None:
        return
    if acted.move_agent(call.agent_id, ActivityEvent.CALL_LEFT) or acted.move_agent(
        call.agent_id, ActivityEvent.DIAL_ENDED
    ):
        begin_wrap_up(acted, call.agent_id, wrap_up_s(call))


def wrap_up_s(call: Call) -> int:
    """How long the wrap-up of this call's last queue lasts."""
    queue = last_queue(call.pk)
    return queue.wrap_up_s if queue else DEFAULT_WRAP_UP_S


def _end_offers(acted: Scene) -> None:
    for ringing in list(acted.offers):
        close_offer(acted, ringing, OfferEvent.CALLER_LEFT)


def _end_consult(acted: Scene) -> None:
    asked, acted.consult = acted.consult, None
    if asked is None:
        return
    old = asked.stage
    acted.save(asked, stage=CONSULT.next_state(old, ConsultEvent.RETURNED), ended_at=acted.at)
    acted.step("consult", asked.pk, old, asked.stage, ConsultEvent.RETURNED, {"why": "caller_left"})
    acted.tell(port.Dissolve(bridge_id=f"c-{asked.pk}"))
    if (
        old == ConsultStage.TALKING
        and asked.to_agent_id is not None
        and acted.move_agent(asked.to_agent_id, ActivityEvent.CALL_LEFT)
    ):
        begin_wrap_up(acted, asked.to_agent_id, ASKED_WRAP_UP_S)


def _end_legs(acted: Scene) -> None:
    for leg in acted.legs.values():
        acted.tell(port.HangUp(leg_id=leg.pk))
    for bridge_id in filter(None, {acted.call.bridge_id}):
        acted.tell(port.Dissolve(bridge_id=bridge_id))


def _lose_recordings(acted: Scene) -> None:
    """Tracks of a switch that died are looked for on its disk by a job; until then they are ending."""
    Recording.objects.filter(call=acted.call, stage__in=LIVING).update(ended_at=acted.at)


def _owe_call_back(acted: Scene, fault: str) -> None:
    call = acted.call
    promise_for_lost_call(
        call.pk,
        client_id=call.client_id,
        contact_id=call.contact_id,
        customer_id=call.customer_id,
        number=call.customer_e164,
        at=acted.at,
        what=fault,
    )


def _keep_promise(acted: Scene) -> None:
    call = acted.call
    if call.promise_id is None:
        return
    if call.answered_at is None:
        count_try(call.promise_id)
        return
    try:
        fulfil(call.promise_id, call_id=call.pk, acting_user=acted.by or _account_of(call))
    except PromiseEnded:
        # Somebody kept or withdrew it meanwhile; the end of a call must not fail over that.
        log.info("A promise had ended before its call did.", call_id=str(call.pk), promise_id=call.promise_id)


def _account_of(call: Call) -> int | None:
    return call.agent.account_id if call.agent else None
