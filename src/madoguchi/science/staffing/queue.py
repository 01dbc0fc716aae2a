"""One queue of calls in front of n agents, first come first served: M/M/n with its limits.

Calls arrive by a Poisson process, handling times and patience are exponential. `patience_s` infinite is
Erlang C, finite Erlang A; `places` limits how many may wait (the next caller is blocked: hears that all lines
are engaged), −1 is no limit. `erlang_c` and `erlang_a` are the doors to this room.

Populations are those of docs/guides/measures.md: blocked callers never came to the queue, so all shares and
means but `blocking` are of those who got in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from madoguchi.science.staffing import compiled, inputs
from madoguchi.science.staffing.errors import Unstable
from madoguchi.science.staffing.inputs import Columns, Floats
from madoguchi.science.staffing.kernels import rows

NO_LIMIT = -1
SHORT_ABANDON_S = 5.0
"""The house's default: who gives up within these seconds is a short abandon (service level b)."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What a queue looks like in the long run; every field has the shape of the arguments."""

    blocking: Floats
    """Share of arrivals that find no agent and no place."""
    delay_probability: Floats
    """Share that has to wait."""
    abandon_probability: Floats
    """Share that gives up."""
    mean_wait_s: Floats
    """Of all, those who are answered at once included."""
    mean_wait_served_s: Floats
    """Of those who are answered (ASA)."""
    mean_wait_abandoned_s: Floats
    """Of those who give up; 0 where nobody can."""
    occupancy: Floats
    """Share of the agents' time spent on calls."""
    mean_queue: Floats
    """Callers waiting."""
    mean_in_system: Floats
    """Callers waiting or served."""
    mean_time_in_system_s: Floats
    """From arrival to the end of the call, or to giving up."""
    empty_probability: Floats
    """Share of the time in which nobody calls, waits or talks. 0 where it is below 2.2e-308."""


@dataclass(frozen=True, slots=True)
class Within:
    """What a queue looks like at one waiting time."""

    service_level_a: Floats
    """Answered in time ÷ offered."""
    service_level_b: Floats
    """Answered in time ÷ (offered − short abandons)."""
    service_level_c: Floats
    """(Answered in time + gave up in time) ÷ offered."""
    service_level_d: Floats
    """Answered in time ÷ answered."""
    wait_tail: Floats
    """Share that waits longer, whether answered later or not."""
    wait_tail_offered: Floats
    """Share that would wait longer if nobody's patience ended."""


