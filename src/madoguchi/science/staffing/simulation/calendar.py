"""The calendar of a run: a heap of moments, the earliest on top."""

from __future__ import annotations

import math
from typing import Any

from madoguchi.science.staffing.simulation.compiled import compiled
from madoguchi.science.staffing.simulation.rows import heap_of, hours_of

_KIND_BITS, _WHO_BITS = 8, 32


@compiled
def push(w: Any, at: float, kind: int, who: int, token: int) -> None:
    """Note that `kind` happens to `who` at `at`; `token` tells whether it still holds then."""
    heap = heap_of(w)
    place = w.heap
    w.heap = place + 1
    while place > 0:
        above = (place - 1) >> 1
        if heap[above].at <= at:
            break
        heap[place].at = heap[above].at
        heap[place].what = heap[above].what
        place = above
    heap[place].at = at
    heap[place].what = kind | (who << _KIND_BITS) | (token << (_KIND_BITS + _WHO_BITS))


@compiled
def next_at(w: Any) -> float:
    """When the earliest is due; infinity when there is none."""
    return float(heap_of(w)[0].at) if w.heap > 0 else math.inf


@compiled
def pop(w: Any) -> tuple[int, int, int]:
    """Take the earliest out: (kind, who, token)."""
    heap = heap_of(w)
    what = heap[0].what
    last = w.heap - 1
    w.heap = last
    at = heap[last].at
    moved = heap[last].what
    place = 0
    while True:
        below = 2 * place + 1
        if below >= last:
            break
        if below + 1 < last and heap[below + 1].at < heap[below].at:
            below += 1
        if heap[below].at >= at:
            break
        heap[place].at = heap[below].at
        heap[place].what = heap[below].what
        place = below
    heap[place].at = at
    heap[place].what = moved
    return (what & 0xFF, (what >> _KIND_BITS) & 0xFFFFFFFF, what >> (_KIND_BITS + _WHO_BITS))


@compiled
def open_after(w: Any, seconds: float) -> float:
    """The moment by which the centre will have been open for `seconds` from now on; infinity: never."""
    left = seconds
    for place in range(w.passed, w.spans):
        since = max(w.now, hours_of(w)[place, 0])
        length = max(0.0, hours_of(w)[place, 1] - since)
        if left < length:
            return float(since + left)
        left -= length
    return math.inf
