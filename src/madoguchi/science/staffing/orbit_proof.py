"""How far the truncated chain can be from the endless one: a bound that is proved, not estimated.

For any function h on the states, the long run π of the endless chain has Σ π(x)·(Qh)(x) = 0. Take for h the
`Chain.worth` of a measure m, prolonged beyond the limits by its value at the limit: within the limits
m − mean + Qh is then 0 but for rounding, which is computed and counted; beyond them it grows no faster
than linearly. So the error of the mean is at most Σ π(x)·|linear| over x beyond the limits. How rarely the
chain is there is bounded by a function V = Π z^count (Lyapunov) with QV ≤ −κV beyond the limits: Σ π·(QV)⁻ is
at most Σ π·(QV)⁺, which lives within the limits and is the mean of a measure like any other, so that the
bound holds for it too: B ≤ mean + K·B, thus B ≤ mean ÷ (1 − K). Any V proves something; a search finds one
that proves much. Sources: P. Glynn, A. Zeevi (2008), "Bounding stationary expectations of Markov processes";
R. Tweedie (1998), "Truncation approximations of invariant measures for Markov chains".
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import minimize

from madoguchi.science.staffing.inputs import Floats
from madoguchi.science.staffing.orbit_chain import Chain, Move

_LARGEST = 600.0
"""Of the logarithm of V: e^600 is still a float."""


@dataclass(frozen=True, slots=True)
class Growth:
    """V, as logarithms: a table over the callers in the centre times a power for each in the orbits."""

    inside: Floats
    """From 0 callers to the limit, the least entry 0."""
    further: float
    """By how much it rises with each caller beyond that."""
    redialling: float
    returning: float


@dataclass(frozen=True, slots=True)
class Proof:
    """What holds of the endless chain."""

    chain: Chain
    growth: Growth
    change: Floats
    """QV within the limits."""
    falls: float
    """κ: beyond the limits QV ≤ −κV."""
    rises: float
    """Σ π·(QV)⁺ is at most this; infinite where the limits are too low."""
    longing: float
    """How many times larger V beyond the limits must be at least, to prove anything."""

    def error(self, measure: Floats, slopes: Mapping[str, float]) -> tuple[float, float]:
        """By how much the mean of `measure` may differ at most from that of the endless chain.

        By rounding, and by what is beyond the limits; there the measure must lie between 0 and
        Σ slope · count, whose names are those of `Chain.counts`. With limits too low the second is a guess.
        """
        near, far, outside = _off(self, measure, slopes)
        rises = self.rises if math.isfinite(self.rises) else self.chain.mean(np.maximum(self.change, 0.0))
        return near + far * rises, outside * rises


def prove(chain: Chain) -> Proof | None:
    """The best V that the search finds; None when the limits are too low for any."""
    growth = _search(chain)
    if growth is None:
        return None
    drift, value = _drift(chain, growth)
    falls = _falls_beyond(chain, growth)
    proof = Proof(chain, growth, drift * value, falls, math.inf, 1.0)
    rises = np.maximum(proof.change, 0.0)
    near, far, outside = _off(proof, rises, {})
    share = far + outside
    found = (chain.mean(rises) + near) / (1.0 - share) if share < 0.5 else math.inf
    return replace(proof, rises=found, longing=4.0 * share)


def needed_limits(chain: Chain, growth: Growth, factor: float) -> list[int]:
    """Limits beyond which V is `factor` times larger than now."""
    least = _least_beyond(chain, growth)
    wanted = min(least.values(), default=0.0) + math.log(factor)
    steps = {0: growth.further, 1: growth.redialling, 2: growth.returning}
    limits = list(chain.limits)
    for axis, have in least.items():
        limits[axis] += max(math.ceil((wanted - have) / steps[axis]), 0)
    return limits


def _off(proof: Proof, measure: Floats, slopes: Mapping[str, float]) -> tuple[float, float, float]:
    """|m − mean + Qh|: at most, where V rises; ÷ (QV)⁻ where it falls; ÷ (QV)⁻ beyond the limits."""
    chain, falls = proof.chain, -proof.change
    worth, mean = chain.worth(measure), chain.mean(measure)
    off = np.abs(measure - mean + chain.rates @ worth)
    far = falls > 1.0
    near = float(np.max(off[~far], initial=0.0))
    steps = _steps(chain, worth)
    named = {flow.name: flow.rate * steps[flow.name] for flow in chain.flows}
    steady = named["one"] + named["busy"] * _agents(chain)
    constant = abs(mean) + slopes.get("one", 0.0) + steady + 1e-300
    there = [True, *(limit > 0 for limit in chain.limits[1:])]
    line = {
        name: (named[name] + slopes.get(name, 0.0)) / constant if some else 0.0
        for name, some in zip(_AXES, there, strict=True)
    }
    beyond = constant * _most_over_value(chain, line, proof.growth) / proof.falls if _endless(chain) else 0.0
    return near, float(np.max(off[far] / falls[far], initial=0.0)), beyond


_AXES = ("waiting", "redialling", "returning")


def _steps(chain: Chain, worth: Floats) -> dict[str, float]:
    """For each flow, how much `worth` changes at most by one of its moves from a state at a limit.

    Beyond a limit a move changes nothing along that axis, so each move counts with any of its parts left out.
    """
    cube = worth.reshape(chain.shape)
    edge = np.zeros(chain.shape, dtype=bool)
    for axis in _endless(chain):
        edge |= np.indices(chain.shape, sparse=True)[axis] == chain.limits[axis]
    found = {}
    for flow in chain.flows:
        parts = {part for _share, *both in flow.moves for move in both for part in _parts(move)}
        most = 0.0
        for part in parts:
            to = [
                np.clip(np.arange(size) + by, 0, size - 1) for size, by in zip(chain.shape, part, strict=True)
            ]
            change = np.abs(cube[np.ix_(*to)] - cube)[edge]
            most = max(most, float(change.max(initial=0.0)))
        found[flow.name] = most
    return found


def _parts(move: Move) -> Iterator[Move]:
    for kept in itertools.product((0, 1), repeat=3):
        yield (move[0] * kept[0], move[1] * kept[1], move[2] * kept[2])


def _endless(chain: Chain) -> list[int]:
    """The axes along which the endless chain goes on: 0 in the centre, 1 redialling, 2 returning."""
    return [axis for axis in range(3) if chain.limits[axis] > 0 and not (axis == 0 and chain.finite)]


def _least_beyond(chain: Chain, growth: Growth) -> dict[int, float]:
    """The logarithm of the least V beyond each limit."""
    found = {
        0: float(growth.inside[-1]) + growth.further,
        1: (chain.limits[1] + 1) * growth.redialling,
        2: (chain.limits[2] + 1) * growth.returning,
    }
    return {axis: found[axis] for axis in _endless(chain)}


def _most_over_value(chain: Chain, line: Mapping[str, float], growth: Growth) -> float:
    """(1 + Σ line·count) ÷ V at most beyond the limits: factor by factor, since 1 + Σ ≤ Π (1 + …)."""
    waiting = np.maximum(np.arange(chain.shape[0]) - _agents(chain), 0)
    slopes = [line[name] for name in _AXES]
    within = float(np.max((1.0 + slopes[0] * waiting) * np.exp(-growth.inside)))
    there = [0.0, 0.0, 0.0]
    anywhere = [within, 1.0, 1.0]
    if not chain.finite:
        # From the limit on (1 + s·w)·e^(−rise) is (1 + s·(limit + x))·e^(−rise at the limit − further·x).
        last, start = 1.0 + slopes[0] * float(waiting[-1]), math.exp(-float(growth.inside[-1]))
        there[0] = last * start * _peak(slopes[0] / last, growth.further, 1.0)
        anywhere[0] = max(within, there[0])
    for axis, rate in ((1, growth.redialling), (2, growth.returning)):
        anywhere[axis] = _peak(slopes[axis], rate, 0.0)
        there[axis] = _peak(slopes[axis], rate, chain.limits[axis] + 1)
    return max(
        (
            there[axis] * math.prod(one for other, one in enumerate(anywhere) if other != axis)
            for axis in _endless(chain)
        ),
        default=0.0,
    )


def _peak(slope: float, rate: float, first: float) -> float:
    """The largest (1 + slope·x)·e^(−rate·x) from x = first on."""
    if slope == 0.0:
        return math.exp(-rate * first)
    if rate == 0.0:
        return math.inf
    x = max(first, 1.0 / rate - 1.0 / slope)
    return (1.0 + slope * x) * math.exp(-rate * x)


def _agents(chain: Chain) -> int:
    return int(np.max(chain.counts["busy"]))


def _factors(chain: Chain, growth: Growth) -> dict[str, Floats]:
    """QV ÷ V per unit of each flow's count, for each number of callers in the centre."""
    rise = np.append(np.diff(growth.inside), growth.further)
    fall = np.append(0.0, -rise[:-1])
    full = (np.arange(chain.shape[0]) == chain.limits[0]) & chain.finite
    found = {}
    for flow in chain.flows:
        total = np.full(chain.shape[0], -1.0)
        for share, *both in flow.moves:
            open_, shut = (
                np.exp(
                    (rise if by[0] > 0 else fall if by[0] < 0 else 0.0)
                    + by[1] * growth.redialling
                    + by[2] * growth.returning
                )
                for by in both
            )
            total += share * np.where(full, shut, open_)
        found[flow.name] = flow.rate * total
    return found


