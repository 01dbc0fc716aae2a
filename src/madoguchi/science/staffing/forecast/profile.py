"""How the calls of a day spread over its intervals: a common profile, and what weekdays and traits change.

Each interval's calls, relative to the common profile, are a ridge of their own on the same columns as the day
(`level`). The prior spread of a change is small, and noise is larger where calls are few: so a quiet series
keeps the common profile, and a busy one gets a Monday of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_HALF_LIFE_DAYS = 90.0
_SPREAD = 0.12
_NOISE = 0.04
_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares of a day by interval."""

    common: Floats
    changes: Floats
    scatter: Floats
    """Extra standard deviation of an interval, relative, beyond Poisson and beyond the whole day's."""

    def of(self, columns: Floats, usual: Bools) -> Floats:
        """Shares for each row of `columns`; over the intervals that are `usual` they sum to 1."""
        return within(self.common * np.maximum(_LEAST, 1.0 + columns @ self.changes), usual)


def within(shares: Floats, usual: Bools) -> Floats:
    """A row of shares for each row of `usual`, which sum to 1 where that is true.

    >>> within(np.array([0.25, 0.25, 0.5]), np.array([[True, True, False]])).tolist()
    [[0.5, 0.5, 0.0]]
    """
    kept = shares * usual
    return np.asarray(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12), dtype=np.float64)


def common(calls: Floats, age_days: Floats) -> Floats:
    """Shares of the intervals over all days, recent ones counting more; `calls` has NaN where unknown."""
    recent = 0.5 ** (age_days / _HALF_LIFE_DAYS)
    known = np.isfinite(calls)
    day_total = np.nansum(calls, axis=1)
    shares = np.full(calls.shape[1], 1.0 / calls.shape[1])
    for _ in range(3):
        # A day that was counted in part stands for as much as it could show.
        whole = day_total / np.maximum(known @ shares, 1e-9)
        shares = (recent @ np.where(known, calls, 0.0)) / np.maximum((recent * whole) @ known, 1e-9)
        shares /= max(shares.sum(), 1e-12)
    return np.asarray(shares, dtype=np.float64)


def fit(calls: Floats, expected: Floats, columns: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """What `columns` change in each interval relative to `expected`, and the scatter that is left."""
    known = np.isfinite(calls) & (expected > 1e-9)
    relative = np.where(known, np.where(known, calls, 0.0) / np.maximum(expected, 1e-9) - 1.0, 0.0)
    usual = np.maximum(np.average(expected, axis=0, weights=weights + 1e-12), 1e-9)
    values, vectors = np.linalg.eigh(columns.T @ (weights[:, None] * columns))
    values = np.maximum(values, 0.0)[:, None]
    projected = vectors.T @ (columns.T @ (weights[:, None] * relative))
    ridge = (1.0 / usual + _NOISE**2) / _SPREAD**2
    changes = vectors @ (projected / (values + ridge))
    left = (relative - columns @ changes) * known
    seen = np.maximum(1.0, weights @ known - np.sum(values / (values + ridge), axis=0))
    beyond = (weights @ left**2) / seen - 1.0 / usual
    return changes, np.sqrt(np.maximum(beyond, 1e-4))
