"""A higher bound than the linear relaxation's, and with it shifts that no cheapest plan needs.

Cuts are inequalities that every plan of whole people keeps and the relaxation's plan of split people does
not. They come from rows of the simplex tableau; the relaxation is solved again from where it stood, and so on
while the bound rises. The reduced cost of a shift in the last relaxation says what a plan with that shift
costs at least: whoever has a cheaper plan may forget the shift.

Deliberately not given to the solver of whole numbers: the cuts touch some thousand shifts each, and HiGHS is
slower with them than without. They serve the bound alone.

Needs SciPy's own HiGHS, of which the basis can be asked; SciPy does not promise that it stays. Without it
there is no such bound, and everything is found as well, but later.

Source: R. Gomory, An algorithm for the mixed integer problem, 1960; the strengthening of G. Nemhauser and
L. Wolsey, A recursive procedure to generate all cuts for 0–1 mixed integer programs, 1990.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

try:
    from scipy.optimize._highspy import _core as highs
except ImportError:  # pragma: no cover — another SciPy
    highs = None

Floats = NDArray[np.float64]
_ROUNDS = 14
_AT_ONCE, _LOOKED_AT = 150, 300
_ALIKE = 0.999
"""Cosine above which a cut says what a deeper one said already."""
_DEEP = 1e-3
"""Distance by which a cut must cut the plan off."""
_RISE = 0.1
"""Rise of the bound in a round below which no further one is made, in units of cost."""
_FRACTION = 0.02
_TINY = 1e-9
_SLACK = 1e-6
_MARGIN = 1e-7
"""Taken off every cut, so that rounding cannot cut off a plan."""


@dataclass(frozen=True)
class Bound:
    """What every plan costs at least, and how much more one with a given shift."""

    cost: float
    reduced: Floats
    """By shift type: a plan with anybody on it costs at least `cost` more by so much."""


def bound(cost: Floats, rows: sparse.csr_matrix, least: Floats, most: Floats) -> Bound | None:
    """For plans of whole people with `rows · people ≥ least`, none of a shift above `most`.

    Costs in their common unit. None where the rows are not of whole numbers, or the relaxation has no answer.
    """
    if highs is None or not _all_whole(rows.data) or not _all_whole(least):
        return None
    linear = _Linear(cost, rows, least)
    before = -np.inf
    for _ in range(_ROUNDS):
        if not linear.solve():
            return None
        if linear.cost < before + _RISE:
            break
        before = linear.cost
        linear.drop_loose()
        if not linear.add(*_cuts(linear)):
            break
    return linear.bound(most)


def _all_whole(values: Floats) -> bool:
    return bool((values == np.round(values)).all())


class _Linear:
    """The relaxation, solved again and again; `rows` are the given ones and, after them, cuts."""

    def __init__(self, cost: Floats, rows: sparse.csr_matrix, least: Floats) -> None:
        self.prices, self.rows, self.least, self.given = cost, rows, least, len(least)
        self.solver: Any = highs._Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("solver", "simplex")
        self.solver.passModel(_model(cost, rows, least))

    def solve(self) -> bool:
        self.solver.run()
        if self.solver.getModelStatus() != highs.HighsModelStatus.kOptimal:
            return False
        self.cost = float(self.solver.getInfo().objective_function_value)
        solution = self.solver.getSolution()
        self.people: Floats = np.asarray(solution.col_value, dtype=np.float64)
        self.duals: Floats = np.asarray(solution.row_dual, dtype=np.float64)
        return True

    def drop_loose(self) -> None:
        """Forget cuts that do not bind."""
        loose = np.flatnonzero(self.rows @ self.people - self.least > _SLACK)
        loose = loose[loose >= self.given]
        if len(loose):
            self.solver.deleteRows(len(loose), loose.astype(np.int32))
            self.solver.run()
            kept = np.setdiff1d(np.arange(len(self.least)), loose)
            self.rows, self.least = self.rows[kept], self.least[kept]

    def tableau(self) -> Floats:
        """Multipliers of the rows that give the tableau's rows of split people and half surpluses."""
        basic = np.asarray(self.solver.getBasicVariables()[1])
        surplus = self.rows @ self.people
        row = np.maximum(-basic - 1, 0)
        value = np.where(basic >= 0, self.people[np.maximum(basic, 0)], surplus[row])
        # The surplus of a cut is no whole number, and tells nothing.
        value[(basic < 0) & (row >= self.given)] = 0.0
        split = np.flatnonzero(np.abs(value - np.round(value)) > _FRACTION)
        if not len(split):
            return np.zeros((0, len(self.least)))
        lines = np.array([self.solver.getBasisInverseRow(int(at))[1] for at in split])
        return np.where(np.abs(lines) < 1e-11, 0.0, lines)

    def add(self, cuts: Floats, least: Floats) -> bool:
        """Whether there was anything to add."""
        if not len(cuts):
            return False
        new = sparse.csr_matrix(np.where(np.abs(cuts) < _TINY, 0.0, cuts))
        above = np.full(len(least), highs.kHighsInf)
        begins, columns = new.indptr[:-1].astype(np.int32), new.indices.astype(np.int32)
        self.solver.addRows(len(least), least, above, new.nnz, begins, columns, new.data)
        self.rows = sparse.vstack([self.rows, new]).tocsr()
        self.least = np.concatenate([self.least, least])
        return True

    def bound(self, most: Floats) -> Bound | None:
        """From the duals alone, so that it holds however well they were rounded."""
        if not self.solve():
            return None
        duals = np.maximum(0.0, self.duals)
        reduced = self.prices - self.rows.T @ duals
        cost = float(duals @ self.least + np.minimum(0.0, reduced) @ most)
        return Bound(cost, np.maximum(0.0, reduced))


