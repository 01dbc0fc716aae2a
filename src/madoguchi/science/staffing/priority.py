"""Several classes of callers in one queue, the higher first, nobody interrupted: M/M/n with priorities.

All classes need the same mean handling time and never give up. Who has to wait does so with the same
probability in every class (Erlang C of the whole load); how long, depends on the class.
Sources: A. Cobham (1954), "Priority assignment in waiting line problems" (means); R. H. Davis (1966),
"Waiting-time distribution of a multi-server, priority queuing system" (distribution).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from madoguchi.science.staffing import compiled, inputs
from madoguchi.science.staffing.errors import NotANumber, Unstable
from madoguchi.science.staffing.inputs import Columns, Floats
from madoguchi.science.staffing.kernels import rows
from madoguchi.science.staffing.queue import Queue


@dataclass(frozen=True, slots=True)
class Class:
    """One class of callers in the long run."""

    load: Floats
    """Erlang."""
    mean_wait_s: Floats
    mean_queue: Floats
    """Callers of this class waiting."""


class Priorities:
    """One queue with classes, the highest first, or an array of them. Raises StaffingError, as Unstable.

    `loads` in Erlang: one number or array a class, broadcast against `agents` and `handle_s`.

    >>> centre = Priorities(12, [3.0, 6.0], handle_s=180.0)
    >>> [f"{one.mean_wait_s:.2f} s" for one in centre.classes()]
    ['5.32 s', '21.28 s']
    >>> [f"{centre.wait_tail(number, 20.0):.4f}" for number in (0, 1)]
    ['0.0979', '0.1980']
    """

    def __init__(self, agents: ArrayLike, loads: ArrayLike, *, handle_s: ArrayLike) -> None:
        try:
            each = list(loads)  # type: ignore[arg-type]
        except TypeError as error:
            raise NotANumber(name="loads") from error
        if not each:
            raise NotANumber(name="loads")
        self._given = given = Columns(
            agents=(agents, inputs.whole(1)),
            handle_s=(handle_s, inputs.positive),
            **{f"load_{number}": (load, _load) for number, load in enumerate(each)},
        )
        self._loads = np.column_stack([given[f"load_{number}"] for number in range(len(each))])
        # Idle agents behind each class: added up from the smallest, so that equal shares stay equal.
        self._above = np.cumsum(np.column_stack([np.zeros(given.count), self._loads]), axis=1)
        total = np.sum(self._loads, axis=1)
        if np.any(wrong := total >= given["agents"]):
            first = int(np.argmax(wrong))
            most = float(total[first])
            raise Unstable(load=most, agents=int(given["agents"][first]), least=int(most) + 1)
        self._delayed = np.atleast_1d(
            Queue(given["agents"], total, handle_s=given["handle_s"]).measures().delay_probability
        )
        self.delay_probability = given.shaped(self._delayed)
        """Of every class."""
        self.occupancy = given.shaped(total / given["agents"])
        """Share of the agents' time spent on calls."""

    def classes(self) -> list[Class]:
        """The classes, the highest first: Cobham's means."""
        given, shape = self._given, self._given.shaped
        found = []
        for number in range(self._loads.shape[1]):
            load = self._loads[:, number]
            idle = (given["agents"] - self._above[:, number]) * (given["agents"] - self._above[:, number + 1])
            wait = self._delayed * given["agents"] / idle
            found.append(Class(shape(load), shape(wait * given["handle_s"]), shape(load * wait)))
        return found

    def wait_tail(self, number: int, within_s: float) -> Floats:
        """Share of the callers of class `number` (0: the highest) who wait longer than `within_s` seconds."""
        inputs.not_negative("within", np.asarray(within_s, dtype=np.float64))
        given, found = self._given, np.empty(self._given.count)
        times = within_s / given["handle_s"]
        compiled.rows(rows.priority_tail_rows, given.count, self._behind(number), times, found)
        return given.shaped(self._delayed * found)

    def wait_percentile_s(self, number: int, share: float) -> Floats:
        """The wait that `share` (0–1) of the callers of class `number` do not exceed."""
        inputs.inner_share("share", np.asarray(share, dtype=np.float64))
        given, found = self._given, np.empty(self._given.count)
        shares = np.full(given.count, float(share))
        compiled.rows(
            rows.priority_percentile_rows, given.count, self._behind(number), self._delayed, shares, found
        )
        return given.shaped(found * given["handle_s"])

    def _behind(self, number: int) -> Floats:
        return np.column_stack([self._given["agents"], self._above[:, number], self._loads[:, number]])


def _load(_name: str, values: Floats) -> None:
    inputs.load("load", values)
