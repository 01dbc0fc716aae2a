"""The formulas a second time, in 40 digits and more, by other ways than the product's."""

import functools
import math
from collections.abc import Iterator
from typing import Any

import mpmath as mp

DIGITS = 40


@functools.lru_cache
def below(agents: int, load: Any) -> Any:
    """1/B − 1 as Σ n!/(n−k)!·load^−k over k ≥ 1, largest index first."""
    total, term = mp.mpf(0), mp.mpf(1)
    for k in range(agents):
        term *= mp.mpf(agents - k) / load
        total += term
        if term < total * mp.mpf(10) ** (-mp.mp.dps - 5) and (agents - k) < load:
            break
    return total


def erlang_b(lines: int, load: float) -> Any:
    return 1 / (1 + below(lines, mp.mpf(load)))


def erlang_c(agents: int, load: float, t: float) -> dict[str, Any]:
    """Times in handling times."""
    a, n = mp.mpf(load), mp.mpf(agents)
    blocked = erlang_b(agents, load)
    delayed = n * blocked / (n - a * (1 - blocked))
    tail = delayed * mp.exp(-(n - a) * mp.mpf(t))
    return {
        "delay_probability": delayed,
        "mean_wait_s": delayed / (n - a),
        "mean_queue": delayed * a / (n - a),
        "wait_tail": tail,
        "service_level_a": 1 - tail,
    }


def erlang_a(agents: int, load: float, impatience: float, t: float) -> dict[str, Any]:
    """By sums over the number of waiting callers (Palm), with guard digits for the differences."""
    with mp.workdps(DIGITS + _guard(agents, load, impatience)):
        n, a, theta, late = (mp.mpf(value) for value in (agents, load, impatience, t))
        low = below(agents, a)
        waits = mean_left = served_wait = hold = mp.mpf(0)
        for k, weight in _ahead(a, n, theta):
            waits += weight
            mean_left += weight * (k + 1) * theta / (n + (k + 1) * theta)
            hold += 1 / (n + (k + 1) * theta)
            served_wait += weight * n / (n + (k + 1) * theta) * hold
        all_ = low + waits
        served, left = (low + waits - mean_left) / all_, mean_left / all_
        late_load = a * mp.exp(-theta * late)
        shrink = mp.exp((a - late_load) / theta - n * late)
        late_waits = shrink * sum(weight for _, weight in _ahead(late_load, n, theta))
        late_stays = shrink * mp.exp(-theta * late) * n / (n + theta)
        late_stays *= sum(weight for _, weight in _ahead(late_load, n + theta, theta))
        in_time = (low + waits - mean_left - late_stays) / all_
        gone = (
            (waits - late_waits) - (waits - mean_left - late_stays) + (1 - mp.exp(-theta * late)) * late_waits
        )
        return {
            "delay_probability": waits / all_,
            "abandon_probability": left,
            "mean_wait_s": left / theta,
            "mean_wait_served_s": served_wait / all_ / served,
            "mean_wait_abandoned_s": (left / theta - served_wait / all_) / left,
            "occupancy": a * served / n,
            "mean_queue": a * left / theta,
            "wait_tail_offered": late_waits / all_,
            "wait_tail": mp.exp(-theta * late) * late_waits / all_,
            "service_level_a": in_time,
            "service_level_c": in_time + gone / all_,
            "service_level_d": in_time / served,
        }


def _ahead(load: Any, rate: Any, impatience: Any) -> Iterator[tuple[int, Any]]:
    """k and load^k ÷ ((rate + θ)…(rate + kθ)), until it no longer matters."""
    weight, k, total, enough = mp.mpf(1), 0, mp.mpf(0), mp.mpf(10) ** (-mp.mp.dps)
    while weight > total * enough or load > rate + k * impatience:
        yield k, weight
        total += weight
        k += 1
        weight *= load / (rate + k * impatience)


def _guard(agents: int, load: float, impatience: float) -> int:
    """Digits lost in differences: in overload the shares of those who wait are 1 − something tiny."""
    if load <= agents:
        return 10
    over = math.log(load / agents)
    return 10 + int((load - agents - agents * over) / impatience / 2.3)


def limited(agents: int, load: float, impatience: float, places: int, t: float) -> dict[str, Any]:
    """Limited places: sums as they are defined, from e^(−nt) upwards, which 50 digits can hold."""
    n, (a, theta, late) = agents, (mp.mpf(value) for value in (load, impatience, t))
    low, weights = below(agents, a), [mp.mpf(1)]
    for k in range(1, places + 1):
        weights.append(weights[-1] * a / (n + k * theta))
    inside = low + sum(weights[:-1])
    stay = late if theta == 0 else (1 - mp.exp(-theta * late)) / theta
    term, own = mp.exp(-n * late), mp.exp(-(n + theta) * late)
    some = own_some = longer = served = mp.mpf(0)
    for k, weight in enumerate(weights[:-1]):
        some, own_some = some + term, own_some + own
        longer += weight * some
        served += weight * n / (n + (k + 1) * theta) * (1 - own_some)
        term *= stay * (n + k * theta) / (k + 1)
        own *= stay * (n + (k + 1) * theta) / (k + 1)
    return {
        "blocking": weights[-1] / (low + sum(weights)),
        "delay_probability": sum(weights[:-1]) / inside,
        "mean_queue": sum(weight * k for k, weight in enumerate(weights)) / (low + sum(weights)),
        "wait_tail": longer * mp.exp(-theta * late) / inside,
        "service_level_a": (low + served) / inside,
    }
