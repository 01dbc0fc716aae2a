"""Forecasts laid on the half-hours of today's days, whenever their own days began.

A centre that is open until 26:00 from now on begins its days at 2:00. What was forecast before that stays as
it was; only here it is shown by the half-hours of the clock, beside what came in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, timedelta

from madoguchi.domain.planning.models import ForecastDay, Reforecast
from madoguchi.domain.planning.queries.forecasts import SLOTS

_ONE = timedelta(days=1)
_SLOT_MIN = 30
_Key = tuple[date, int | None]


def on_grid(
    rows: Sequence[ForecastDay], corrected: Mapping[int, Reforecast], starts_min: int
) -> tuple[list[ForecastDay], dict[int, Reforecast]]:
    """The same days and corrections (by the day's id), as if their days had begun `starts_min` after 0:00.

    What lies beyond the first and the last of `rows` is not known, and stands with no calls. Unsaved copies.
    """
    known = {(row.day, row.client_id): row for row in rows}
    shown, seen = [], dict(corrected)
    for key, row in known.items():
        shift = (starts_min - row.forecast.day_starts_min) // _SLOT_MIN
        if not shift:
            shown.append(row)
            continue
        # A neighbour whose day began at another time tells of other hours.
        alike = {
            other: one
            for other, one in known.items()
            if one.forecast.day_starts_min == row.forecast.day_starts_min
        }
        moved = copy(row)
        moved.forecast = copy(row.forecast)
        moved.forecast.day_starts_min = starts_min
        moved.forecast.reasons = {
            client: {reason: line[shift:] + line[:shift] for reason, line in shares.items()}
            for client, shares in row.forecast.reasons.items()
        }
        for name in ("calls", "low", "high", "own_variance"):
            setattr(moved, name, _moved(alike, key, name, shift))
        shown.append(moved)
        if row.pk in corrected:
            seen[row.pk] = copy(corrected[row.pk])
            of_today = {key: corrected[row.pk]}
            for name in ("calls", "low", "high"):
                setattr(seen[row.pk], name, _moved(of_today, key, name, shift))
    return shown, seen


def _moved(known: Mapping[_Key, ForecastDay | Reforecast], key: _Key, name: str, shift: int) -> list[float]:
    """A day's half-hours `shift` later, with those of its neighbours where they reach into it."""
    day, client_id = key
    three = [known.get((day + ahead * _ONE, client_id)) for ahead in (-1, 0, 1)]
    line: list[float] = []
    for one in three:
        line += getattr(one, name) if one is not None else [0.0] * SLOTS
    return line[SLOTS + shift : 2 * SLOTS + shift]
