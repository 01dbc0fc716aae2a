"""The roster's pictures as numbers for SVG: people by half-hour, and shifts on a line of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from madoguchi.domain.planning.queries.adherence import Kept
from madoguchi.domain.roster.cells import clock
from madoguchi.domain.roster.queries import Planned
from madoguchi.domain.roster.sheet import SLOTS, Line, Sheet
from madoguchi.kit.clock import business_day_start

HEIGHT = 24
"""Of a day's strip, in its own units; a half-hour is one unit wide."""
_HOUR = 60


@dataclass(frozen=True, slots=True)
class Strip:
    """A day's half-hours: planned as a filled shape, needed as a line, what is missing as its own shape."""

    planned: str
    needed: str
    missing: str
    words: str
    """What is missing, or that nothing is."""
    is_short: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One person's shift of a day on the line of time, in minutes since midnight."""

    line: Line
    begin_min: int
    end_min: int
    breaks: tuple[tuple[int, int], ...]
    hours: str
    kept: Kept | None
    now_min: int = 2 * 24 * 60
    """This moment, on the same clock: nothing is drawn beyond it."""

    @property
    def length(self) -> int:
        """Minutes from begin to end."""
        return self.end_min - self.begin_min

    @property
    def rests(self) -> list[tuple[int, int]]:
        """Begin and length of each break."""
        return [(begin, end - begin) for begin, end in self.breaks]

    @property
    def late_min(self) -> int:
        """Whole minutes late."""
        return round(self.kept.late_s / 60) if self.kept else 0

    @property
    def early_min(self) -> int:
        """Whole minutes left early."""
        return round(self.kept.early_s / 60) if self.kept else 0

    @property
    def away_min(self) -> int:
        """Whole minutes away without a plan."""
        return round(self.kept.away_s / 60) if self.kept else 0

    def parts(self) -> list[tuple[int, int, str]]:
        """(minute, minutes wide, how well it was kept) of each half-hour that is over."""
        if self.kept is None:
            return []
        midnight = business_day_start(self.line.squares[0].day)
        found = []
        for at, share in self.kept.intervals.items():
            begin = round((at - midnight).total_seconds() / 60)
            found.append((begin, min(30, max(1, self.now_min - begin)), tone(share)))
        return found


def tone(share: float) -> str:
    """How well a half-hour was kept: all, part, none.

    >>> [tone(share) for share in (1.0, 0.5, 0.0)]
    ['all', 'part', 'none']
    """
    return "all" if share >= 0.9 else "part" if share > 0.1 else "none"


def strip_of(planned: Sequence[float], needed: Sequence[float] | None, top: float) -> Strip:
    """A day as shapes; `top` is the number of people at the upper edge, the same for all days of a week."""
    asked = needed or [0.0] * SLOTS
    lacks = [max(0.0, want - there) for want, there in zip(asked, planned, strict=True)]
    worst = max(lacks)
    short = [at for at, lack in enumerate(lacks) if lack >= 1]
    if not needed:
        words = _("no need known")
    elif not any(needed):
        words = _("nobody needed")
    elif not short:
        words = _("covered")
    else:
        words = _("{n} short at {at}").format(n=round(worst), at=clock(30 * lacks.index(worst)))
    over = "".join(
        f"M{at} {_y(there, top)}V{_y(there + lack, top)}H{at + 1}V{_y(there, top)}Z"
        for at, (there, lack) in enumerate(zip(planned, lacks, strict=True))
        if lack > 0
    )
    return Strip(_area(planned, top), _steps(asked, top) if needed else "", over, words, bool(short))


def top_of(sheet: Sheet) -> float:
    """The most people of any half-hour, needed or planned."""
    lines = [*sheet.planned.values(), *sheet.required.values()]
    return max([1.0, *(max(line) for line in lines)])


def bars_of(sheet: Sheet, day: date, kept: Mapping[int, Kept], now_min: int) -> list[Bar]:
    """Everybody who works on a day, by begin."""
    found = []
    for line in sheet.lines:
        square = next(one for one in line.squares if one.day == day)
        if square.shift is None:
            continue
        row = square.shift
        breaks = tuple((int(begin), int(end)) for begin, end in row.breaks)
        hours = f"{clock(row.begin_min)}–{clock(row.end_min)}"
        shown = Line(line.account, line.contract, [square])
        found.append(
            Bar(shown, row.begin_min, row.end_min, breaks, hours, kept.get(line.account.pk), now_min)
        )
    return sorted(found, key=lambda bar: (bar.begin_min, bar.end_min, bar.line.account.name_kana))


def window_of(bars: Sequence[Bar]) -> tuple[int, int]:
    """First and last minute of the line of time: whole pairs of hours round all shifts.

    >>> window_of([])
    (480, 1200)
    """
    if not bars:
        return 8 * _HOUR, 20 * _HOUR
    first = min(bar.begin_min for bar in bars) // (2 * _HOUR) * 2 * _HOUR
    last = -(-max(bar.end_min for bar in bars) // (2 * _HOUR)) * 2 * _HOUR
    return first, last


def hours_said(one: Planned) -> str:
    """A shift's hours as people read them, on the clock of its day: 22:00–31:00."""
    midnight = business_day_start(one.day)
    begin, end = (round((at - midnight).total_seconds() / 60) for at in (one.begin, one.end))
    return f"{clock(begin)}–{clock(end)}"


def _area(values: Sequence[float], top: float) -> str:
    steps = "".join(f"V{_y(value, top)}H{at + 1}" for at, value in enumerate(values))
    return f"M0 {HEIGHT}{steps}V{HEIGHT}Z"


def _steps(values: Sequence[float], top: float) -> str:
    return f"M0 {_y(values[0], top)}" + "".join(
        f"V{_y(value, top)}H{at + 1}" for at, value in enumerate(values)
    )


def _y(value: float, top: float) -> float:
    return round(HEIGHT - (HEIGHT - 1) * value / top, 2)
