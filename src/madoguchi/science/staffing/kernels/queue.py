"""One queue in front of n agents: the measures, whichever of patience and places are limited.

`impatience` 0 means that nobody gives up, `places` below 0 that all may wait. The four cases share their
outputs, so that everything above knows only one queue.
"""

import math

from madoguchi.science.staffing.kernels.exponents import shared
from madoguchi.science.staffing.kernels.impatience import (
    ALL,
    FAR,
    LEAVE,
    STAY,
    WAIT_OF_LEAVERS,
    WAIT_OF_SERVED,
    area,
    free,
    hill_of,
)
from madoguchi.science.staffing.kernels.loss import below
from madoguchi.science.staffing.kernels.places import places_at, places_measures
from madoguchi.science.staffing.kernels.roots import MOST_STEPS, between, bracket_of, found, narrowed

Centre = tuple[int, float, float, int]
"""agents, load, impatience, places."""
Measures = tuple[float, float, float, float, float, float, float]
"""Blocked ÷ arrivals; then of those who got in: found somebody free, had to wait, gave up, were served
(shares); mean wait of the served, and of those who gave up (0 when nobody can)."""
AtTime = tuple[float, float, float, float, float]
"""Of those who got in, with patience without end: wait longer than t · no longer. As they are: wait longer
than t · served within t · gave up within t."""


def measures(centre: Centre) -> Measures:
    """The measures that need no time given."""
    agents, load, impatience, places = centre
    if load == 0.0:
        return 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    if places >= 0:
        return places_measures(agents, load, impatience, places)
    if impatience == 0.0:
        y, exponent = below(agents, load)
        idle = y * ((agents - load) / agents)
        at_once = idle / (1.0 + idle) if exponent == 0 else 1.0
        waits = shared(1.0, idle, exponent, 1.0)
        return 0.0, at_once, waits, 0.0, 1.0, waits / (agents - load), 0.0
    hill = hill_of(agents, load, impatience)
    low, exponent = free(agents, load, hill)
    up = agents * area(hill, ALL, 0.0, FAR)
    gone = agents * area(hill, LEAVE, 0.0, FAR)
    at_once, served = 1.0, 1.0
    if exponent == 0:
        at_once = low / (low + up)
        served = (low + agents * area(hill, STAY, 0.0, FAR)) / (low + up)
    waited = agents * area(hill, WAIT_OF_SERVED, 0.0, FAR)
    return (
        0.0,
        at_once,
        shared(up, low, exponent, up),
        shared(gone, low, exponent, up),
        served,
        shared(waited, low, exponent, up) / served,
        agents * area(hill, WAIT_OF_LEAVERS, 0.0, FAR) / gone,
    )


def at(centre: Centre, t: float) -> AtTime:
    """The measures of a waiting time `t`."""
    agents, load, impatience, places = centre
    if load == 0.0:
        return 0.0, 1.0, 0.0, 1.0, 0.0
    if places >= 0:
        return places_at(agents, load, impatience, places, t)
    if impatience == 0.0:
        return patient_at(agents, load, t)
    hill = hill_of(agents, load, impatience)
    low, exponent = free(agents, load, hill)
    until, beyond = area(hill, ALL, 0.0, t), area(hill, ALL, t, FAR)
    up = agents * (until + beyond)
    longer = shared(agents * beyond, low, exponent, up)
    gone = agents * (area(hill, LEAVE, 0.0, t) - math.expm1(-impatience * t) * beyond)
    shorter, served = 1.0, 1.0
    if exponent == 0:
        shorter = (low + agents * until) / (low + up)
        served = (low + agents * area(hill, STAY, 0.0, t)) / (low + up)
    stays = math.exp(-impatience * t)
    return longer, shorter, longer * stays, served, shared(gone, low, exponent, up)


def patient_at(agents: int, load: float, t: float) -> AtTime:
    """The measures of `t` in Erlang C. 1 − C·e^(−x) is summed as (1 − C) + C·(1 − e^(−x))."""
    y, exponent = below(agents, load)
    idle = y * ((agents - load) / agents)
    x = (agents - load) * t
    longer = shared(math.exp(-x), idle, exponent, 1.0)
    served = 1.0
    if exponent == 0:
        served = (idle - math.expm1(-x)) / (1.0 + idle)
    return longer, served, longer, served, 0.0


def percentile(centre: Centre, share: float, offered: bool) -> float:
    """The shortest t such that `share` of those who got in wait no longer; `offered`: if none gave up.

    Illinois regula falsi on the logarithm of the smaller of share and rest, which is concave in t and nearly
    straight far out.
    """
    f_low = off(centre, share, offered, 0.0)
    if f_low <= 0.0:
        return 0.0
    low, high = 0.0, 1.0 / (centre[0] + centre[2])
    f_high = off(centre, share, offered, high)
    while f_high > 0.0:
        low, f_low = high, f_high
        high *= 2.0
        f_high = off(centre, share, offered, high)
    bracket, t = bracket_of(low, f_low, high, f_high), low
    for _ in range(MOST_STEPS):
        t = between(bracket)
        f = off(centre, share, offered, t)
        if found(bracket, t, f):
            break
        bracket = narrowed(bracket, t, f)
    return t


def off(centre: Centre, share: float, offered: bool, t: float) -> float:
    """Above 0 while fewer than `share` wait no longer than t: the distance in logarithms."""
    then = at(centre, t)
    longer = then[0] if offered else then[2]
    shorter = then[1] if offered else then[3] + then[4]
    if share < 0.5:
        return math.log(share / shorter) if shorter > 0.0 else 1000.0
    return math.log(longer / (1.0 - share)) if longer > 0.0 else -1000.0
