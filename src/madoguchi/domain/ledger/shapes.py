"""Rows of a table as objects, and objects as rows, by prepared statements and without the ORM."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import connection, models

from madoguchi.domain.ledger.prepared import Statement, statement

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

    def insert(self, made: models.Model, then: str = "") -> tuple[Statement, list[Any]]:
        """The statement that stores a new object whose key we chose, or leave to the database.

        `then` is what follows it: `ON CONFLICT DO NOTHING`, `RETURNING id`.
        """
        fields = [field for field in self.fields if not (field.primary_key and made.pk is None)]
        columns = ", ".join(f'"{field.column}"' for field in fields)
        marks = ", ".join(f"${number}" for number, _ in enumerate(fields, start=1))
        sql = f'INSERT INTO "{self.table}" ({columns}) VALUES ({marks})'  # noqa: S608
        return statement(f"{sql} {then}"), [_stored(field, made) for field in fields]

    def update(self, changed: models.Model, names: Iterable[str]) -> tuple[Statement, list[Any]]:
        """The statement that stores the named fields of an object."""
        wanted = {*names}
        fields = [field for field in self.fields if field.name in wanted or field.attname in wanted]
        sets = ", ".join(f'"{field.column}" = ${number}' for number, field in enumerate(fields, start=2))
        values = [_stored(field, changed) for field in fields]
        return statement(f'UPDATE "{self.table}" SET {sets} WHERE "id" = $1'), [changed.pk, *values]  # noqa: S608


def _stored(field: models.Field[Any, Any], row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)
