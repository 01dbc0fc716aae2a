"""Events that fill only part of a day: what they do to its half-hours, learned apart from the day itself.

The half-hours that such an event touched are left out where days and profiles are learned, so that a
campaign of one evening makes no weekday busier. What came in them, beside what would have come otherwise,
is what the event does; until it was seen, it is expected to do what its `times` says, or nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from madoguchi.kit.calendar import DAY_MIN
from madoguchi.science.staffing.forecast.days import SPREAD_EVENT, SPREAD_EVENT_TYPED, Event

Floats = NDArray[np.float64]


class Effect(NamedTuple):
    """What an event does to its half-hours: logarithm of the factor, and its variance."""

    log_times: float
    variance: float


def of(events: Iterable[Event]) -> tuple[Event, ...]:
    """Those of `events` that fill part of a day."""
    return tuple(event for event in events if event.part is not None)


def shares(events: Sequence[Event], days: Sequence[date], count: int) -> Floats:
    """How much of an event of one name falls on each interval of `days`: 0 to 1.

    >>> event = Event("TV", date(2026, 11, 10), part=(1200, 1260))
    >>> shares([event], [date(2026, 11, 10)], 48)[0, 39:43].tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    found = np.zeros((len(days), count))
    starts = np.arange(count) * (DAY_MIN // count)
    for event in events:
        since, until = event.part or (0, DAY_MIN)
        touched = (starts + DAY_MIN // count > since) & (starts < until)
        of_days = np.array([event.share_of(day) for day in days]).reshape(len(days), 1)
        found = np.maximum(found, of_days * touched)
    return found


def learned(
    events: Sequence[Event], days: Sequence[date], calls: Floats, expected: Floats
) -> dict[str, Effect]:
    """What each event did so far: `calls` that came on `days` beside what was `expected` without it."""
    found = {}
    for name in dict.fromkeys(event.name for event in events):
        same = [event for event in events if event.name == name]
        typed = [math.log(event.times) for event in same if event.times is not None]
        mean = typed[-1] if typed else 0.0
        certain = (SPREAD_EVENT_TYPED if typed else SPREAD_EVENT) ** -2.0
        share = shares(same, days, calls.shape[1]) * np.isfinite(calls)
        seen, usual = float(np.nansum(np.where(share > 0, calls, 0.0))), float(expected[share > 0].sum())
        if usual > 0:
            # Where it builds up, or fades, only part of it is seen.
            part = float(np.average(share[share > 0], weights=expected[share > 0] + 1e-12))
            said = math.log((seen + 0.5) / (usual + 0.5)) / part
            weight = part**2 / (1.0 / (seen + 0.5) + _STRAYS**2)
            mean, certain = (certain * mean + weight * said) / (certain + weight), certain + weight
        found[name] = Effect(mean, 1.0 / certain)
    return found


_STRAYS = 0.1
"""Relative: one evening is not like the next."""


def times(
    effects: Mapping[str, Effect], events: Sequence[Event], days: Sequence[date], count: int
) -> tuple[Floats, Floats]:
    """By what the calls of each interval are multiplied, and what that adds to their relative variance."""
    logs, variance = np.zeros((len(days), count)), np.zeros((len(days), count))
    for name, effect in effects.items():
        share = shares([event for event in events if event.name == name], days, count)
        logs += share * effect.log_times
        variance += share**2 * effect.variance
    return np.exp(logs), variance
