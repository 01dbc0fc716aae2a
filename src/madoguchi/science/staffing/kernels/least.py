"""The fewest agents for the commonest goal, a share answered within t, without a search from outside."""

import math

from madoguchi.science.staffing.kernels.impatience import served_within
from madoguchi.science.staffing.kernels.loss import below


def least_patient(load: float, t: float, share: float, most: int) -> int:
    """Erlang C: walks up the recurrence of `loss.below` once. `most` + 1 when so many do not suffice."""
    first = int(load) + 1
    if first > most:
        return most + 1
    y, exponent = below(first, load)
    agents = first
    while agents < most and exponent == 0:
        idle = y * ((agents - load) / agents)
        if idle - math.expm1(-(agents - load) * t) >= share * (1.0 + idle):
            break
        agents += 1
        y = (agents / load) * (1.0 + y)
    if agents == most and exponent == 0:
        idle = y * ((agents - load) / agents)
        if idle - math.expm1(-(agents - load) * t) < share * (1.0 + idle):
            return most + 1
    return agents


def least_impatient(centre: tuple[float, float], t: float, share: float, most: int) -> int:
    """Erlang A, `centre`: load and impatience. Doubling steps away from a first guess, then halving."""
    load, impatience = centre
    guess = max(1, min(most, int(load + (share - 0.3) * math.sqrt(load)) + 1))
    low, high, step = 0, most + 1, 1
    agents = guess
    while high - low > 1:
        if served_within(agents, load, impatience, t) >= share:
            high = agents
            agents = max(high - step, 1) if low == 0 else (low + high) // 2
        else:
            low = agents
            agents = min(low + step, most) if high == most + 1 else (low + high) // 2
        step *= 2
        if low >= most:
            return most + 1
    return high
