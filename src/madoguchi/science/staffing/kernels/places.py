"""One queue with a limited number of waiting places, with or without patience: M/M/n/n+K+M.

A caller who finds k waiting has k + 1 departures before the own service; with θ the impatience the time of
these is a sum of exponentials with rates n, n + θ, …, n + kθ, whose tail is a sum of negative binomial terms
(Poisson terms when θ = 0): e^(−θV) has the law Beta(n/θ, k + 1). `stay`, (1 − e^(−θt))/θ, is how much of t
an impatient caller stays on average. Weights are kept relative to the largest of
them, which neither overflows nor cancels; what vanishes beside it does so below 1e-300.
"""

import math

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.kernels.loss import below

Floats = NDArray[np.float64]


def places_measures(
    agents: int, load: float, impatience: float, places: int
) -> tuple[float, float, float, float, float, float, float]:
    """See `queue.Measures`."""
    weights = waiting(agents, load, impatience, places)
    y, exponent = below(agents, load)
    low, shift = y * weights[0], -exponent
    delayed, left, served_wait, left_wait = 0.0, 0.0, 0.0, 0.0
    served = 0.0
    wait_if_served, wait_if_left = 0.0, 0.0
    for k in range(places):
        rate = agents + (k + 1) * impatience
        gives_up = (k + 1) * impatience / rate
        before = agents + k * impatience
        wait_if_served = (agents / rate + before * wait_if_served) / rate
        wait_if_left = (gives_up + before * wait_if_left) / rate
        delayed += weights[k]
        left += weights[k] * gives_up
        served += weights[k] * (agents / rate)
        served_wait += weights[k] * wait_if_served
        left_wait += weights[k] * wait_if_left
    # From here on on the scale of `low`, which may be beyond a float beside the rest.
    inside = low + math.ldexp(delayed, shift)
    all_ = low + math.ldexp(delayed + weights[places], shift)
    served_share = (low + math.ldexp(served, shift)) / inside
    return (
        math.ldexp(weights[places] / all_, shift),
        low / inside,
        math.ldexp(delayed / inside, shift),
        math.ldexp(left / inside, shift),
        served_share,
        math.ldexp(served_wait / inside, shift) / served_share,
        left_wait / left if left > 0.0 else 0.0,
    )


def places_at(
    agents: int, load: float, impatience: float, places: int, t: float
) -> tuple[float, float, float, float, float]:
    """See `queue.AtTime`."""
    weights = waiting(agents, load, impatience, places)
    y, exponent = below(agents, load)
    low, shift = y * weights[0], -exponent
    until = np.zeros(places + 1)  # callers who found fewer than k waiting
    for k in range(places):
        until[k + 1] = until[k] + weights[k]
    longer, shorter = patient_shares(agents, impatience, weights, until, t)
    served, left = impatient_shares(agents, impatience, weights, t)
    inside = low + math.ldexp(until[places], shift)
    offered = math.ldexp(longer / inside, shift)
    return (
        offered,
        (low + math.ldexp(shorter, shift)) / inside,
        offered * math.exp(-impatience * t),
        (low + math.ldexp(served, shift)) / inside,
        math.ldexp(left / inside, shift),
    )


def waiting(agents: int, load: float, impatience: float, places: int) -> Floats:
    """Probabilities that 0 … `places` callers wait and all agents are busy, the largest set to 1."""
    weights = np.zeros(places + 1)
    top = 0
    if load > agents:
        top = places if impatience * places <= load - agents else int((load - agents) / impatience)
    weights[top] = 1.0
    for k in range(top, 0, -1):
        weights[k - 1] = weights[k] * ((agents + k * impatience) / load)
    for k in range(top + 1, places + 1):
        weights[k] = weights[k - 1] * (load / (agents + k * impatience))
    return weights


