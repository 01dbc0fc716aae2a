"""What stands half typed in a form beside a call: kept, so that a tab that dies takes nothing with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, FormDraft
from madoguchi.domain.calls.states import Phase
from madoguchi.kit.clock import now

OLD = timedelta(days=1)


def keep_draft(call_id: UUID, form: str, fields: Mapping[str, Any], *, acting_user: int) -> None:
    """Keep what this person has typed in a form so far; nothing typed: forget it. Announces nothing."""
    if not fields:
        forget_draft(call_id, form, acting_user=acting_user)
        return
    FormDraft.objects.update_or_create(
        call_id=call_id,
        account_id=acting_user,
        form=form,
        defaults={"fields": dict(fields), "changed_at": now()},
    )


def forget_draft(call_id: UUID, form: str, *, acting_user: int) -> None:
    """The form was sent, or emptied."""
    FormDraft.objects.filter(call_id=call_id, account_id=acting_user, form=form).delete()


def forget_drafts(call: Call, agent_id: int) -> None:
    """All of one person's drafts of a call; in the transaction that ends their wrap-up."""
    account = Agent.objects.filter(pk=agent_id).values("account_id")
    FormDraft.objects.filter(call=call, account_id__in=account).delete()


def forget_old_drafts() -> int:
    """Those that nobody touched for a day, of calls that are over; how many."""
    over = FormDraft.objects.filter(call__phase=Phase.ENDED, changed_at__lt=now() - OLD)
    return over.delete()[0]
