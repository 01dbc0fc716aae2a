"""How long something takes when part of the cases was not seen to its end.

Whoever was answered after 20 s would have borne more than 20 s: how much more nobody knows. Leaving them out,
or taking 20 s for their patience, makes callers look far less patient than they are.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from madoguchi.science.staffing.simulation.distributions import Distribution, exponential, never, table

_POINTS = 64
_FINE = 1_024
"""Points for what was seen to its end: fewer would stretch the longest cases."""
_ENOUGH = 50
"""From so many seen ends on the shape is taken from the data instead of being called exponential."""
_AT_RISK = 30
"""While fewer are left to be seen, each end would move the estimate too far."""


def kaplan_meier(lasted_s: ArrayLike, ended: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share that lasts longer than t, estimated from cases of which some were cut off before their end.

    `lasted_s` is how long each was seen, `ended` whether the end was seen (else cut off). Returns the moments
    of ends, rising, and the share that lasts beyond each.
    Source: Kaplan, Meier, Nonparametric Estimation from Incomplete Observations, JASA 53 (1958).

    >>> times, left = kaplan_meier([1.0, 2.0, 2.0, 3.0], [True, True, False, True])
    >>> times.tolist(), left.tolist()
    ([1.0, 2.0, 3.0], [0.75, 0.5, 0.0])
    """
    lasted, seen = np.asarray(lasted_s, dtype=float), np.asarray(ended, dtype=bool)
    times, ends = np.unique(lasted[seen], return_counts=True)
    at_risk = lasted.size - np.searchsorted(np.sort(lasted), times, side="left")
    return times, np.asarray(np.cumprod(1.0 - ends / at_risk), dtype=np.float64)


def exponential_mean_s(lasted_s: ArrayLike, ended: ArrayLike) -> float:
    """The mean if ends come without memory: all seconds seen ÷ ends seen (maximum likelihood, censored).

    Infinite when no end was seen. The inverse of `measures.waits.impatience_per_s`.

    >>> exponential_mean_s([60.0, 40.0], [False, True])
    100.0
    """
    ends = int(np.count_nonzero(ended))
    return float(np.sum(lasted_s)) / ends if ends else math.inf


def fitted(lasted_s: ArrayLike, ended: ArrayLike) -> Distribution:
    """The distribution of durations: by Kaplan and Meier, beyond what was seen exponential.

    With few seen ends exponential altogether; with none it never ends.
    """
    mean_s = exponential_mean_s(lasted_s, ended)
    if math.isinf(mean_s):
        return never()
    if np.count_nonzero(ended) < _ENOUGH or mean_s == 0.0:
        return exponential(mean_s)
    times, left = kaplan_meier(lasted_s, ended)
    sure = np.asarray(lasted_s).size - np.searchsorted(np.sort(np.asarray(lasted_s)), times) >= _AT_RISK
    if not sure.any():
        return exponential(mean_s)
    return _as_table(times[sure], 1.0 - left[sure], tail_mean_s=mean_s)


def fitted_with_some_who_never(lasted_s: ArrayLike, ended: ArrayLike) -> tuple[float, Distribution]:
    """The share for whom it happens at all, as far as was seen, and how long it takes those.

    (0, never) when it did not happen once.
    """
    if not np.any(ended):
        return 0.0, never()
    times, left = kaplan_meier(lasted_s, ended)
    happens = float(1.0 - left[-1])
    return happens, _as_table(times, (1.0 - left) / happens, tail_mean_s=0.0)


def observed(seconds: ArrayLike) -> Distribution:
    """As seen, every case to its end: the quantiles. Raises ValueError when there is none."""
    seen = np.asarray(seconds, dtype=float)
    if seen.size == 0:
        raise ValueError("nothing was observed")
    points = min(seen.size, _FINE) + 1
    return table(np.quantile(seen, np.linspace(0.0, 1.0, points)).tolist())


def _as_table(
    times: NDArray[np.float64], reached: NDArray[np.float64], *, tail_mean_s: float
) -> Distribution:
    last = float(min(1.0, reached[-1]))
    wanted = np.linspace(0.0, last, _POINTS + 1)
    values = np.interp(wanted, np.concatenate([[0.0], reached]), np.concatenate([[0.0], times]))
    return table(np.maximum.accumulate(values).tolist(), reached=last, tail_mean_s=tail_mean_s)