def _model(cost: Floats, rows: sparse.csr_matrix, least: Floats) -> Any:
    columns = rows.tocsc()
    model = highs.HighsLp()
    model.num_row_, model.num_col_ = columns.shape
    model.a_matrix_.num_row_, model.a_matrix_.num_col_ = columns.shape
    model.a_matrix_.format_ = highs.MatrixFormat.kColwise
    model.a_matrix_.start_ = columns.indptr.astype(np.int32)
    model.a_matrix_.index_ = columns.indices.astype(np.int32)
    model.a_matrix_.value_ = columns.data.astype(np.float64)
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = np.zeros(len(cost)), np.full(len(cost), highs.kHighsInf)
    model.row_lower_, model.row_upper_ = least, np.full(len(least), highs.kHighsInf)
    return model


def _cuts(linear: _Linear) -> tuple[Floats, Floats]:
    """The deepest cuts, as rows of length ten and what they are at least."""
    lines = linear.tableau()
    if not len(lines):
        return lines, np.zeros(0)
    cuts, least = _rounded(np.vstack([lines, -lines]), linear)
    length = np.sqrt((cuts**2).sum(axis=1))
    depth = (least - cuts @ linear.people) / np.maximum(length, _TINY)
    deepest = np.argsort(-depth)[:_LOOKED_AT]
    deepest = deepest[depth[deepest] > _DEEP]
    unit = cuts[deepest] / length[deepest, None]
    alike = unit @ unit.T > _ALIKE
    chosen: list[int] = []
    for at in range(len(deepest)):
        if len(chosen) < _AT_ONCE and not alike[at, chosen].any():
            chosen.append(at)
    return 10 * unit[chosen], 10 * least[deepest[chosen]] / length[deepest[chosen]] - _MARGIN


def _rounded(lines: Floats, linear: _Linear) -> tuple[Floats, Floats]:
    """Rows added up with `lines` as multipliers, rounded to whole numbers as far as that holds.

    With f the fraction of the right side, a coefficient a becomes ⌊a⌋ + min(1, fraction(a) / f). The surplus
    of a given row is whole and rounded like people; that of a cut is not, and only counts where it helps.
    """
    given, cuts = lines[:, : linear.given], lines[:, linear.given :]
    given = np.maximum(0.0, given - np.floor(given + _TINY))
    added = np.hstack([given, cuts])
    right = added @ linear.least
    part = right - np.floor(right)
    good = (part > 0.01) & (part < 0.99)
    given, cuts, added, right, part = (one[good] for one in (given, cuts, added, right, part))
    surplus = np.hstack([_round(-given, part), np.maximum(0.0, -cuts) / part[:, None]])
    coefficients = _round((linear.rows.T @ added.T).T, part) + (linear.rows.T @ surplus.T).T
    return coefficients, np.ceil(right) + surplus @ linear.least


def _round(values: Floats, part: Floats) -> Floats:
    whole = np.floor(values + _TINY)
    return whole + np.minimum(1.0, np.maximum(0.0, values - whole) / part[:, None])