class Queue:
    """A queue, or an array of them: the arguments are broadcast against each other.

    `load` in Erlang (arrivals · handling time). Raises `StaffingError` for what cannot be, among them
    `Unstable`: at least as much load as agents, no abandonment and no limit of places.
    """

    def __init__(
        self,
        agents: ArrayLike,
        load: ArrayLike,
        *,
        handle_s: ArrayLike,
        patience_s: ArrayLike = np.inf,
        places: ArrayLike = NO_LIMIT,
    ) -> None:
        self._given = Columns(
            agents=(agents, inputs.whole(1)),
            load=(load, inputs.load),
            handle_s=(handle_s, inputs.positive),
            patience_s=(patience_s, inputs.patience),
            places=(places, inputs.place),
        )
        given = self._given
        endless = np.isinf(given["patience_s"]) & (given["places"] < 0)
        refuse_unstable(given["agents"], given["load"], endless)
        impatience = given["handle_s"] / given["patience_s"]
        self._centres = np.column_stack([given["agents"], given["load"], impatience, given["places"]])

    def measures(self) -> Measures:
        """All measures that need no waiting time."""
        given = self._given
        found = np.empty((given.count, 7))
        compiled.rows(rows.measure_rows, given.count, self._centres, found)
        nobody_there = np.empty(given.count)
        compiled.rows(rows.empty_rows, given.count, given["agents"], given["load"], nobody_there)
        blocked, at_once, waits, left, served, wait_served, wait_left = found.T
        handle = given["handle_s"]
        mean_wait = served * wait_served + left * wait_left
        admitted = given["load"] * _rest(blocked)
        busy, queue = admitted * served, admitted * mean_wait
        shape = given.shaped
        return Measures(
            blocking=shape(inputs.told(blocked, (given["places"] >= 0) & (given["load"] > 0))),
            delay_probability=shape(
                inputs.told(waits, (given["places"] != 0) & (given["load"] > 0)),
            ),
            abandon_probability=shape(left),
            mean_wait_s=shape(mean_wait * handle),
            mean_wait_served_s=shape(wait_served * handle),
            mean_wait_abandoned_s=shape(wait_left * handle),
            occupancy=shape(busy / given["agents"]),
            mean_queue=shape(queue),
            mean_in_system=shape(queue + busy),
            mean_time_in_system_s=shape((mean_wait + served) * handle),
            empty_probability=shape(nobody_there * at_once * _rest(blocked)),
        )

    def within(self, within_s: ArrayLike, *, short_abandon_s: ArrayLike = SHORT_ABANDON_S) -> Within:
        """The four service levels (docs/guides/measures.md) and the tails at a waiting time."""
        given = Columns(
            **self._again(),
            within_s=(within_s, inputs.not_negative),
            short_abandon_s=(short_abandon_s, inputs.not_negative),
        )
        centres = _spread(self._centres, self._given, given)
        found = _at(centres, given["within_s"] / given["handle_s"])
        early = _at(centres, given["short_abandon_s"] / given["handle_s"])[4]
        steady = np.empty((given.count, 7))
        compiled.rows(rows.measure_rows, given.count, centres, steady)
        offered, _, longer, answered, left = found
        shape = given.shaped
        return Within(
            service_level_a=shape(inputs.told(answered, answered == 0.0)),
            # Nobody is left over where everybody gives up at once: no such queue is possible.
            service_level_b=shape(answered / _rest(early)),
            service_level_c=shape(answered + left),
            service_level_d=shape(answered / steady[:, 4]),
            wait_tail=shape(inputs.told(longer, steady[:, 2] > 0)),
            wait_tail_offered=shape(offered),
        )

    def wait_percentile_s(self, share: ArrayLike, *, offered: bool = False) -> Floats:
        """The wait that `share` (0–1) of all do not exceed; 0 when as many are answered at once.

        `offered`: the wait that callers would have if their patience did not end; otherwise the wait as it
        is, ended by an agent or by giving up. Relative error 1e-12 of the wait plus 1e-12 of what one
        departure from the full centre takes: near its step from 0 it is as sharp as the probability to wait.
        """
        given = Columns(**self._again(), share=(share, inputs.inner_share))
        found = np.empty(given.count)
        centres = _spread(self._centres, self._given, given)
        compiled.rows(rows.percentile_rows, given.count, centres, given["share"], offered, found)
        return given.shaped(found * given["handle_s"])

    def _again(self) -> dict[str, tuple[ArrayLike, inputs.Check]]:
        """Our own arguments, to be broadcast against more."""
        handle = self._given.shaped(self._given["handle_s"])
        return {"handle_s": (handle, inputs.positive)}


def refuse_unstable(agents: Floats, load: Floats, endless: np.ndarray) -> None:
    """Raise `Unstable` for the first row with an endless queue."""
    wrong = endless & (load >= agents)
    if np.any(wrong):
        first = int(np.argmax(wrong))
        raise Unstable(load=float(load[first]), agents=int(agents[first]), least=int(load[first]) + 1)


def _at(centres: Floats, times: Floats) -> Floats:
    found = np.empty((len(centres), 5))
    compiled.rows(rows.at_rows, len(centres), centres, np.ascontiguousarray(times), found)
    return found.T


def _spread(centres: Floats, ours: Columns, wider: Columns) -> Floats:
    columns = [np.broadcast_to(column.reshape(ours.shape), wider.shape).ravel() for column in centres.T]
    return np.column_stack(columns)


def _rest(shares: Floats) -> Floats:
    return 1.0 - shares