def _drift(chain: Chain, growth: Growth) -> tuple[Floats, Floats]:
    """QV ÷ V, and V, in each state."""
    inside = chain.place[0]
    factors, counts = _factors(chain, growth), chain.counts
    drift = sum(counts[name] * factor[inside] for name, factor in factors.items())
    rise = growth.redialling * counts["redialling"] + growth.returning * counts["returning"]
    return np.asarray(drift), np.exp(growth.inside[inside] + rise)


def _falls_beyond(chain: Chain, growth: Growth) -> float:
    """κ: QV ≤ −κV in every state beyond the limits; not positive where this V proves nothing."""
    factors, endless = _factors(chain, growth), _endless(chain)
    inside = np.arange(chain.shape[0])
    busy = np.minimum(inside, _agents(chain))
    plain = factors["one"] + busy * factors["busy"] + (inside - busy) * factors["waiting"]
    worst = -math.inf
    for axis, name in ((1, "redialling"), (2, "returning")):
        if axis in endless:
            if np.any(factors[name] > 1e-13):
                return -1.0  # more people in this orbit must not raise V
            worst = max(worst, float(np.max(plain + (chain.limits[axis] + 1) * factors[name])))
    if 0 in endless:
        # Beyond the table all factors but the last stay, and one more waits.
        if factors["waiting"][-1] > 1e-13:
            return -1.0
        worst = max(worst, float(plain[-1] + factors["waiting"][-1]))
    return -worst


