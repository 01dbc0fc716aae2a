"""Planting what may never be true, to see whether a rule of `verify` finds it.

The lies are told in SQL, as a bug in the actions or a hand in the database would tell them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Lie:
    """A statement that breaks one rule, what the rule must say of it, and what would have refused it."""

    rule: str
    words: str
    sql: str
    without: str = ""
    """Statements that take the constraints away first."""

    def __str__(self) -> str:
        return f"{self.rule}: {self.words}"


def plant(lie: Lie, facts: Mapping[str, Any] | None = None) -> None:
    """Tell it past every constraint; `facts` are what its statement names as %(so)s."""
    with connection.cursor() as cursor:
        # What is deferred to the end is settled now: a table with waiting triggers cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if lie.without:
            cursor.execute(lie.without)
        cursor.execute(lie.sql, facts)
        assert cursor.rowcount > 0, "the lie changed nothing"
