"""What a small centre with redials and returns looks like, with a proved bound of the error.

See `orbit_chain` for the model and `orbit_proof` for the proof.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from madoguchi.science.staffing import inputs
from madoguchi.science.staffing.errors import Unsolved
from madoguchi.science.staffing.inputs import Floats
from madoguchi.science.staffing.kernels.places import departures
from madoguchi.science.staffing.orbit import Centre, turned_away_for_good
from madoguchi.science.staffing.orbit_chain import (
    MOST_STATES,
    Chain,
    first_limits,
    refuse_too_many,
)
from madoguchi.science.staffing.orbit_proof import Proof, needed_limits, prove
from madoguchi.science.staffing.queue import SHORT_ABANDON_S

ENOUGH = 1e-5
"""A bound of the relative error with which the limits need not grow any more."""
BEARABLE = 1e-2
"""With so much an answer is still given when there may be no more states."""


@dataclass(frozen=True, slots=True)
class Orbits:
    """Such a centre in the long run; shares are of attempts, from `delay_probability` on of those let in."""

    centre: Centre
    total_load: float
    """Of all attempts, in Erlang."""
    total_arrivals_per_s: float
    blocking_per_attempt: float
    blocking: float
    """Share of callers whose last attempt was turned away."""
    delay_probability: float
    abandon_probability: float
    occupancy: float
    mean_queue: float
    mean_in_system: float
    empty_probability: float
    """Share of the time in which nobody waits or talks."""
    redial_orbit: float
    """People about to redial."""
    return_orbit: float
    """People who will return."""
    found: Floats
    """P(an attempt that is let in finds all busy and k waiting); the rest finds somebody free."""
    error: float
    """Proved, rounding included: no larger is the relative error of loads, of the shares that are blocked,
    wait or give up, of occupancy, mean wait and queue, orbits, and of levels a and d and the tail at the
    times asked for. Not covered: percentiles, level b, `empty_probability`, the waits of the served and of
    those who give up. NaN where no proof was asked for."""

    @property
    def mean_wait_s(self) -> float:
        """Of all, those who are answered at once included."""
        admitted = self.total_arrivals_per_s * (1.0 - self.blocking_per_attempt)
        return self.mean_queue / admitted if admitted > 0.0 else 0.0

    @property
    def mean_time_in_system_s(self) -> float:
        """Of an attempt that is let in, from its beginning to the end of the call or to giving up."""
        return self.mean_wait_s + (1.0 - self.abandon_probability) * self.centre.handle_s

    @property
    def mean_wait_served_s(self) -> float:
        """Of the attempts that are answered."""
        agents, impatience = self.centre.agents, self._impatience
        total, wait_if_served = 0.0, 0.0
        for k, chance in enumerate(self.found):
            rate = agents + (k + 1) * impatience
            wait_if_served = (agents / rate + (agents + k * impatience) * wait_if_served) / rate
            total += float(chance) * wait_if_served
        return total / (1.0 - self.abandon_probability) * self.centre.handle_s

    @property
    def mean_wait_abandoned_s(self) -> float:
        """Of those who give up; 0 where nobody does."""
        left = self.abandon_probability
        served = self.mean_wait_served_s * (1.0 - left)
        return max(self.mean_wait_s - served, 0.0) / left if left > 0.0 else 0.0

    def service_levels(
        self, within_s: float, *, short_abandon_s: float = SHORT_ABANDON_S
    ) -> dict[str, float]:
        """The levels of docs/guides/measures.md and the tail of the wait, by what attempts find."""
        inputs.not_negative("within", np.asarray(within_s, dtype=np.float64))
        inputs.not_negative("short_abandon", np.asarray(short_abandon_s, dtype=np.float64))
        level, longer = self._at(within_s)
        early, waiting = self._at(short_abandon_s)
        return {
            "service_level_a": level,
            # What is neither answered by then nor waiting has left at once.
            "service_level_b": level / (early + waiting),
            "service_level_c": 1.0 - longer,
            "service_level_d": level / (1.0 - self.abandon_probability),
            "wait_tail": longer,
        }

    def wait_percentile_s(self, share: float, *, offered: bool = False) -> float:
        """The wait that `share` (0–1) do not exceed; `offered`: if nobody's patience ended."""
        inputs.inner_share("share", np.asarray(share, dtype=np.float64))

        def longer(t: float) -> float:
            found = self._at(t)[1]
            return found * math.exp(t / self.centre.patience_s) if offered else found

        if longer(0.0) <= 1.0 - share:
            return 0.0
        low, high = 0.0, self.centre.handle_s / self.centre.agents
        while longer(high) > 1.0 - share:
            low, high = high, 2.0 * high
        while high - low > 1e-12 * high:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if longer(middle) > 1.0 - share else (low, middle)
        return high

    @property
    def _impatience(self) -> float:
        return self.centre.handle_s / self.centre.patience_s

    def _at(self, within_s: float) -> tuple[float, float]:
        """Shares answered within the time, and waiting longer."""
        in_time, longer = fates_by(self.centre, len(self.found), within_s)
        at_once = 1.0 - float(np.sum(self.found))
        return at_once + float(self.found @ in_time), float(self.found @ longer)


def fates_by(centre: Centre, count: int, within_s: float) -> tuple[Floats, Floats]:
    """For who finds all busy and 0 … `count` − 1 waiting: answered within the time, waiting longer."""
    agents, handle = centre.agents, centre.handle_s
    impatience, t = handle / centre.patience_s, within_s / handle
    terms, more = departures(agents + impatience, impatience, t, count)
    beyond = more + np.append(np.cumsum(terms[::-1])[::-1][1:], 0.0)[:count]
    served = agents / (agents + (np.arange(count) + 1) * impatience)
    terms, _more = departures(agents, impatience, t, count)
    return served * beyond, np.cumsum(terms)[:count] * math.exp(-impatience * t)


