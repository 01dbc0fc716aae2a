"""The rows of one call, read in one go and written in one go.

A busy floor does three hundred actions a second, and what an action costs is not the database's work but
the way to it: compiling and planning each statement anew, and going to and fro. So the statements that every
action needs are put together and prepared once, several to a journey (`ledger.prepared`). Each statement of a
journey sees what was committed when it begins, so those that follow the lock see what the one that waited
for it must see.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from madoguchi.domain.calls.models import Call, Consult, Leg, Offer, QueueVisit, Recording, WrapUp
from madoguchi.domain.ledger.actions import ringing
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.ledger.prepared import BEGIN, COMMIT, Statement, answers, begins_here, execute
from madoguchi.domain.ledger.shapes import Shape
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.switchboard.actions import Issuing

CALL, LEG, OFFER, VISIT, CONSULT, QUEUE, WRAP_UP = map(
    Shape, (Call, Leg, Offer, QueueVisit, Consult, Queue, WrapUp)
)
_SHAPES: dict[type[models.Model], Shape] = {
    Call: CALL,
    Leg: LEG,
    Offer: OFFER,
    QueueVisit: VISIT,
    Consult: CONSULT,
    Recording: Shape(Recording),
    WrapUp: WRAP_UP,
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
        self.begun = False
        """Whether the transaction began with our own journey, and may end with one."""


def load(call_id: UUID) -> Rows | None:
    """Lock a call and read what is open in it; None when there is no such call."""
    with connection.cursor() as cursor:
        begun = begins_here()
        steps = [(one, [call_id]) for one in _LOAD]
        execute(cursor, *([BEGIN] if begun else []), *steps)
        sets = itertools.islice(answers(cursor), int(begun), None)
        found = next(sets)
        if not found:
            return None
        rows = Rows(CALL.read(Call, found[0]))
        rows.begun = begun
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


_CALL_OF = {
    name: Statement(f"SELECT {columns} FROM {table} WHERE id = $1")  # noqa: S608
    for name, table, columns in (
        ("leg", "calls_leg", "call_id, gone_at"),
        ("visit", "calls_queuevisit", "call_id"),
        ("wrap_up", "calls_wrapup", "call_id"),
    )
}


def call_of_leg(leg_id: str) -> tuple[UUID, datetime | None] | None:
    """Which call a leg belongs to, and when the leg ended; None when it is in no book."""
    found: tuple[UUID, datetime | None] | None = _one(_CALL_OF["leg"], leg_id)
    return found


def call_of_visit(visit_id: int) -> UUID:
    """Which call stays in a queue. Raises QueueVisit.DoesNotExist."""
    found: tuple[UUID] | None = _one(_CALL_OF["visit"], visit_id)
    if found is None:
        raise QueueVisit.DoesNotExist
    return found[0]


def call_of_wrap_up(wrap_up_id: UUID) -> UUID:
    """Which call is wrapped up. Raises WrapUp.DoesNotExist."""
    found: tuple[UUID] | None = _one(_CALL_OF["wrap_up"], wrap_up_id)
    if found is None:
        raise WrapUp.DoesNotExist
    return found[0]


_WRAP_UP = Statement(f"SELECT {WRAP_UP.columns('w')} FROM calls_wrapup w WHERE w.id = $1 FOR UPDATE")  # noqa: S608
_ANOTHER_WRAP_UP = Statement(
    "SELECT EXISTS (SELECT 1 FROM calls_wrapup WHERE call_id = $1 AND id <> $2 AND ended_at IS NULL)"
)
_WHOSE_NUMBER = Statement(
    "SELECT c.id FROM customers_customer c JOIN customers_customernumber n ON n.customer_id = c.id"
    " WHERE c.client_id = $1 AND n.e164 = $2 LIMIT 2"
)


def wrap_up_under_lock(wrap_up_id: UUID) -> WrapUp:
    """One wrap-up, after its call was locked. Raises WrapUp.DoesNotExist."""
    found = _one(_WRAP_UP, wrap_up_id)
    if found is None:
        raise WrapUp.DoesNotExist
    return WRAP_UP.read(WrapUp, found)


def wraps_up_elsewhere(call_id: UUID, wrap_up_id: UUID) -> bool:
    """Whether somebody else still wraps this call up."""
    return bool((_one(_ANOTHER_WRAP_UP, call_id, wrap_up_id) or (False,))[0])


def only_customer(client_id: int, e164: str) -> int | None:
    """The client's one customer who has this number; None: nobody, or several."""
    with connection.cursor() as cursor:
        execute(cursor, (_WHOSE_NUMBER, [client_id, e164]))
        found = cursor.fetchall()
    return int(found[0][0]) if len(found) == 1 else None


def _one(asked: Statement, *values: Any) -> Any:
    with connection.cursor() as cursor:
        execute(cursor, (asked, values))
        return cursor.fetchone()


class Writing:
    """Statements gathered to be sent together, in order."""

    def __init__(self) -> None:
        self._steps: list[tuple[Statement | str, Sequence[Any]]] = []
        self._issuing: tuple[int, Issuing] | None = None

    def add(self, told: Statement | str, values: Sequence[Any]) -> None:
        """One more statement."""
        self._steps.append((told, values))

    def insert(self, made: models.Model, *, unless_there: bool = False) -> None:
        """Store a new row; `unless_there`: not when a constraint says that there is one already."""
        self.add(*_SHAPES[type(made)].insert(made, "ON CONFLICT DO NOTHING" if unless_there else ""))

    def update(self, changed: models.Model, names: Iterable[str]) -> None:
        """Store some fields of a row."""
        self.add(*_SHAPES[type(changed)].update(changed, names))

    def transitions(self, steps: Sequence[Transition]) -> None:
        """Store transitions in order."""
        if steps:
            self.add(_TRANSITIONS, [_as_json(steps, _TRANSITION)])

    def commands(self, issuing: Issuing) -> None:
        """Store commands in order."""
        self._issuing = (len(self._steps), issuing)
        self.add(*issuing.step)

    def announcements(self, doorbells: Sequence[tuple[str, str]]) -> None:
        """Ring the doorbells after commit."""
        if doorbells:
            self.add(*ringing(doorbells))

    def extend(self, others: Writing) -> None:
        """Send those of `others` after ours."""
        self._steps += others._steps

    def send(self, *, and_commit: bool) -> None:
        """Send everything in one journey. `and_commit`: which ends the transaction, if there is anything."""
        if self._steps:
            with connection.cursor() as cursor:
                execute(cursor, *self._steps, *([COMMIT] if and_commit else []))
                if self._issuing is not None:
                    place, issuing = self._issuing
                    issuing.written(next(itertools.islice(answers(cursor), place, None)))


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
_TRANSITIONS = _insert_json(Transition._meta.db_table, _TRANSITION)
