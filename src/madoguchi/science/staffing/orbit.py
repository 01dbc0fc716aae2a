"""Callers who come again: redials after giving up or being turned away, returns after an answer.

Between their calls people are in an orbit: `redial` (0–1) of the lost try again after `redial_after_s` on
average, `returns` of the served call again after `return_after_s` (Erlang-R's needy and content; chasers are
returns whose share and delay are those of open cases). All times are exponential. Who is lost again, redials
again.

Here the orbits' calls are taken as Poisson (fixed point): right for returns into a queue that loses nobody,
and nearly so when people come back late; `orbit_error` says how nearly. `orbit_chain` solves small centres
without that assumption. Sources: G. Falin, J. Templeton (1997), "Retrial queues"; G. Yom-Tov, A. Mandelbaum
(2014), "Erlang-R: a time-varying queue with reentrant customers".
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from madoguchi.science.staffing import compiled, inputs
from madoguchi.science.staffing.errors import Unsolved, Unstable
from madoguchi.science.staffing.inputs import Columns, Floats
from madoguchi.science.staffing.kernels import rows
from madoguchi.science.staffing.queue import NO_LIMIT, Measures, Queue


@dataclass(frozen=True, slots=True)
class Centre:
    """One centre with orbits; `load` is that of first calls, in Erlang."""

    agents: int
    load: float
    handle_s: float
    patience_s: float = math.inf
    places: int = NO_LIMIT
    redial: float = 0.0
    redial_after_s: float = 60.0
    returns: float = 0.0
    return_after_s: float = 3600.0

    def __post_init__(self) -> None:
        self.alike().columns()

    def alike(self) -> Centres:
        """The same as an array without dimensions."""
        return Centres(**asdict(self))


@dataclass(frozen=True, slots=True)
class Centres:
    """Centres with orbits: the arguments of `Centre` as arrays, broadcast against each other."""

    agents: ArrayLike
    load: ArrayLike
    handle_s: ArrayLike
    patience_s: ArrayLike = np.inf
    places: ArrayLike = NO_LIMIT
    redial: ArrayLike = 0.0
    redial_after_s: ArrayLike = 60.0
    returns: ArrayLike = 0.0
    return_after_s: ArrayLike = 3600.0

    def columns(self) -> Columns:
        """The arguments, checked and broadcast. Raises StaffingError, as `Unstable`."""
        given = Columns(
            agents=(self.agents, inputs.whole(1)),
            load=(self.load, inputs.load),
            handle_s=(self.handle_s, inputs.positive),
            patience_s=(self.patience_s, inputs.patience),
            places=(self.places, inputs.place),
            redial=(self.redial, inputs.share),
            redial_after_s=(self.redial_after_s, inputs.positive),
            returns=(self.returns, inputs.share),
            return_after_s=(self.return_after_s, inputs.positive),
        )
        kept = (given["redial"] == 1.0) | (np.isinf(given["patience_s"]) & (given["places"] < 0))
        stays = given["load"] / np.maximum(1.0 - given["returns"], 1e-300)
        endless = (given["returns"] == 1.0) | (kept & (stays >= given["agents"]))
        if np.any(wrong := endless & (given["load"] > 0.0)):
            first = int(np.argmax(wrong))
            most = min(float(stays[first]), 1e12)
            raise Unstable(load=most, agents=int(given["agents"][first]), least=int(most) + 1)
        return given


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """What centres with orbits look like in the long run, all attempts taken as Poisson."""

    queue: Queue
    """The queue under the load of all attempts, for measures at waiting times."""
    measures: Measures
    """Of attempts: `blocking` is per attempt, the others are of attempts that got in."""
    total_load: Floats
    """Of all attempts, in Erlang."""
    total_arrivals_per_s: Floats
    blocking: Floats
    """Share of callers whose last attempt was turned away."""
    redial_orbit: Floats
    """People about to redial."""
    return_orbit: Floats
    """People who will return."""


def fixed_point(centre: Centre | Centres) -> FixedPoint:
    """The load at which the orbits feed exactly what leaves them, and the queue under that load.

    >>> found = fixed_point(Centres(10, [6.0, 5.0], 180.0, returns=0.25))
    >>> [f"{load:.3f}" for load in found.total_load], [f"{people:.1f}" for people in found.return_orbit]
    (['8.000', '6.667'], ['40.0', '33.3'])
    """
    given = (centre.alike() if isinstance(centre, Centre) else centre).columns()
    impatience = given["handle_s"] / given["patience_s"]
    centres = np.column_stack([given["agents"], given["load"], impatience, given["places"]])
    load = np.empty(given.count)
    compiled.rows(rows.all_attempts_rows, given.count, centres, given["redial"], given["returns"], load)
    if np.any(load < 0.0):
        raise Unsolved(what="the load of all attempts")
    shape = given.shaped
    queue = Queue(
        shape(given["agents"]),
        shape(load),
        handle_s=shape(given["handle_s"]),
        patience_s=shape(given["patience_s"]),
        places=shape(given["places"]),
    )
    measures = queue.measures()
    blocked = np.atleast_1d(measures.blocking).ravel()
    left = np.atleast_1d(measures.abandon_probability).ravel()
    lost = blocked + (1.0 - blocked) * left
    answered = np.atleast_1d(measures.occupancy).ravel() * given["agents"]
    rate = load / given["handle_s"]
    return FixedPoint(
        queue=queue,
        measures=measures,
        total_load=shape(load),
        total_arrivals_per_s=shape(rate),
        blocking=shape(turned_away_for_good(blocked, lost, given["redial"])),
        redial_orbit=shape(given["redial"] * rate * lost * given["redial_after_s"]),
        return_orbit=shape(given["returns"] * answered / given["handle_s"] * given["return_after_s"]),
    )


def turned_away_for_good(blocked: Floats, lost: Floats, redial: Floats) -> Floats:
    """Share of callers whose last attempt was turned away: `blocked` and `lost` are shares of attempts."""
    # Who redials always is never turned away for good, and where everybody is lost the share is 0 ÷ 0.
    stays = np.maximum(1.0 - redial * lost, 1e-300)
    return np.asarray(np.where(redial < 1.0, blocked * (1.0 - redial) / stays, 0.0))
