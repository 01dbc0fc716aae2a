"""How far the truth may lie from a forecast: calls are Poisson around a mean that is itself not known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from madoguchi.science.staffing.errors import NotAShare

Floats = NDArray[np.float64]


def interval(mean: Floats, variance: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Least and most calls that a negative binomial with `mean` gives with probability `confidence`.

    `variance` is that of the mean, relative to its square. Where the mean is 0, so are both.

    >>> low, high = interval(np.array([10.0, 0.0]), np.array([0.04, 0.04]), 0.9)
    >>> low.tolist(), high.tolist()
    ([4.0, 0.0], [17.0, 0.0])
    """
    if not 0.0 < confidence < 1.0:
        raise NotAShare(name="confidence", value=confidence)
    some = mean > 1e-9
    low, high = np.zeros_like(mean), np.zeros_like(mean)
    size = 1.0 / np.maximum(variance[some], 1e-9)
    odds = size / (size + mean[some])
    low[some] = nbinom.ppf((1.0 - confidence) / 2, size, odds)
    high[some] = nbinom.ppf((1.0 + confidence) / 2, size, odds)
    return low, high
