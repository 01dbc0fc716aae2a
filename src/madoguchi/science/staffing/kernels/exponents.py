"""Differences that cancel when written as they are defined."""

import math

# (−1)^k · 2 ÷ (k + 2)!, the highest power first: enough for |z| < 0.1, and for |z| < 0.5.
_FEW = (
    2.0 / 3628800.0,
    -2.0 / 362880.0,
    2.0 / 40320.0,
    -2.0 / 5040.0,
    2.0 / 720.0,
    -2.0 / 120.0,
    2.0 / 24.0,
    -2.0 / 6.0,
    1.0,
)
_MANY = (
    2.0 / 6402373705728000.0,
    -2.0 / 355687428096000.0,
    2.0 / 20922789888000.0,
    -2.0 / 1307674368000.0,
    2.0 / 87178291200.0,
    -2.0 / 6227020800.0,
    2.0 / 479001600.0,
    -2.0 / 39916800.0,
)


def gap(rate: float, s: float) -> float:
    """s − (1 − e^(−rate·s)) ÷ rate, never negative, exact also for small and for negative s.

    By how much `s` is longer than the mean of min(s, X), X exponential with `rate`.

    >>> 0.999999 < gap(2.0, 1e-9) / 1e-18 < 1.0  # about rate·s²÷2
    True
    """
    z = rate * s
    if -0.5 < z < 0.5:
        total = 0.0
        if not -0.1 < z < 0.1:
            for coefficient in _MANY:
                total = total * z + coefficient
        for coefficient in _FEW:
            total = total * z + coefficient
        return s * z * 0.5 * total
    # Beyond e^300 the exponent this stands in has long made everything vanish.
    return s + math.expm1(min(-z, 300.0)) / rate


def shared(part: float, low: float, exponent: int, up: float) -> float:
    """part ÷ (low·2^exponent + up), where the exponent is 0 or so large that `up` does not count."""
    if exponent == 0:
        return part / (low + up)
    return math.ldexp(part / low, -exponent)
