"""What one person has half typed beside a call; nobody else's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from madoguchi.domain.calls.models import FormDraft


def drafts_of(call_id: UUID, account_id: int) -> dict[str, Any]:
    """Fields by form."""
    mine = FormDraft.objects.filter(call_id=call_id, account_id=account_id)
    return dict(mine.values_list("form", "fields"))
