"""Rows of one person as one row: the first wins, later ones fill its gaps and add their numbers.

Who is who can only be said when the whole file was read: so the rows wait in a scratch file, not in memory.
They come out in the file's order, always the same for the same file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from madoguchi.domain.customers.import_file import Row
from madoguchi.domain.customers.import_plan import PLAIN_FIELDS, called
from madoguchi.kit.phone_numbers import Kind, PhoneNumber

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -4000;
CREATE TABLE person (place INTEGER PRIMARY KEY, told TEXT NOT NULL);
CREATE TABLE identity (mark TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
"""


class Joined:
    """The people of one file."""

    def __init__(self, scratch: sqlite3.Connection, rows: Iterable[Row]) -> None:
        self._scratch = scratch
        self.people = 0
        self.doubled = 0
        """Rows that were joined with an earlier one of the same person."""
        scratch.executescript(_TABLES)
        scratch.execute("BEGIN")
        for row in rows:
            self._take(row)

    def rows(self, behind: int = 0) -> Iterator[Row]:
        """The people from the one after the first `behind` on."""
        for (told,) in self._scratch.execute(
            "SELECT told FROM person WHERE place >= ? ORDER BY place", [behind]
        ):
            yield _row(told)

    def _take(self, row: Row) -> None:
        marks = _identities(row)
        place = self._known(marks)
        first = self._at(place) if place is not None else None
        if first is not None and "" not in (first.external_id, row.external_id):
            first = first if first.external_id == row.external_id else None
        if first is None or place is None:
            place = self.people
            self._scratch.execute("INSERT INTO person VALUES (?, ?)", [place, _told(row)])
            self.people += 1
        else:
            _join(first, row)
            self._scratch.execute("UPDATE person SET told = ? WHERE place = ?", [_told(first), place])
            self.doubled += 1
        # Whoever had the mark first keeps it.
        for mark in marks:
            self._scratch.execute("INSERT OR IGNORE INTO identity VALUES (?, ?)", [mark, place])

    def _known(self, marks: list[str]) -> int | None:
        for mark in marks:
            found = self._scratch.execute("SELECT place FROM identity WHERE mark = ?", [mark]).fetchone()
            if found is not None:
                return int(found[0])
        return None

    def _at(self, place: int) -> Row:
        return _row(self._scratch.execute("SELECT told FROM person WHERE place = ?", [place]).fetchone()[0])


def _identities(row: Row) -> list[str]:
    found = [["id", row.external_id]] if row.external_id else []
    found += [["number", number.e164 or "", called(row)] for number in row.numbers]
    bare = ["all", row.name, row.name_kana, row.company, row.address, row.email]
    return [json.dumps(each) for each in found or [bare]]


def _join(first: Row, later: Row) -> None:
    for name in (*PLAIN_FIELDS, "company", "important"):
        if not getattr(first, name):
            setattr(first, name, getattr(later, name))
    known = {number.e164 for number in first.numbers}
    first.numbers += [number for number in later.numbers if number.e164 not in known]


def _told(row: Row) -> str:
    return json.dumps(asdict(row), default=date.isoformat)


def _row(told: str) -> Row:
    known: dict[str, Any] = json.loads(told)
    born = known.pop("birth_date")
    numbers = [PhoneNumber(**each | {"kind": Kind(each["kind"])}) for each in known.pop("numbers")]
    return Row(birth_date=date.fromisoformat(born) if born else None, numbers=numbers, **known)
