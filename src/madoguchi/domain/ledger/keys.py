"""Keys of new rows, fetched ahead: then a row need not be written before those that point to it."""

from __future__ import annotations

from collections import defaultdict, deque

from django.db import connection, models

from madoguchi.domain.ledger import kept
from madoguchi.domain.ledger.prepared import Statement, execute

BLOCK = 50
"""So many at once in a process that keeps things (control); gaps in the numbers mean nothing."""

_NEXT = Statement("SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2)")
_ahead: defaultdict[str, deque[int]] = defaultdict(deque)


def new_key(model: type[models.Model]) -> int:
    """A key that no other row of this table has, or will get."""
    table = model._meta.db_table
    ahead = _ahead[table]
    while True:
        try:
            # One step, so that no two threads get the same.
            return ahead.popleft()
        except IndexError:
            with connection.cursor() as cursor:
                execute(cursor, (_NEXT, [table, BLOCK if kept.is_on() else 1]))
                ahead.extend(int(row[0]) for row in cursor.fetchall())
