"""The wait of a class behind higher ones, given that it has to wait: a mixture of exponentials (Davis 1966).

The caller waits for a geometric number (ratio s: load of this and the higher classes ÷ agents) of departures,
each prolonged to a busy period by the arrivals of higher classes. The inverse of its transform
(1 − s)b/(1 − s·b) is a mixture of e^(−xt), x between (√n ± √above)², and one more when s is large; all
weights are positive, so that the digits stay.
"""

import math

from madoguchi.science.staffing.kernels.quadrature import POINTS
from madoguchi.science.staffing.kernels.roots import MOST_STEPS, between, bracket_of, found, narrowed

_PIECES = 60

Behind = tuple[float, float, float]
"""agents, load of the higher classes, load of this one; together below the agents."""


def tail(behind: Behind, t: float) -> float:
    """P(wait > t | wait), t in handling times."""
    n, above, own = behind
    idle = n - above - own
    if above == 0.0:
        return math.exp(-idle * t)
    s = (above + own) / n
    ratio = s * math.sqrt(n / above)
    root = math.sqrt(n * above)
    least = (math.sqrt(n) - math.sqrt(above)) ** 2
    # Pieces of the angle, halving towards 0, where the integrand is narrow.
    end, total = math.pi, 0.0
    for piece in range(_PIECES + 1):
        begin = 0.5 * end if piece < _PIECES else 0.0
        half = 0.5 * (end - begin)
        part = 0.0
        for node, weight in POINTS:
            for sign in (-1.0, 1.0):
                angle = begin + half * (1.0 + sign * node)
                around = 4.0 * math.sin(0.5 * angle) ** 2
                x = least + root * around
                norm = (1.0 - ratio) ** 2 + ratio * around
                part += weight * math.sin(angle) ** 2 * math.exp(-x * t) / (norm * x)
        part *= half
        total += part
        end = begin
        # Nothing grows towards 0 but e^(−xt), and that has begun to count when anything has.
        if 0.0 < part <= 1e-18 * total:
            break
    total *= 2.0 * n * (idle / n) / math.pi
    if ratio > 1.0:
        slowest = (idle / n) * (n - above / s)
        total += (n * s * s - above) / (s * (n * s - above)) * math.exp(-slowest * t)
    return min(total, 1.0)


def percentile(behind: Behind, delayed: float, share: float) -> float:
    """The shortest t that `share` of the callers do not exceed, when `delayed` of them have to wait at all.

    Illinois regula falsi on the logarithm of the tail, which is convex and nearly straight far out.
    """
    rest = 1.0 - share
    if delayed <= rest:
        return 0.0
    low, high = 0.0, 1.0 / behind[0]
    f_low = math.log(delayed / rest)
    f_high = beyond(behind, delayed, rest, high)
    while f_high > 0.0:
        low, f_low = high, f_high
        high *= 2.0
        f_high = beyond(behind, delayed, rest, high)
    bracket, t = bracket_of(low, f_low, high, f_high), low
    for _ in range(MOST_STEPS):
        t = between(bracket)
        f = beyond(behind, delayed, rest, t)
        if found(bracket, t, f):
            break
        bracket = narrowed(bracket, t, f)
    return t


def beyond(behind: Behind, delayed: float, rest: float, t: float) -> float:
    longer = delayed * tail(behind, t)
    return math.log(longer / rest) if longer > 0.0 else -1000.0
