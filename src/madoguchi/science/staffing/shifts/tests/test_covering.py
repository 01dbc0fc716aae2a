"""The cheapest shifts: the need is met, nothing is cheaper, and impossible wishes are named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from madoguchi.science.staffing.errors import NotPositive, TooSmall
from madoguchi.science.staffing.shifts.clash import least_clash
from madoguchi.science.staffing.shifts.covering import Model, build, common_unit, cover
from madoguchi.science.staffing.shifts.errors import RulesClash, WrongShift
from madoguchi.science.staffing.shifts.types import Limit, Pattern, ShiftType, every_half_hour

pytestmark = pytest.mark.pure

PATTERNS = [Pattern("long", 18, 2, 6, 10), Pattern("middle", 13, 2, 4, 6), Pattern("short", 8)]
needs = st.lists(st.integers(0, 9), min_size=4, max_size=30)
few = settings(max_examples=25, deadline=None)


def plain(model: Model) -> float:
    """What HiGHS says of the plain model, costs counted in quarters."""
    found = milp(
        model.cost * 4,
        constraints=LinearConstraint(model.matrix, model.low, model.high),
        integrality=np.ones(len(model.cost)),
        bounds=Bounds(0, np.inf),
        options={"mip_rel_gap": 0.0},
    )
    return float(found.fun) / 4


@few
@given(needs)
def test_the_need_is_met_at_the_cost_of_the_plain_model(need: list[int]) -> None:
    shifts = every_half_hour(PATTERNS, len(need))
    plan = cover(need, shifts)
    assert plan.proven
    assert (plan.present >= need).all()
    if any(need):
        assert plan.cost == pytest.approx(plain(build(need, shifts)))


@few
@given(needs, st.integers(9, 14), st.integers(0, 4))
def test_limits_and_seats_are_kept(need: list[int], seats: int, least: int) -> None:
    shifts = every_half_hour(PATTERNS, len(need))
    limits = [Limit("at least some long ones", frozenset({"long"}), least=least)]
    plan = cover(need, shifts, limits, seats=seats)
    assert plan.present.max() <= seats
    assert sum(int(n) for n, shift in zip(plan.people, shifts, strict=True) if shift.kind == "long") >= least
    assert plan.cost == pytest.approx(plain(build(need, shifts, limits, seats=seats)))


def test_a_gap_is_kept_and_said() -> None:
    need = [3, 5, 9, 14, 13, 8, 6, 9, 12, 11, 7, 5, 3, 2, 1, 1] * 2
    shifts = every_half_hour(PATTERNS, len(need))
    exact, near = cover(need, shifts), cover(need, shifts, gap=0.05)
    assert near.bound <= exact.cost <= near.cost <= 1.05 * near.bound + 1e-9


def test_present_leaves_breaks_out() -> None:
    plan = cover([1, 0, 1], [ShiftType("broken", 0, 3, ((1, 2),), cost=2)])
    assert plan.present.tolist() == [1, 0, 1]


def test_costs_without_a_common_unit_are_minimised_too() -> None:
    shifts = [
        ShiftType("a", 0, 2, cost=2**0.5),
        ShiftType("b", 0, 1, cost=1.0),
        ShiftType("c", 1, 2, cost=0.5),
    ]
    assert cover([2, 1], shifts).cost == pytest.approx(1 + 2**0.5)
    assert common_unit(np.array([2**0.5, 1.0])) == 0.0


def test_a_half_hour_that_no_shift_covers_is_named() -> None:
    with pytest.raises(RulesClash) as caught:
        cover([0, 1, 1, 1], [ShiftType("early", 0, 2, cost=1), ShiftType("late", 3, 4, cost=1)])
    assert caught.value.rules == ("need day 1 01:00",)


def test_rules_that_clash_are_named_and_others_are_not() -> None:
    limits = [
        Limit("two nights at most", frozenset({"night"}), most=2),
        Limit("ten days at most", frozenset({"day"}), most=10),
    ]
    shifts = [ShiftType("day", 0, 2, cost=1, kind="day"), ShiftType("night", 2, 4, cost=1, kind="night")]
    with pytest.raises(RulesClash) as caught:
        cover([3, 3, 2, 3], shifts, limits)
    assert caught.value.rules == ("need day 1 01:30", "two nights at most")


def test_a_clash_that_only_whole_people_have_is_named() -> None:
    both = [
        ShiftType("a", 0, 2, cost=1),
        ShiftType("b", 1, 3, cost=1),
        ShiftType("c", 0, 3, ((1, 2),), cost=1),
    ]
    with pytest.raises(RulesClash) as caught:
        cover([1, 1, 1], both, [Limit("one person", most=1)])
    assert "one person" in caught.value.rules


@few
@given(st.sets(st.integers(0, 19), min_size=1, max_size=5), st.integers(20, 40))
def test_a_least_clash_is_found_exactly(planted: set[int], count: int) -> None:
    found = least_clash(range(count), lambda kept: not planted <= set(kept))
    assert found == sorted(planted)


@pytest.mark.parametrize(
    ("start", "end", "breaks", "cost"),
    [
        (3, 3, (), 1.0),
        (-1, 3, (), 1.0),
        (0, 4, ((3, 5),), 1.0),
        (0, 9, ((2, 4), (3, 5)), 1.0),
        (0, 4, (), -1.0),
    ],
)
def test_an_impossible_shift_is_refused(
    start: int, end: int, breaks: tuple[tuple[int, int], ...], cost: float
) -> None:
    with pytest.raises(WrongShift):
        ShiftType("wrong", start, end, breaks, cost)


def test_a_pattern_with_too_short_a_break_is_refused() -> None:
    with pytest.raises(WrongShift):
        Pattern("long", 18, 1, 6, 10).at(0)


def test_senseless_questions_are_refused() -> None:
    with pytest.raises(NotPositive):
        cover([1], [])
    with pytest.raises(TooSmall):
        cover([-1], [ShiftType("a", 0, 1, cost=1)])
