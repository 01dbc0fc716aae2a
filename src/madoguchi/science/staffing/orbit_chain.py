"""Small centres with redials and returns, as a whole Markov chain: nothing assumed but exponential times.

The chain counts (callers in the centre, redialling, returning), each up to a limit. Whoever would exceed a
limit is lost. `orbit_proof` bounds what that, and the rounding of the solution, can make of the measures; the
limits grow until the bound is small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from madoguchi.science.staffing.errors import TooManyStates, Unsolved
from madoguchi.science.staffing.inputs import Floats
from madoguchi.science.staffing.orbit import Centre, fixed_point

MOST_STATES = 100_000

Move = tuple[int, int, int]
"""By how much a move changes the callers in the centre, redialling and returning."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of move: constant + rates · (in the centre, busy, waiting, redialling, returning)."""

    name: str
    rate: float
    moves: tuple[tuple[float, Move, Move], ...]
    """Probability, the move, and the move where the centre is full (finite places)."""


def flows(centre: Centre) -> list[Flow]:
    """All that can happen, time in handling times. `name` says what `rate` is multiplied with."""
    handle = centre.handle_s
    redial, returns = centre.redial, centre.returns
    still: Move = (0, 0, 0)
    return [
        Flow("one", centre.load, ((redial, (1, 0, 0), (0, 1, 0)), (1.0 - redial, (1, 0, 0), still))),
        Flow(
            "redialling",
            handle / centre.redial_after_s,
            ((redial, (1, -1, 0), still), (1.0 - redial, (1, -1, 0), (0, -1, 0))),
        ),
        Flow(
            "returning",
            handle / centre.return_after_s,
            ((redial, (1, 0, -1), (0, 1, -1)), (1.0 - redial, (1, 0, -1), (0, 0, -1))),
        ),
        Flow("busy", 1.0, ((returns, (-1, 0, 1), (-1, 0, 1)), (1.0 - returns, (-1, 0, 0), (-1, 0, 0)))),
        Flow(
            "waiting",
            handle / centre.patience_s,
            ((redial, (-1, 1, 0), (-1, 1, 0)), (1.0 - redial, (-1, 0, 0), (-1, 0, 0))),
        ),
    ]


class Chain:
    """The chain within `limits`, and its long run."""

    def __init__(self, centre: Centre, limits: Sequence[int], likely: Sequence[float]) -> None:
        self.centre, self.limits = centre, tuple(limits)
        self.shape = tuple(limit + 1 for limit in limits)
        self.finite = centre.places >= 0
        agents = centre.agents
        inside, redialling, returning = np.indices(self.shape).reshape(3, -1)
        self.counts: dict[str, Floats] = {
            "one": np.ones(len(inside)),
            "inside": inside.astype(np.float64),
            "busy": np.minimum(inside, agents).astype(np.float64),
            "waiting": np.maximum(inside - agents, 0).astype(np.float64),
            "redialling": redialling.astype(np.float64),
            "returning": returning.astype(np.float64),
        }
        self.place = (inside, redialling, returning)
        self.full = (inside == limits[0]) & self.finite
        self.flows = flows(centre)
        start = [min(int(mean), limit) for mean, limit in zip(likely, limits, strict=True)]
        # A likely state is set to 1 and its own equation, which follows from the others, is left out: with an
        # unlikely one all digits would be lost.
        self._fixed = int(np.ravel_multi_index(tuple(start), self.shape))
        self.rates = self._rates()
        self._others = np.delete(np.arange(len(inside)), self._fixed)
        part = self.rates[self._others][:, self._others].T.tocsc()
        self._solved = splu(part)
        self.chance = self._long_run()

    @property
    def attempts(self) -> Floats:
        """Attempts per handling time in each state."""
        named = {flow.name: flow.rate for flow in self.flows}
        return np.asarray(sum(named[name] * self.counts[name] for name in ("one", "redialling", "returning")))

    def mean(self, measure: Floats) -> float:
        """The long-run mean of a function of the state."""
        return float(np.sum(self.chance * measure))

    def worth(self, measure: Floats) -> Floats:
        """How much more of `measure` than usual comes in all from each state on: h with Qh = mean − m."""
        right = self.mean(measure) - measure
        found = np.zeros(len(measure))
        found[self._others] = self._solved.solve(right[self._others], "T")
        rest = (right - self.rates @ found)[self._others]
        found[self._others] += self._solved.solve(rest, "T")
        return found

    def _rates(self) -> sparse.csr_matrix:
        """Q: where each state goes, who exceeds a limit being lost."""
        count = len(self.full)
        origin: list[NDArray[np.intp]] = []
        target: list[NDArray[np.intp]] = []
        rates: list[Floats] = []
        for flow in self.flows:
            for share, move, if_full in flow.moves:
                rate = flow.rate * share * self.counts[flow.name]
                which = np.flatnonzero(rate > 0.0)
                to = [
                    np.clip(at[which] + np.where(self.full[which], blocked, by), 0, limit)
                    for at, by, blocked, limit in zip(self.place, move, if_full, self.limits, strict=True)
                ]
                origin.append(which)
                target.append(np.ravel_multi_index(to, self.shape))
                rates.append(rate[which])
        here, there, flow_ = np.concatenate(origin), np.concatenate(target), np.concatenate(rates)
        moving = here != there
        here, there, flow_ = here[moving], there[moving], flow_[moving]
        out = np.bincount(here, flow_, count)
        every = np.arange(count)
        return sparse.csr_matrix(
            (np.append(flow_, -out), (np.append(here, every), np.append(there, every))), shape=(count, count)
        )

    def _long_run(self) -> Floats:
        chance = np.ones(len(self.full))
        right = -self.rates[self._fixed, self._others].toarray().ravel()
        chance[self._others] = self._solved.solve(right)
        # States of no weight come out as rounding on either side of 0.
        chance = np.maximum(chance, 0.0)
        if not np.all(np.isfinite(chance)):
            raise Unsolved(what="the chain")
        return np.asarray(chance / np.sum(chance))


def first_limits(centre: Centre) -> tuple[list[int], list[float]]:
    """Limits to begin with, and the likeliest state, both by the fixed point."""
    guess = fixed_point(centre)
    agents, places = centre.agents, centre.places
    queue = float(guess.measures.mean_queue)
    busy = float(guess.measures.occupancy) * agents
    means = [busy + queue, float(guess.redial_orbit), float(guess.return_orbit)]
    some = centre.load > 0.0
    loses = places >= 0 or math.isfinite(centre.patience_s)
    limits = [
        agents + (places if places >= 0 else _first_limit(queue)),
        _first_limit(means[1]) if centre.redial > 0.0 and loses and some else 0,
        _first_limit(means[2]) if centre.returns > 0.0 and some else 0,
    ]
    return limits, means


def refuse_too_many(limits: Sequence[int], most: int) -> None:
    """Raises TooManyStates when so high limits mean more than `most` states."""
    states = math.prod(limit + 1 for limit in limits)
    if states > most:
        raise TooManyStates(most=most, value=states)


def _first_limit(mean: float) -> int:
    return int(mean + 8.0 * math.sqrt(mean + 1.0) + 8.0)
