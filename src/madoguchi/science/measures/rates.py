"""Shares of the arrivals: answer rate, abandon rate, busy rate."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

from madoguchi.science.measures.records import ABANDONED, ANSWERED, Record


def share(part: int, whole: int) -> Fraction | None:
    """`part` of `whole` as an exact fraction; None when there is no whole.

    >>> share(612, 692)
    Fraction(153, 173)
    """
    return Fraction(part, whole) if whole else None


def answer_rate(records: Iterable[Record], *, without: Collection[str] = ()) -> Fraction | None:
    """応答率: calls answered by a person ÷ arrivals.

    Population: every inbound call that has ended, whatever became of it, except those whose outcome is in
    `without` (say short abandons, or calls out of hours): name what is left out beside the figure.
    Source: D1; definition of the Japanese trade, publisher's glossary (kpi.md [J1][J2]).

    >>> day = [Record("answered", 4.0)] * 85 + [Record("short_abandon", 3.0)] * 5
    >>> day += [Record("queue_abandon", 30.0)] * 10
    >>> answer_rate(day), answer_rate(day, without={"short_abandon"})
    (Fraction(17, 20), Fraction(17, 19))
    """
    counted = [record for record in records if record.outcome not in without]
    return share(sum(record.outcome == ANSWERED for record in counted), len(counted))


def abandon_rate(records: Iterable[Record]) -> Fraction | None:
    """放棄率: left while waiting or ringing, short abandons included ÷ arrivals.

    Not 1 − answer rate: calls out of hours, in the menu, sent elsewhere or called back are neither.

    >>> abandon_rate([Record("answered", 4.0), Record("ring_abandon", 9.0), Record("out_of_hours")])
    Fraction(1, 3)
    """
    counted = list(records)
    return share(sum(record.outcome in ABANDONED for record in counted), len(counted))


def busy_rate(records: Iterable[Record], *, blocked: int = 0) -> Fraction | None:
    """話中率: callers who met an engaged line ÷ (those + arrivals).

    Only the carrier or a session border controller sees them; `blocked` is its count, besides calls whose
    own outcome is `blocked`. Lines are sized by it with Erlang B. Never one column with 放棄率.

    >>> busy_rate([Record("answered", 4.0)] * 9, blocked=1)
    Fraction(1, 10)
    """
    counted = list(records)
    refused = blocked + sum(record.outcome == "blocked" for record in counted)
    return share(refused, len(counted) + blocked)
