"""The forecast itself: a calendar ridge with its profile, joined with the mean of the last weeks.

The ridge (`level`, `profile`) knows what is special about a day; the mean of the last same weekdays,
corrected for what was special about them, follows whatever has no name. Their errors differ, so that together
they are seldom worse than the better one and never as bad as the worse one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.forecast import level as levels
from madoguchi.science.staffing.forecast import opening as openings
from madoguchi.science.staffing.forecast import part_days, past_hours
from madoguchi.science.staffing.forecast import profile as profiles
from madoguchi.science.staffing.forecast.days import Calendar, Event
from madoguchi.science.staffing.forecast.errors import TooFewDays, WrongOrder
from madoguchi.science.staffing.forecast.history import LEARNED_DAYS, LEAST_DAYS, History
from madoguchi.science.staffing.forecast.spread import interval

Floats = NDArray[np.float64]

_LAST_WEEKS = 8
_OF_LAST_WEEKS = 0.4
_HALF_LIFE_DAYS = 90.0
_LEAST_SPAN_DAYS = 15
_SURE_WEEKS = 8
_UNNOTICED = 10.0
"""A day without a call is an outage or a closure where its weekday usually brings more than this."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """How much to trust a forecast."""

    days: int
    """Days learned from."""
    weeks: float
    """From the first to the last of them."""
    day_error: float
    """Expected error of a day's calls, relative (0.05: five percent either way)."""
    few: bool
    """Fewer weeks than month ends and neighbours of holidays can be learned from."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Calls expected in each interval of `days`, with the interval in which the truth lies."""

    days: tuple[date, ...]
    calls: Floats
    low: Floats
    high: Floats
    confidence: float
    sureness: Sureness
    day_low: Floats
    day_high: Floats
    day_variance: Floats
    """Of the whole day's mean, relative: what a morning's calls make smaller (`intraday`)."""
    own_variance: Floats
    """Of each interval's mean, relative, beyond the day's."""

    @property
    def minutes(self) -> int:
        """Length of an interval."""
        return 24 * 60 // int(self.calls.shape[1])


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned from one history."""

    history: History
    calendar: Calendar
    opening: openings.Opening
    level: levels.Level
    profile: profiles.Profile
    rows: NDArray[np.int64]
    """The days of the history that were learned from."""
    calls: Floats
    """Of those days; NaN where closed, not counted, or touched by an event that fills part of a day."""
    effects: Mapping[str, part_days.Effect] = field(default_factory=dict)
    """Of events that fill part of a day."""

    def forecast(self, days: list[date], *, confidence: float = 0.9) -> Forecast:
        """Expect calls on `days`, all after the history. Raises WrongOrder and NotAShare."""
        for day in days:
            if day <= self.history.last:
                raise WrongOrder(later=day, earlier=self.history.last)
        design = _design(self, days)
        log_calls, unknown = self.level.of(design)
        shares = self.profile.of(design.fixed[:, 1:], self.opening.usual(days))
        ridge = np.exp(log_calls)[:, None] * shares
        open_ = np.array([self.opening.of(day) for day in days])
        calls = (1.0 - _OF_LAST_WEEKS) * ridge + _OF_LAST_WEEKS * self._last_weeks(days, design, ridge)
        times, own = part_days.times(self.effects, self._parts(), days, calls.shape[1])
        calls = np.where(open_, calls * times, 0.0)
        day_variance = unknown + self.level.scatter**2
        own = own + self.profile.scatter**2
        sureness = _sureness(self, calls, day_variance)
        return spread(tuple(days), calls, day_variance, own, confidence=confidence, sureness=sureness)

    def _parts(self) -> tuple[Event, ...]:
        return part_days.of(self.calendar.events)

    def _last_weeks(self, days: list[date], design: levels.Design, otherwise: Floats) -> Floats:
        """Mean of the last same weekdays, as they would have been on a day like the one asked for."""
        special = slice(8, 8 + len(design.names))
        effects = self.level.effects[special]
        ahead = design.fixed[:, special] @ effects
        back = self.level.design.fixed[:, special] @ effects
        weekday = np.array([(self.history.first.weekday() + row) % 7 for row in self.rows])
        found = otherwise.copy()
        for place, day in enumerate(days):
            same = np.flatnonzero(weekday == day.weekday())[-_LAST_WEEKS:]
            if len(same) == 0:
                continue
            calls = self.calls[same] * np.exp(ahead[place] - back[same])[:, None]
            weight = self.level.weights[same][:, None] * np.isfinite(calls)
            seen = weight.sum(axis=0)
            mean = np.nansum(weight * np.where(np.isfinite(calls), calls, 0.0), axis=0) / np.maximum(
                seen, 1e-9
            )
            found[place] = np.where(seen > 0.5, mean, otherwise[place])
        return found


def learn(history: History, calendar: Calendar) -> Model:
    """Learn what `history` shows, at most its last three years. Raises TooFewDays."""
    late = max(0, len(history.calls) - LEARNED_DAYS)
    history = History(history.days[late], history.calls[late:]) if late else history
    if len(history.calls) < LEAST_DAYS:
        raise TooFewDays(least=LEAST_DAYS, days=len(history.calls))
    opening = openings.learn(history, calendar)
    days = history.days
    open_ = np.array([opening.of(day) for day in days]).reshape(history.calls.shape)
    parts = part_days.of(calendar.events)
    then = past_hours.open_then(history, calendar, opening)
    touched = part_days.shares(parts, days, history.calls.shape[1]) > 0
    calls = np.where(then & ~touched, history.calls, np.nan)
    rows = _to_learn_from(calls, days, calendar)
    if len(rows) < LEAST_DAYS or rows[-1] - rows[0] < _LEAST_SPAN_DAYS:
        raise TooFewDays(least=LEAST_DAYS, days=len(rows))
    calls, learned = calls[rows], [days[row] for row in rows]
    age = (rows[-1] - rows).astype(np.float64)
    # What is closed is without calls: missing is what is open, and was then closed or not counted.
    shares = profiles.common(np.where(open_[rows], calls, 0.0), age)
    usual = profiles.within(shares, opening.usual(learned))
    exposure = np.clip((np.isfinite(calls) * usual).sum(axis=1), 1e-3, 1.0)
    design = levels.design(calendar, learned, learned[0], int(rows[-1] - rows[0]) + 1)
    level = levels.fit(design, np.nansum(calls, axis=1), exposure)
    recent = level.weights * 0.5 ** (age / _HALF_LIFE_DAYS)
    expected = (np.nansum(calls, axis=1) / exposure)[:, None] * usual
    changes, scatter = profiles.fit(calls, expected, design.fixed[:, 1:], recent)
    profile = profiles.Profile(shares, changes, scatter)
    model = Model(history, calendar, opening, level, profile, rows, calls)
    return replace(model, effects=_effects(model, parts)) if parts else model


def spread(
    days: tuple[date, ...],
    calls: Floats,
    day_variance: Floats,
    own_variance: Floats,
    *,
    confidence: float,
    sureness: Sureness,
) -> Forecast:
    """A forecast with its intervals, from means and relative variances."""
    low, high = interval(calls, day_variance[:, None] + own_variance, confidence)
    total = calls.sum(axis=1)
    own = (calls**2 * own_variance).sum(axis=1) / np.maximum(total, 1e-12) ** 2
    day_low, day_high = interval(total, day_variance + own, confidence)
    return Forecast(
        days,
        calls,
        low,
        high,
        confidence,
        sureness,
        day_low=day_low,
        day_high=day_high,
        day_variance=day_variance,
        own_variance=np.array(own_variance),
    )


def _effects(model: Model, parts: tuple[Event, ...]) -> dict[str, part_days.Effect]:
    """What came while events filled part of a day, beside what the rest of the past makes expect."""
    days = [
        day
        for day in model.history.days
        if day not in model.calendar.outages and any(event.share_of(day) > 0 for event in parts)
    ]
    if not days:
        nothing = np.zeros((0, model.history.calls.shape[1]))
        return part_days.learned(parts, days, nothing, nothing)
    rows = [(day - model.history.first).days for day in days]
    design = _design(model, days)
    log_calls, _ = model.level.of(design)
    usual = model.profile.of(design.fixed[:, 1:], model.opening.usual(days))
    open_ = np.array([model.opening.of(day) for day in days]).reshape(len(days), model.history.calls.shape[1])
    expected = np.exp(log_calls)[:, None] * usual * open_
    return part_days.learned(parts, days, model.history.calls[rows], expected)


def _design(model: Model, days: list[date]) -> levels.Design:
    first, last = (model.history.days[int(row)] for row in model.rows[[0, -1]])
    return levels.design(model.calendar, days, first, (last - first).days + 1)


def _to_learn_from(calls: Floats, days: list[date], calendar: Calendar) -> NDArray[np.int64]:
    """Days that were open and counted, and not evidently dead."""
    totals = np.nansum(calls, axis=1)
    weekday = np.array([day.weekday() for day in days])
    counted = np.isfinite(calls).any(axis=1) & np.array([day not in calendar.outages for day in days])
    usual = np.zeros(7)
    for number in range(7):
        same = totals[counted & (weekday == number) & (totals > 0)]
        usual[number] = np.median(same) if len(same) else 0.0
    return np.flatnonzero(counted & ((totals > 0) | (usual[weekday] <= _UNNOTICED)))


def _sureness(model: Model, calls: Floats, day_variance: Floats) -> Sureness:
    totals = calls.sum(axis=1)
    some = totals > 0
    variance = day_variance[some] + 1.0 / totals[some]
    # The mean distance of a normal variable from its mean is 0.8 standard deviations.
    error = 0.798 * float(np.sqrt(np.average(variance, weights=totals[some]))) if some.any() else 0.0
    weeks = float(model.rows[-1] - model.rows[0] + 1) / 7
    return Sureness(len(model.rows), weeks, error, few=weeks < _SURE_WEEKS)
