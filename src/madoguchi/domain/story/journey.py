"""Several readings sent to the database in one journey, and put into SQL only once.

At the ring each journey to the database, and each queryset that Django turns into SQL anew, delays what the
operator sees (measured: fifteen of each were two thirds of the delay). A reading is an ordinary queryset in
which the values of the moment stand as `Given`; what it gives are ordinary objects, `select_related` and
annotations included. `prefetch_related` is not: it would be a journey of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import Expression
from django.db.models.query import ValuesListIterable, get_related_populators

_PLAIN = "SET LOCAL join_collapse_limit = 1"
"""Join tables in the order in which a reading names them, the narrow one first: thinking about the best order
took longer (4–6 ms for ten tables, measured) than everything else. Holds for what is sent with it only."""


class Given(Expression):
    """A value that is named when a journey is made: `Call.objects.filter(pk=Given("call"))`."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=models.Field())
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


class _Reading:
    """One queryset as SQL, and how its rows become what the queryset would give."""

    def __init__(self, rows: models.QuerySet[Any, Any]) -> None:
        self._compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
        self.sql, self._values = self._compiler.as_sql()
        self._are_tuples = rows._iterable_class is ValuesListIterable
        if not self._are_tuples:
            # What Django's own ModelIterable works out for each query.
            self._model = self._compiler.klass_info["model"]
            fields = self._compiler.klass_info["select_fields"]
            self._own = slice(fields[0], fields[-1] + 1)
            self._names = [column[0].target.attname for column in self._compiler.select[self._own]]
            info, columns = self._compiler.klass_info, self._compiler.select
            # The stubs describe the next Django, where it takes one more.
            self._related = get_related_populators(info, columns, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]

    def values(self, given: dict[str, Any]) -> list[Any]:
        return [given[value.name] if isinstance(value, Given) else value for value in self._values]

    def objects(self, rows: Sequence[Any]) -> list[Any]:
        converted = self._compiler.results_iter([rows], tuple_expected=self._are_tuples)
        return list(converted) if self._are_tuples else [self._object(row) for row in converted]

    def _object(self, row: Sequence[Any]) -> Any:
        made = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._own])
        for related in self._related:
            related.populate(row, made)
        for name, place in (self._compiler.annotation_col_map or {}).items():
            setattr(made, name, row[place])
        return made


class Journey:
    """Readings that travel together. Made once, at import; put into SQL when it is first made."""

    def __init__(self, *rows: Callable[[], models.QuerySet[Any, Any]]) -> None:
        self._rows = rows

    @cached_property
    def _readings(self) -> list[_Reading]:
        return [_Reading(rows()) for rows in self._rows]

    @cached_property
    def _sql(self) -> str:
        return ";\n".join([_PLAIN, *(reading.sql for reading in self._readings)])

    def make(self, **given: Any) -> Iterator[list[Any]]:
        """What each reading gives, in order. Values are None, or as psycopg takes them."""
        values = [value for reading in self._readings for value in reading.values(given)]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, values)
            found = []
            while cursor.nextset():
                found.append(cursor.fetchall())
        return (reading.objects(rows) for reading, rows in zip(self._readings, found, strict=True))
