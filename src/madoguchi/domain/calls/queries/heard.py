"""Who listened to recordings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.people.models import Account


@dataclass(frozen=True, slots=True)
class Heard:
    """One person's listening, as it stands on record."""

    name: str
    """Empty when the account is gone."""
    at: datetime


def heard_by(recording_ids: Iterable[UUID]) -> dict[UUID, list[Heard]]:
    """Who listened to each of these recordings and when, the first listening first."""
    found: dict[UUID, list[Heard]] = {recording_id: [] for recording_id in recording_ids}
    entries = Entry.objects.filter(
        subject="recording", subject_id__in=[str(one) for one in found], verb="listened"
    ).order_by("at", "pk")
    listened = list(entries)
    names = dict(Account.objects.filter(pk__in={entry.by for entry in listened}).values_list("pk", "name"))
    for entry in listened:
        found[UUID(entry.subject_id)].append(Heard(names.get(entry.by or 0, ""), entry.at))
    return found
