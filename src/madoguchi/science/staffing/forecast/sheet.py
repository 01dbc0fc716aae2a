"""Counts out of a CSV, in the shapes in which people have them; titles in English or Japanese.

at, or date and time    when the interval begins: 2026-11-24 09:30, 2026/11/24 9:30, 2026-11-24T09:30+09:00
calls                   how many came; empty: nobody counted; no such column: each line is one call
reason, client          optional: what about, for whom

A table with a date a line and a time a column is read too; so are lines above the titles and totals below.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from madoguchi.kit.clock import local
from madoguchi.science.staffing.forecast.errors import NoColumn, NotACount, NotATime, SheetError
from madoguchi.science.staffing.forecast.history import Count, Group

_NAMES = {
    "at": "at|datetime|start|日時|開始日時|開始|着信日時|受電日時|入電日時|通話開始日時|通話開始|着信時刻"
    "|発着信日時|応答日時|call start|start time|timestamp",
    "date": "date|day|日付|年月日|日|着信日|受電日|入電日|対象日",
    "time": "time|interval|時刻|時間|時間帯|開始時刻|着信時間",
    "calls": "calls|count|volume|offered|呼数|着信数|件数|入電数|受電数|入電件数|着信件数|受電件数|総着信数"
    "|総呼数|呼量|コール数",
    "reason": "reason|用件|コールリーズン|問い合わせ理由|問合せ理由|カテゴリ",
    "client": "client|クライアント|顧客企業|委託元|クライアント名",
}
_DAY = r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})日?\s*(?:\([^)]*\))?"
_WALL = re.compile(
    _DAY + r"(?:[T\s]+|(?<=[日)]))(\d{1,2})(?:[:時](\d{1,2})?分?(?::(\d{2})(?:\.\d+)?)?|(?=\s*$|~|-))"
)
_ZONED = re.compile(r".*\d(?:Z|[+-]\d{2}:?\d{2})")
_TITLE_OF_TIME = re.compile(r"(\d{1,2})(?:[:時](\d{2})?分?)(?::00)?台?(?:\s*[-~〜].*)?")
_TOTALS = ("合計", "総計", "小計", "計", "平均", "total", "sum", "average")
_ABOVE = 10
"""So many lines may stand above the titles."""
_LATEST_HOUR = 48
_TIMES_OF_A_TABLE = 3
"""From so many columns with times as titles on it is a table of days by times."""


class Line(NamedTuple):
    """A count, and where it stands."""

    place: int
    counted: Count


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a CSV holds, and what in it cannot be read."""

    lines: list[Line] = field(default_factory=list)
    problems: list[SheetError] = field(default_factory=list)
    each_is_a_call: bool = False
    """There is no column of counts: it is a list of calls, at any moment."""


def read(text: str) -> list[Count]:
    """The counts of a CSV. Raises NoColumn, NotATime and NotACount, with the line.

    >>> read("日付,時間帯,着信数,用件\\n2026/11/24,9:30,１２,配送\\n2026/11/24,10:00～10:30,,配送\\n")[0]
    Count(at=datetime.datetime(2026, 11, 24, 9, 30), calls=12.0, group=Group(reason='配送', client=''))
    """
    found = look(text)
    if found.problems:
        raise found.problems[0]
    if found.each_is_a_call:
        raise NoColumn(name="calls", found="–")
    return [line.counted for line in found.lines]


def look(text: str) -> Sheet:
    """Everything that can be read of a CSV, and all that cannot, by line. Raises NoColumn.

    >>> found = look("日付,9:00,9:30,10:00\\n2026/11/24(火),3,4,5\\n2026/11/25(水),x,6,7\\n合計,3,10,12\\n")
    >>> [line.counted.calls for line in found.lines], [problem.data for problem in found.problems]
    ([3.0, 4.0, 5.0], [{'value': 'x', 'where': 'line 3'}])
    """
    rows = _rows(text)
    best: list[str] = []
    for _number, titles in islice(rows, _ABOVE):
        shape = _shape(titles)
        best = best or [title for title in titles if title]
        if shape is not None:
            found = _gathered(shape, rows)
            if found.each_is_a_call and _on_the_quarter(found.lines):
                break
            return found
    missing = "calls" if _column(best, f"{_NAMES['at']}|{_NAMES['date']}") is not None else "at"
    raise NoColumn(name=missing, found=", ".join(best[:12]) or "–")


