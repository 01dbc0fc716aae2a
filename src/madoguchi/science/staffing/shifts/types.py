"""Shift types: when one works, when one rests, what that costs, and what limits them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.shifts.errors import WrongShift

Whole = NDArray[np.int64]

DAY = 48
"""Half-hours."""
_NIGHT_BEGINS, _NIGHT_ENDS = 44, 10
NIGHT_PREMIUM = 0.25
"""Least premium between 22:00 and 05:00. Source: 労働基準法 37条4項."""


@dataclass(frozen=True, slots=True)
class ShiftType:
    """A way to work: from `start` to `end` (excluded), in half-hours, without `breaks`.

    `breaks` are (first, end excluded), unpaid. `kind` is what limits speak of. `cost` in any unit, a person;
    the same unit in all shifts.
    """

    name: str
    start: int
    end: int
    breaks: tuple[tuple[int, int], ...] = ()
    cost: float = 0.0
    kind: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise WrongShift(name=self.name, why="it ends before it begins")
        here = self.start
        for first, end in self.breaks:
            if not here <= first < end <= self.end:
                raise WrongShift(name=self.name, why="its breaks overlap or lie outside")
            here = end
        if not (np.isfinite(self.cost) and self.cost >= 0):
            raise WrongShift(name=self.name, why="its cost is no number from 0 up")

    def working(self) -> list[int]:
        """The half-hours at work.

        >>> ShiftType("early", 14, 20, ((16, 17),)).working()
        [14, 15, 17, 18, 19]
        """
        rests = {at for first, end in self.breaks for at in range(first, end)}
        return [at for at in range(self.start, self.end) if at not in rests]


@dataclass(frozen=True, slots=True)
class Limit:
    """At least and at most so many people on shifts of these kinds; no kinds: on any."""

    name: str
    kinds: frozenset[str] = frozenset()
    least: int = 0
    most: int | None = None


def paid_half_hours(working: list[int]) -> float:
    """Half-hours to pay, night work with its premium.

    >>> paid_half_hours([42, 43, 44, 45])
    4.5
    """
    night = sum(1 for at in working if at % DAY >= _NIGHT_BEGINS or at % DAY < _NIGHT_ENDS)
    return len(working) + NIGHT_PREMIUM * night


def least_break_min(working_min: float) -> int:
    """Minutes of break the law asks for within a working day. Source: 労働基準法 34条.

    >>> [least_break_min(hours * 60) for hours in (6, 6.5, 8, 8.5)]
    [0, 45, 45, 60]
    """
    return 0 if working_min <= 360 else 45 if working_min <= 480 else 60


@dataclass(frozen=True, slots=True)
class Pattern:
    """Shifts of `length` half-hours, with one break of `rest` that begins `earliest` to `latest` in."""

    kind: str
    length: int
    rest: int = 0
    earliest: int = 0
    latest: int = 0

    def at(self, start: int) -> list[ShiftType]:
        """One shift type for each place of the break."""
        if not self.rest:
            return [self._shift(start, ())]
        return [
            self._shift(start, ((start + place, start + place + self.rest),))
            for place in range(self.earliest, self.latest + 1)
        ]

    def _shift(self, start: int, breaks: tuple[tuple[int, int], ...]) -> ShiftType:
        plain = ShiftType("", start, start + self.length, breaks)
        working = plain.working()
        if 30 * sum(end - first for first, end in breaks) < least_break_min(30 * len(working)):
            raise WrongShift(name=self.kind, why="its break is shorter than the law asks")
        day, begin, end = start // DAY, start % DAY, (start + self.length) % DAY
        name = f"{self.kind} {day + 1}: {clock(begin)}–{clock(end)}"
        if breaks:
            name += f" / {clock(breaks[0][0] % DAY)}"
        return ShiftType(name, start, start + self.length, breaks, paid_half_hours(working), self.kind)


def clock(half_hour: int) -> str:
    """Half-hour of a day as a time.

    >>> clock(19)
    '09:30'
    """
    return f"{half_hour // 2:02d}:{half_hour % 2 * 30:02d}"


def every_half_hour(patterns: list[Pattern], half_hours: int) -> list[ShiftType]:
    """All shift types of `patterns` that begin in the planned time.

    >>> week = [Pattern("long", 18, 2, 6, 10), Pattern("middle", 13, 2, 4, 6), Pattern("short", 8)]
    >>> len(every_half_hour(week, 336))
    3024
    """
    return [shift for start in range(half_hours) for pattern in patterns for shift in pattern.at(start)]
