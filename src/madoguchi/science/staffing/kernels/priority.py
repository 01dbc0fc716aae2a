"""The wait of a class behind higher ones, given that it has to wait: a mixture of exponentials (Davis 1966).

The caller waits for a geometric number (ratio s: load of this and the higher classes ÷ agents) of departures,
each prolonged to a busy period by the arrivals of higher classes. The inverse of its transform
(1 − s)b/(1 − s·b) is a mixture of e^(−xt), x between (√n ± √above)², and one more when s is large; all
weights are positive, so that the digits stay.
"""

import math

_POINTS = (
    (0.095012509837637440185, 0.18945061045506849629),
    (0.28160355077925891323, 0.18260341504492358887),
    (0.45801677765722738634, 0.16915651939500253819),
    (0.61787624440264374845, 0.14959598881657673208),
    (0.7554044083550030339, 0.12462897125553387205),
    (0.86563120238783174388, 0.09515851168249278481),
    (0.94457502307323257608, 0.062253523938647892863),
    (0.9894009349916499326, 0.027152459411754094852),
)
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
        for node, weight in _POINTS:
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
    side, last, t = 0, -1.0, low
    for _ in range(200):
        t = (low * f_high - high * f_low) / (f_high - f_low)
        if not low < t < high:
            t = 0.5 * (low + high)
        f = beyond(behind, delayed, rest, t)
        if f == 0.0 or abs(t - last) <= 2e-16 * t or high - low <= 2e-16 * high:
            break
        last = t
        if f > 0.0:
            low, f_low = t, f
            f_high = 0.5 * f_high if side == 1 else f_high
            side = 1
        else:
            high, f_high = t, f
            f_low = 0.5 * f_low if side == -1 else f_low
            side = -1
    return t


def beyond(behind: Behind, delayed: float, rest: float, t: float) -> float:
    longer = delayed * tail(behind, t)
    return math.log(longer / rest) if longer > 0.0 else -1000.0
