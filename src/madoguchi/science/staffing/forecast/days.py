"""What is special about a day: holidays and their neighbours, pay days, month ends, 五十日, events.

Each trait is a column with a value from 0 to 1 that is known in advance. What it does to the calls is learned
(`level`); until it has been seen, it is expected to do what its `times` says, or nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from madoguchi.kit.calendar import OpeningHours, holiday_name
from madoguchi.science.staffing.errors import NotPositive
from madoguchi.science.staffing.forecast.errors import NotAPart, WrongOrder

Floats = NDArray[np.float64]
_ONE = timedelta(days=1)
_FADES = 0.6
"""What is left of a month's beginning, or of a closure, on the next working day."""


def is_public_holiday(day: date) -> bool:
    """国民の祝日, 振替休日 or 国民の休日."""
    return holiday_name(day) is not None


@dataclass(frozen=True, slots=True)
class Event:
    """A campaign, a mailing, a deadline (締切): days on which something of ours makes people call.

    Events of one name share what is learned of them. `before` days ahead the effect builds up evenly, and for
    `after` days it fades. `times` is what the planner expects (1.3: 30 % more calls); None: no idea.
    """

    name: str
    first: date
    last: date | None = None
    times: float | None = None
    before: int = 0
    after: int = 0
    part: tuple[int, int] | None = None
    """From and until which minute of each day; None: the whole day (`part_days` tells the difference)."""

    def __post_init__(self) -> None:
        if self.part is not None and not 0 <= self.part[0] < self.part[1]:
            raise NotAPart(since=self.part[0], until=self.part[1])
        if self.last is not None and self.last < self.first:
            raise WrongOrder(later=self.last, earlier=self.first)
        if self.times is not None and not (math.isfinite(self.times) and self.times > 0):
            raise NotPositive(name="times", value=self.times)

    def share_of(self, day: date) -> float:
        """How much of the effect falls on `day`.

        >>> campaign = Event("mailing", date(2026, 11, 10), date(2026, 11, 11), after=1)
        >>> [campaign.share_of(date(2026, 11, day)) for day in (9, 10, 11, 12, 13)]
        [0.0, 1.0, 1.0, 0.5, 0.0]
        """
        early, late = (self.first - day).days, (day - (self.last or self.first)).days
        if early > 0:
            return max(0.0, 1.0 - early / (self.before + 1))
        return 1.0 if late <= 0 else max(0.0, 1.0 - late / (self.after + 1))


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of past and coming days.

    `hours`: when the centre is open; None: learned from when calls came. `pay_days` (1–31; a longer number is
    the month's last day) and 五十日 that fall on a day off are moved ahead. `outages`: days to learn nothing
    from. `hours_since`: the first day on which `hours` held; None: for as long as the calls let it be.
    """

    hours: OpeningHours | None = None
    hours_since: date | None = None
    is_holiday: Callable[[date], bool] = is_public_holiday
    pay_days: tuple[int, ...] = (25,)
    fives_and_tens: bool = True
    events: tuple[Event, ...] = ()
    outages: frozenset[date] = field(default_factory=frozenset)

    def works(self, day: date) -> bool:
        """Whether banks and offices work: no weekend, no holiday, not from 31 December to 3 January."""
        turn = (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
        return day.weekday() < 5 and not turn and not self.is_holiday(day)

    def moved_ahead(self, year: int, month: int, number: int) -> date:
        """Day `number` of a month, or the working day before it.

        >>> Calendar().moved_ahead(2026, 10, 25), Calendar().moved_ahead(2026, 2, 31)
        (datetime.date(2026, 10, 23), datetime.date(2026, 2, 27))
        """
        last = (date(year + month // 12, month % 12 + 1, 1) - _ONE).day
        day = date(year, month, min(number, last))
        while not self.works(day):
            day -= _ONE
        return day


@dataclass(frozen=True, slots=True)
class Traits:
    """Columns of `traits`: their names, values a day, what is expected of each (log), and how surely."""

    names: list[str]
    values: Floats
    expected: Floats
    spread: Floats
    """Standard deviation of the effect before anything was seen; on the scale of logarithms."""


def traits(calendar: Calendar, days: list[date]) -> Traits:
    """What is special about each of `days`, apart from its weekday and from what fills part of it."""
    found = _Month(calendar)
    rows = [found.of(day) for day in days]
    names = list(rows[0]) if rows else []
    values = np.array([list(row.values()) for row in rows], dtype=np.float64).reshape(len(days), len(names))
    whole = [event for event in calendar.events if event.part is None]
    called = list(dict.fromkeys(event.name for event in whole))
    events, expected, spread = (
        np.zeros((len(days), len(called))),
        np.zeros(len(called)),
        np.zeros(len(called)),
    )
    for place, name in enumerate(called):
        same = [event for event in whole if event.name == name]
        events[:, place] = [max(event.share_of(day) for event in same) for day in days]
        typed = [math.log(event.times) for event in same if event.times is not None]
        expected[place] = typed[-1] if typed else 0.0
        spread[place] = SPREAD_EVENT_TYPED if typed else SPREAD_EVENT
    usual = np.array([_SPREAD.get(name, 0.1) for name in names])
    return Traits(
        [*names, *called],
        np.hstack([values, events]),
        np.concatenate([np.zeros(len(names)), expected]),
        np.concatenate([usual, spread]),
    )


_SPREAD = {"holiday": 0.5, "after a closure": 0.2, "turn of the year": 0.4, "obon": 0.25, "month start": 0.15}
SPREAD_EVENT, SPREAD_EVENT_TYPED = 0.4, 0.2
"""Of what an event does, without and with a factor that was typed in."""


class _Month:
    """The traits that the calendar itself gives; remembers what it worked out for a month."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._months: dict[tuple[int, int], dict[str, list[date]]] = {}

    def of(self, day: date) -> dict[str, float]:
        works = self.calendar.works(day)
        month = self._month(day.year, day.month)
        working = month["working"]
        place = working.index(day) if works else -1
        return {
            "holiday": float(self.calendar.is_holiday(day)),
            "after a closure": self._after_a_closure(day) if works else 0.0,
            "before a closure": float(works and self._extra(day + _ONE)),
            "month start": _FADES**place if works else 0.0,
            "month end": _FADES ** (len(working) - 1 - place) if works else 0.0,
            "pay day": float(day in month["pay"]),
            "after pay day": float(works and self._working_before(day) in self._pay_around(day)),
            "fives and tens": float(day in month["five"]),
            "turn of the year": float((day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)),
            "obon": float(day.month == 8 and 13 <= day.day <= 16),
        }

    def _after_a_closure(self, day: date) -> float:
        """1 on the first working day after a holiday on a weekday, less on the days that follow."""
        share = 1.0
        for _ in range(3):
            day -= _ONE
            closed = False
            while not self.calendar.works(day):
                closed = closed or self._extra(day)
                day -= _ONE
            if closed:
                return share
            share *= _FADES
        return 0.0

    def _extra(self, day: date) -> bool:
        """Whether a weekday is off: weekends are in the pattern of the week already."""
        return day.weekday() < 5 and not self.calendar.works(day)

    def _working_before(self, day: date) -> date:
        day -= _ONE
        while not self.calendar.works(day):
            day -= _ONE
        return day

    def _pay_around(self, day: date) -> list[date]:
        before = day.replace(day=1) - _ONE
        return self._month(day.year, day.month)["pay"] + self._month(before.year, before.month)["pay"]

    def _month(self, year: int, month: int) -> dict[str, list[date]]:
        if (year, month) not in self._months:
            calendar, first = self.calendar, date(year, month, 1)
            days = [first + timedelta(days=count) for count in range(31)]
            fives = (5, 10, 15, 20, 25, 31) if calendar.fives_and_tens else ()
            self._months[year, month] = {
                "working": [day for day in days if day.month == month and calendar.works(day)],
                "pay": [calendar.moved_ahead(year, month, number) for number in calendar.pay_days],
                "five": [calendar.moved_ahead(year, month, number) for number in fives],
            }
        return self._months[year, month]
