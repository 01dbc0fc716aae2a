"""The only writer of the ledger, and the doorbell that rings after commit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from madoguchi.domain.ledger.models import Entry, Transition
from madoguchi.kit.clock import now as clock_now

CHANNEL = "madoguchi"
"""Name of the PostgreSQL notification channel that `live` listens on."""
CONTROL_CHANNEL = "madoguchi_control"
"""That of `control`, which need not wake for each thing that a screen is told."""


def step(
    subject: str,
    subject_id: object,
    old: str,
    new: str,
    *,
    event: str,
    at: datetime,
    by: int | None = None,
    cause: Mapping[str, Any] | None = None,
    call_id: UUID | None = None,
) -> Transition:
    """Make an unsaved transition row; `write` stores several in one statement."""
    return Transition(
        subject=subject,
        subject_id=str(subject_id),
        old=old,
        new=new,
        event=event,
        at=at,
        by=by,
        cause=dict(cause or {}),
        call_id=call_id,
    )


def write(steps: Iterable[Transition]) -> None:
    """Store transitions, in order. Joins the caller's transaction."""
    Transition.objects.bulk_create(list(steps))


def note(
    verb: str,
    subject: str,
    subject_id: object,
    *,
    acting_user: int | None,
    address: str | None = None,
    **detail: Any,
) -> None:
    """Record that somebody did or saw something."""
    Entry.objects.create(
        at=clock_now(),
        by=acting_user,
        verb=verb,
        subject=subject,
        subject_id=str(subject_id),
        detail=detail,
        address=address,
    )


def announce(*doorbells: tuple[str, str]) -> None:
    """Ring after commit: each doorbell is (audience, sections), e.g. `("agent:7", "me offer")`.

    PostgreSQL delivers a notification only when the transaction commits, and drops equal ones. Who
    hears it reads the rows anew; a doorbell that is lost is made good by the next snapshot.
    """
    if doorbells:
        with connection.cursor() as cursor:
            cursor.execute(*ringing(doorbells))


def ringing(doorbells: Iterable[tuple[str, str]]) -> tuple[str, list[Any]]:
    """The statement that `announce` sends, for those who send several at once."""
    channels: dict[str, list[str]] = {}
    for audience, sections in dict.fromkeys(doorbells):
        channel = CONTROL_CHANNEL if audience == "control" else CHANNEL
        channels.setdefault(channel, []).append(json.dumps([audience, sections.split()]))
    # One statement a channel: within a SELECT the notifications' order is not promised.
    sql = ";\n".join(["SELECT pg_notify(%s, p) FROM unnest(%s::text[]) AS p"] * len(channels))
    return sql, [value for told in channels.items() for value in told]
