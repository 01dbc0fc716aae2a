"""How many calls a day brings: a ridge on weekday, traits of the day and a level that wanders by the week.

Calls of a day are Poisson around a mean whose logarithm is a sum of effects; each effect has a prior
spread, which is the ridge. Days scatter more than Poisson: `scatter` is the extra standard deviation
(relative), found from the residuals. How far the level wanders in a week is chosen by the marginal
likelihood. Days far from what is expected (outages that nobody noted) lose weight.

Source of the iteration: McCullagh & Nelder, Generalized Linear Models, 2nd ed., 2.5; of the choice: Rasmussen
& Williams, Gaussian Processes for Machine Learning, 2.7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from madoguchi.science.staffing.forecast.days import Calendar, Traits, traits

Floats = NDArray[np.float64]

_WANDERS = (0.005, 0.015, 0.04, 0.1)
_ROUNDS = 4
_FIRST_SCATTER = 0.1
_WEEKLY, _OLD_STEP_WEEKS = 26, 4
_FAR = 3.5
"""Standard deviations from which on a day loses weight."""
_WEEKDAY_SPREAD, _SEASON_SPREAD = 0.5, 0.1
_YEAR = 365.2425
_SEASONS_FROM_DAYS = 420
"""A season seen only once cannot be told from a level that wanders."""


@dataclass(frozen=True, slots=True)
class Design:
    """The columns of days: effects that last, then a step of the level a week."""

    fixed: Floats
    expected: Floats
    spread: Floats
    weeks: NDArray[np.int64]
    """Weeks since the first."""
    names: list[str]


@dataclass(frozen=True, slots=True)
class Level:
    """What was learned of the calls a day."""

    effects: Floats
    covariance: Floats
    scatter: float
    wander: float
    weeks: int
    weights: Floats
    """Of each day learned from: 1, less for days that do not fit."""
    fitted: Floats
    design: Design

    def of(self, design: Design) -> tuple[Floats, Floats]:
        """Logarithm of the calls on each day, and its variance as far as it comes from what is not known."""
        columns = np.hstack([design.fixed, _steps(design.weeks, _knots(self.weeks))])
        ahead = np.maximum(0, design.weeks - self.weeks)
        unknown = np.sum((columns @ self.covariance) * columns, axis=1) + ahead * self.wander**2
        return columns @ self.effects, unknown


def design(calendar: Calendar, days: list[date], first: date, history_days: int) -> Design:
    """The columns of `days`; `first` is the first day of the history, `history_days` its length."""
    special: Traits = traits(calendar, days)
    since = np.array([(day - first).days for day in days])
    weekday = np.eye(7)[[day.weekday() for day in days]].reshape(len(days), 7)
    seasons = np.zeros((len(days), 0))
    if history_days >= _SEASONS_FROM_DAYS:
        turns = 2 * np.pi * np.outer(since, [1, 2, 3]) / _YEAR
        seasons = np.hstack([np.sin(turns), np.cos(turns)])
    flat = np.zeros(1 + 7)
    fixed = np.hstack([np.ones((len(days), 1)), weekday, special.values, seasons])
    spread = [10.0, *[_WEEKDAY_SPREAD] * 7, *special.spread, *[_SEASON_SPREAD] * seasons.shape[1]]
    expected = np.concatenate([flat, special.expected, np.zeros(seasons.shape[1])])
    monday = first.toordinal() - first.weekday()
    weeks = np.array([(day.toordinal() - monday) // 7 for day in days], dtype=np.int64)
    return Design(fixed, expected, np.array(spread), weeks, special.names)


def fit(rows: Design, calls: Floats, exposure: Floats) -> Level:
    """Learn from `calls` a day, of which `exposure` says what share could be counted (1: all)."""
    tried = [_fit(rows, calls, exposure, wander=wander, scatter=_FIRST_SCATTER) for wander in _WANDERS]
    best = max(tried, key=lambda found: found[1])[0]
    for _ in range(2):
        best = _fit(rows, calls, exposure, wander=best.wander, scatter=best.scatter)[0]
    return best


def _fit(
    rows: Design, calls: Floats, exposure: Floats, *, wander: float, scatter: float
) -> tuple[Level, float]:
    weeks = int(rows.weeks.max(initial=0))
    knots = _knots(weeks)
    columns = np.hstack([rows.fixed, _steps(rows.weeks, knots)])
    expected = np.concatenate([rows.expected, np.zeros(len(knots))])
    penalty = np.concatenate([rows.spread, wander * np.sqrt(np.diff(knots, prepend=0))]) ** -2.0
    expected[0] = np.log(np.median(calls / exposure) + 0.5)
    log_mean = np.log((calls + 0.5) / exposure)
    trust = np.ones(len(calls))
    for _ in range(_ROUNDS):
        mean = np.exp(np.clip(log_mean, -20, 20)) * exposure
        working = log_mean + (calls - mean) / mean
        certain = trust / (1.0 / mean + scatter**2)
        factor = cho_factor(columns.T @ (certain[:, None] * columns) + np.diag(penalty))
        effects = expected + cho_solve(factor, columns.T @ (certain * (working - columns @ expected)))
        log_mean = columns @ effects
        away = np.abs(working - log_mean) * np.sqrt(1.0 / (1.0 / mean + scatter**2))
        trust = np.minimum(1.0, (_FAR / np.maximum(away, 1e-9)) ** 2)
    covariance = cho_solve(factor, np.eye(len(effects)))
    residual = working - log_mean
    # Without the day itself: what was fitted to a day says little of how far the next one strays.
    pulled = np.minimum(0.8, certain * np.sum((columns @ covariance) * columns, axis=1))
    alone = trust * (residual / (1.0 - pulled)) ** 2
    beyond = float(np.sum(alone) / np.sum(trust) - np.mean(1.0 / mean))
    scattered = float(np.sqrt(max(beyond, 1e-6)))
    level = Level(effects, covariance, scattered, wander, weeks, trust, log_mean, rows)
    evidence = -0.5 * (
        np.sum(certain * residual**2)
        + np.sum(penalty * (effects - expected) ** 2)
        + 2 * np.sum(np.log(np.diag(factor[0])))
        - np.sum(np.log(penalty))
        - np.sum(np.log(certain))
    )
    return level, float(evidence)


def _knots(last: int) -> NDArray[np.int64]:
    """The weeks in which the level steps: each of the last half year, every fourth before that."""
    early = np.arange(last - _WEEKLY, 0, -_OLD_STEP_WEEKS)[::-1]
    return np.concatenate([early, np.arange(max(1, last - _WEEKLY + 1), last + 1)]).astype(np.int64)


def _steps(weeks: NDArray[np.int64], knots: NDArray[np.int64]) -> Floats:
    return (weeks[:, None] >= knots).astype(np.float64)
