"""A file of earlier counts as planning understands it: half-hours, clients, and what cannot be used."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from madoguchi.domain.clients.models import Client
from madoguchi.domain.planning.errors import CountsUnreadable
from madoguchi.domain.planning.models import CountFile
from madoguchi.domain.planning.queries.forecasts import SLOT, day_begins
from madoguchi.domain.planning.queries.opening import day_starts_min
from madoguchi.domain.planning.queries.volumes import brought_cells, own_since
from madoguchi.kit.clock import business_day, business_day_start, from_local, now
from madoguchi.kit.text_files import decoded
from madoguchi.science.staffing.errors import StaffingError
from madoguchi.science.staffing.forecast import sheet
from madoguchi.science.staffing.forecast.errors import NoColumn
from madoguchi.science.staffing.forecast.sheet import Line, Sheet

MOST_BYTES = 20 * 1024 * 1024
MOST_LINES = 300_000
MOST_PROBLEMS = 50
MOST_CALLS = 100_000
"""In an interval: more is a telephone number in the wrong column, or a sum."""
OLDEST = timedelta(days=10 * 366)
_HOUR_MIN, _SLOT_MIN = 60, 30


class Key(NamedTuple):
    """Where a count belongs."""

    at: datetime
    client_id: int | None
    reason: str


class Problem(NamedTuple):
    """A line that cannot be used, and why: a code, and the cell."""

    line: int
    code: str
    value: str


@dataclass(slots=True)
class Examined:
    """What a file would bring."""

    counts: dict[Key, float | None] = field(default_factory=dict)
    """None: nobody counted."""
    minutes: int = _SLOT_MIN
    """Length of the file's intervals; 0: each line is one call."""
    lines: int = 0
    problems: list[Problem] = field(default_factory=list)
    """The first `MOST_PROBLEMS`."""
    unusable: int = 0
    """Lines that cannot be used."""
    days: dict[date, float] = field(default_factory=dict)
    """Calls by day."""
    clients: dict[int | None, float] = field(default_factory=dict)
    reasons: int = 0
    replaced_days: int = 0
    """Days of the same client that an earlier file has: the newer file counts."""
    own_days: int = 0
    """Days for which we have records of our own: those count, not the file."""

    @property
    def calls(self) -> float:
        """All calls of the file."""
        return sum(self.days.values())


def text_of(content: bytes) -> str:
    """The text of a file, UTF-8 or Shift_JIS. Raises CountsUnreadable."""
    if not content.strip():
        raise CountsUnreadable(why="empty")
    if len(content) > MOST_BYTES:
        raise CountsUnreadable(why="too_large")
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise CountsUnreadable(why="workbook")
    text = decoded(content)
    if text is None:
        raise CountsUnreadable(why="no_text")
    return text


def examine(file: CountFile) -> Examined:
    """What the file would bring. Reads only. Raises CountsUnreadable."""
    return read(bytes(file.content), file.client_id)


def read(content: bytes, client_id: int | None) -> Examined:
    """The same of a content at hand; `client_id`: for whom lines count that name no client."""
    text = text_of(content)
    if text.count("\n") > MOST_LINES:
        raise CountsUnreadable(why="too_many_lines")
    try:
        found = sheet.look(text)
    except NoColumn as error:
        raise CountsUnreadable(why=f"no_{error.data['name']}", found=error.data["found"]) from error
    if not found.lines and not found.problems:
        raise CountsUnreadable(why="no_lines")
    examined = Examined(minutes=_minutes(found))
    examined.unusable = len(found.problems)
    examined.problems = [_problem(error) for error in found.problems[:MOST_PROBLEMS]]
    _count(found, examined, client_id)
    _sum_up(examined)
    return examined


def _minutes(found: Sheet) -> int:
    """Of the intervals: an hour, half an hour, or less; 0 for a list of calls."""
    if found.each_is_a_call:
        return 0
    step = 0
    for line in found.lines:
        step = math.gcd(step, line.counted.at.minute)
    if step == 0:
        # Every line begins an hour. A day of one line is no hour either, but its begin says so.
        return _HOUR_MIN
    return math.gcd(step, _HOUR_MIN)


