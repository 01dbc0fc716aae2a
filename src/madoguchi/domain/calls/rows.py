"""The rows of one call, read in one go and written in one go.

A busy floor does three hundred actions a second, and what an action costs is not the database's work but
Python's: compiling each statement anew, and going to and fro. So the statements that every action needs are
put together once, several to a journey. Each statement of a journey sees what was committed when it begins,
so those that follow the lock see what the one that waited for it must see.

This relies on parameters being bound on our side (Django's default for PostgreSQL): only then does the
server take several statements at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from madoguchi.domain.calls.models import Call, Consult, Leg, Offer, QueueVisit, Recording, WrapUp
from madoguchi.domain.ledger.actions import ringing
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.switchboard.models import Command

M = TypeVar("M", bound=models.Model)


class Shape:
    """How rows of one table become objects, and objects become rows, without asking the ORM each time."""

    def __init__(self, model: type[models.Model]) -> None:
        self.table = model._meta.db_table
        self.fields = list(model._meta.concrete_fields)
        self.names = [field.attname for field in self.fields]
        self._readers = [
            (index, field) for index, field in enumerate(self.fields) if hasattr(field, "from_db_value")
        ]

    def columns(self, alias: str) -> str:
        """All columns, for a SELECT."""
        return ", ".join(f'{alias}."{field.column}"' for field in self.fields)

    def read(self, model: type[M], row: Sequence[Any]) -> M:
        """An object out of a row of `columns`."""
        values = list(row)
        for index, field in self._readers:
            values[index] = field.from_db_value(values[index], None, connection)
        return model.from_db(connection.alias, self.names, values)

    def insert(self, made: models.Model) -> tuple[str, list[Any]]:
        """The statement that stores a new object whose key we chose, or leave to the database."""
        fields = [field for field in self.fields if not (field.primary_key and made.pk is None)]
        columns = ", ".join(f'"{field.column}"' for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        values = [_stored(field, made) for field in fields]
        return f'INSERT INTO "{self.table}" ({columns}) VALUES ({marks})', values  # noqa: S608

    def update(self, changed: models.Model, names: Iterable[str]) -> tuple[str, list[Any]]:
        """The statement that stores the named fields of an object."""
        wanted = {*names}
        fields = [field for field in self.fields if field.name in wanted or field.attname in wanted]
        sets = ", ".join(f'"{field.column}" = %s' for field in fields)
        values = [_stored(field, changed) for field in fields]
        return f'UPDATE "{self.table}" SET {sets} WHERE "id" = %s', [*values, changed.pk]  # noqa: S608


def _stored(field: models.Field[Any, Any], row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


CALL, LEG, OFFER, VISIT, CONSULT, QUEUE = map(Shape, (Call, Leg, Offer, QueueVisit, Consult, Queue))
_SHAPES: dict[type[models.Model], Shape] = {
    Call: CALL,
    Leg: LEG,
    Offer: OFFER,
    QueueVisit: VISIT,
    Consult: CONSULT,
    Recording: Shape(Recording),
    WrapUp: Shape(WrapUp),
}

_LOAD = f"""
SELECT {CALL.columns("c")} FROM calls_call c WHERE c.id = %(call)s FOR UPDATE;
SELECT {LEG.columns("l")} FROM calls_leg l WHERE l.call_id = %(call)s AND l.gone_at IS NULL;
SELECT {OFFER.columns("o")} FROM calls_offer o WHERE o.call_id = %(call)s AND o.stage = 'open';
SELECT {VISIT.columns("v")}, {QUEUE.columns("q")}
    FROM calls_queuevisit v JOIN queues_queue q ON q.id = v.queue_id
    WHERE v.call_id = %(call)s AND v.left_at IS NULL;
SELECT {CONSULT.columns("s")} FROM calls_consult s
    WHERE s.call_id = %(call)s AND s.stage IN ('ringing', 'talking')
"""  # noqa: S608 - names of our own tables and columns


class Rows:
    """A call under lock, and what is open in it."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.legs: dict[str, Leg] = {}
        """Living legs by id."""
        self.offers: list[Offer] = []
        """Rings that are going on."""
        self.visit: QueueVisit | None = None
        self.consult: Consult | None = None


