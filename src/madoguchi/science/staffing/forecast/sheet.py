"""Counts out of a CSV: a line an interval, the first line names the columns, English or Japanese.

at, or date and time    when the interval begins: 2026-11-24 09:30, 2026/11/24 9:30, 2026-11-24T09:30+09:00
calls                   how many came; empty: nobody counted
reason, client          optional: what about, for whom
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime

from madoguchi.kit.clock import local
from madoguchi.science.staffing.forecast.errors import NoColumn, NotACount, NotATime
from madoguchi.science.staffing.forecast.history import Count, Group

_NAMES = {
    "at": ("at", "datetime", "start", "日時", "開始日時", "開始"),
    "date": ("date", "day", "日付", "年月日", "日"),
    "time": ("time", "interval", "時刻", "時間", "時間帯"),
    "calls": ("calls", "count", "volume", "offered", "呼数", "着信数", "件数", "入電数"),
    "reason": ("reason", "用件", "コールリーズン", "問い合わせ理由"),
    "client": ("client", "クライアント", "顧客企業", "委託元"),
}
_WALL = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})日?[T\s]*(\d{1,2})[:時](\d{2})?分?(?::(\d{2})(?:\.0+)?)?")
_ZONED = re.compile(r".*\d(?:Z|[+-]\d{2}:?\d{2})")


def read(text: str) -> list[Count]:
    """The counts of a CSV. Raises NoColumn, NotATime and NotACount, with the line.

    >>> read("日付,時間帯,着信数,用件\\n2026/11/24,9:30,１２,配送\\n2026/11/24,10:00～10:30,,配送\\n")[0]
    Count(at=datetime.datetime(2026, 11, 24, 9, 30), calls=12.0, group=Group(reason='配送', client=''))
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    titles = [_plain(title).casefold() for title in next(reader, [])]
    columns = {name: _column(titles, known) for name, known in _NAMES.items()}
    found = ", ".join(title for title in titles if title) or "–"
    if columns["calls"] is None:
        raise NoColumn(name="calls", found=found)
    if columns["at"] is None and (columns["date"] is None or columns["time"] is None):
        raise NoColumn(name="at", found=found)
    return list(_counts(reader, columns))


def _counts(reader: Iterator[list[str]], columns: dict[str, int | None]) -> Iterator[Count]:
    for number, cells in enumerate(reader, 2):
        row = {
            name: _plain(cells[place]) if place is not None and place < len(cells) else ""
            for name, place in columns.items()
        }
        if any(row.values()):
            when = row["at"] or f"{row['date']} {row['time']}"
            yield Count(
                _time(when, number), _calls(row["calls"], number), Group(row["reason"], row["client"])
            )


def _time(text: str, line: int) -> datetime:
    try:
        if _ZONED.fullmatch(text) and text.count(":") > 0:
            return local(datetime.fromisoformat(text))
        # Of “9:30–10:00” the beginning counts.
        found = _WALL.match(text)
        if found is None:
            raise NotATime(value=text, line=line)
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 — the wall clock of Tokyo
    except ValueError as error:
        raise NotATime(value=text, line=line) from error


def _calls(text: str, line: int) -> float:
    if not text:
        return math.nan
    try:
        value = float(text.replace(",", ""))
    except ValueError as error:
        raise NotACount(value=text, where=f"line {line}") from error
    if not math.isfinite(value) or value < 0:
        raise NotACount(value=text, where=f"line {line}")
    return value


def _column(titles: list[str], names: tuple[str, ...]) -> int | None:
    return next((place for place, title in enumerate(titles) if title in names), None)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
