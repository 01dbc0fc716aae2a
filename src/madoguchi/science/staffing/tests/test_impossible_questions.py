"""Impossible input is refused in words; never NaN, infinity, or a zero that nobody mentions."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from madoguchi.science.staffing import erlang_a, erlang_b, erlang_c, errors, least
from madoguchi.science.staffing.errors import StaffingError

pytestmark = pytest.mark.pure

C: dict[str, Any] = {"agents": 10, "load": 8.0, "handle_s": 180.0}
A: dict[str, Any] = {**C, "patience_s": 300.0}


@pytest.mark.parametrize(
    ("ask", "wrong", "expected"),
    [
        (erlang_c.queue, {**C, "agents": 0}, errors.TooSmall),
        (erlang_c.queue, {**C, "agents": -3}, errors.TooSmall),
        (erlang_c.queue, {**C, "agents": 9.5}, errors.NotWhole),
        (erlang_c.queue, {**C, "agents": math.nan}, errors.NotANumber),
        (erlang_c.queue, {**C, "agents": "ten"}, errors.NotANumber),
        (erlang_c.queue, {**C, "load": -1.0}, errors.TooSmall),
        (erlang_c.queue, {**C, "load": math.nan}, errors.NotANumber),
        (erlang_c.queue, {**C, "load": math.inf}, errors.NotANumber),
        (erlang_c.queue, {**C, "load": 10.0}, errors.Unstable),
        (erlang_c.queue, {**C, "load": [1.0, 12.0]}, errors.Unstable),
        (erlang_c.queue, {**C, "handle_s": 0.0}, errors.NotPositive),
        (erlang_c.queue, {**C, "load": [1.0, 2.0], "agents": [3, 4, 5]}, errors.ShapesDiffer),
        (erlang_a.queue, {**A, "patience_s": 0.0}, errors.NotPositive),
        (erlang_a.queue, {**A, "patience_s": -1.0}, errors.NotPositive),
        (erlang_a.queue, {**A, "patience_s": math.nan}, errors.NotANumber),
        (erlang_a.queue, {**A, "places": 1.5}, errors.NotWhole),
        (erlang_b.blocking, {"lines": 3, "load": 1e-200}, errors.TooSmall),
        (erlang_b.load_for, {"lines": 3, "wanted": 0.0}, errors.NotAShare),
        (erlang_b.load_for, {"lines": 3, "wanted": 1.0}, errors.NotAShare),
        (erlang_b.lines_for, {"load": 3.0, "most_blocking": 0.0}, errors.OutOfReach),
        (erlang_b.lines_for, {"load": 3.0, "most_blocking": 1.2}, errors.NotAShare),
        (erlang_b.retrying, {"lines": 3, "load": 3.0, "recall": 1.0}, errors.Unstable),
        (least.scheduled, {"agents": 10, "shrinkage": 1.0}, errors.NotAShare),
        (least.agents_under, {"occupancy": 0.0, "load": 3.0}, errors.NotPositive),
    ],
)
def test_it_is_refused(ask: Callable[..., Any], wrong: dict[str, Any], expected: type[StaffingError]) -> None:
    with pytest.raises(expected) as refused:
        ask(**wrong)
    assert "{" not in refused.value.shown()


def test_a_goal_beyond_reach_is_refused() -> None:
    with pytest.raises(errors.OutOfReach):
        erlang_c.agents_for(5.0, handle_s=60.0, share=1.0, within_s=0.0, most=200)
    with pytest.raises(errors.OutOfReach):
        erlang_a.agents_for(500.0, handle_s=60.0, patience_s=60.0, share=0.9, within_s=1.0, most=200)


def test_no_load_is_no_error() -> None:
    found = erlang_a.queue(3, 0.0, handle_s=60.0, patience_s=60.0)
    assert found.measures().delay_probability == 0
    assert found.measures().empty_probability == 1
    assert found.within(20.0).service_level_d == 1


@pytest.mark.parametrize(("agents", "load"), [(50_000, 1.0), (2_000, 10.0)])
def test_what_no_float_can_hold_is_said(agents: int, load: float) -> None:
    with pytest.warns(errors.VanishinglySmall):
        assert erlang_b.blocking(agents, load) == 0
    assert erlang_b.log_blocking(agents, load) < -745
    with pytest.warns(errors.VanishinglySmall):
        erlang_a.queue(agents, load, handle_s=1.0, patience_s=1.0).measures()


def test_a_service_level_too_small_for_a_float_is_said() -> None:
    with pytest.warns(errors.VanishinglySmall):
        assert erlang_a.queue(4, 500.0, handle_s=60.0, patience_s=120.0).within(10.0).service_level_a == 0


@pytest.mark.parametrize("share", [1e-6, 0.3, 1.0, 5.0, 1e5])
@pytest.mark.parametrize("impatience", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("agents", [1, 50_000])
@pytest.mark.filterwarnings("ignore::madoguchi.science.staffing.errors.VanishinglySmall")
def test_extremes_stay_finite(share: float, impatience: float, agents: int) -> None:
    queue = erlang_a.queue(agents, agents * share, handle_s=1.0, patience_s=1 / impatience)
    found = queue.measures()
    for name in found.__slots__:
        assert math.isfinite(getattr(found, name)), name
    for t in (0.0, 1e-9, 1.0, 1e6):
        at = queue.within(t)
        for name in at.__slots__:
            assert -1e-15 <= getattr(at, name) <= 1 + 1e-12, (name, t)
