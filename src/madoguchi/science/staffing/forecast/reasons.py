"""What callers will call about: the shares of the reasons among a client's calls, by half-hour and by day.

Tried on planted weeks (`tests/test_reasons.py`; steady shares, a Monday's reason, one of month ends, one that
grows, one that jumps; 60 and 400 calls a day; 5, 12 and 26 weeks), half-hours and days of each reason:

- one share a half-hour for all days: the best by little where shares are steady, but days 18 % off where each
  learned alone is 9 % off, as soon as a reason has a weekday of its own, and 25 against 18 % where one grows;
- each reason learned alone, half-hours and all: days as good as here, half-hours up to 1.3 points worse, for
  a reason's own half-hours are thin;
- here: a reason's days learned alone, its half-hours by their shares. WAPE of half-hours within half a point
  of the better of the two everywhere, of days within one and a half.

A reason with few calls keeps its mean share: it loses more by chance than it could gain.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.errors import TooFewDays
from madoguchi.science.staffing.forecast.history import Group, History, total
from madoguchi.science.staffing.forecast.model import learn
from madoguchi.science.staffing.forecast.shares import Shares

Floats = NDArray[np.float64]

LEARNED_DAYS = 56
FEWEST_CALLS = 5
ENOUGH_CALLS = 400
"""In those days: from here on a reason's days are learned alone."""
_EVEN = 20.0
"""Calls of a half-hour from which on its own shares count more than those of the whole day."""


def shares_of(parts: Mapping[str, History], calendar: Calendar, days: list[date]) -> Shares:
    """Learn the shares of `parts` (reason → its calls, over the same days) on `days`, which come after."""
    late = {name: np.nansum(one.calls[-LEARNED_DAYS:], axis=0) for name, one in parts.items()}
    order = sorted(late, key=lambda name: -float(late[name].sum()))
    named = {name: late[name] for name in order if late[name].sum() >= FEWEST_CALLS}
    if not named:
        return Shares({})
    every = np.sum(list(named.values()), axis=0)
    by_slot = {
        name: (calls + _EVEN * calls.sum() / every.sum()) / (every + _EVEN) for name, calls in named.items()
    }
    busy = [name for name, calls in named.items() if calls.sum() >= ENOUGH_CALLS]
    if len(named) < 2 or not busy:
        return Shares(by_slot)
    return Shares(by_slot, _by_day({name: parts[name] for name in named}, busy, by_slot, (calendar, days)))


def _by_day(
    parts: Mapping[str, History],
    busy: list[str],
    by_slot: Mapping[str, Floats],
    asked: tuple[Calendar, list[date]],
) -> dict[str, Floats]:
    calendar, days = asked
    found: dict[str, Floats] = {}
    try:
        whole = learn(total({Group(reason=name): one for name, one in parts.items()}), calendar)
    except TooFewDays:
        return {}
    calls = whole.forecast(days).calls
    for name in busy:
        try:
            alone = learn(parts[name], calendar).forecast(days).calls.sum(axis=1)
        except TooFewDays:
            continue
        usual = calls @ by_slot[name]
        found[name] = np.where(usual > 0, alone / np.maximum(usual, 1e-12), 1.0)
    return found
