"""What people write of a call: from the first words while they talk, through hold, transfer and wrap-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from madoguchi.domain.calls.errors import CallGone
from madoguchi.domain.calls.models import Call, Consult, Offer, WrapUp
from madoguchi.domain.calls.states import ConsultStage, OfferStage, Phase
from madoguchi.domain.contacts.actions import Choices, Written, write_note
from madoguchi.domain.ledger.actions import announce
from madoguchi.kit.clock import now

LATE = timedelta(hours=1)
"""What a browser could not send in time (an outage, a closed lid) is taken so long after the call."""


@transaction.atomic(durable=True)
def write_down(
    call_id: UUID, text: str | None, choices: Choices, *, based_on: int, acting_user: int
) -> Written:
    """Keep what is written so far.

    Raises `CallGone` for people who had no part in the call, and for everybody long after it. Text, choices
    and `based_on` as in `contacts.write_note`. The call itself is not locked: autosave must never make a hold
    or a hang-up wait. Announced to everybody who has the call in front of them.
    """
    at = now()
    call = Call.objects.select_related("agent").filter(pk=call_id).first()
    if call is None or not _has_part(call, acting_user, at):
        raise CallGone
    written = write_note(call.contact_id, text, choices, based_on=based_on, acting_user=acting_user, at=at)
    if written is None:
        raise CallGone
    announce(*((f"agent:{agent_id}", "story wrap_up today") for agent_id in _desks(call)))
    return written


def _has_part(call: Call, account_id: int, at: datetime) -> bool:
    writing = call.wrap_ups.filter(agent__account_id=account_id, ended_at=None)
    if call.ended_at is not None and call.ended_at < at - LATE:
        return writing.exists()
    if call.agent is not None and call.agent.account_id == account_id:
        return True
    took = call.offers.filter(agent__account_id=account_id, stage=OfferStage.ACCEPTED)
    return took.exists() or writing.exists()


def _desks(call: Call) -> list[int]:
    """Ids of the people who see this call: they have it, are asked or rung about it, or write it up."""
    rung = Offer.objects.filter(call=call, stage=OfferStage.OPEN).values_list("agent_id")
    asked = Consult.objects.filter(call=call, stage__in=[ConsultStage.RINGING, ConsultStage.TALKING])
    writing = WrapUp.objects.filter(call=call, ended_at=None).values_list("agent_id")
    has = Call.objects.filter(~Q(phase=Phase.ENDED), pk=call.pk, agent__isnull=False).values_list("agent_id")
    asked_ids = asked.filter(to_agent__isnull=False).values_list("to_agent_id")
    return [agent_id for (agent_id,) in has.union(rung, asked_ids, writing).order_by("agent_id")]