def exact(
    centre: Centre, *, within_s: Sequence[float] = (), prove_it: bool = True, most_states: int = MOST_STATES
) -> Orbits:
    """Solve one centre without any assumption but exponential times.

    The bound of the error covers the service levels at `within_s`, too. Raises StaffingError; TooLarge when
    more than `most_states` states are needed: take `orbit.fixed_point`.

    >>> found = exact(Centre(3, 1.5, 180.0, patience_s=60.0, redial=0.5, redial_after_s=120.0))
    >>> f"{found.total_load:.4f} {found.redial_orbit:.4f} {found.mean_wait_s:.3f} s {found.error < 1e-8}"
    '1.5914 0.0609 6.891 s True'
    """
    limits, likely = first_limits(centre)
    while True:
        refuse_too_many(limits, most_states)
        chain = Chain(centre, limits, likely)
        if not prove_it or centre.load == 0.0:
            return _orbits(chain, math.nan if centre.load else 0.0)
        proof = prove(chain)
        rounding, outside = _error(proof, within_s) if proof else (math.inf, math.inf)
        error = rounding + outside if proof and math.isfinite(proof.rises) else math.inf
        if error <= ENOUGH or (outside <= ENOUGH and error <= BEARABLE):
            return _orbits(chain, error)
        wider = _somewhat_more(chain)
        if proof:
            # A V found in narrow limits asks for too much: look again on the way.
            needed = needed_limits(chain, proof.growth, max(proof.longing, 2.0 * outside / ENOUGH))
            wider = [min(pair) for pair in zip(needed, wider, strict=True)]
        if wider == limits:
            raise Unsolved(what="the chain")
        if error <= BEARABLE and math.prod(limit + 1 for limit in wider) > most_states:
            return _orbits(chain, error)
        limits = wider


def _somewhat_more(chain: Chain) -> list[int]:
    return [
        limit + limit // 4 + 4 if limit and not (axis == 0 and chain.finite) else limit
        for axis, limit in enumerate(chain.limits)
    ]


def _error(proof: Proof, within_s: Sequence[float]) -> tuple[float, float]:
    """The largest relative errors that the proof leaves to what it covers, by rounding and by the limits."""
    worst = [0.0, 0.0]
    for measure, slopes in _means(proof.chain, within_s):
        mean = proof.chain.mean(measure)
        if mean > 0.0:
            worst = [
                max(one, new / mean) for one, new in zip(worst, proof.error(measure, slopes), strict=True)
            ]
    # A figure is a ratio of two of these means: (1 + e) ÷ (1 − e), with a little to spare.
    return 2.1 * worst[0], 2.1 * worst[1]


def _means(chain: Chain, within_s: Sequence[float]) -> list[tuple[Floats, Mapping[str, float]]]:
    """What the figures that are covered are ratios of, with what each rises by beyond the limits."""
    named = {flow.name: flow.rate for flow in chain.flows}
    calls = {name: named[name] for name in ("one", "redialling", "returning")}
    agents = float(np.max(chain.counts["busy"]))
    attempts, inside = chain.attempts, chain.place[0]
    found: list[tuple[Floats, Mapping[str, float]]] = [
        (attempts, calls),
        (attempts * ~chain.full, calls),
        (attempts * ((inside >= agents) & ~chain.full), calls),
        (attempts * chain.full, calls),
        (chain.counts["busy"], {"one": agents}),
        (chain.counts["waiting"], {"waiting": 1.0}),
        (chain.counts["redialling"], {"redialling": 1.0}),
        (chain.counts["returning"], {"returning": 1.0}),
    ]
    for at in within_s:
        count = chain.shape[0] - int(agents)
        in_time, longer = fates_by(chain.centre, count, at)
        waits = np.maximum(inside - int(agents), 0)
        found.append((attempts * ~chain.full * np.where(inside < agents, 1.0, in_time[waits]), calls))
        found.append((attempts * ~chain.full * np.where(inside < agents, 0.0, longer[waits]), calls))
    return found


def _orbits(chain: Chain, error: float) -> Orbits:
    centre, counts = chain.centre, chain.counts
    agents = centre.agents
    total = chain.mean(chain.attempts)
    weights = chain.chance * chain.attempts / (total or 1.0)
    seen = np.bincount(chain.place[0], weights, chain.shape[0])
    blocked = float(seen[-1]) if chain.finite else 0.0
    waiting = chain.mean(counts["waiting"])
    left = waiting * centre.handle_s / centre.patience_s
    admitted = total * (1.0 - blocked)
    found = seen[agents:-1] if chain.finite else seen[agents:]
    lost = blocked + (left / total if total > 0.0 else 0.0)
    busy = chain.mean(counts["busy"])
    good = turned_away_for_good(np.asarray(blocked), np.asarray(lost), np.asarray(centre.redial))
    return Orbits(
        centre=centre,
        total_load=total,
        total_arrivals_per_s=total / centre.handle_s,
        blocking_per_attempt=blocked,
        blocking=float(good),
        delay_probability=float(np.sum(found)) / (1.0 - blocked),
        abandon_probability=left / admitted if admitted > 0.0 else 0.0,
        occupancy=busy / agents,
        mean_queue=waiting,
        mean_in_system=busy + waiting,
        empty_probability=chain.mean((counts["inside"] == 0.0).astype(np.float64)),
        redial_orbit=chain.mean(counts["redialling"]),
        return_orbit=chain.mean(counts["returning"]),
        found=np.asarray(found / (1.0 - blocked)) if len(found) else np.zeros(1),
        error=error,
    )
