"""How a room states what must always be true of its rows, so that `madoguchi verify` can examine it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that must be true; its query finds the rows for which it is not.

    The query may use %(begin)s and %(end)s (the period, end excluded) and %(now)s. What it selects fills
    `broken` in order, the first column being the id of the subject.
    """

    code: str
    subject: str
    broken: str
    """A sentence about one violation, with {0}, {1}, … for the selected columns."""
    query: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One row for which a rule does not hold."""

    code: str
    subject: str
    subject_id: str
    said: str


def violations(rules: Sequence[Rule], begin: datetime, end: datetime, now: datetime) -> Iterator[Violation]:
    """Every violation of these rules in the period, rule after rule."""
    for rule in rules:
        with connection.cursor() as cursor:
            cursor.execute(rule.query, {"begin": begin, "end": end, "now": now})
            for row in cursor.fetchall():
                yield Violation(rule.code, rule.subject, str(row[0]), rule.broken.format(*row))
