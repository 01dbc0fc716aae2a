"""The rest of today, seen from this morning's calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from madoguchi.science.staffing.errors import ShapesDiffer
from madoguchi.science.staffing.forecast.errors import NotACount, WrongOrder
from madoguchi.science.staffing.forecast.model import Forecast, spread

Floats = NDArray[np.float64]

_TOGETHER = 0.5
"""Share of what is wrong with the profile that stays with a whole morning: it shifts more than it jumps."""


def reforecast(forecast: Forecast, day: date, so_far: ArrayLike) -> Forecast:
    """`forecast` of `day` alone, with the rest corrected by the calls `so_far`.

    `so_far` holds a count an interval from 0:00 on: finished intervals only, NaN where nobody counted. They
    stand in the answer as they were counted. How much a morning says is weighed against how far days usually
    stray: 3 calls instead of 1 change little, 300 instead of 100 nearly everything.
    Raises WrongOrder (a day that is not in the forecast), NotACount and ShapesDiffer.
    """
    if day not in forecast.days:
        raise WrongOrder(later=day, earlier=forecast.days[0])
    place = forecast.days.index(day)
    usual, own = forecast.calls[place], forecast.own_variance[place]
    came = np.asarray(so_far, dtype=np.float64)
    if came.ndim != 1 or len(came) > len(usual):
        raise ShapesDiffer(shapes=f"so far {came.shape}, a day {usual.shape}")
    if np.any((came < 0) | np.isinf(came)):
        raise NotACount(value=f"{came[(came < 0) | np.isinf(came)][0]:g}", where=str(day))
    known = np.zeros(len(usual), dtype=np.bool_)
    known[: len(came)] = np.isfinite(came)
    times, left = _times(usual, own, known, came, float(forecast.day_variance[place]))
    calls = usual * times
    whole = spread(
        (day,),
        calls[None],
        np.array([left]),
        own[None],
        confidence=forecast.confidence,
        sureness=forecast.sureness,
    )
    return _with_what_came(whole, known, came)


def _times(
    usual: Floats, own: Floats, known: NDArray[np.bool_], came: Floats, stray: float
) -> tuple[float, float]:
    """By what the rest of the day is multiplied, and the variance that is left of it."""
    expected = float(usual[known].sum())
    if expected <= 0:
        return 1.0, stray
    part = usual[known] / expected
    apart, together = np.sum(part**2 * own[known]), np.sum(part * own[known])
    noise = 1.0 / expected + (1 - _TOGETHER) * apart + _TOGETHER * together
    ratio = float(came[known[: len(came)]].sum()) / expected
    # Beyond three standard deviations it is no usual day, and what usual days do says little of it.
    stray += max(0.0, (ratio - 1.0) ** 2 - 9.0 * (stray + noise))
    trust = stray / (stray + noise)
    return 1.0 + trust * (ratio - 1.0), stray * (1.0 - trust)


def _with_what_came(whole: Forecast, known: NDArray[np.bool_], came: Floats) -> Forecast:
    counted = np.zeros(len(known))
    counted[: len(came)] = np.where(np.isfinite(came), came, 0.0)
    done = float(counted.sum())
    rest = np.where(known, 0.0, whole.calls[0])
    again = spread(
        whole.days,
        rest[None],
        whole.day_variance,
        whole.own_variance,
        confidence=whole.confidence,
        sureness=whole.sureness,
    )
    return replace(
        again,
        calls=np.where(known, counted, rest)[None],
        low=np.where(known, counted, again.low[0])[None],
        high=np.where(known, counted, again.high[0])[None],
        day_low=again.day_low + done,
        day_high=again.day_high + done,
    )
