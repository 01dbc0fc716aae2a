"""One queue, people who are all alike, callers who give up: M/M/n+M and its like, as fast as can be.

In order of arrival, each caller's wait is settled at once: nobody overtakes, and who gives up takes no
person's time, so the wait that a caller faces is the time until the first of the n people is done with all
who came before and stayed. No calendar of events is needed, only the n moments at which people get free.
Source: the recursion of Kiefer and Wolfowitz (1955), with callers who balk at their own patience as in
Baccelli, Boyer, Hebuterne, Adv. Appl. Prob. 16 (1984).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import chance
from madoguchi.science.staffing.simulation.chance import draw, uniform
from madoguchi.science.staffing.simulation.compiled import compiled, entry
from madoguchi.science.staffing.simulation.distributions import Distribution, Shelf, never
from madoguchi.science.staffing.simulation.estimates import Estimate, estimate, spread_over_cores

OFFERED, ANSWERED, IN_TIME, DELAYED, WAIT, WAIT_ANSWERED, WORK = range(7)

_PATIENT = never()


@dataclass(frozen=True, slots=True)
class SingleQueue:
    """A queue whose arrivals come by chance at one rate."""

    arrivals_per_s: float
    handling: Distribution
    agents: int
    patience: Distribution = _PATIENT
    within_s: float = 20.0
    """What counts as answered in time."""

    def __post_init__(self) -> None:
        if not (0 < self.arrivals_per_s < math.inf and self.agents >= 1 and self.within_s >= 0):
            raise ValueError("a queue needs arrivals above 0 per second and at least one person")
        load = self.arrivals_per_s * self.handling.mean_s
        if math.isinf(self.patience.mean_s) and load >= self.agents:
            raise ValueError(f"{load:.3f} Erlang grow without end at {self.agents} people if nobody gives up")


def simulate(
    queue: SingleQueue, *, calls: int, seed: int, runs: int = 20, cores: int = 1, level: float = 0.95
) -> dict[str, Estimate]:
    """Measures of the steady state from `runs` replications of `calls` callers each.

    The first tenth of each run warms up and is not counted. Returns `abandon_probability`,
    `delay_probability` (had to wait, abandoned included), `service_level_a`, `mean_wait` of all,
    `mean_wait_served`, `occupancy`.
    """
    shelf = Shelf()
    rows = shelf.place(queue.handling), shelf.place(queue.patience)
    distributions, tables = shelf.packed()
    settings = (queue.arrivals_per_s, queue.within_s, calls // 10, calls)
    handled, borne = distributions[rows[0]], distributions[rows[1]]

    def once(number: int) -> NDArray[np.float64]:
        free = np.zeros(queue.agents)
        return _pass(settings, (handled, borne, tables), chance.streams(seed + number), free)

    sums = np.array(spread_over_cores(once, runs, cores))
    return {name: estimate(values, level) for name, values in _measures(queue, sums).items()}


def _measures(queue: SingleQueue, sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    offered, answered = sums[:, OFFERED], sums[:, ANSWERED]
    return {
        "abandon_probability": 1 - answered / offered,
        "delay_probability": sums[:, DELAYED] / offered,
        "service_level_a": sums[:, IN_TIME] / offered,
        "mean_wait": sums[:, WAIT] / offered,
        "mean_wait_served": sums[:, WAIT_ANSWERED] / np.maximum(answered, 1),
        "occupancy": sums[:, WORK] / sums[:, WORK + 1] / queue.agents,
    }


@entry
def _pass(
    settings: tuple[float, float, int, int], times: Any, of: NDArray[np.uint64], free: NDArray[np.float64]
) -> NDArray[np.float64]:
    rate, within_s, warm_up, calls = settings
    handling, patience, tables = times
    sums = np.zeros(8)
    now = begun = 0.0
    for number in range(calls):
        key = np.uint64(number)
        now -= math.log(uniform(of[chance.ARRIVAL], key)) / rate
        if number == warm_up:
            begun = now
        wait = max(0.0, free[0] - now)
        bears = draw(patience, tables, of[chance.PATIENCE], key) if wait > 0.0 else math.inf
        work = 0.0
        if bears >= wait:
            work = draw(handling, tables, of[chance.TALK], key)
            _busy_until(free, now + wait + work)
        if number >= warm_up:
            _count(sums, wait, bears, work, within_s)
    sums[7] = now - begun
    return sums


@compiled
def _count(sums: NDArray[np.float64], wait: float, bears: float, work: float, within_s: float) -> None:
    sums[OFFERED] += 1.0
    sums[DELAYED] += 1.0 if wait > 0.0 else 0.0
    sums[WAIT] += min(wait, bears)
    if bears >= wait:
        sums[ANSWERED] += 1.0
        sums[IN_TIME] += 1.0 if wait <= within_s else 0.0
        sums[WAIT_ANSWERED] += wait
        sums[WORK] += work


@compiled
def _busy_until(free: NDArray[np.float64], moment: float) -> None:
    """Give the next person the call: replace the earliest of the heap by `moment`."""
    size = free.size
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and free[below + 1] < free[below]:
            below += 1
        if free[below] >= moment:
            break
        free[place] = free[below]
        place = below
    free[place] = moment
