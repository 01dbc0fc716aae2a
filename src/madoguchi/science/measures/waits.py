"""How long people waited: for an answer, and before they gave up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from madoguchi.science.measures.records import ABANDONED, ANSWERED, Record


def answer_waits_s(records: Iterable[Record]) -> list[float]:
    """Waits of the answered calls, shortest first; ringing at the operator is part of the wait."""
    return _waits(records, frozenset({ANSWERED}))


def abandon_waits_s(records: Iterable[Record]) -> list[float]:
    """Waits of those who left, shortest first, short abandons included."""
    return _waits(records, ABANDONED)


def average_speed_of_answer_s(records: Iterable[Record]) -> float | None:
    """ASA: sum of the waits of answered calls ÷ answered calls, in seconds.

    Starts at the first queue entry and includes ringing. Calls answered as a call back are not in it.
    A mean hides the tail: show `percentile_s` at 50 and 90 beside it.

    >>> average_speed_of_answer_s([Record("answered", 4.0), Record("answered", 8.0)])
    6.0
    """
    return _mean(answer_waits_s(records))


def average_time_to_abandon_s(records: Iterable[Record]) -> float | None:
    """平均放棄時間: sum of the waits of those who left ÷ their number, in seconds.

    >>> average_time_to_abandon_s([Record("queue_abandon", 40.0), Record("answered", 1.0)])
    40.0
    """
    return _mean(abandon_waits_s(records))


def percentile_s(waits_s: Sequence[float], percent: int) -> float | None:
    """The wait that `percent` of 100 callers did not exceed, by nearest rank: always a wait that occurred.

    >>> percentile_s([2.0, 4.0, 9.0, 30.0], 50), percentile_s([2.0, 4.0, 9.0, 30.0], 90)
    (4.0, 30.0)
    """
    if not 0 < percent <= 100:
        raise ValueError(f"a percentile lies above 0 and at most at 100, not at {percent}")
    ordered = sorted(waits_s)
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else None


def impatience_per_s(records: Iterable[Record]) -> float | None:
    """Rate θ at which waiting callers give up, per second: leavers ÷ all seconds waited.

    The maximum likelihood estimate for exponential patience, where an answer censors the wait; equal to
    abandon share ÷ average wait. 1/θ is the average patience. None when nobody waited.
    Source: Gans, Koole, Mandelbaum, Telephone Call Centers (2003), section 4.2.3 (Erlang A).

    >>> impatience_per_s([Record("answered", 60.0), Record("queue_abandon", 40.0)])
    0.01
    """
    queued = [record for record in records if record.wait_s is not None]
    waited_s = sum(record.wait_s or 0.0 for record in queued)
    left = sum(record.outcome in ABANDONED for record in queued)
    return left / waited_s if waited_s else None


def _waits(records: Iterable[Record], outcomes: frozenset[str]) -> list[float]:
    return sorted(r.wait_s for r in records if r.outcome in outcomes and r.wait_s is not None)


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
