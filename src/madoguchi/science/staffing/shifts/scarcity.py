"""Why there is no roster: the rules of named people and days that cannot be kept together.

The roster as a linear model in which people may be split. What is impossible even so is impossible; the
proof names the rules it needs, and a smallest set of them is kept. What only undivided people cannot do is
found by `undivided`, which takes longer.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from madoguchi.science.staffing.shifts.clash import least_clash
from madoguchi.science.staffing.shifts.rows import Question, build, needs_of
from madoguchi.science.staffing.shifts.rules import Rule
from madoguchi.science.staffing.shifts.undivided import whole_clash

_TINY = 1e-7
_IMPOSSIBLE = 2
"""What SciPy says of a model without an answer."""
_WINDOWS = (1, 7)
"""Days looked at together: a clash within one day is said with the fewest rules."""


def clashing(question: Question, left_open: Collection[date], ends: float) -> list[Rule]:
    """Rules that no roster keeps together, the fewest that clash; empty when none are found.

    `left_open`: days on which the best roster lacks people; other days clash with nothing. First with people
    who may be split, which takes little time; then with undivided people until `ends` of the clock.
    """
    missing = [rule for rule in needs_of(question.people, question.duties, question.need) if not rule.able]
    if missing:
        return missing[:1]
    for split in (_split_clash, whole_clash):
        for window in windows(question, left_open):
            if len({day for day, _ in window.need}) > 1 and time.monotonic() > ends:
                return []
            if found := split(window, ends):
                return found
    return []


def windows(question: Question, left_open: Collection[date]) -> Iterator[Question]:
    """Single days, weeks and the whole, those that hold a day of `left_open`."""
    days = sorted({day for day, _ in question.need})
    for length in (*(size for size in _WINDOWS if size < len(days)), len(days)):
        for first in range(0, len(days), length):
            some = set(days[first : first + length])
            if some & set(left_open):
                part = {key: count for key, count in question.need.items() if key[0] in some}
                yield replace(question, need=part)


def _split_clash(question: Question, ends: float) -> list[Rule]:
    rows = build(question)
    matrix, limits, short = rows.matrix(), np.array(rows.limits), rows.needs()
    slack = sparse.csr_matrix((-np.ones(len(short)), (short, range(len(short)))), (len(limits), len(short)))
    cost = np.concatenate([np.zeros(rows.width), np.ones(len(short))])
    several = len({day for day, _ in question.need}) > 1
    within = {"time_limit": max(1.0, ends - time.monotonic())} if several else {}
    whole = sparse.hstack([matrix, slack])
    elastic = linprog(cost, A_ub=whole, b_ub=limits, method="highs", options=within)
    if elastic.status != 0 or elastic.fun < _TINY:
        return []
    fixed = [at for at, always in enumerate(rows.always) if always]
    used = np.flatnonzero(np.abs(elastic.ineqlin.marginals) > _TINY)
    proof = [int(at) for at in used if not rows.always[at]]

    def possible(kept: Sequence[int]) -> bool:
        some = [*fixed, *kept]
        nothing = np.zeros(rows.width)
        answer = linprog(nothing, A_ub=matrix[some], b_ub=limits[some], method="highs", options=within)
        # Without an answer in time a rule stays in the clash.
        return bool(answer.status != _IMPOSSIBLE)

    return [rows.rules[at] for at in least_clash(proof, possible)]