def _on_the_quarter(lines: Sequence[Line]) -> bool:
    """Calls come at any second: a list whose times all begin a quarter of an hour holds counts, somewhere."""
    return len(lines) >= _SOME_LINES and all(
        line.counted.at.minute % 15 == 0 and not line.counted.at.second for line in lines
    )


_SOME_LINES = 5


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where what stands in a line."""

    columns: dict[str, int | None]
    times: dict[int, str]
    """Of a table of days by times: its columns."""


def _shape(titles: Sequence[str]) -> _Shape | None:
    columns = {name: _column(titles, known) for name, known in _NAMES.items()}
    times = {place: title for place, title in enumerate(titles) if _TITLE_OF_TIME.fullmatch(title)}
    if columns["date"] is None and columns["at"] is not None and len(times) >= _TIMES_OF_A_TABLE:
        columns["date"], columns["at"] = columns["at"], None
    if columns["date"] is not None and len(times) >= _TIMES_OF_A_TABLE:
        return _Shape(columns, times)
    if columns["at"] is None and (columns["date"] is None or columns["time"] is None):
        return None
    return _Shape(columns, {})


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    plain = text.removeprefix("\ufeff")
    first = plain.partition("\n")[0]
    source = csv.reader(io.StringIO(plain, newline=""), delimiter="\t" if "\t" in first else ",")
    while True:
        try:
            cells = next(source)
        except StopIteration:
            return
        except csv.Error:
            # A cell of megabytes: an unclosed quotation mark. What follows it cannot be told apart.
            yield source.line_num, ["\ufffd"]
            return
        yield source.line_num, [_plain(cell) for cell in cells]


def _gathered(shape: _Shape, rows: Iterator[tuple[int, list[str]]]) -> Sheet:
    alone = shape.columns["calls"] is None and not shape.times
    found = Sheet(each_is_a_call=alone)
    for number, cells in rows:
        row = {
            name: cells[place] if place is not None and place < len(cells) else ""
            for name, place in shape.columns.items()
        }
        if not any(cells) or cells[0].casefold() in _TOTALS or row["date"].casefold() in _TOTALS:
            continue
        group = Group(row["reason"], row["client"])
        for when, came in _cells(row, cells, shape):
            try:
                calls = 1.0 if alone else _calls(came, number)
                found.lines.append(Line(number, Count(_time(when, number), calls, group)))
            except SheetError as error:
                found.problems.append(error)
                break
    return found


def _cells(row: dict[str, str], cells: list[str], shape: _Shape) -> Iterator[tuple[str, str]]:
    """When, and how many: one a line, or one a column of times."""
    if not shape.times:
        yield row["at"] or f"{row['date']} {row['time']}", row["calls"]
        return
    for place, title in shape.times.items():
        yield f"{row['date']} {title}", cells[place] if place < len(cells) else ""


def _time(text: str, line: int) -> datetime:
    try:
        if _ZONED.fullmatch(text) and text.count(":") > 0:
            return local(datetime.fromisoformat(text))
        # Of “9:30–10:00” the beginning counts.
        found = _WALL.match(text)
        if found is None:
            raise NotATime(value=text[:40], line=line)
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        if hour >= _LATEST_HOUR or minute > 59 or second > 59:
            raise NotATime(value=text[:40], line=line)
        # 25:30 belongs to the day before, as people on the late shift write it.
        wall = datetime(year, month, day)  # noqa: DTZ001 — the wall clock of Tokyo
        return wall + timedelta(hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError) as error:
        raise NotATime(value=text[:40], line=line) from error


def _calls(text: str, line: int) -> float:
    if not text:
        return math.nan
    try:
        value = float(text.replace(",", "").removesuffix("件"))
    except ValueError as error:
        raise NotACount(value=text[:40], where=f"line {line}") from error
    if not math.isfinite(value) or value < 0:
        raise NotACount(value=text[:40], where=f"line {line}")
    return value


def _column(titles: Sequence[str], names: str) -> int | None:
    known = names.split("|")
    return next((place for place, title in enumerate(titles) if title.casefold() in known), None)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