def load(call_id: UUID) -> Rows | None:
    """Lock a call and read what is open in it; None when there is no such call."""
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, {"call": call_id})
        sets = _result_sets(cursor)
        found = next(sets)
        if not found:
            return None
        rows = Rows(CALL.read(Call, found[0]))
        rows.legs = {leg.pk: leg for leg in (LEG.read(Leg, row) for row in next(sets))}
        rows.offers = [OFFER.read(Offer, row) for row in next(sets)]
        for row in next(sets):
            rows.visit = VISIT.read(QueueVisit, row[: len(VISIT.fields)])
            rows.visit.queue = QUEUE.read(Queue, row[len(VISIT.fields) :])
        rows.consult = next((CONSULT.read(Consult, row) for row in next(sets)), None)
    for offer in rows.offers:
        if rows.visit is not None and offer.visit_id == rows.visit.pk:
            offer.visit = rows.visit
    return rows


_LAST_QUEUE = f"""
SELECT {QUEUE.columns("q")} FROM calls_queuevisit v JOIN queues_queue q ON q.id = v.queue_id
WHERE v.call_id = %s ORDER BY v.enqueued_at DESC, v.id DESC LIMIT 1
"""  # noqa: S608


def last_queue(call_id: UUID) -> Queue | None:
    """The queue in which a call waits, or waited last."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_QUEUE, [call_id])
        found = cursor.fetchone()
    return QUEUE.read(Queue, found) if found else None


def _result_sets(cursor: Any) -> Iterator[list[tuple[Any, ...]]]:
    while True:
        yield cursor.fetchall()
        if not cursor.nextset():
            return


class Writing:
    """Statements gathered to be sent together, in order."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: list[Any] = []

    def add(self, sql: str, values: Iterable[Any]) -> None:
        """One more statement."""
        self._statements.append(sql)
        self._values += values

    def insert(self, made: models.Model, *, unless_there: bool = False) -> None:
        """Store a new row; `unless_there`: not when a constraint says that there is one already."""
        sql, values = _SHAPES[type(made)].insert(made)
        self.add(sql + " ON CONFLICT DO NOTHING" if unless_there else sql, values)

    def update(self, changed: models.Model, names: Iterable[str]) -> None:
        """Store some fields of a row."""
        self.add(*_SHAPES[type(changed)].update(changed, names))

    def transitions(self, steps: Sequence[Transition]) -> None:
        """Store transitions in order."""
        if steps:
            self.add(_TRANSITIONS, [_as_json(steps, _TRANSITION)])

    def commands(self, commands: Sequence[Command]) -> None:
        """Store commands in order."""
        if commands:
            self.add(_COMMANDS, [_as_json(commands, _COMMAND)])

    def announcements(self, doorbells: Sequence[tuple[str, str]]) -> None:
        """Ring the doorbells after commit."""
        if doorbells:
            self.add(*ringing(doorbells))

    def extend(self, others: Writing) -> None:
        """Send those of `others` after ours."""
        self._statements += others._statements
        self._values += others._values

    def send(self) -> None:
        """Send everything in one journey."""
        if self._statements:
            with connection.cursor() as cursor:
                cursor.execute(";\n".join(self._statements), self._values)


def _as_json(made: Sequence[models.Model], names: Iterable[str]) -> str:
    """Rows as one parameter: binding each value of each row on its own costs more than all the rest."""
    return json.dumps([{name: getattr(row, name) for name in names} for row in made], default=str)


def _insert_json(table: str, columns: Mapping[str, str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    return f'INSERT INTO "{table}" ({names}) SELECT {names} FROM jsonb_to_recordset(%s::jsonb) AS r({types})'  # noqa: S608


_TRANSITION = {
    "subject": "text",
    "subject_id": "text",
    "old": "text",
    "new": "text",
    "event": "text",
    "at": "timestamptz",
    "by": "bigint",
    "cause": "jsonb",
    "call_id": "uuid",
}
_COMMAND = {
    "node": "text",
    "call_id": "uuid",
    "kind": "text",
    "fields": "jsonb",
    "stage": "text",
    "issued_at": "timestamptz",
    "expires_at": "timestamptz",
    "reason": "text",
}
_TRANSITIONS = _insert_json(Transition._meta.db_table, _TRANSITION)
_COMMANDS = _insert_json(Command._meta.db_table, _COMMAND)