def _count(found: Sheet, examined: Examined, client_id: int | None) -> None:
    clients = {_plain(client.name): client.pk for client in Client.objects.all()}
    raw: dict[tuple[datetime, int | None, str], bool] = {}
    today, parts = business_day(now()), examined.minutes
    for line in found.lines:
        count = line.counted
        whose = client_id if not count.group.client else clients.get(_plain(count.group.client), -1)
        at = count.at if count.at.tzinfo else from_local(count.at)
        wrong = _wrong(line, whose, parts, today)
        key = (at, whose, count.group.reason)
        if not wrong and parts and key in raw:
            wrong = ("counted_twice", f"{count.at:%Y-%m-%d %H:%M}")
        if wrong:
            examined.unusable += 1
            if len(examined.problems) < MOST_PROBLEMS:
                examined.problems.append(Problem(line.place, *wrong))
            continue
        raw[key] = True
        examined.lines += 1
        _add(examined, Key(_slot(at), whose, count.group.reason[:80]), count.calls)


def _wrong(line: Line, whose: int | None, minutes: int, today: date) -> tuple[str, str] | None:
    """Why a line cannot be used."""
    at, said = line.counted.at, f"{line.counted.at:%Y-%m-%d %H:%M}"
    if whose == -1:
        return "no_client", line.counted.group.client[:40]
    if at.date() >= today:
        return "not_over", said
    if at.date() < today - OLDEST:
        return "too_old", said
    if minutes and (at.second or (minutes < _SLOT_MIN and _SLOT_MIN % minutes)):
        return "not_an_interval", f"{at:%Y-%m-%d %H:%M:%S}"
    if line.counted.calls > MOST_CALLS:
        return "too_many", f"{line.counted.calls:.0f}"
    return None


def _slot(at: datetime) -> datetime:
    midnight = business_day_start(business_day(at))
    return midnight + (at - midnight) // SLOT * SLOT


def _add(examined: Examined, key: Key, calls: float) -> None:
    """An hour's calls are halved; what is shorter than half an hour, or a call, is added up."""
    if math.isnan(calls):
        examined.counts.setdefault(key, None)
        if examined.minutes == _HOUR_MIN:
            examined.counts.setdefault(key._replace(at=key.at + SLOT), None)
        return
    halves = (calls / 2, calls / 2) if examined.minutes == _HOUR_MIN else (calls,)
    for place, part in enumerate(halves):
        where = key._replace(at=key.at + place * SLOT)
        examined.counts[where] = (examined.counts.get(where) or 0.0) + part


def _sum_up(examined: Examined) -> None:
    starts, mine = day_starts_min(), own_since()
    days: Counter[date] = Counter()
    clients: Counter[int | None] = Counter()
    for key, calls in examined.counts.items():
        days[business_day(key.at - timedelta(minutes=starts))] += calls or 0.0  # type: ignore[assignment]
        clients[key.client_id] += calls or 0.0  # type: ignore[assignment]
    examined.days = dict(sorted(days.items()))
    examined.clients = dict(clients)
    examined.reasons = len({key.reason for key in examined.counts if key.reason})
    examined.own_days = sum(mine is not None and day >= mine for day in days)
    if days:
        begin, end = day_begins(min(days), starts), day_begins(max(days) + timedelta(days=1), starts)
        brought = {(_day(cell.at, starts), cell.client_id) for cell in brought_cells(begin, end)}
        examined.replaced_days = len(brought & days_of(examined.counts, starts))


def days_of(keys: Iterable[Key], starts_min: int) -> set[tuple[date, int | None]]:
    """The days, each with the client, that counts are about."""
    return {(_day(key.at, starts_min), key.client_id) for key in keys}


def _day(at: datetime, starts_min: int) -> date:
    return business_day(at - timedelta(minutes=starts_min))


def _problem(error: StaffingError) -> Problem:
    line = error.data.get("line") or str(error.data.get("where", "")).removeprefix("line ")
    return Problem(int(line or 0), error.code.removeprefix("forecast_"), str(error.data.get("value", "")))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()
