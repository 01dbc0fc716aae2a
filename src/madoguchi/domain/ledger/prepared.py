"""Statements that the server plans once per connection, several to a journey.

Planning costs PostgreSQL more than doing what a busy floor asks three hundred times a second. So what each
action needs is prepared on a connection before its first use there, and executed by name from then on. This
relies on values being bound on our side (Django's default for PostgreSQL): only then does the server take
several statements at once. Each of them sees what was committed when it begins.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg.pq import TransactionStatus

_names = itertools.count(1)
_MARK = re.compile(r"\$(\d+)")


class Statement:
    """One statement; its values stand as `$1`, `$2`…, each as often as needed."""

    def __init__(self, sql: str) -> None:
        self.name = f"m{next(_names)}"
        self.preparing = f"PREPARE {self.name} AS {sql}"
        values = max((int(number) for number in _MARK.findall(sql)), default=0)
        marks = ", ".join(["%s"] * values)
        self.executing = f"EXECUTE {self.name}({marks})" if values else f"EXECUTE {self.name}"


@functools.cache
def statement(sql: str) -> Statement:
    """The statement of a text that is put together by code: the same for the same text."""
    return Statement(sql)


_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""Connection → names of what is prepared there. A rollback forgets nothing of it."""


def execute(cursor: Any, *steps: tuple[Statement | str, Sequence[Any]]) -> None:
    """Send all steps in one journey, in order; a text (with `%s`) goes as it is.

    `cursor` then stands at the first one's answer; see `answers`.
    """
    wanted = [step for step, _ in steps if isinstance(step, Statement)]
    known = _known.setdefault(connection.connection, set())
    missing = {one.name: one for one in wanted if one.name not in known}
    if missing:
        cursor.execute(";\n".join(one.preparing for one in missing.values()))
        known.update(missing)
    texts = [step.executing if isinstance(step, Statement) else step for step, _ in steps]
    cursor.execute(";\n".join(texts), [value for _, values in steps for value in values])


def answers(cursor: Any) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of each step in order; a step that only writes gives an empty list."""
    # The driver's own cursor: asking Django's for a description describes every column.
    driver = cursor.cursor
    while True:
        yield driver.fetchall() if driver.pgresult.nfields else []
        if not driver.nextset():
            return


BEGIN: tuple[str, Sequence[Any]] = ("BEGIN", ())
COMMIT: tuple[str, Sequence[Any]] = ("COMMIT", ())


def begins_here() -> bool:
    """Whether the transaction that Django opened is not known to the server yet.

    Then, and only then, its BEGIN may travel with our first statements, and its COMMIT with our last: two
    journeys less. Whoever is told so must send BEGIN at once. In a test's transaction it is never so.
    """
    driver = connection.connection
    if not connection.in_atomic_block or driver.pgconn.transaction_status != TransactionStatus.IDLE:
        return False
    # Or it would send a BEGIN of its own. Django puts it back when the transaction ends.
    driver.autocommit = True
    return True
