"""Why calls were lost: the same day again without one cause, and without several, and what that saves.

Removing causes one at a time does not add up: of two that each alone would fill every line, removing either
saves nothing. So the causes are taken away one after the other, in many orders, and each is booked what its
going saves on average: the Shapley value, the only way of sharing that adds up, books nothing to what makes
no difference, and treats equals alike. What is lost even with all of them gone is chance. What else was
weighed: docs/adr, "Lost calls are booked to causes by Shapley's value".
Source: Shapley, A Value for n-Person Games (1953); orders by sampling in opposite pairs: Mitchell, Cooper,
Frank, Holmes, Sampling Permutations for Shapley Value Estimation, JMLR 23 (2022), section 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation.centre import Centre
from madoguchi.science.staffing.simulation.estimates import Estimate, estimate, spread_over_cores, student
from madoguchi.science.staffing.simulation.flat import is_lost
from madoguchi.science.staffing.simulation.norm import Cause, Norm, cured
from madoguchi.science.staffing.simulation.running import simulate

CHANCE = "chance"
"""Lost although nothing fell short: many call at once, some hang up at once."""
_STANDARD = Norm()
_HOUR_S = 3_600.0
_FEW = 3
"""So many causes are taken away in every order; of more, in `_PAIRS` pairs of opposite orders a run."""
_PAIRS = 2
"""Two tell how much of what differs from run to run is but the choice of orders."""


@dataclass(frozen=True, slots=True)
class Booking:
    """The lost calls of a day, booked."""

    lost: Estimate
    """Calls lost in the day as it was."""
    calls: dict[str, Estimate]
    """By cause (and `CHANCE`): calls. The means add up to `lost`."""
    shares: dict[str, Estimate]
    """By cause (and `CHANCE`): share of the lost. The means add up to 1; NaN when none was lost.

    The interval is that in which the share of one day lies, not the mean of many: what the very day would
    have been without a trouble is one run too, and chance has as much to say in it."""
    hours: dict[str, tuple[float, ...]]
    """By cause (and `CHANCE`): the mean of its calls in each hour from the origin."""


def book(
    centre: Centre,
    *,
    seed: int,
    runs: int = 12,
    cores: int = 1,
    norm: Norm = _STANDARD,
    level: float = 0.95,
    sure_within: float = 0.0,
    likely: Callable[[int], tuple[Centre, Norm]] | None = None,
) -> Booking:
    """Run the day of `centre` up to `runs` times and book its lost calls to causes.

    With more than three causes half as often, with twice the orders.
    Half the runs are enough where the mean of every share lies by then within ± `sure_within` (0–1).
    `likely` gives a centre and norm for each run, where `centre` is not known for sure.

    A cause at its norm already is booked exactly 0. Means can be slightly below 0 by chance where a cause
    makes hardly a difference.
    """
    active = [cause for cause in Cause if cured(centre, {cause}, norm) != centre]

    def once(number: int) -> NDArray[np.float64]:
        of, its_norm = likely(number) if likely else (centre, norm)
        return _saved(replace(of, keep_spells=False), active, its_norm, seed + number)

    if len(active) > _FEW:
        runs, sure_within = max(1, runs // 2), 0.0
    saved = np.array(_until_sure(once, runs, cores, lambda table: _is_sure(table, level, sure_within)))
    names = [*Cause, CHANCE]
    by_hour = np.zeros((*saved.shape[:2], len(names), saved.shape[3]))
    by_hour[:, :, [*(names.index(cause) for cause in active), -1]] = saved
    pairs = by_hour.sum(axis=3)
    by_hour, table = by_hour.mean(axis=1), pairs.mean(axis=1)
    return Booking(
        estimate(table.sum(axis=1), level),
        {str(name): estimate(table[:, column], level) for column, name in enumerate(names)},
        {str(name): _share(pairs, column, level) for column, name in enumerate(names)},
        {str(name): tuple(by_hour[:, column].mean(axis=0).tolist()) for column, name in enumerate(names)},
    )


def _saved(centre: Centre, active: Sequence[Cause], norm: Norm, seed: int) -> NDArray[np.float64]:
    """Calls that each cause's going saves in one run, on average over orders; at last what is lost anyway.

    [pair of orders (one, where all are gone through), cause, hour].
    """
    known: dict[frozenset[Cause], NDArray[np.int64]] = {}
    hours = math.ceil(centre.horizon_s / _HOUR_S)

    def lost(gone: frozenset[Cause]) -> NDArray[np.int64]:
        if gone not in known:
            calls = simulate(cured(centre, gone, norm), seed).calls
            hour = (calls["arrived_s"][is_lost(calls)] / _HOUR_S).astype(np.int64)
            known[gone] = np.bincount(hour, minlength=hours)[:hours]
        return known[gone]

    pairs = _orders(len(active), seed)
    found = np.zeros((len(pairs), len(active) + 1, hours))
    for saved, orders in zip(found, pairs, strict=True):
        for order in orders:
            gone: frozenset[Cause] = frozenset()
            for number in order:
                less = gone | {active[number]}
                saved[number] += (lost(gone) - lost(less)) / len(orders)
                gone = less
    found[:, -1] = lost(frozenset(active))
    return found


def _orders(count: int, seed: int) -> list[list[tuple[int, ...]]]:
    if count <= _FEW:
        return [list(permutations(range(count)))]
    draws = np.random.default_rng(seed)
    orders = [tuple(draws.permutation(count).tolist()) for _ in range(_PAIRS)]
    return [[order, order[::-1]] for order in orders]


def _until_sure(
    once: Callable[[int], NDArray[np.float64]],
    runs: int,
    cores: int,
    is_sure: Callable[[NDArray[np.float64]], bool],
) -> list[NDArray[np.float64]]:
    """Half the runs, and the others unless the shares are sure by then."""
    first = max(2, (runs + 1) // 2)
    if first >= runs:
        return list(spread_over_cores(once, runs, cores))
    found = list(spread_over_cores(once, first, cores))
    if not is_sure(np.array(found).sum(axis=3).mean(axis=1)):
        found += spread_over_cores(lambda number: once(first + number), runs - first, cores)
    return found


def _is_sure(table: NDArray[np.float64], level: float, within: float) -> bool:
    if within <= 0:
        return False
    each = table / np.maximum(table.sum(axis=1, keepdims=True), 1e-9)
    return all((found := estimate(column, level)).high - found.mean <= within for column in each.T)


def _share(pairs: NDArray[np.float64], column: int, level: float) -> Estimate:
    """Of [run, pair of orders, cause]."""
    table = pairs.mean(axis=1)
    part, whole = table[:, column], table.sum(axis=1)
    if whole.sum() <= 0:
        return Estimate(math.nan, math.nan, math.nan, len(part))
    mean = float(part.sum() / whole.sum())
    if len(part) == 1:
        return Estimate(mean, -math.inf, math.inf, 1)
    runs = len(part)
    each = part / np.maximum(whole, 1e-9)
    spread = float(each.var(ddof=1))
    # What differs between the pairs of one run is no chance of the day.
    by_orders = 0.0
    if pairs.shape[1] > 1:
        apart = pairs[:, :, column] / np.maximum(whole, 1e-9)[:, None]
        by_orders = float(apart.var(axis=1, ddof=1).mean()) / pairs.shape[1]
    of_days = max(0.0, spread - by_orders)
    half = student(level, runs - 1) * math.sqrt(of_days + spread / runs)
    return Estimate(mean, mean - half, mean + half, runs)
