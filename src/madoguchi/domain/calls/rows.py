"""The rows of one call, read in one go and written in one go.

A busy floor does three hundred actions a second, and what an action costs is not the database's work but
the way to it: compiling and planning each statement anew, and going to and fro. So the statements that every
action needs are put together and prepared once, several to a journey (`ledger.prepared`). Each statement of a
journey sees what was committed when it begins, so those that follow the lock see what the one that waited
for it must see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from madoguchi.domain.calls.models import Call, Consult, Leg, Offer, QueueVisit, Recording, WrapUp
from madoguchi.domain.ledger.actions import ringing
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.ledger.prepared import Statement, answers, execute, statement
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

    def insert(self, made: models.Model, *, unless_there: bool) -> tuple[Statement, list[Any]]:
        """The statement that stores a new object whose key we chose, or leave to the database."""
        fields = [field for field in self.fields if not (field.primary_key and made.pk is None)]
        columns = ", ".join(f'"{field.column}"' for field in fields)
        marks = ", ".join(f"${number}" for number, _ in enumerate(fields, start=1))
        sql = f'INSERT INTO "{self.table}" ({columns}) VALUES ({marks})'  # noqa: S608
        if unless_there:
            sql += " ON CONFLICT DO NOTHING"
        return statement(sql), [_stored(field, made) for field in fields]

    def update(self, changed: models.Model, names: Iterable[str]) -> tuple[Statement, list[Any]]:
        """The statement that stores the named fields of an object."""
        wanted = {*names}
        fields = [field for field in self.fields if field.name in wanted or field.attname in wanted]
        sets = ", ".join(f'"{field.column}" = ${number}' for number, field in enumerate(fields, start=2))
        values = [_stored(field, changed) for field in fields]
        return statement(f'UPDATE "{self.table}" SET {sets} WHERE "id" = $1'), [changed.pk, *values]  # noqa: S608


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

_LOAD = tuple(
    Statement(f"SELECT {columns} FROM {rest}")  # noqa: S608 - names of our own tables and columns
    for columns, rest in (
        (CALL.columns("c"), "calls_call c WHERE c.id = $1 FOR UPDATE"),
        (LEG.columns("l"), "calls_leg l WHERE l.call_id = $1 AND l.gone_at IS NULL"),
        (OFFER.columns("o"), "calls_offer o WHERE o.call_id = $1 AND o.stage = 'open'"),
        (
            f"{VISIT.columns('v')}, {QUEUE.columns('q')}",
            "calls_queuevisit v JOIN queues_queue q ON q.id = v.queue_id"
            " WHERE v.call_id = $1 AND v.left_at IS NULL",
        ),
        (CONSULT.columns("s"), "calls_consult s WHERE s.call_id = $1 AND s.stage IN ('ringing', 'talking')"),
    )
)


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
        execute(cursor, *((one, [call_id]) for one in _LOAD))
        sets = answers(cursor)
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


_LAST_QUEUE = Statement(
    f"SELECT {QUEUE.columns('q')} FROM calls_queuevisit v JOIN queues_queue q ON q.id = v.queue_id"  # noqa: S608
    " WHERE v.call_id = $1 ORDER BY v.enqueued_at DESC, v.id DESC LIMIT 1"
)


def last_queue(call_id: UUID) -> Queue | None:
    """The queue in which a call waits, or waited last."""
    with connection.cursor() as cursor:
        execute(cursor, (_LAST_QUEUE, [call_id]))
        found = cursor.fetchone()
    return QUEUE.read(Queue, found) if found else None


class Writing:
    """Statements gathered to be sent together, in order."""

    def __init__(self) -> None:
        self._steps: list[tuple[Statement | str, Sequence[Any]]] = []

    def add(self, told: Statement | str, values: Sequence[Any]) -> None:
        """One more statement."""
        self._steps.append((told, values))

    def insert(self, made: models.Model, *, unless_there: bool = False) -> None:
        """Store a new row; `unless_there`: not when a constraint says that there is one already."""
        self.add(*_SHAPES[type(made)].insert(made, unless_there=unless_there))

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
        self._steps += others._steps

    def send(self) -> None:
        """Send everything in one journey."""
        if self._steps:
            with connection.cursor() as cursor:
                execute(cursor, *self._steps)


def _as_json(made: Sequence[models.Model], names: Iterable[str]) -> str:
    """Rows as one parameter: binding each value of each row on its own costs more than all the rest."""
    return json.dumps([{name: getattr(row, name) for name in names} for row in made], default=str)


def _insert_json(table: str, columns: Mapping[str, str]) -> Statement:
    names = ", ".join(f'"{name}"' for name in columns)
    types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    rows = f"jsonb_to_recordset($1::jsonb) AS r({types})"
    return Statement(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM {rows}')  # noqa: S608


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
