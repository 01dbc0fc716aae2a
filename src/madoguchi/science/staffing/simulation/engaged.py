"""Callers who met an engaged line: the carrier turns them away, so the records show only when that was.

While all lines are taken nobody can come; at other moments of the same half-hour they come as often as then
would. From that follows how many were turned away, though not one of them is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from madoguchi.science.staffing.simulation.centre import Centre, Queue, Stretches

AGAIN = 0.6
"""Of those who meet an engaged line, who call again: six in ten, and no fewer than of those who give up
waiting, since the tone costs neither time nor money. An assumption: nobody here sees them, and what comes
after the lines were full can be theirs as well as others'."""
AGAIN_AT_LEAST, AGAIN_AT_MOST = 0.3, 0.9
"""What else may be so: who tells shares of causes tries these too."""
_MOST = 0.95
"""Share of an interval without a free line beyond which what little was seen would be blown up too far."""


def without_a_free_line(began_s: ArrayLike, ended_s: ArrayLike, lines: int) -> Stretches:
    """When at least `lines` calls were connected at once.

    >>> without_a_free_line([0.0, 10.0, 20.0], [30.0, 15.0, 40.0], 2)
    ((10.0, 15.0), (20.0, 30.0))
    """
    began, ended = np.asarray(began_s, dtype=float), np.asarray(ended_s, dtype=float)
    at = np.concatenate([ended, began])
    step = np.repeat([-1, 1], [ended.size, began.size])
    order = np.lexsort((step, at))
    full = np.cumsum(step[order]) >= lines
    edges = np.diff(np.concatenate([[False], full, [False]]).astype(int))
    since, to = at[order][np.flatnonzero(edges[:-1] == 1)], at[order][np.flatnonzero(edges[:-1] == -1)]
    found = zip(since.tolist(), to.tolist(), strict=True)
    return tuple((start, end) for start, end in found if end > start)


def with_those_turned_away(
    centre: Centre, full: Stretches, *, seed: int, again: float | None = None
) -> Centre:
    """`centre`, a very day as recorded, with the fresh calls that found no line put into its trace.

    Part of those seen are callers who had been turned away and called again: they are taken out by chance,
    since the run brings them by itself. How many call again nobody sees: `again`, or `AGAIN`.
    """
    if not full or centre.trace is None:
        return centre
    draws = np.random.default_rng(seed)
    intervals = int(-(-centre.horizon_s // centre.interval_s))
    engaged = _share_of_each(full, intervals, centre.interval_s)
    found: list[tuple[float, int]] = []
    queues = list(centre.queues)
    for number, queue in enumerate(queues):
        share = again or queue.redial.after_block or max(AGAIN, queue.redial.after_abandon)
        seen = np.array([at for at, of in centre.trace if of == number])
        place = np.minimum((seen / centre.interval_s).astype(int), intervals - 1)
        queues[number] = _whoever_calls_again(
            queue, share, float(engaged[place].mean()) if seen.size else 0.0
        )
        own = draws.random(seen.size) >= share * engaged[place]
        found += [(float(at), number) for at in seen[own]]
        counts = np.bincount(place[own], minlength=intervals)
        found += [(at, number) for at in _turned_away(counts, engaged, full, centre.interval_s, draws)]
    return replace(centre, trace=tuple(sorted(found)), queues=tuple(queues))


def _whoever_calls_again(queue: Queue, again: float, engaged: float) -> Queue:
    """Chasers too are turned away, and those who never get through are seen by nobody."""
    after = queue.aftermath
    # Of those who chase, so many get through sooner or later: (1 − b) · (1 + pb + p²b² …).
    through = (1.0 - engaged) / (1.0 - again * engaged)
    return replace(
        queue,
        redial=replace(queue.redial, after_block=again),
        aftermath=replace(after, chase=min(1.0, after.chase / through)),
    )


def _share_of_each(full: Stretches, intervals: int, interval_s: float) -> NDArray[np.float64]:
    edges = np.arange(intervals + 1) * interval_s
    taken = np.zeros(intervals)
    for since, to in full:
        taken += np.clip(np.minimum(edges[1:], to) - np.maximum(edges[:-1], since), 0.0, None)
    return np.minimum(taken / interval_s, _MOST)


def _turned_away(
    counts: NDArray[np.int64],
    engaged: NDArray[np.float64],
    full: Sequence[tuple[float, float]],
    interval_s: float,
    draws: np.random.Generator,
) -> list[float]:
    """Moments within the full stretches, in each interval as many as its free time lets expect."""
    expected = counts * engaged / (1.0 - engaged)
    whole = np.floor(expected).astype(int)
    whole += draws.random(whole.size) < expected - whole
    starts, ends = np.array(full).T
    found: list[float] = []
    for place in np.flatnonzero(whole):
        since = np.clip(starts, place * interval_s, (place + 1) * interval_s)
        lengths = np.clip(ends, place * interval_s, (place + 1) * interval_s) - since
        at = draws.random(whole[place]) * lengths.sum()
        before = np.concatenate([[0.0], np.cumsum(lengths)])
        stretch = np.searchsorted(before, at, side="right") - 1
        found += (since[stretch] + at - before[stretch]).tolist()
    return found
