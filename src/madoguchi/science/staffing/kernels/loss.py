"""Agents or lines without a queue: everything starts from how likely it is that one is free."""

import math

from madoguchi.science.staffing.kernels.exponents import shared
from madoguchi.science.staffing.kernels.roots import MOST_STEPS, between, bracket_of, narrowed

_HIGH, _STEP = 2.0**300, 300


def below(agents: int, load: float) -> tuple[float, int]:
    """Probability that somebody is free ÷ probability that exactly all are busy, as (m, e): m·2^e.

    The recurrence 1/B(n) = 1 + (n/a)/B(n−1) written for y = 1/B − 1: y(n) = (n/a)(1 + y(n−1)). All terms are
    positive, so errors only add up: about 1e-14 after 50,000 steps.
    """
    y, one, exponent = 0.0, 1.0, 0
    for k in range(1, agents + 1):
        y = (k / load) * (one + y)
        if y > _HIGH:
            y = math.ldexp(y, -_STEP)
            one = math.ldexp(one, -_STEP)
            exponent += _STEP
    return y, exponent


def empty(agents: int, load: float) -> float:
    """Probability that all are free, given that somebody is: (n! ÷ a^n) ÷ y."""
    ratio, exponent = 1.0, 0
    for k in range(1, agents + 1):
        ratio *= k / load
        if ratio > _HIGH:
            ratio = math.ldexp(ratio, -_STEP)
            exponent += _STEP
        elif ratio < 1.0 / _HIGH:
            ratio = math.ldexp(ratio, _STEP)
            exponent -= _STEP
    y, shift = below(agents, load)
    return math.ldexp(ratio / y, exponent - shift)


def blocking(lines: int, load: float) -> float:
    """Erlang B."""
    if load == 0.0:
        return 0.0
    y, exponent = below(lines, load)
    return shared(1.0, y, exponent, 1.0)


def log_blocking(lines: int, load: float) -> float:
    """The natural logarithm of Erlang B, also where Erlang B is smaller than any float."""
    y, exponent = below(lines, load)
    if exponent == 0:
        return -math.log1p(y)
    return -(math.log(y) + exponent * math.log(2.0))


def carried_share(lines: int, load: float) -> float:
    """1 − Erlang B, exact also when nearly everybody is blocked."""
    if load == 0.0:
        return 1.0
    y, exponent = below(lines, load)
    return y / (1.0 + y) if exponent == 0 else 1.0


def lines_for(load: float, most_blocking: float, most: int) -> int:
    """The fewest lines with Erlang B ≤ `most_blocking`; `most` + 1 when so many do not suffice."""
    y, one, shift = 0.0, 1.0, 0
    if most_blocking >= 1.0 or load == 0.0:
        return 0
    wanted = (1.0 - most_blocking) / most_blocking
    for k in range(1, most + 1):
        y = (k / load) * (one + y)
        if y > _HIGH:
            y = math.ldexp(y, -_STEP)
            one = math.ldexp(one, -_STEP)
            wanted = math.ldexp(wanted, -_STEP)
            shift += _STEP
        if y >= wanted:
            return k
    return most + 1


def load_for(lines: int, wanted: float) -> float:
    """The load at which Erlang B is `wanted`, 0 < wanted < 1.

    Regula falsi on log(B ÷ (1 − B)) over log(load), which is increasing, smooth and nearly straight.
    """
    target = math.log(wanted) - math.log1p(-wanted)
    # The slope lies between 1, far up, and the number of lines, far down.
    low = high = math.log(lines)
    off = log_odds(lines, math.exp(low)) - target
    while off > 0.0:
        low -= 0.1 + off / lines
        off = log_odds(lines, math.exp(low)) - target
    off = log_odds(lines, math.exp(high)) - target
    while off < 0.0:
        high += 0.1 - off
        off = log_odds(lines, math.exp(high)) - target
    if low == high:
        return math.exp(low)  # as many Erlang as lines: nothing lies between
    f_low = log_odds(lines, math.exp(low)) - target
    f_high = log_odds(lines, math.exp(high)) - target
    bracket, middle, last = bracket_of(low, f_low, high, f_high), low, high
    for _ in range(MOST_STEPS):
        middle = between(bracket)
        f = log_odds(lines, math.exp(middle)) - target
        # Logarithms may be 0, so how near is enough does not depend on them.
        if f == 0.0 or abs(middle - last) < 1e-16 or bracket[2] - bracket[0] < 1e-15:
            break
        bracket, last = narrowed(bracket, middle, f), middle
    return math.exp(middle)


def log_odds(lines: int, load: float) -> float:
    """log(B ÷ (1 − B)) = −log y."""
    y, exponent = below(lines, load)
    return -(math.log(y) + exponent * math.log(2.0))
