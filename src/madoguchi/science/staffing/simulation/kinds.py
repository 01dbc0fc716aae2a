"""Why each of a centre's calls came: told from who called when, since nobody asks the caller."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.flat import OUTCOME, Rows, is_lost

_NO_SPELLS = np.zeros(0, flat.SPELLS)
_NO_CASES = np.zeros(0, flat.CASES)


@dataclass(frozen=True, slots=True)
class Past:
    """What the centre wrote down over some days. `kind` of the calls is not looked at."""

    calls: Rows
    spells: Rows = field(default_factory=lambda: _NO_SPELLS)
    cases: Rows = field(default_factory=lambda: _NO_CASES)
    ended_s: float = 86_400.0
    """The records reach from the origin to here."""

    def with_kinds(self) -> Past:
        """The same, with each call's kind told from who called when."""
        calls = self.calls.copy()
        calls["kind"] = kinds_of(calls, self.cases)
        return replace(self, calls=calls)


def kinds_of(
    calls: Rows, cases: Rows, *, redial_within_s: float = 3_600.0, return_within_s: float = 86_400.0
) -> NDArray[np.int8]:
    """`flat.FRESH`, `REDIAL`, `CHASER` or `RETURN` for each call.

    A call within `redial_within_s` of a lost call of the same customer is a redial; any other while a case of
    theirs is open chases it; within `return_within_s` of an answered call it is a return. Customers
    of number -1 (withheld) always count as fresh: so redials are rather too few than too many.
    """
    before = previous_of(calls)
    kinds = np.full(calls.size, flat.FRESH, dtype=np.int8)
    has = before >= 0
    last = calls[np.maximum(before, 0)]
    gap = calls["arrived_s"] - last["arrived_s"]
    returns = has & (last["outcome"] == OUTCOME["answered"]) & (gap <= return_within_s)
    kinds[returns] = flat.RETURN
    kinds[open_case_of(calls, cases) >= 0] = flat.CHASER
    kinds[has & is_lost(last) & (gap <= redial_within_s)] = flat.REDIAL
    return kinds


def about_the_past(past: Past) -> NDArray[np.bool_]:
    """Chasers of cases that were open before the records begin; those have no call in them."""
    about = open_case_of(past.calls, past.cases)
    if not past.cases.size:
        return np.zeros(past.calls.size, dtype=bool)
    chaser = past.calls["kind"] == flat.CHASER
    return np.asarray(chaser & (about >= 0) & (past.cases["call"][about] < 0))


def previous_of(calls: Rows) -> NDArray[np.int64]:
    """For each call the row of the same customer's call before it; -1: none, or nobody knows who calls."""
    order = np.lexsort((calls["arrived_s"], calls["customer"]))
    customer = calls["customer"][order]
    before = np.full(calls.size, -1, dtype=np.int64)
    same = (customer[1:] == customer[:-1]) & (customer[1:] >= 0)
    before[order[1:][same]] = order[:-1][same]
    return before


def open_case_of(calls: Rows, cases: Rows) -> NDArray[np.int64]:
    """For each call the same customer's case that was open when it came, the latest of several; -1: none."""
    found = np.full(calls.size, -1, dtype=np.int64)
    if not cases.size:
        return found
    order = np.lexsort((cases["opened_s"], cases["customer"]))
    ranked = cases[order]
    keys = np.zeros(cases.size, dtype=[("customer", "i8"), ("at", "f8")])
    keys["customer"], keys["at"] = ranked["customer"], ranked["opened_s"]
    asked = np.zeros(calls.size, dtype=keys.dtype)
    asked["customer"], asked["at"] = calls["customer"], calls["arrived_s"]
    place = np.searchsorted(keys, asked, side="right") - 1
    candidate = ranked[np.maximum(place, 0)]
    still = np.isnan(candidate["resolved_s"]) | (candidate["resolved_s"] > calls["arrived_s"])
    hit = (place >= 0) & (candidate["customer"] == calls["customer"]) & still & (calls["customer"] >= 0)
    found[hit] = order[place[hit]]
    return found


def waiting_at(past: Past, moments: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many callers waited at each of `moments` while their call rang nowhere."""
    waited = past.calls[past.calls["wait_s"] > 0.0]
    rings = past.spells[past.spells["kind"] == flat.RINGING]
    there = _under_way(waited["arrived_s"], waited["arrived_s"] + waited["wait_s"], moments)
    # Where all are rung at once one call counts for several: hence not below 0.
    in_line: NDArray[np.int64] = np.maximum(
        there - _under_way(rings["began_s"], rings["ended_s"], moments), 0
    )
    return in_line


def _under_way(began: Rows, ended: Rows, moments: NDArray[np.float64]) -> NDArray[np.int64]:
    since, until = np.searchsorted(np.sort(began), moments), np.searchsorted(np.sort(ended), moments, "right")
    found: NDArray[np.int64] = since - until
    return found
