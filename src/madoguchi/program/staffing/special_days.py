"""What a planner types about days: days, events, opening hours."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any, NamedTuple

from madoguchi.kit.calendar import OpeningHours, Period, SpecialDay, holiday_name
from madoguchi.kit.times_of_day import parse_periods
from madoguchi.program.staffing.quantities import Quantity, Unreadable, day_of
from madoguchi.program.staffing.words import _

_EVENT = re.compile(
    r"(.+?)=(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?(?:@([\d:時分半]+[-~〜][\d:時分半]+))?(?:[*x×](\d+(?:\.\d+)?))?"
)
_DEADLINE_DAYS = 5
"""So many days ahead people begin to call because of a deadline."""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_JAPANESE = "月火水木金土日"
_EVERY_DAY = ("daily", "毎日")


class Typed(NamedTuple):
    """An event as it was typed."""

    name: str
    first: date
    last: date | None
    times: float | None
    part: tuple[int, int] | None


class Hours(NamedTuple):
    """Weekdays (0 is Monday) and when they are open."""

    weekdays: tuple[int, ...]
    periods: tuple[Period, ...]


def _event(text: str) -> Typed:
    found = _EVENT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise Unreadable(_("“{text}” is no event. Write NAME=2026-12-01..2026-12-03*1.3.").format(text=text))
    name, first, last, part, times = found.groups()
    return Typed(
        name,
        day_of(first),
        day_of(last) if last else None,
        float(times) if times else None,
        _periods(part, text)[0] if part else None,
    )


def _hours(text: str) -> Hours:
    days, _equals, periods = unicodedata.normalize("NFKC", text).strip().lower().partition("=")
    found = _weekdays(days.strip())
    if not found or not periods:
        raise Unreadable(_hours_words(text))
    return Hours(found, _periods(periods, text))


def _periods(text: str, typed: str) -> tuple[Period, ...]:
    try:
        return parse_periods(text)
    except ValueError as error:
        raise Unreadable(_hours_words(typed)) from error


def _hours_words(text: str) -> str:
    return _("“{text}” holds no times. Write for instance mon-fri=9:00-18:00.").format(text=text)


def _weekdays(text: str) -> tuple[int, ...]:
    if text in _EVERY_DAY:
        return tuple(range(7))
    first, _dash, last = text.partition("-")
    since, until = _weekday(first.strip()), _weekday((last or first).strip())
    return tuple(range(since, until + 1)) if since >= 0 else ()


def _weekday(text: str) -> int:
    """0 is Monday; −1: no weekday."""
    if text in _WEEKDAYS:
        return _WEEKDAYS.index(text)
    return _JAPANESE.find(text[0]) if text else -1


EVENT: Any = Quantity("NAME=DAY[..DAY][@9:00-12:00][*TIMES]", _event)
HOURS: Any = Quantity("DAYS=9:00-18:00", _hours)


def calendar_of(given: dict[str, Any]) -> Any:
    """The calendar of what was typed. Raises Unreadable and StaffingError."""
    from madoguchi.science.staffing.forecast.days import Calendar, Event

    closed = frozenset(given["closed"])
    numbers = given["pay_day"] or (25,)
    if any(number != int(number) or not 1 <= number <= 31 for number in numbers):
        raise Unreadable(_("--pay-day is a day of the month, 1 to 31."))
    typed = [Event(one.name, one.first, one.last, one.times, part=one.part) for one in given["event"]]
    deadlines = [Event("deadline", day, before=_DEADLINE_DAYS) for day in given["deadline"]]
    return Calendar(
        hours=_opening(given["hours"], closed, on_holidays=given["open_on_holidays"]),
        is_holiday=lambda day: day in closed or holiday_name(day) is not None,
        pay_days=tuple(int(number) for number in numbers),
        events=(*typed, *deadlines),
        outages=frozenset(given["outage"]),
    )


def _opening(typed: tuple[Hours, ...], closed: frozenset[date], *, on_holidays: bool) -> OpeningHours | None:
    """None: nobody typed hours, so they are learned from when calls came."""
    if not typed:
        return None
    weekly: list[tuple[Period, ...]] = [()] * 7
    for one in typed:
        for weekday in one.weekdays:
            weekly[weekday] = (*weekly[weekday], *one.periods)
    special = tuple((day, SpecialDay("")) for day in sorted(closed))
    try:
        return OpeningHours(tuple(weekly), special, closed_on_holidays=not on_holidays)
    except ValueError as error:
        raise Unreadable(_("The --hours of a day overlap.")) from error
