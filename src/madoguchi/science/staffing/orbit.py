"""Callers who come again: redials after giving up or being turned away, returns after an answer.

Between their calls people are in an orbit: `redial` (0–1) of the lost try again after `redial_after_s` on
average, `returns` of the served call again after `return_after_s` (Erlang-R's needy and content; chasers are
returns whose share and delay are those of open cases). All times are exponential. Who is lost again, redials
again.

`exact` solves the whole Markov chain (callers in the centre × redialling × returning) for small centres;
`fixed_point` takes the orbits' calls as Poisson: exact for returns into a queue that loses nobody, and nearly
so when people come back late. Sources: G. Falin, J. Templeton (1997), "Retrial queues"; G. Yom-Tov, A.
Mandelbaum (2014), "Erlang-R: a time-varying queue with reentrant customers".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import brentq
from scipy.sparse.linalg import spsolve

from madoguchi.science.staffing import inputs
from madoguchi.science.staffing.errors import TooLarge, Unsolved, Unstable
from madoguchi.science.staffing.inputs import Columns
from madoguchi.science.staffing.kernels.places import departures
from madoguchi.science.staffing.queue import NO_LIMIT, SHORT_ABANDON_S, Queue

MOST_STATES = 60_000
ENOUGH = 1e-13
"""Share of all calls that may fall off the truncated chain."""
_MARGIN = 6.0
"""Times the small centre's error: the error does not fall with size alone. Median of the 144: 0.8; with
abandonment at most 1.7, with few places and quick redials up to 6."""


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre with orbits; `load` is that of first calls, in Erlang. Raises StaffingError."""

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
        Columns(
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
        nobody_lost = self.redial == 1.0 or _loses_nobody(self)
        stays = self.load if self.returns == 0.0 else self.load / max(1.0 - self.returns, 1e-300)
        if self.load > 0.0 and (self.returns == 1.0 or (nobody_lost and stays >= self.agents)):
            most = min(stays, 1e12)
            raise Unstable(load=most, agents=self.agents, least=int(most) + 1)


@dataclass(frozen=True, slots=True)
class Orbits:
    """What such a centre looks like in the long run.

    Shares are of attempts; those from `delay_probability` on of attempts that got in.
    """

    total_load: float
    """Of all attempts, in Erlang."""
    total_arrivals_per_s: float
    blocking_per_attempt: float
    blocking: float
    """Share of callers whose last attempt was turned away."""
    delay_probability: float
    abandon_probability: float
    mean_wait_s: float
    mean_queue: float
    occupancy: float
    redial_orbit: float
    """People about to redial."""
    return_orbit: float
    """People who will return."""
    found: NDArray[np.float64]
    """P(an attempt that gets in finds all busy and k waiting); the rest finds somebody free."""
    error: float
    """Exact: share of calls that fall off the truncated chain. Fixed point: see `error_of_fixed_point`."""

    def service_levels(
        self, centre: Centre, within_s: float, *, short_abandon_s: float = SHORT_ABANDON_S
    ) -> dict[str, float]:
        """The levels of docs/guides/measures.md and the tail of the wait, by what attempts find."""
        level, longer = self._at(centre, within_s)
        early, waiting = self._at(centre, short_abandon_s)
        return {
            "service_level_a": level,
            # What is neither answered by then nor waiting has left at once.
            "service_level_b": level / (early + waiting),
            "service_level_c": 1.0 - longer,
            "service_level_d": level / (1.0 - self.abandon_probability),
            "wait_tail": longer,
        }

    def _at(self, centre: Centre, within_s: float) -> tuple[float, float]:
        """Shares answered within the time, and waiting longer."""
        impatience, t = centre.handle_s / centre.patience_s, within_s / centre.handle_s
        terms, more = departures(centre.agents + impatience, impatience, t, len(self.found))
        beyond = more + np.append(np.cumsum(terms[::-1])[::-1][1:], 0.0)[: len(self.found)]
        ahead = np.arange(len(self.found))
        served = centre.agents / (centre.agents + (ahead + 1) * impatience)
        in_time = float(np.sum(self.found * served * beyond))
        terms, _more = departures(float(centre.agents), impatience, t, len(self.found))
        longer = float(np.sum(self.found * np.cumsum(terms)[: len(self.found)])) * math.exp(-impatience * t)
        return 1.0 - float(np.sum(self.found)) + in_time, longer


def fixed_point(centre: Centre, *, judge: bool = True) -> Orbits:
    """The load at which the orbits feed exactly what leaves them, and the queue under that load.

    `judge`: also compute `error_of_fixed_point` (a second or so).

    >>> found = fixed_point(Centre(10, 6.0, 180.0, returns=0.25))
    >>> f"{found.total_load:.3f} {found.return_orbit:.1f}"
    '8.000 40.0'
    """
    low, high = centre.load, max(2.0 * centre.load, 1e-100)
    while not _loses_nobody(centre) and _surplus(centre, high) < 0.0:
        low, high = high, 2.0 * high
        if high > 1e9:
            raise Unsolved(what="the load of all attempts")
    # Where nobody is lost the answer is known, and the search would only lose digits.
    if _loses_nobody(centre):
        load = centre.load / (1.0 - centre.returns)
    elif _surplus(centre, low) == 0.0:
        load = low
    else:
        load = float(brentq(lambda tried: _surplus(centre, tried), low, high, xtol=1e-300, rtol=1e-15))
    error = error_of_fixed_point(centre, load) if judge else math.nan
    return _under(centre, load, error)


def exact(centre: Centre, *, most_states: int = MOST_STATES) -> Orbits:
    """The stationary chain, truncated where fewer than 1e-13 of all calls fall off.

    Raises TooLarge when that needs more than `most_states` states: take `fixed_point`.

    >>> found = exact(Centre(3, 1.5, 180.0, patience_s=60.0, redial=0.5, redial_after_s=120.0))
    >>> f"{found.total_load:.4f} {found.redial_orbit:.4f} {found.mean_wait_s:.3f} s {found.error < 1e-13}"
    '1.5914 0.0609 6.891 s True'
    """
    guess = fixed_point(centre, judge=False)
    room = (
        centre.agents + centre.places
        if centre.places >= 0
        else centre.agents + _first_limit(guess.mean_queue)
    )
    limits = [
        room,
        _first_limit(guess.redial_orbit) if centre.redial > 0.0 and centre.load > 0.0 else 0,
        _first_limit(guess.return_orbit) if centre.returns > 0.0 and centre.load > 0.0 else 0,
    ]
    while True:
        states = math.prod(limit + 1 for limit in limits)
        if states > most_states:
            raise TooLarge(name="states of the chain", most=most_states, value=states)
        found, lost = _Chain(centre, limits, guess).solve()
        if sum(lost) <= ENOUGH:
            return found
        limits = [
            limit + (limit // 4 + 4 if share > ENOUGH / 10 else 0)
            for limit, share in zip(limits, lost, strict=True)
        ]


def error_of_fixed_point(centre: Centre, total_load: float) -> float:
    """How far the fixed point is from the truth in a centre small enough to know it.

    The small centre has the same patience and shares, and the same spare agents in roots of the load; the
    error is the largest relative one of total load, delay probability and mean wait. It falls with the delay
    of the orbits; long delays, which the exact chain cannot hold, are shortened.
    An estimate, no proof; `_MARGIN` covers the worst of 144 centres of 5–40 agents, solved both ways.
    """
    if centre.load == 0.0 or (centre.redial == 0.0 and centre.returns == 0.0):
        return 0.0
    if _loses_nobody(centre):
        return 0.0  # product form (Jackson): the fixed point is exact
    size = min(centre.agents, 3)
    spare = (centre.agents - total_load) / math.sqrt(total_load)
    root = 0.5 * (-spare + math.sqrt(spare * spare + 4.0 * size))
    small = replace(centre, agents=size, load=centre.load / total_load * root * root)
    if centre.places > 0:
        small = replace(small, places=max(1, round(centre.places * math.sqrt(size / centre.agents))))
    longest = centre.handle_s / max(root * root, 1e-9)
    small = replace(
        small,
        redial_after_s=min(centre.redial_after_s, longest / max(centre.redial, 0.1)),
        return_after_s=min(centre.return_after_s, longest / max(centre.returns, 0.1)),
    )
    true, found = exact(small), fixed_point(small, judge=False)
    pairs = [
        (getattr(true, name), getattr(found, name))
        for name in ("total_load", "delay_probability", "mean_wait_s")
    ]
    return _MARGIN * float(max(abs(other / value - 1.0) for value, other in pairs if value > 0.0))


def _first_limit(mean: float) -> int:
    return int(mean + 8.0 * math.sqrt(mean + 1.0) + 8.0)


def _loses_nobody(centre: Centre) -> bool:
    return math.isinf(centre.patience_s) and centre.places < 0


def _surplus(centre: Centre, load: float) -> float:
    """Load that comes at `load` in all, less what would feed it: increasing in `load`."""
    measures = _queue(centre, load).measures()
    lost = measures.blocking + (1.0 - measures.blocking) * measures.abandon_probability
    served = measures.occupancy * centre.agents
    return float(load - centre.redial * load * lost - centre.returns * served - centre.load)


def _queue(centre: Centre, load: float) -> Queue:
    return Queue(
        centre.agents, load, handle_s=centre.handle_s, patience_s=centre.patience_s, places=centre.places
    )


def _under(centre: Centre, load: float, error: float) -> Orbits:
    """The queue under a Poisson load, and the orbits by Little's law."""
    measures = _queue(centre, load).measures()
    blocked, left = float(measures.blocking), float(measures.abandon_probability)
    lost = blocked + (1.0 - blocked) * left
    rate = load / centre.handle_s
    impatience = centre.handle_s / centre.patience_s
    ahead = [float(measures.delay_probability)]
    weights, weight, k = [1.0], 1.0, 0
    while (centre.places < 0 and weight > 1e-18 * sum(weights)) or k + 1 < centre.places:
        k += 1
        weight *= load / (centre.agents + k * impatience)
        weights.append(weight)
        if k > 100_000:
            break
    total = sum(weights)
    return Orbits(
        total_load=load,
        total_arrivals_per_s=rate,
        blocking_per_attempt=blocked,
        blocking=_finally(blocked, lost, centre.redial),
        delay_probability=ahead[0],
        abandon_probability=left,
        mean_wait_s=float(measures.mean_wait_s),
        mean_queue=float(measures.mean_queue),
        occupancy=float(measures.occupancy),
        redial_orbit=centre.redial * rate * lost * centre.redial_after_s,
        return_orbit=centre.returns * rate * (1.0 - lost) * centre.return_after_s,
        found=np.array([ahead[0] * one / total for one in weights]) if centre.places != 0 else np.zeros(1),
        error=error,
    )


def _finally(blocked: float, lost: float, redial: float) -> float:
    return blocked * (1.0 - redial) / (1.0 - redial * lost) if blocked > 0.0 else 0.0


class _Chain:
    """The chain over (in the centre, redialling, returning), each up to its limit; time in handling times."""

    def __init__(self, centre: Centre, limits: list[int], guess: Orbits) -> None:
        self.centre, self.shape = centre, tuple(limit + 1 for limit in limits)
        likely = (guess.occupancy * centre.agents + guess.mean_queue, guess.redial_orbit, guess.return_orbit)
        self.likely = [min(int(mean), limit) for mean, limit in zip(likely, limits, strict=True)]
        inside, redialling, returning = np.indices(self.shape).reshape(3, -1)
        self.inside, self.redialling, self.returning = inside, redialling, returning
        self.impatience = centre.handle_s / centre.patience_s
        self.attempts = (
            np.full(len(inside), centre.load),
            redialling * (centre.handle_s / centre.redial_after_s),
            returning * (centre.handle_s / centre.return_after_s),
        )
        self.busy = np.minimum(inside, centre.agents)
        self.leaving = np.maximum(inside - centre.agents, 0) * self.impatience
        self.full = inside == limits[0]
        self.moves: list[tuple[NDArray[np.float64], tuple[int, int, int]]] = []
        self.off = [np.zeros(len(inside)) for _limit in limits]

    def solve(self) -> tuple[Orbits, list[float]]:
        """The measures, and for each limit the share of all attempts that fall off there."""
        self._add_moves()
        chance = self._balance()
        attempts = sum(self.attempts)
        total = float(np.sum(chance * attempts))
        if total == 0.0:
            return _under(self.centre, 0.0, 0.0), [0.0, 0.0, 0.0]
        lost = [float(np.sum(chance * off)) / total for off in self.off]
        return self._measures(chance, np.asarray(attempts), total, sum(lost)), lost

    def _add_moves(self) -> None:
        redial, returns = self.centre.redial, self.centre.returns
        for rate, gone in zip(self.attempts, ((0, 0, 0), (0, -1, 0), (0, 0, -1)), strict=True):
            self._move(np.where(self.full, 0.0, rate), (1, gone[1], gone[2]))
            turned_away = np.where(self.full, rate, 0.0)
            self._move(turned_away * redial, (0, gone[1] + 1, gone[2]))
            self._move(turned_away * (1.0 - redial), gone)
        if self.centre.places < 0:
            self.off[0] = np.where(self.full, np.asarray(sum(self.attempts)), 0.0)
        self._move(self.busy * returns, (-1, 0, 1))
        self._move(self.busy * (1.0 - returns), (-1, 0, 0))
        self._move(self.leaving * redial, (-1, 1, 0))
        self._move(self.leaving * (1.0 - redial), (-1, 0, 0))

    def _move(self, rate: NDArray[np.float64], by: tuple[int, int, int]) -> None:
        """One kind of move; who finds an orbit full falls off, and is lost."""
        kept = list(by)
        for axis, place in ((1, self.redialling), (2, self.returning)):
            if by[axis] > 0:
                over = place == self.shape[axis] - 1
                self.off[axis] += np.where(over, rate, 0.0)
                kept[axis] = 0
                self.moves.append((np.where(over, rate, 0.0), (kept[0], kept[1], kept[2])))
                rate, kept[axis] = np.where(over, 0.0, rate), by[axis]
        self.moves.append((rate, by))

    def _balance(self) -> NDArray[np.float64]:
        count = len(self.inside)
        here, there, rates = [], [], []
        for rate, (inside, redialling, returning) in self.moves:
            which = (
                np.flatnonzero(rate > 0.0) if inside or redialling or returning else np.empty(0, dtype=int)
            )
            step = (inside * self.shape[1] + redialling) * self.shape[2] + returning
            here.append(which)
            there.append(which + step)
            rates.append(rate[which])
        origin, target, flow = np.concatenate(here), np.concatenate(there), np.concatenate(rates)
        out = np.bincount(origin, flow, count)
        system = sparse.csc_matrix(
            (
                np.append(flow, -out),
                (np.append(target, np.arange(count)), np.append(origin, np.arange(count))),
            ),
            shape=(count, count),
        )
        # A likely state is set to 1 and its own equation, which follows from the others, is left out: with an
        # unlikely one all digits would be lost.
        fixed = int(np.ravel_multi_index(tuple(self.likely), self.shape))
        others = np.delete(np.arange(count), fixed)
        chance = np.ones(count)
        chance[others] = spsolve(system[others][:, others], -system[others][:, [fixed]].toarray().ravel())
        # States of no weight come out as rounding on either side of 0.
        chance = np.maximum(chance, 0.0) / np.sum(np.maximum(chance, 0.0))
        if not np.all(np.isfinite(chance)) or np.max(np.abs(system @ chance)) > 1e-9 * np.max(out):
            raise Unsolved(what="the chain")
        return np.asarray(chance)

    def _measures(
        self, chance: NDArray[np.float64], attempts: NDArray[np.float64], total: float, error: float
    ) -> Orbits:
        centre = self.centre
        seen = np.bincount(self.inside, chance * attempts, self.shape[0]) / total
        blocked = float(seen[-1]) if centre.places >= 0 else 0.0
        waiting = float(np.sum(chance * np.maximum(self.inside - centre.agents, 0)))
        left = float(np.sum(chance * self.leaving))
        admitted = total * (1.0 - blocked)
        found = seen[centre.agents : -1] if centre.places >= 0 else seen[centre.agents :]
        lost = blocked + left / total
        return Orbits(
            total_load=total,
            total_arrivals_per_s=total / centre.handle_s,
            blocking_per_attempt=blocked,
            blocking=_finally(blocked, lost, centre.redial),
            delay_probability=float(np.sum(found)) / (1.0 - blocked),
            abandon_probability=left / admitted,
            mean_wait_s=waiting / admitted * centre.handle_s,
            mean_queue=waiting,
            occupancy=float(np.sum(chance * self.busy)) / centre.agents,
            redial_orbit=float(np.sum(chance * self.redialling)),
            return_orbit=float(np.sum(chance * self.returning)),
            found=np.asarray(found / (1.0 - blocked)) if len(found) else np.zeros(1),
            error=error,
        )
