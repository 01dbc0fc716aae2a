"""The flat records of a centre: one row a call, one a stretch of somebody's time, one a case.

The simulator writes them, and what the real centre wrote down can be put into the same columns; so every
measure, calibration and report works on both. Times are seconds from an origin that the reader knows (the
first midnight, local time); NaN is "never"; -1 is "nobody" or "none".

    column         of the real centre
    arrived_s      calls.Call.arrived_at
    queue          the first calls.QueueVisit's queue, numbered
    customer       calls.Call.customer, or the caller's number; -1 when withheld
    outcome        place of calls.Call.outcome in measures.records.PARTITION
    wait_s         first QueueVisit.enqueued_at until answered_at, or until the visit's left_at
    talk_s         answered_at until the customer left, holds included
    wrap_up_s      calls.WrapUp: began_at until ended_at, all of the call
    agent          who had the customer last
    case           the matter it is about, while that is open
    rings, missed  calls.Offer rows, and those whose stage is missed, refused or failed
    kind           simulated calls only; of real ones `calibration.kinds_of` finds it out
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.measures.records import PARTITION, Record
from madoguchi.science.staffing.simulation.names import number, numbers

Rows = NDArray[Any]

CALLS = np.dtype(
    [
        ("arrived_s", "f8"),
        ("queue", "i4"),
        ("customer", "i8"),
        ("outcome", "i1"),
        ("wait_s", "f8"),
        ("talk_s", "f8"),
        ("wrap_up_s", "f8"),
        ("agent", "i4"),
        ("case", "i4"),
        ("rings", "i4"),
        ("missed", "i4"),
        ("kind", "i1"),
    ]
)

FRESH, REDIAL, CHASER, RETURN = numbers(4)
"""Why a customer calls: on a matter of their own; again, since the call before was lost; to chase an open
case (催促); again after an answered call, on the same matter."""

SPELLS = np.dtype(
    [("agent", "i4"), ("kind", "i1"), ("began_s", "f8"), ("ended_s", "f8"), ("call", "i4"), ("case", "i4")]
)
"""A stretch of one person's time; what lies between two of a person's stretches while present is 待機."""

PRESENT, RINGING, TALKING, WRAP_UP, CASEWORK, CALL_BACK, MAIL, HIDING, CONSULT = numbers(9)
"""Kinds of stretches. PRESENT is 受付可 as chosen, and work in hand may outlast it; HIDING is casework that
nobody asked for (D2, third cause)."""

CASES = np.dtype(
    [
        ("call", "i4"),
        ("queue", "i4"),
        ("owner", "i4"),
        ("customer", "i8"),
        ("opened_s", "f8"),
        ("asked_s", "f8"),
        ("answered_s", "f8"),
        ("due_s", "f8"),
        ("resolved_s", "f8"),
        ("chasers", "i4"),
    ]
)
"""A matter that outlived its call: question to a department, its answer, promise of a call back, end."""

OUTCOME = {name: number(place) for place, name in enumerate(PARTITION)}
LOST = tuple(
    OUTCOME[name] for name in ("blocked", "short_abandon", "queue_abandon", "ring_abandon", "system_evicted")
)
"""Calls that were not answered although somebody wanted to speak with us in opening hours."""


def is_lost(calls: Rows) -> NDArray[np.bool_]:
    """Which of the calls were lost."""
    return np.isin(calls["outcome"], LOST)


def records(calls: Rows, group: Callable[[Any], str] = lambda call: "") -> list[Record]:
    """The calls as `science.measures` takes them; `group` names what a row's figures are split by.

    >>> rows = np.zeros(1, CALLS)
    >>> rows["outcome"], rows["wait_s"], rows["talk_s"] = OUTCOME["answered"], 4.0, 90.0
    >>> records(rows)
    [Record(outcome='answered', wait_s=4.0, talk_s=90.0, group='')]
    """
    return [
        Record(
            PARTITION[int(call["outcome"])],
            None if np.isnan(call["wait_s"]) else float(call["wait_s"]),
            float(call["talk_s"]),
            group(call),
        )
        for call in calls
    ]