def departures(first: float, impatience: float, t: float, count: int) -> tuple[Floats, float]:
    """Probabilities of 0 … `count` of the departures with rates first, first + θ, … within t, and of more."""
    stay = t if impatience == 0.0 else -math.expm1(-impatience * t) / impatience
    stretch = math.exp(min(impatience * t, 600.0))
    mean = first * stay * stretch
    size = mean + 60.0 * (math.sqrt(mean * stretch) + stretch) + count
    if first * t > 600.0 and size < 2e6:
        return departures_by_sum(first, impatience, stay, count, int(size) + 1)
    return departures_from_none(first, impatience, t, stay, count)


def departures_by_sum(
    first: float, impatience: float, stay: float, count: int, size: int
) -> tuple[Floats, float]:
    """From the likeliest number outwards, divided by the sum: where that of none is no float any more."""
    terms = np.zeros(size)
    top = 0
    for k in range(1, size):
        if stay * (first + (k - 1) * impatience) < k:
            break
        top = k
    terms[top] = 1.0
    total = 1.0
    for k in range(top, 0, -1):
        terms[k - 1] = terms[k] * (k / (stay * (first + (k - 1) * impatience)))
        total += terms[k - 1]
    for k in range(top + 1, size):
        terms[k] = terms[k - 1] * (stay * (first + (k - 1) * impatience) / k)
        total += terms[k]
    more = 0.0
    for k in range(size - 1, count, -1):
        more += terms[k]
    return terms[: count + 1] / total, more / total


def departures_from_none(
    first: float, impatience: float, t: float, stay: float, count: int
) -> tuple[Floats, float]:
    """Upwards from the probability of none, e^(−first·t), kept as m·2^e."""
    terms = np.zeros(count + 1)
    exponent = -int(first * t / math.log(2.0))
    term = math.exp(-first * t - exponent * math.log(2.0))
    terms[0] = math.ldexp(term, exponent)
    some = 0.0
    for k in range(1, count + 1):
        term *= stay * (first + (k - 1) * impatience) / k
        if term > 2.0**300 or term < 2.0**-300:
            shift = 300 if term > 1.0 else -300
            term = math.ldexp(term, -shift)
            exponent += shift
        terms[k] = math.ldexp(term, exponent)
        some += terms[k]
    if terms[0] + some < 0.5:
        return terms, 1.0 - (terms[0] + some)
    if impatience * t > 11.0:
        # The tail falls by less than e^-11 a term: too slow to add up, but then it is far from vanishing.
        return terms, -math.expm1(-first * t) - some
    more, k = 0.0, count
    term = math.ldexp(term, exponent)
    while True:
        k += 1
        ratio = stay * (first + (k - 1) * impatience) / k
        term *= ratio
        more += term
        if (ratio < 1.0 and term <= 1e-19 * more * (1.0 - ratio)) or more == 0.0:
            return terms, more


def patient_shares(
    agents: int, impatience: float, weights: Floats, until: Floats, t: float
) -> tuple[float, float]:
    """Weight of those who would wait longer than t, and of those who would not, had they endless patience."""
    places = len(weights) - 1
    if t == 0.0:
        return until[places], 0.0
    terms, more = departures(float(agents), impatience, t, places)
    longer, after = 0.0, 0.0
    for k in range(places - 1, -1, -1):
        after += weights[k]
        longer += terms[k] * after
    shorter = more * until[places]
    for k in range(1, places + 1):
        shorter += terms[k] * until[k]
    return longer, shorter


def impatient_shares(agents: int, impatience: float, weights: Floats, t: float) -> tuple[float, float]:
    """Weight of those who wait and are served within t, and of those who give up within t."""
    places = len(weights) - 1
    if t == 0.0:
        return 0.0, 0.0
    terms, more = departures(agents + impatience, impatience, t, places)
    beyond = np.zeros(places + 1)  # more than k departures
    beyond[places] = more
    for k in range(places, 0, -1):
        beyond[k - 1] = beyond[k] + terms[k]
    served, left, after = 0.0, 0.0, 0.0
    for k in range(places):
        served += weights[k] * (agents / (agents + (k + 1) * impatience)) * beyond[k]
    for k in range(places - 1, -1, -1):
        after += weights[k]
        left += (impatience * agents / ((agents + k * impatience) * (agents + (k + 1) * impatience))) * (
            beyond[k] * after
        )
    return served, left
