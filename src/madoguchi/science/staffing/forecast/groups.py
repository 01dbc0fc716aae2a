"""Every reason and client at once: the parts make the whole, and a new client is forecast from its first day.

Groups that were there from the beginning are forecast alone and together, and then move a little so that they
sum to what was forecast for them together: the unsure ones move most. A client that came later stands beside
them, since the whole of the past knows nothing of it; one with too few days for a forecast of its own is
taken in proportion to the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.errors import TooFewDays
from madoguchi.science.staffing.forecast.history import LEAST_DAYS, Group, History, total
from madoguchi.science.staffing.forecast.model import Forecast, Model, learn, spread

Floats = NDArray[np.float64]

_SHARE_STRAYS = 0.25
_A_WHILE_DAYS = 14
"""A group whose first call comes this much later was quiet, not absent."""


@dataclass(frozen=True, slots=True)
class Groups:
    """What was learned of the groups."""

    together: Model
    """The groups that were there from the beginning, as one."""
    old: Mapping[Group, Model]
    late: Mapping[Group, Model]
    new: Mapping[Group, tuple[float, float]]
    """Too young for a model: calls for each call of the old groups, and its relative variance."""

    def forecast(
        self, days: list[date], *, confidence: float = 0.9
    ) -> tuple[Forecast, dict[Group, Forecast]]:
        """All calls, and those of each group; the groups' calls sum to all calls, interval by interval."""
        whole = self.together.forecast(days, confidence=confidence)
        old = {group: model.forecast(days, confidence=confidence) for group, model in self.old.items()}
        parts = _summing(whole, old)
        for group, model in self.late.items():
            parts[group] = model.forecast(days, confidence=confidence)
        for group, (times, variance) in self.new.items():
            parts[group] = spread(
                whole.days,
                whole.calls * times,
                whole.day_variance + variance,
                whole.own_variance,
                confidence=confidence,
                sureness=replace(whole.sureness, few=True),
            )
        beside = [parts[group] for group in (*self.late, *self.new)]
        return _joined(whole, beside) if beside else whole, parts


def learn_all(
    parts: Mapping[Group, History], calendar: Calendar, own: Mapping[Group, Calendar] | None = None
) -> Groups:
    """Learn each group of `parts` (over the same days, as `histories` makes them). Raises TooFewDays.

    `own`: the calendars of groups with hours or events of their own.
    """
    calendars = own or {}
    began = {group: _first_with_calls(history) for group, history in parts.items()}
    earliest = min(began.values())
    old: dict[Group, Model] = {}
    late: dict[Group, Model] = {}
    young: dict[Group, History] = {}
    few = TooFewDays(least=LEAST_DAYS, days=0)
    for group, history in parts.items():
        # Who was quiet for a while was there; whom nobody counted was not.
        first = began[group] if began[group] > earliest + _A_WHILE_DAYS else _first_counted(history)
        since = History(history.days[first], history.calls[first:])
        try:
            (late if first else old)[group] = learn(since, calendars.get(group, calendar))
        except TooFewDays as error:
            young[group], few = since, error
    if not old:
        raise few
    together = total({group: parts[group] for group in old})
    new = {group: _proportion(since, together) for group, since in young.items()}
    return Groups(learn(together, calendar), old, late, new)


def _first_with_calls(history: History) -> int:
    with_calls = np.flatnonzero(np.nansum(history.calls, axis=1) > 0)
    return int(with_calls[0]) if len(with_calls) else len(history.calls) - 1


def _first_counted(history: History) -> int:
    counted = np.flatnonzero(np.isfinite(history.calls).any(axis=1))
    return int(counted[0]) if len(counted) else 0


def _proportion(part: History, others: History) -> tuple[float, float]:
    same = others.calls[-len(part.calls) :]
    known = np.isfinite(part.calls) & np.isfinite(same)
    calls, beside = float(part.calls[known].sum()), float(same[known].sum())
    return calls / max(beside, 1.0), 1.0 / (calls + 1.0) + _SHARE_STRAYS**2


def _joined(whole: Forecast, beside: list[Forecast]) -> Forecast:
    """The sum of forecasts whose errors have nothing to do with each other."""
    every = [whole, *beside]
    calls = np.sum([one.calls for one in every], axis=0)
    of_day = np.sum([one.calls.sum(axis=1) ** 2 * one.day_variance for one in every], axis=0)
    of_interval = np.sum([one.calls**2 * one.own_variance for one in every], axis=0)
    return spread(
        whole.days,
        calls,
        of_day / np.maximum(calls.sum(axis=1), 1e-12) ** 2,
        of_interval / np.maximum(calls, 1e-12) ** 2,
        confidence=whole.confidence,
        sureness=whole.sureness,
    )


def _summing(whole: Forecast, parts: dict[Group, Forecast]) -> dict[Group, Forecast]:
    calls = {group: part.calls for group, part in parts.items()}
    doubt = {
        group: part.calls + part.calls**2 * (part.day_variance[:, None] + part.own_variance)
        for group, part in parts.items()
    }
    gap = whole.calls - np.sum(list(calls.values()), axis=0)
    all_doubt = np.maximum(np.sum(list(doubt.values()), axis=0), 1e-12)
    moved = {group: np.maximum(calls[group] + doubt[group] / all_doubt * gap, 0.0) for group in parts}
    # Where one would have fallen below 0 the others bear it in proportion.
    times = whole.calls / np.maximum(np.sum(list(moved.values()), axis=0), 1e-12)
    return {
        group: spread(
            part.days,
            np.where(whole.calls > 0, moved[group] * times, 0.0),
            part.day_variance,
            part.own_variance,
            confidence=part.confidence,
            sureness=part.sureness,
        )
        for group, part in parts.items()
    }
