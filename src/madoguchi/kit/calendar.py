"""When a centre is open: several periods a day, past midnight, public holidays and days of its own.

A period belongs to the business day on which it begins and is counted in minutes since that day's 00:00:
22:00–26:00 on a Friday is open until 02:00 on Saturday, whatever Saturday is. Times are those of the
wall in Asia/Tokyo, which has no summer time: a day always has 1440 minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import jpholiday

from madoguchi.kit.clock import TOKYO, local

DAY_MIN = 24 * 60
LATEST_MIN = 2 * DAY_MIN
"""A period ends at 48:00 of its business day at the latest."""

HORIZON_DAYS = 400
"""How far ahead a change is looked for: over a year, so that a yearly opening is found."""


class Reason(StrEnum):
    """Why it is open or closed at a moment."""

    USUAL_HOURS = "usual_hours"
    SPECIAL_HOURS = "special_hours"  # a company day with hours of its own
    ALWAYS_OPEN = "always_open"
    BEFORE_OPENING = "before_opening"  # today's first period is still to come
    BREAK = "break"  # between two periods of today
    AFTER_CLOSING = "after_closing"
    DAY_OFF = "day_off"  # a weekday without hours
    HOLIDAY = "holiday"
    COMPANY_DAY = "company_day"


class Period(NamedTuple):
    """An open stretch in minutes since 00:00 of its business day; the end is not included."""

    opens_min: int
    closes_min: int


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day of the company's own: open in `periods` only, so closed when there are none."""

    name: str
    periods: tuple[Period, ...] = ()


class Day(NamedTuple):
    """What one business day looks like."""

    periods: tuple[Period, ...]
    reason: Reason
    """Why these periods: USUAL_HOURS, SPECIAL_HOURS, DAY_OFF, HOLIDAY or COMPANY_DAY."""
    name: str
    """Name of the holiday or the company's day; empty otherwise."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open at a moment, why, and until when that stays so."""

    is_open: bool
    reason: Reason
    until: datetime | None
    """The next change, local time; None when nothing changes within HORIZON_DAYS."""
    name: str = ""
    """Name of the holiday or the company's day that decides."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours of a number. A special day stands above a holiday, a holiday above the weekday."""

    weekly: tuple[tuple[Period, ...], ...] = ((),) * 7
    """Periods of Monday to Sunday."""
    special_days: tuple[tuple[date, SpecialDay], ...] = ()
    closed_on_holidays: bool = True
    always_open: bool = False
    _by_date: dict[date, SpecialDay] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_date", dict(self.special_days))
        if len(self.weekly) != 7:
            raise ValueError(f"seven weekdays are needed, Monday to Sunday, not {len(self.weekly)}")
        for periods in (*self.weekly, *(day.periods for day in self._by_date.values())):
            check_periods(periods)

    def day(self, day: date) -> Day:
        """What the business day `day` looks like."""
        special = self._by_date.get(day)
        if special:
            reason = Reason.SPECIAL_HOURS if special.periods else Reason.COMPANY_DAY
            return Day(special.periods, reason, special.name)
        name = holiday_name(day) if self.closed_on_holidays else None
        if name:
            return Day((), Reason.HOLIDAY, name)
        periods = self.weekly[day.weekday()]
        return Day(periods, Reason.USUAL_HOURS if periods else Reason.DAY_OFF, "")


def opening_at(hours: OpeningHours, at: datetime) -> Opening:
    """Whether it is open at `at` (aware, any zone), why, and until when."""
    if hours.always_open:
        return Opening(True, Reason.ALWAYS_OPEN, None)
    now_min, today = _wall(at)
    for start, end, day in _stretches(hours, today):
        if now_min < start:
            return _closed(hours, today, now_min, _instant(today, start))
        if now_min < end:
            until = _instant(today, end) if end < HORIZON_DAYS * DAY_MIN else None
            return Opening(True, day.reason, until, day.name)
    return _closed(hours, today, now_min, None)


def next_opening(hours: OpeningHours, at: datetime) -> datetime | None:
    """The first moment from `at` on at which it is open, local time: `at` itself when it is open then.

    None when it does not open within HORIZON_DAYS.
    """
    opening = opening_at(hours, at)
    return local(at) if opening.is_open else opening.until


def check_periods(periods: tuple[Period, ...]) -> None:
    """Raise ValueError unless each period is a stretch within 48:00, and none meets another of its day."""
    for period in periods:
        if not 0 <= period[0] < period[1] <= LATEST_MIN:
            raise ValueError(f"{_stretch(period)} is no stretch of time between 0:00 and 48:00")
    for earlier, later in zip(sorted(periods), sorted(periods)[1:], strict=False):
        if later[0] < earlier[1]:
            raise ValueError(f"{_stretch(earlier)} and {_stretch(later)} overlap")


@lru_cache(maxsize=4096)
def holiday_name(day: date) -> str | None:
    """Name of the public holiday (国民の祝日, 振替休日, 国民の休日) on `day`, or None."""
    return jpholiday.is_holiday_name(day)


def _wall(at: datetime) -> tuple[float, date]:
    """Minutes since local midnight (with the fraction of seconds) and the local date."""
    wall = local(at, TOKYO)
    return wall.hour * 60 + wall.minute + (wall.second + wall.microsecond / 1e6) / 60, wall.date()


def _instant(today: date, minute: int) -> datetime:
    midnight = datetime(today.year, today.month, today.day, tzinfo=TOKYO)
    return midnight + timedelta(minutes=minute)


def _stretches(hours: OpeningHours, today: date) -> Iterator[tuple[int, int, Day]]:
    """Open stretches from yesterday's on, in minutes since today's 00:00, joined where they touch or overlap.

    The day given with each is the one in whose periods the stretch begins.
    """
    current: tuple[int, int, Day] | None = None
    for start, end, day in _in_order(hours, today):
        if current is None:
            current = (start, end, day)
        elif start <= current[1]:
            current = (current[0], max(current[1], end), current[2])
        else:
            yield current
            current = (start, end, day)
    if current is not None:
        yield current


def _in_order(hours: OpeningHours, today: date) -> Iterator[tuple[int, int, Day]]:
    """Each period of each day by its start; yesterday's 30:00 comes after today's 5:00."""
    waiting: list[tuple[int, int, Day]] = []
    for offset in range(-1, HORIZON_DAYS):
        day = hours.day(today + timedelta(days=offset))
        waiting += [
            (offset * DAY_MIN + opens, offset * DAY_MIN + closes, day) for opens, closes in day.periods
        ]
        # Nothing of a later day begins before that day does.
        settled = sorted(stretch for stretch in waiting if stretch[0] < (offset + 1) * DAY_MIN)
        waiting = [stretch for stretch in waiting if stretch[0] >= (offset + 1) * DAY_MIN]
        yield from settled
    yield from sorted(waiting)


def _closed(hours: OpeningHours, today: date, now_min: float, until: datetime | None) -> Opening:
    day = hours.day(today)
    if not day.periods:
        return Opening(False, day.reason, until, day.name)
    if now_min < min(day.periods)[0]:
        return Opening(False, Reason.BEFORE_OPENING, until)
    if now_min < max(day.periods)[0]:
        return Opening(False, Reason.BREAK, until)
    return Opening(False, Reason.AFTER_CLOSING, until)


def _stretch(period: tuple[int, int]) -> str:
    return "–".join(f"{minute // 60}:{minute % 60:02}" for minute in period)
