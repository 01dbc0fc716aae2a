"""Roots are found to the last digit, whichever way a function runs, alike as Python and as machine code."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.staffing import compiled
from madoguchi.science.staffing.kernels import orbit, priority, queue
from madoguchi.science.staffing.kernels.loss import load_for
from madoguchi.science.staffing.kernels.roots import MOST_STEPS, between, bracket_of, found, narrowed

pytestmark = pytest.mark.pure


def root(function: Callable[[float], float], low: float, high: float) -> tuple[float, int]:
    """The root, and how many looks it took."""
    bracket, x = bracket_of(low, function(low), high, function(high)), low
    for looks in range(MOST_STEPS):
        x = between(bracket)
        f = function(x)
        if found(bracket, x, f):
            return x, looks
        assert bracket[0] < x < bracket[2]
        bracket = narrowed(bracket, x, f)
        assert (bracket[1] > 0.0) != (bracket[3] > 0.0)
    return x, MOST_STEPS


@settings(max_examples=100, deadline=None)
@given(st.floats(0.01, 100.0), st.floats(1.1, 50.0), st.sampled_from([1.0, -1.0]), st.floats(0.2, 5.0))
def test_a_root_is_found_whichever_way_the_function_runs(
    true: float, wide: float, way: float, bent: float
) -> None:
    x, looks = root(lambda x: way * (x**bent - true**bent), true / wide, true * wide)
    assert x == pytest.approx(true, rel=1e-14)
    assert looks < 60


def test_a_straight_line_takes_one_look() -> None:
    assert root(lambda x: 3.0 - x, 1.0, 4.0) == (3.0, 0)


def test_a_step_is_found_though_the_function_is_never_0() -> None:
    x, looks = root(lambda x: -1.0 if x < math.pi else 1.0, 1.0, 9.0)
    assert x == pytest.approx(math.pi, rel=1e-15)
    assert looks < MOST_STEPS


@pytest.mark.parametrize(
    ("kernel", "asked"),
    [
        (
            queue.percentile,
            [
                ((9, load, bored, room), 0.9, True)
                for load in (5.0, 8.9)
                for bored in (0.0, 1.5)
                for room in (-1, 4)
            ],
        ),
        (
            priority.percentile,
            [((9.0, above, 3.0), 0.8, share) for above in (0.0, 1.0, 5.9) for share in (0.5, 0.99)],
        ),
        (orbit.all_attempts, [((9, load, 1.5, room), 0.6, 0.1) for load in (5.0, 20.0) for room in (-1, 4)]),
        (load_for, [(lines, lost) for lines in (2, 30, 900) for lost in (1e-6, 0.01, 0.5)]),
    ],
)
def test_machine_code_finds_the_same_digits(
    kernel: Callable[..., float], asked: list[tuple[object, ...]]
) -> None:
    quick = compiled.machine_code(kernel)
    assert [quick(*one) for one in asked] == [kernel(*one) for one in asked]
    assert np.isfinite([kernel(*one) for one in asked]).all()
