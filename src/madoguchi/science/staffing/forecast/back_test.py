"""How good the forecast would have been: weekly origins in the past, each seeing only what lay before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.forecast import opening, past_hours
from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.errors import TooFewDays
from madoguchi.science.staffing.forecast.history import LEAST_DAYS, History
from madoguchi.science.staffing.forecast.model import learn

Floats = NDArray[np.float64]
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Quality:
    """Errors of one method over all intervals tested."""

    wape: float
    """Sum of the errors ÷ sum of the calls."""
    bias: float
    """Forecast − actual, summed, ÷ sum of the calls: above 0, too many were expected."""
    day_wape: float
    """The same as `wape` for whole days."""


@dataclass(frozen=True, slots=True)
class Report:
    """The forecast beside what anybody can do without one."""

    origins: tuple[date, ...]
    forecast: Quality
    seasonal_naive: Quality
    """The same weekday of the week before."""
    last_twelve: Quality
    """Mean of the last twelve same weekdays."""
    coverage: float
    """Share of the open intervals whose calls lay within the interval; compare with `confidence`."""
    day_coverage: float
    confidence: float


def report(history: History, calendar: Calendar, *, origins: int = 7, confidence: float = 0.9) -> Report:
    """Forecast each of the last weeks, at most `origins`, from what was known before it.

    Compared are the half-hours that were open then and are today: a change of hours is no error of anybody's.
    Raises TooFewDays where not even the last week has three weeks before it.
    """
    weeks = list(_weeks(history, calendar, origins, confidence))
    if not weeks:
        counted = int(np.isfinite(history.calls).any(axis=1).sum())
        raise TooFewDays(least=LEAST_DAYS + 5, days=counted)
    actual, ours, naive, mean, within, day_within = (
        np.concatenate([week[1][place] for week in weeks]) for place in range(6)
    )
    return Report(
        tuple(week[0] for week in weeks),
        quality(ours, actual),
        quality(naive, actual),
        quality(mean, actual),
        coverage=float(np.nanmean(within)),
        day_coverage=float(np.nanmean(day_within)),
        confidence=confidence,
    )


def quality(forecast: Floats, actual: Floats) -> Quality:
    """Errors over days × intervals; NaN in `actual` is left out.

    >>> quality(np.array([[8.0, 12.0]]), np.array([[10.0, 10.0]]))
    Quality(wape=0.2, bias=0.0, day_wape=0.0)
    """
    away = np.where(np.isfinite(actual), forecast - np.nan_to_num(actual), 0.0)
    calls = max(float(np.nansum(actual)), 1e-12)
    return Quality(
        float(np.abs(away).sum() / calls),
        float(away.sum() / calls),
        float(np.abs(away.sum(axis=1)).sum() / calls),
    )


def last_same(history: History, day: date, count: int) -> Floats:
    """Mean of the last `count` recorded same weekdays before `day`, by interval; 0 where there is none."""
    rows = [row for row, known in enumerate(history.days) if known.weekday() == day.weekday() and known < day]
    calls = [history.calls[row] for row in rows if np.isfinite(history.calls[row]).any()][-count:]
    if not calls:
        return np.zeros(history.calls.shape[1])
    seen = np.isfinite(calls).sum(axis=0)
    return np.asarray(np.nansum(calls, axis=0) / np.maximum(seen, 1), dtype=np.float64)


def _weeks(
    history: History, calendar: Calendar, origins: int, confidence: float
) -> Iterator[tuple[date, list[Floats]]]:
    """First day, and for each recorded day: actual, ours, naive, mean of twelve, within, day within."""
    compared = _compared(history, calendar)
    for back in range(origins, 0, -1):
        first = history.last + timedelta(days=1) - back * _WEEK
        known = history.until(first)
        try:
            model = learn(known, calendar)
        except TooFewDays:
            continue
        days = [first + timedelta(days=count) for count in range(7)]
        actual = compared[[(day - history.first).days for day in days]]
        keep = np.array([day not in calendar.outages for day in days]) & np.isfinite(actual).any(axis=1)
        if not keep.any():
            continue
        days, actual = [day for day, kept in zip(days, keep, strict=True) if kept], actual[keep]
        found = model.forecast(days, confidence=confidence)
        asked = np.isfinite(actual) & (found.calls > 0)
        within = np.where(asked, (actual >= found.low) & (actual <= found.high), np.nan)
        totals = np.nansum(actual, axis=1)
        whole = (np.isfinite(actual) | (found.calls <= 0)).all(axis=1)
        day_within = np.where(
            whole & (found.day_high > 0),
            (totals >= found.day_low) & (totals <= found.day_high),
            np.nan,
        )
        naive = np.array([last_same(known, day, 1) for day in days])
        mean = np.array([last_same(known, day, 12) for day in days])
        yield first, [actual, found.calls, naive, mean, within, day_within]


def _compared(history: History, calendar: Calendar) -> Floats:
    """The calls, without half-hours that were closed then or, as far as hours are given, are closed today."""
    learned = opening.learn(history, calendar)
    then = past_hours.open_then(history, calendar, learned)
    if calendar.hours is None:
        then |= history.calls > 0
    return np.where(then, history.calls, np.nan)
