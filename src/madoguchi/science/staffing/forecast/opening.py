"""Which intervals of a day are open: from the hours when they are given, else from where calls never came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from madoguchi.kit.calendar import DAY_MIN, OpeningHours
from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.history import History

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_SURE = 4.6
"""So many calls expected and none seen happens by chance once in a hundred times."""
_RECENT = 12
_MONDAY = date(2026, 11, 2)


@dataclass(frozen=True, slots=True)
class Opening:
    """When calls are taken."""

    calendar: Calendar
    weekly: Bools
    """Weekday by interval."""
    holidays: bool
    """Whether holidays are like other days; only where no hours are given."""

    def usual(self, days: list[date]) -> Bools:
        """The intervals of each day's weekday; every interval that is ever open, for a day usually closed."""
        rows = self.weekly[[day.weekday() for day in days]].reshape(len(days), self.weekly.shape[1])
        return np.array(np.where(rows.any(axis=1, keepdims=True), rows, self.weekly.any(axis=0)))

    def of(self, day: date) -> Bools:
        """The intervals of `day`; one that is open in part counts as open."""
        if self.calendar.hours is not None:
            return _given(self.calendar.hours, day, self.weekly.shape[1])
        if not self.holidays and self.calendar.is_holiday(day):
            return np.zeros(self.weekly.shape[1], dtype=np.bool_)
        return np.array(self.weekly[day.weekday()])


def learn(history: History, calendar: Calendar) -> Opening:
    """Find the weekdays, intervals and holidays on which nobody is there."""
    if calendar.hours is not None:
        plain = replace(calendar.hours, special_days=(), closed_on_holidays=False)
        week = [
            _given(plain, _MONDAY + timedelta(days=number), history.calls.shape[1]) for number in range(7)
        ]
        return Opening(calendar, np.array(week), holidays=True)
    days = history.days
    calls = history.calls
    counted = np.isfinite(calls).any(axis=1)
    totals = np.where(counted, np.nansum(calls, axis=1), np.nan)
    usual = counted & np.array([not calendar.is_holiday(day) and day not in calendar.outages for day in days])
    weekday = np.array([day.weekday() for day in days])
    shares = np.nansum(calls[usual], axis=0) if usual.any() else np.zeros(calls.shape[1])
    shares = shares / max(shares.sum(), 1e-12)
    mean = float(totals[usual].mean()) if usual.any() else 0.0
    weekly = np.zeros((7, calls.shape[1]), dtype=np.bool_)
    for number in range(7):
        rows = np.flatnonzero(usual & (weekday == number))[-_RECENT:]
        own = float(totals[rows].sum())
        if len(rows) == 0 or (own == 0 and mean * len(rows) > _SURE):
            continue
        never = np.nansum(calls[rows], axis=0) == 0
        weekly[number] = (shares > 0) & ~(never & (shares * own > _SURE))
    # Holidays that fall on closed weekdays tell nothing.
    off = [
        total
        for day, total in zip(days, totals, strict=True)
        if calendar.is_holiday(day) and weekly[day.weekday()].any() and day not in calendar.outages
    ]
    return Opening(calendar, weekly, holidays=not off or bool(np.nansum(off) > 0.02 * mean * len(off)))


def _given(hours: OpeningHours, day: date, count: int) -> Bools:
    if hours.always_open:
        return np.ones(count, dtype=np.bool_)
    minutes = DAY_MIN // count
    starts = np.arange(count) * minutes
    found = np.zeros(count, dtype=np.bool_)
    for back in (0, 1):
        for opens, closes in hours.day(day - timedelta(days=back)).periods:
            since, until = opens - back * DAY_MIN, closes - back * DAY_MIN
            found |= (starts + minutes > since) & (starts < until)
    return found
