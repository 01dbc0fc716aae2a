"""The bound lies below every plan, with any shift forced in, too; without it the answers are the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from madoguchi.science.staffing.shifts import bounding
from madoguchi.science.staffing.shifts.bounding import bound
from madoguchi.science.staffing.shifts.covering import build, cover
from madoguchi.science.staffing.shifts.types import Limit, Pattern, every_half_hour

pytestmark = pytest.mark.pure

PATTERNS = [Pattern("long", 18, 2, 6, 10), Pattern("middle", 13, 2, 4, 6), Pattern("short", 8)]
needs = st.lists(st.integers(0, 9), min_size=6, max_size=30).filter(any)


@settings(max_examples=15, deadline=None)
@given(needs, st.integers(0, 2**32 - 1))
def test_no_plan_costs_less_than_the_bound_says(need: list[int], seed: int) -> None:
    model = build(need, every_half_hour(PATTERNS, len(need)))
    cost, rows = model.cost * 4, model.matrix.tocsr()
    known = bound(cost, rows, model.low, np.full(len(cost), 9.0))
    assert known is not None
    relaxed = milp(cost, constraints=LinearConstraint(rows, model.low, np.inf))
    assert known.cost >= float(relaxed.fun) - 1e-5

    def cheapest(least: np.ndarray) -> float:
        found = milp(
            cost,
            constraints=LinearConstraint(rows, model.low, np.inf),
            integrality=np.ones(len(cost)),
            bounds=Bounds(least, np.inf),
            options={"mip_rel_gap": 0.0},
        )
        return float(found.fun)

    assert known.cost <= cheapest(np.zeros(len(cost))) + 1e-5
    dear = np.argsort(-known.reduced)[:40]
    for at in np.random.default_rng(seed).choice(dear, 4, replace=False):
        forced = np.zeros(len(cost))
        forced[at] = 1.0
        assert known.cost + known.reduced[at] <= cheapest(forced) + 1e-5


def test_cuts_lift_the_bound_above_the_relaxation() -> None:
    """Three half-hours, three shifts of two of them each: split people cost 1.5, whole people 2."""
    pairs = sparse.csr_matrix([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    known = bound(np.ones(3), pairs, np.ones(3), np.ones(3))
    assert known is not None
    assert known.cost == pytest.approx(2.0, abs=1e-5)


def test_rows_that_are_no_whole_numbers_have_no_such_bound() -> None:
    rows = sparse.csr_matrix([[0.5, 1.0]])
    assert bound(np.ones(2), rows, np.ones(1), np.ones(2)) is None
    assert bound(np.ones(2), 2 * rows, np.array([0.5]), np.ones(2)) is None


def test_another_scipy_finds_the_same_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    need = np.random.default_rng(3).integers(0, 12, 48)
    shifts, limits = every_half_hour(PATTERNS, 48), [Limit("some long ones", frozenset({"long"}), least=4)]
    here = cover(need, shifts, limits, seats=25)
    monkeypatch.setattr(bounding, "highs", None)
    there = cover(need, shifts, limits, seats=25)
    assert here.proven
    assert there.proven
    assert here.cost == pytest.approx(there.cost)
