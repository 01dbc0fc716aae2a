"""Reading what was put on record: who did or looked at what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from madoguchi.domain.ledger.models import Entry
from madoguchi.kit.clock import business_day_start

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are meant; empty fields ask for nothing."""

    by: int | None = None
    subject: str = ""
    day: date | None = None
    before: int | None = None
    """Only entries older than this one: where the page before ended."""


def entries(wanted: Wanted) -> tuple[list[Entry], int | None]:
    """A page of entries, newest first, and where the next one begins; None at the end."""
    rows = Entry.objects.order_by("-pk")
    if wanted.by is not None:
        rows = rows.filter(by=wanted.by)
    if wanted.subject:
        rows = rows.filter(subject=wanted.subject)
    if wanted.day is not None:
        begin = business_day_start(wanted.day)
        rows = rows.filter(at__gte=begin, at__lt=business_day_start(wanted.day + timedelta(days=1)))
    if wanted.before is not None:
        rows = rows.filter(pk__lt=wanted.before)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    return shown, shown[-1].pk if len(found) > PAGE else None
