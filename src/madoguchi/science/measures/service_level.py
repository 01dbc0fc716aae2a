"""Service level: how many were answered within T seconds, by the four definitions in use.

Products disagree about the denominator, and about whether a caller who left early is a success. All four
are computed here under their letter, and a screen that shows one names it.
Sources: (c) Amazon Connect, administrator guide, "Service level"; (a), (b) Genesys Cloud, "Service level
configuration"; Asterisk app_queue prints (a) and a variant side by side (asterisk/asterisk #607).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction

from madoguchi.science.measures.rates import share
from madoguchi.science.measures.records import ABANDONED, ANSWERED, CALLBACK, SHORT_ABANDON, Record


class Level(StrEnum):
    """Which service level is meant."""

    A = "a"  # answered ≤ T ÷ offered
    B = "b"  # answered ≤ T ÷ (offered − short abandons)
    C = "c"  # (answered ≤ T + abandoned ≤ T + call back ≤ T) ÷ queued
    D = "d"  # answered ≤ T ÷ answered


def service_level(records: Iterable[Record], level: Level, *, within_s: float) -> Fraction | None:
    """Share of calls served within `within_s` seconds of entering the queue, by definition `level`.

    Population: calls that came to a queue. Calls that never did (out of hours, left in the menu) count in
    none of the four. None when the denominator is empty.

    >>> day = [Record("answered", 12.0)] * 70 + [Record("answered", 41.0)] * 15
    >>> day += [Record("short_abandon", 4.0)] * 5 + [Record("queue_abandon", 15.0)] * 3
    >>> day += [Record("queue_abandon", 60.0)] * 7
    >>> [f"{100 * float(service_level(day, level, within_s=20) or 0):.1f}" for level in Level]
    ['70.0', '73.7', '78.0', '82.4']
    """
    offered = [record for record in records if record.queued]
    in_time = [record for record in offered if record.wait_s is not None and record.wait_s <= within_s]
    answered_in_time = sum(record.outcome == ANSWERED for record in in_time)
    if level is Level.C:
        return share(sum(record.outcome in _SERVED_BY_C for record in in_time), len(offered))
    if level is Level.B:
        return share(answered_in_time, sum(record.outcome != SHORT_ABANDON for record in offered))
    if level is Level.D:
        return share(answered_in_time, sum(record.outcome == ANSWERED for record in offered))
    return share(answered_in_time, len(offered))


_SERVED_BY_C = ABANDONED | {ANSWERED, CALLBACK}
