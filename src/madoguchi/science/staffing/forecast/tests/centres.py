"""A centre whose truth is known: what a forecast should find is planted in it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from madoguchi.kit.calendar import OpeningHours, Period
from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.history import History

Floats = NDArray[np.float64]

FIRST = date(2026, 3, 2)
NINE_TO_SIX = OpeningHours(weekly=((Period(540, 1080),),) * 5 + ((),) * 2)
WEEKDAY = (1.25, 1.05, 1.0, 0.95, 1.0, 0.6, 0.4)


def truth(day: date, calendar: Calendar, *, a_day: float = 400.0) -> Floats:
    """Mean calls by half-hour: a morning and an afternoon peak, and +20 % after a holiday."""
    hour = np.arange(48) / 2
    shape = np.exp(-((hour - 10.5) ** 2) / 3) + 0.8 * np.exp(-((hour - 15) ** 2) / 6)
    shape = np.where((hour >= 9) & (hour < 18), shape, 0.0)
    times = WEEKDAY[day.weekday()]
    before = day - timedelta(days=1)
    while before.weekday() >= 5:
        before -= timedelta(days=1)
    if calendar.is_holiday(before):
        times *= 1.2
    for event in calendar.events:
        times *= (event.times or 1.0) ** event.share_of(day)
    if day.weekday() >= 5 or calendar.is_holiday(day):
        times = 0.0
    return np.asarray(a_day * times * shape / shape.sum(), dtype=np.float64)


def history(days: int, calendar: Calendar, *, a_day: float = 400.0, seed: int = 1) -> History:
    """So many days from a Monday in March; days scatter by 4 % more than chance does."""
    rng = np.random.default_rng(seed)
    means = np.array([truth(FIRST + timedelta(days=row), calendar, a_day=a_day) for row in range(days)])
    return History(FIRST, rng.poisson(means * np.exp(rng.normal(0, 0.04, (days, 1)))).astype(np.float64))


def week_after(known: History) -> list[date]:
    """The seven days that follow."""
    return [known.last + timedelta(days=1 + ahead) for ahead in range(7)]
