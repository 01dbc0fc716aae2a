"""Setting right what cannot be true: nobody stays in an activity that has no call behind it (pain 1)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Activity
from madoguchi.domain.calls.models import Call, Offer, WrapUp
from madoguchi.domain.calls.states import WITH_AN_OPERATOR, ConsultStage, OfferStage
from madoguchi.domain.ledger.actions import announce, step, write
from madoguchi.kit.clock import now

LOOK_AGAIN = timedelta(minutes=5)


@transaction.atomic(durable=True)
def straighten_activity(agent_id: int) -> bool:
    """Compare an activity with what it is said to belong to; set the person free when nothing is there.

    True when something was wrong. The call is not locked: whatever ends meanwhile ends by itself.
    """
    agent = Agent.objects.select_for_update(of=("self",)).get(pk=agent_id)
    at = now()
    if agent.activity == Activity.IDLE:
        return False
    if _has_ground(agent):
        Agent.objects.filter(pk=agent_id).update(activity_due_at=at + LOOK_AGAIN)
        return False
    cause = {"was": agent.activity, "call": str(agent.activity_call_id)}
    Agent.objects.filter(pk=agent_id).update(
        activity=Activity.IDLE, activity_since=at, activity_call_id=None, activity_due_at=None, idle_since=at
    )
    straightened = step(
        "activity", agent_id, agent.activity, Activity.IDLE, event="straightened", at=at, cause=cause
    )
    straightened.call_id = agent.activity_call_id
    write([straightened])
    announce((f"agent:{agent_id}", "me offer call story wrap_up"), ("floor", "people"), ("control", "match"))
    return True


def _has_ground(agent: Agent) -> bool:
    match agent.activity:
        case Activity.RINGING:
            return Offer.objects.filter(agent=agent, stage=OfferStage.OPEN).exists()
        case Activity.WRAP_UP:
            return WrapUp.objects.filter(agent=agent, ended_at__isnull=True).exists()
    if agent.activity_call_id is None:
        return False
    call = Call.objects.filter(pk=agent.activity_call_id, phase__in=WITH_AN_OPERATOR).first()
    if call is None:
        return False
    asked = call.consults.filter(to_agent=agent, stage=ConsultStage.TALKING).exists()
    return call.agent_id == agent.pk or asked