def _search(chain: Chain) -> Growth | None:
    """By a coarse grid, then downhill from its best point."""

    def loss(guess: Floats) -> float:
        growth = _growth(chain, guess)
        if growth is None:
            return 1e9
        orbits = chain.limits[1] * growth.redialling + chain.limits[2] * growth.returning
        if float(np.max(growth.inside)) + orbits > _LARGEST:
            return 1e9
        falls = _falls_beyond(chain, growth)
        if falls <= 0.0:
            return 1e6 - falls
        drift, value = _drift(chain, growth)
        rises = chain.mean(np.maximum(drift * value, 0.0))
        return math.log(max(rises, 1e-300) / falls) - min(_least_beyond(chain, growth).values())

    if not _endless(chain):
        return Growth(np.zeros(chain.shape[0]), 0.0, 0.0, 0.0)

    begin = min((np.array(point) for point in _grid(chain)), key=loss)
    found = minimize(loss, begin, method="Nelder-Mead", options={"maxfev": 120, "xatol": 1e-3, "fatol": 1e-2})
    best = found.x if found.fun < loss(begin) else begin
    return _growth(chain, best) if loss(best) < 1e6 else None


def _grid(chain: Chain) -> Iterator[tuple[float, ...]]:
    endless, sizes, crowds = _endless(chain), (0.05, 0.15, 0.4, 0.9, 2.0), (0.4, 0.9)
    return itertools.product(
        np.log(sizes) if 1 in endless else (0.0,),
        crowds if 1 in endless else (0.0,),
        np.log(sizes) if 2 in endless else (0.0,),
        crowds if 2 in endless else (0.0,),
        (-4.0, -2.0, 0.0, 2.0) if 0 in endless else (0.0,),
    )


