"""Why there is no roster: the rules of named people and days that cannot be kept together.

The roster as a linear model in which people may be split. What is impossible even so is impossible; the
proof names the rules it needs, and a smallest set of them is kept. A clash that only undivided people have is
not found here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from madoguchi.science.staffing.shifts.clash import least_clash
from madoguchi.science.staffing.shifts.people import Duty, Earlier, Need, Person
from madoguchi.science.staffing.shifts.rows import build, needs_of
from madoguchi.science.staffing.shifts.rules import Rule

_TINY = 1e-7
_WINDOWS = (1, 7, 28)
"""Days looked at together: a clash within one day is said with the fewest rules."""


def clashing(people: Sequence[Person], duties: Sequence[Duty], need: Need, earlier: Earlier) -> list[Rule]:
    """Rules that no roster keeps together, the fewest that clash; empty when none are found."""
    days = sorted({day for day, _ in need})
    for length in _WINDOWS:
        for first in range(0, len(days), length):
            some = set(days[first : first + length])
            part = {key: count for key, count in need.items() if key[0] in some}
            found = _clashing(people, duties, part, earlier)
            if found:
                return found
        if length >= len(days):
            break
    return []


def _clashing(people: Sequence[Person], duties: Sequence[Duty], need: Need, earlier: Earlier) -> list[Rule]:
    missing = [rule for rule in needs_of(people, duties, need) if not rule.able]
    if missing:
        return missing[:1]
    rows = build(people, duties, need, earlier)
    if not rows.rules:
        return []
    matrix, limits, short = rows.matrix(), np.array(rows.limits), rows.needs()
    slack = sparse.csr_matrix((-np.ones(len(short)), (short, range(len(short)))), (len(limits), len(short)))
    cost = np.concatenate([np.zeros(rows.width), np.ones(len(short))])
    elastic = linprog(cost, A_ub=sparse.hstack([matrix, slack]), b_ub=limits, method="highs")
    if elastic.status != 0 or elastic.fun < _TINY:
        return []
    fixed = [at for at, always in enumerate(rows.always) if always]
    used = np.flatnonzero(np.abs(elastic.ineqlin.marginals) > _TINY)
    proof = [int(at) for at in used if not rows.always[at]]

    def possible(kept: Sequence[int]) -> bool:
        some = [*fixed, *kept]
        answer = linprog(np.zeros(rows.width), A_ub=matrix[some], b_ub=limits[some], method="highs")
        return bool(answer.status == 0)

    return [rows.rules[at] for at in least_clash(proof, possible)]
