"""Several classes of callers in one queue, the higher first, nobody interrupted: M/M/n with priorities.

All classes need the same mean handling time and never give up. Who has to wait does so with the same
probability in every class (Erlang C of the whole load); how long, depends on the class.
Sources: A. Cobham (1954), "Priority assignment in waiting line problems" (means); R. H. Davis (1966),
"Waiting-time distribution of a multi-server, priority queuing system" (distribution).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing import erlang_c, inputs
from madoguchi.science.staffing.errors import NotANumber, Unstable

# Pieces of the angle, halving towards 0 where the integrand is narrow, with 16 points each.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_EDGES = np.append(0.0, math.pi * 0.5 ** np.arange(60, -1, -1))
_HALVES = 0.5 * np.diff(_EDGES)
_ANGLES = (_EDGES[:-1, None] + _HALVES[:, None] * (1.0 + _NODES)).ravel()
_AREAS = (_HALVES[:, None] * _WEIGHTS).ravel()


@dataclass(frozen=True, slots=True)
class Class:
    """One class of callers in the long run."""

    load: float
    """Erlang."""
    mean_wait_s: float
    mean_queue: float
    """Callers of this class waiting."""


class Priorities:
    """One queue with classes, the highest first; `loads` in Erlang. Raises StaffingError, as Unstable.

    >>> centre = Priorities(12, [3.0, 6.0], handle_s=180.0)
    >>> [f"{one.mean_wait_s:.2f} s" for one in centre.classes()]
    ['5.32 s', '21.28 s']
    >>> [f"{centre.wait_tail(number, 20.0):.4f}" for number in (0, 1)]
    ['0.0979', '0.1980']
    """

    def __init__(self, agents: int, loads: Sequence[float], *, handle_s: float) -> None:
        self._loads = np.asarray(list(loads), dtype=np.float64)
        if not len(self._loads):
            raise NotANumber(name="loads")
        inputs.load("load", self._loads)
        total = math.fsum(self._loads)
        if total >= agents:
            raise Unstable(load=total, agents=int(agents), least=int(total) + 1)
        self.delay_probability = float(
            erlang_c.queue(agents, total, handle_s=handle_s).measures().delay_probability
        )
        """Of every class."""
        self._agents, self._handle_s = int(agents), float(handle_s)

    @property
    def occupancy(self) -> float:
        """Share of the agents' time spent on calls."""
        return math.fsum(self._loads) / self._agents

    def classes(self) -> list[Class]:
        """The classes, the highest first: Cobham's means."""
        found = []
        for number, load in enumerate(self._loads):
            wait = self.delay_probability * self._agents / (self._idle(number) * self._idle(number + 1))
            found.append(Class(float(load), wait * self._handle_s, float(load) * wait))
        return found

    def wait_tail(self, number: int, within_s: float) -> float:
        """Share of the callers of class `number` (0: the highest) who wait longer than `within_s` seconds."""
        inputs.not_negative("within", np.asarray(within_s))
        return self.delay_probability * self._tail_if_delayed(number, within_s / self._handle_s)

    def wait_percentile_s(self, number: int, share: float) -> float:
        """The wait that `share` (0–1) of the callers of class `number` do not exceed."""
        inputs.inner_share("share", np.asarray(share))
        if self.delay_probability <= 1.0 - share:
            return 0.0
        low, high = 0.0, 1.0 / self._agents
        while self.delay_probability * self._tail_if_delayed(number, high) > 1.0 - share:
            low, high = high, 2.0 * high
        while high - low > 1e-15 * high:
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            longer = self.delay_probability * self._tail_if_delayed(number, middle) > 1.0 - share
            low, high = (middle, high) if longer else (low, middle)
        return high * self._handle_s

    def _idle(self, count: int) -> float:
        """Agents left over by the `count` highest classes."""
        return self._agents - math.fsum(self._loads[:count])

    def _tail_if_delayed(self, number: int, t: float) -> float:
        """P(wait > t | wait), t in handling times.

        The caller waits for a geometric number (ratio s: load of this and the higher classes ÷ agents) of
        departures, each prolonged to a busy period by the arrivals of higher classes. The inverse of its
        transform (1 − s)b/(1 − s·b) is a mixture of exponentials e^(−xt), x between (√n ± √load above)², and
        one more when s is large; all weights are positive, so that the digits stay.
        """
        n, above = float(self._agents), math.fsum(self._loads[:number])
        if above == 0.0:
            return math.exp(-self._idle(number + 1) * t)
        s = math.fsum(self._loads[: number + 1]) / n
        free = self._idle(number + 1) / n
        ratio = math.sqrt(n / above)
        root = math.sqrt(n * above)
        # x = n + above − 2√(n·above)·cos ψ, and 1 − 2sr·cos ψ + (sr)², both as sums of squares.
        round_ = 4.0 * np.sin(0.5 * _ANGLES) ** 2
        x = (math.sqrt(n) - math.sqrt(above)) ** 2 + root * round_
        norm = (1.0 - s * ratio) ** 2 + s * ratio * round_
        parts: NDArray[np.float64] = _AREAS * np.sin(_ANGLES) ** 2 * np.exp(-x * t) / (norm * x)
        total = 2.0 * n * free / math.pi * float(np.sum(parts))
        if s * ratio > 1.0:
            slowest = free * (n - above / s)
            total += (n * s * s - above) / (s * (n * s - above)) * math.exp(-slowest * t)
        return min(total, 1.0)