def _growth(chain: Chain, guess: Floats) -> Growth | None:
    """V for factors of the orbits and a crowd in them that is to be borne, whatever the five numbers.

    Over the callers in the centre V is the Perron vector of the centre's own moves, weighted with what they
    do to the orbits: in that crowd it then falls by the same share wherever the centre is.
    """
    endless = _endless(chain)
    redialling = math.exp(min(float(guess[0]), 5.0)) if 1 in endless else 0.0
    returning = math.exp(min(float(guess[2]), 5.0)) if 2 in endless else 0.0
    crowd = {
        "one": 1.0,
        "redialling": min(max(float(guess[1]), 0.0), 1.5) * chain.limits[1],
        "returning": min(max(float(guess[3]), 0.0), 1.5) * chain.limits[2],
    }
    redial = chain.flows[0].moves[0][0]
    least = math.log1p(redial * math.expm1(redialling))
    most = min([rate for rate in (redialling, returning) if rate > 0.0], default=4.0)
    further = least + (most - least) / (1.0 + math.exp(min(max(-float(guess[4]), -50.0), 50.0)))
    if chain.finite:
        further = 0.0
    elif further <= 0.0:
        return None
    # Those who give up count for more than they bring, so that V falls where very many wait.
    tilt = 0.0 if chain.finite else further - least
    up, stay, down = _weighted(chain, crowd, Growth(np.zeros(1), further, redialling, returning), tilt)
    top = float(
        eigh_tridiagonal(
            stay, np.sqrt(up[:-1] * down[1:]), eigvals_only=True, select="i", select_range=[len(up) - 1] * 2
        )[0]
    )
    rise = _rise(top, up, stay, down)
    if rise is None:
        return None
    inside = np.append(0.0, np.cumsum(rise))
    return Growth(inside - np.min(inside), further, redialling, returning)


def _rise(top: float, up: Floats, stay: Floats, down: Floats) -> Floats | None:
    """Logarithms of the ratios of neighbours in the vector of the eigenvalue `top`.

    From the bottom where more moves lead up, from the top where more lead down: else digits are lost.
    """
    last = len(up) - 1
    middle = min(int(np.argmax(np.append(down > up, True))), last)
    ratios, ratio = np.ones(last), 0.0
    for i in range(middle):
        ratio = (top - stay[i] - (down[i] / ratio if i else 0.0)) / up[i]
        if not ratio > 0.0:
            return None
        ratios[i] = ratio
    ratio = 0.0
    for i in range(last, middle, -1):
        rest = top - stay[i] - up[i] * ratio if i < last else top - stay[i]
        if not rest > 0.0:
            return None
        ratio = down[i] / rest
        ratios[i - 1] = ratio
    return np.log(ratios)


def _weighted(
    chain: Chain, crowd: Mapping[str, float], growth: Growth, tilt: float
) -> tuple[Floats, Floats, Floats]:
    """Moves up, none, and down for each number of callers in the centre, weighted with what they do to V."""
    inside = np.arange(chain.shape[0])
    busy = np.minimum(inside, _agents(chain))
    counts: dict[str, Floats] = {name: np.full(len(inside), people) for name, people in crowd.items()}
    counts |= {"busy": busy.astype(np.float64), "waiting": (inside - busy).astype(np.float64)}
    full = (inside == chain.limits[0]) & chain.finite
    up, stay, down = np.zeros(len(inside)), np.zeros(len(inside)), np.zeros(len(inside))
    for flow in chain.flows:
        for share, *both in flow.moves:
            for by, here in zip(both, (~full, full), strict=True):
                more = tilt if flow.name == "waiting" else 0.0
                rate = np.where(here, flow.rate * share * counts[flow.name], 0.0)
                stay -= rate
                weighted = rate * math.exp(by[1] * growth.redialling + by[2] * growth.returning + more)
                way = up if by[0] > 0 else down if by[0] < 0 else stay
                way += weighted
    if not chain.finite:
        stay[-1] += up[-1] * math.exp(growth.further)
    return up, stay, down
