"""What a broken rule is, and how the database is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from madoguchi.kit.clock import now

SETTLED_S = 30
"""Calls and legs that changed later than so long ago may still be under way, and are left out where said."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, with the rows that break it."""

    rule: str
    """Name of the check; stable."""
    words: str
    call_id: str = ""
    ids: tuple[str, ...] = ()
    at: datetime | None = None

    def __str__(self) -> str:
        rows = " ".join(self.ids)
        return f"{self.rule}: {self.words}" + (f" [call {self.call_id}]" if self.call_id else "") + f" {rows}"


Check = Callable[[datetime, datetime], Iterator[Violation]]


def rows(query: str, since: datetime, until: datetime) -> list[tuple[Any, ...]]:
    """The rows of a question that knows `since`, `until` and `settled`."""
    settled = now() - timedelta(seconds=SETTLED_S)
    with connection.cursor() as cursor:
        cursor.execute(query, {"since": since, "until": until, "settled": settled})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
