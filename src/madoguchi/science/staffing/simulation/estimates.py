"""What several replications say together: a mean and the interval in which the truth lies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications with its confidence interval."""

    mean: float
    low: float
    high: float
    runs: int

    def holds(self, value: float) -> bool:
        """Whether `value` lies within the interval."""
        return self.low <= value <= self.high


def estimate(values: ArrayLike, level: float = 0.95) -> Estimate:
    """Mean and confidence interval of independent, equally distributed `values`.

    With one value the interval is without bounds: one run says nothing of its own chance. Values that
    are not numbers (a measure whose population was empty in a run) are left out.

    >>> found = estimate([10.0, 12.0, 14.0])
    >>> found.mean, round(found.low, 2), round(found.high, 2)
    (12.0, 7.03, 16.97)
    """
    seen = np.asarray(values, dtype=float)
    seen = seen[~np.isnan(seen)]
    if seen.size == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    mean = float(seen.mean())
    if seen.size == 1:
        return Estimate(mean, -math.inf, math.inf, 1)
    half = student(level, seen.size - 1) * float(seen.std(ddof=1)) / math.sqrt(seen.size)
    return Estimate(mean, mean - half, mean + half, seen.size)


def student(level: float, freedom: int) -> float:
    """The bound that Student's t of `freedom` degrees exceeds, either side, with chance 1 − `level`.

    Source: exact for one and two degrees; else Hill, Algorithm 396, Comm. ACM 13 (1970), six digits.

    >>> round(student(0.95, 2), 4), round(student(0.95, 19), 4), round(student(0.99, 9), 3)
    (4.3027, 2.093, 3.25)
    """
    if not 0 < level < 1 or freedom < 1:
        raise ValueError("a level lies between 0 and 1, and there is at least one degree of freedom")
    out = 1 - level
    if freedom == 1:
        return 1 / math.tan(out * math.pi / 2)
    if freedom == 2:
        return math.sqrt(2 / (out * (2 - out)) - 2)
    return _hill(out, float(freedom))


def _hill(out: float, n: float) -> float:
    a = 1 / (n - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * n
    y = (d * out) ** (2 / n)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(out / 2)
        y = x**2
        if n < 5:
            c += 0.3 * (n - 4.5) * (x + 0.6)
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y**2)
    else:
        y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) * (
            n + 1
        ) / (n + 2) + 1 / y
    return math.sqrt(n * y)


def spread_over_cores(once: Callable[[int], Result], runs: int, cores: int) -> Sequence[Result]:
    """`once(0)`, `once(1)`… in order; the loops let go of Python's lock, so threads are enough."""
    if runs < 1:
        raise ValueError("at least one run is needed")
    if cores <= 1 or runs == 1:
        return [once(number) for number in range(runs)]
    first = once(0)
    with ThreadPoolExecutor(cores) as pool:
        return [first, *pool.map(once, range(1, runs))]
