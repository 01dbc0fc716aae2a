"""Waiting with patience and unlimited places: M/M/n+M, at any size in the same time.

Theory: the wait V that a caller who never gives up would meet has, beside its mass at 0, the density
n·p(n)·exp(E(x)) with E(x) = load·(1 − e^(−θx))/θ − n·x (θ: impatience; Baccelli & Hebuterne 1981; Zeltyn &
Mandelbaum 2005, "Call centers with impatient customers", section 5). E is concave, so everything asked for is
an integral of a smooth hill. It is cut into pieces on which Gauss–Legendre with 16 points is exact to the
last digit, beginning at the top of the hill; all integrands are positive. The series usually given for Erlang
A needs a term per waiting caller and overflows; the hill does not care how many wait.
"""

import math

from madoguchi.science.staffing.kernels.exponents import gap
from madoguchi.science.staffing.kernels.loss import below
from madoguchi.science.staffing.kernels.quadrature import POINTS

_NOTHING = 1e-19
FAR = math.inf

# What the density is multiplied with.
ALL, LEAVE, STAY, WAIT_OF_SERVED, WAIT_OF_LEAVERS = 0, 1, 2, 3, 4
"""1 · 1 − e^(−θx) · e^(−θx) · x·e^(−θx) · (1 − (1 + θx)e^(−θx))/θ: all who meet a wait, those of them who
give up, those who are served, and the sums of their waits."""

Hill = tuple[float, float, float, float]
"""drift, pull, impatience and where the top is: E(top) − E(x) = drift·(x − top) + pull·gap(x − top)."""


def hill_of(agents: int, load: float, impatience: float) -> Hill:
    """The shape of the density. Its top lies at 0 unless there is more load than agents."""
    if load <= agents:
        return agents - load, load, impatience, 0.0
    return 0.0, float(agents), impatience, math.log1p((load - agents) / agents) / impatience


def drop(hill: Hill, x: float) -> float:
    """E(top) − E(x), never negative."""
    drift, pull, impatience, top = hill
    return drift * (x - top) + pull * gap(impatience, x - top)


def area(hill: Hill, times: int, begin: float, end: float) -> float:
    """Integral of exp(E − E(top)) `times` one of the functions above, from `begin` up to `end` or `FAR`."""
    top = hill[3]
    if begin >= top:
        return side(hill, times, begin, end)
    if end <= top:
        return side(hill, times, end, begin)
    return side(hill, times, top, begin) + side(hill, times, top, end)


def side(hill: Hill, times: int, begin: float, end: float) -> float:
    """The integral over one side of the hill, walked downhill from `begin` until nothing more is added."""
    total, x = 0.0, begin
    towards = 1.0 if end > begin else -1.0
    while True:
        step = stride(hill, x, towards)
        if step >= abs(end - x):
            return total + panel(hill, times, x, end - x)
        piece = panel(hill, times, x, towards * step)
        total += piece
        x += towards * step
        if piece <= _NOTHING * total:
            return total


def stride(hill: Hill, x: float, towards: float) -> float:
    """How far one piece may reach: the exponent changes by about 4 and bends little on it."""
    drift, pull, impatience, top = hill
    z = impatience * (x - top)
    # Beyond 40 patiences the functions of θx are constant to the last digit.
    varies = impatience if impatience * x < 40.0 else 0.0
    bend = pull * impatience * math.exp(-z)
    step = 4.0 / (abs(drift - pull * math.expm1(-z)) + 2.0 * math.sqrt(bend) + varies)
    if towards < 0.0:
        here = drop(hill, x)
        while drop(hill, x - step) - here > 8.0:
            step *= 0.5
    return step


def panel(hill: Hill, times: int, begin: float, step: float) -> float:
    """The integral over one piece."""
    impatience = hill[2]
    half = 0.5 * step
    middle = begin + half
    total = 0.0
    for node, weight in POINTS:
        for sign in (-1.0, 1.0):
            x = middle + sign * node * half
            z = impatience * x
            value = weight * math.exp(-drop(hill, x))
            if times == LEAVE:
                value *= -math.expm1(-z)
            elif times == STAY:
                value *= math.exp(-z)
            elif times == WAIT_OF_SERVED:
                value *= x * math.exp(-z)
            elif times == WAIT_OF_LEAVERS:
                if z < 0.5:
                    value *= math.exp(-z) * gap(impatience, -x)
                else:
                    value *= (1.0 - (1.0 + z) * math.exp(-z)) / impatience
            total += value
    return total * abs(half)


def free(agents: int, load: float, hill: Hill) -> tuple[float, int]:
    """Weight of those who find somebody free, on the scale of `agents` times the integrals, as m·2^e."""
    y, exponent = below(agents, load)
    return y * math.exp(-drop(hill, 0.0)), exponent


def served_within(agents: int, load: float, impatience: float, t: float) -> float:
    """Service level (a), for searches: only what is needed of `queue.at`, by the quicker of two ways."""
    hill = hill_of(agents, load, impatience)
    if load > 400.0 * impatience:
        low, exponent = free(agents, load, hill)
        up = agents * area(hill, ALL, 0.0, FAR)
    else:
        # Few wait at once: here the sum over their number ends early and stays within a float.
        low, exponent = below(agents, load)
        up, weight, k = 0.0, 1.0, 0.0
        while weight > 1e-17 * up or load > agents + k * impatience:
            up += weight
            k += 1.0
            weight *= load / (agents + k * impatience)
    if exponent != 0:
        return 1.0
    in_time = agents * area(hill, STAY, 0.0, t)
    if load <= 400.0 * impatience:
        in_time *= math.exp(drop(hill, 0.0))
    return (low + in_time) / (low + up)
