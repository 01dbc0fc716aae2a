"""Undivided people: the roster that leaves the fewest duties open, and clashes that only whole people have.

Yes-or-no choices over the rows of `rows`, solved by HiGHS within the time given.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from madoguchi.science.staffing.shifts.clash import least_clash
from madoguchi.science.staffing.shifts.rows import Question, Rows, build
from madoguchi.science.staffing.shifts.rules import Rule

_IMPOSSIBLE = 2
"""What SciPy says of a model without an answer."""


@dataclass(frozen=True)
class Filled:
    """Who does what, and how many duties stay open."""

    given: dict[tuple[int, date], str]
    """(place of the person, day) → name of the duty."""
    open: int
    proven: bool
    """Whether fewer open duties are impossible."""


def fullest(question: Question, ends: float) -> Filled | None:
    """The roster with the fewest open duties; None when none was found until `ends` of the clock."""
    if time.monotonic() > ends:
        return None
    rows = build(question)
    left = ends - time.monotonic()
    if not rows.rules or left <= 0:
        return None
    found, missing = _elastic(rows, left)
    if found.x is None:
        return None
    chosen = np.round(found.x).astype(np.int64)
    given = {(who, day): what for (who, day, what), column in rows.columns.items() if chosen[column]}
    nobody = sum(question.need.values()) - sum(-int(rows.limits[row]) for row in missing)
    still = round(float(found.fun))
    return Filled(given, still + nobody, found.mip_dual_bound > still - 0.5)


def _elastic(rows: Rows, seconds: float) -> tuple[OptimizeResult, list[int]]:
    """All rules but the needs, whose open duties are counted."""
    short = rows.needs()
    slack = sparse.csr_matrix(
        (-np.ones(len(short)), (short, range(len(short)))), (len(rows.rules), len(short))
    )
    cost = np.concatenate([np.zeros(rows.width), np.ones(len(short))])
    whole = sparse.hstack([rows.matrix(), slack])
    whole_numbers = np.concatenate([_whole(rows), np.zeros(len(short))])
    found = milp(
        cost,
        constraints=LinearConstraint(whole, -np.inf, np.array(rows.limits)),
        integrality=whole_numbers,
        bounds=Bounds(0, np.where(whole_numbers > 0, 1.0, np.inf)),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    return found, short


def whole_clash(question: Question, ends: float) -> list[Rule]:
    """A smallest set of rules that undivided people cannot keep together; empty: none was proven in time."""
    rows = build(question)
    if not rows.rules:
        return []
    matrix, limits = rows.matrix(), np.array(rows.limits)
    fixed = [at for at, always in enumerate(rows.always) if always]
    rules = [at for at, always in enumerate(rows.always) if not always]
    late = False

    def possible(kept: Sequence[int]) -> bool:
        nonlocal late
        left = ends - time.monotonic()
        late = late or left <= 0
        # Without an answer in time a rule stays: what is named then clashes, but is not the least.
        some = [*fixed, *kept]
        return late or _status(rows, matrix[some], limits[some], left) != _IMPOSSIBLE

    if possible(rules):
        return []
    found = least_clash(rules, possible)
    return [] if late else [rows.rules[at] for at in found]


def _status(rows: Rows, matrix: sparse.csr_matrix, limits: NDArray[np.float64], seconds: float) -> int:
    whole_numbers = _whole(rows)
    found = milp(
        np.zeros(rows.width),
        constraints=LinearConstraint(matrix, -np.inf, limits),
        integrality=whole_numbers,
        bounds=Bounds(0, np.where(whole_numbers > 0, 1.0, np.inf)),
        options={"time_limit": seconds},
    )
    return int(found.status)


def _whole(rows: Rows) -> NDArray[np.float64]:
    """1 for choices, 0 for the weeks of overtime, which are minutes."""
    return (np.arange(rows.width) < len(rows.columns)).astype(np.float64)
