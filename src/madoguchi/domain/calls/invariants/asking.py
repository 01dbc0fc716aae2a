"""How the database is asked for what breaks a rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from madoguchi.kit.clock import now

SETTLED_S = 30
"""Calls and legs that changed later than so long ago may still be under way, and are left out where said."""


def rows(query: str, since: datetime, until: datetime) -> list[tuple[Any, ...]]:
    """The rows of a question that knows `since`, `until` and `settled`."""
    settled = now() - timedelta(seconds=SETTLED_S)
    with connection.cursor() as cursor:
        cursor.execute(query, {"since": since, "until": until, "settled": settled})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
