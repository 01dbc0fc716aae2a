"""Counts of calls by day and interval, as they were recorded: Tokyo's wall clock, NaN where nobody counted.

A day with any count at all is taken as counted: an interval that is not mentioned had no call. A day that is
not mentioned is unknown, and so is an interval whose count is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from madoguchi.kit.clock import local
from madoguchi.science.staffing.errors import TooLarge
from madoguchi.science.staffing.forecast.errors import CountedTwice, NotACount, NotAnInterval, TooFewDays

Floats = NDArray[np.float64]
DAY_MIN = 24 * 60
LEARNED_DAYS = 1_100
"""Three years: what is older than that is another centre."""
MOST_DAYS = 3_700
"""Ten years: older counts say nothing of next week, and a mistyped year would fill the memory."""


class Group(NamedTuple):
    """What a series counts: calls about a reason for a client; empty: all of them."""

    reason: str = ""
    client: str = ""


class Count(NamedTuple):
    """So many calls in the interval that begins at `at` (aware, or the wall clock of Tokyo); NaN: unknown."""

    at: datetime
    calls: float
    group: Group = Group()


@dataclass(frozen=True, slots=True)
class History:
    """Calls of one series: a row a day from `first` on, a column an interval from 0:00 on."""

    first: date
    calls: Floats

    def __post_init__(self) -> None:
        if self.calls.ndim != 2 or self.calls.shape[1] == 0 or DAY_MIN % self.calls.shape[1]:
            raise NotAnInterval(where=str(self.calls.shape), minutes=30)
        wrong = np.isinf(self.calls) | (self.calls < 0)
        if wrong.any():
            day, slot = np.argwhere(wrong)[0]
            where = f"{self.first + timedelta(days=int(day))} {_time(int(slot) * self.minutes)}"
            raise NotACount(value=f"{self.calls[day, slot]:g}", where=where)

    @property
    def minutes(self) -> int:
        """Length of an interval."""
        return DAY_MIN // int(self.calls.shape[1])

    @property
    def days(self) -> list[date]:
        """The day of each row."""
        return [self.first + timedelta(days=row) for row in range(len(self.calls))]

    @property
    def last(self) -> date:
        """The day of the last row."""
        return self.first + timedelta(days=len(self.calls) - 1)

    def until(self, day: date) -> History:
        """What was known before `day` began."""
        return History(self.first, self.calls[: max(0, (day - self.first).days)])


def histories(counts: Iterable[Count], *, minutes: int = 30) -> dict[Group, History]:
    """Counts in any order, sorted into one history a group, all over the same days.

    Raises NotACount, NotAnInterval, CountedTwice, TooLarge (over ten years) and TooFewDays (none at all).

    >>> found = histories([Count(datetime(2026, 11, 2, 9, 30), 7), Count(datetime(2026, 11, 4, 9, 0), 5)])
    >>> found[Group()].calls[:, 18:20].tolist()
    [[0.0, 7.0], [nan, nan], [5.0, 0.0]]
    """
    if minutes <= 0 or DAY_MIN % minutes:
        raise NotAnInterval(where="0:00", minutes=minutes)
    placed: dict[Group, dict[tuple[date, int], float]] = {}
    for count in counts:
        day, slot = _place(count, minutes)
        cells = placed.setdefault(count.group, {})
        if (day, slot) in cells:
            raise CountedTwice(where=f"{day} {_time(slot * minutes)}")
        cells[day, slot] = float(count.calls)
    counted = {day for cells in placed.values() for day, _ in cells}
    if not counted:
        raise TooFewDays(least=LEAST_DAYS, days=0)
    first, length = min(counted), (max(counted) - min(counted)).days + 1
    if length > MOST_DAYS:
        raise TooLarge(name="days", most=MOST_DAYS, value=length)
    empty = np.full((length, DAY_MIN // minutes), np.nan)
    empty[[(day - first).days for day in counted]] = 0.0
    return {group: History(first, _filled(empty, cells, first)) for group, cells in placed.items()}


LEAST_DAYS = 10
"""Recorded days with calls: two weeks of five days, out of at least three weeks for most centres."""


def total(parts: Mapping[Group, History]) -> History:
    """All groups together; unknown where any of them is."""
    some = next(iter(parts.values()))
    return History(some.first, np.sum([part.calls for part in parts.values()], axis=0))


def _place(count: Count, minutes: int) -> tuple[date, int]:
    wall = local(count.at) if count.at.tzinfo else count.at
    minute = wall.hour * 60 + wall.minute
    if minute % minutes or wall.second or wall.microsecond:
        raise NotAnInterval(where=f"{wall:%Y-%m-%d %H:%M:%S}", minutes=minutes)
    if math.isinf(count.calls) or count.calls < 0:
        raise NotACount(value=f"{count.calls:g}", where=f"{wall:%Y-%m-%d %H:%M}")
    return wall.date(), minute // minutes


def _filled(empty: Floats, cells: dict[tuple[date, int], float], first: date) -> Floats:
    calls = empty.copy()
    for (day, slot), count in cells.items():
        calls[(day - first).days, slot] = count
    return calls


def _time(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
