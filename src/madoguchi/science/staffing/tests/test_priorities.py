"""Priorities: their conservation law, their limits, and a chain that knows no transform."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.staffing import erlang_c
from madoguchi.science.staffing.errors import Unstable
from madoguchi.science.staffing.priority import Priorities

pytestmark = pytest.mark.pure

few = settings(max_examples=40, deadline=None)
loads_ = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=4)


@few
@given(st.integers(1, 80), loads_, st.floats(0.1, 0.99))
def test_priorities_only_share_out_the_waiting(agents: int, parts: list[float], busy: float) -> None:
    loads = [part * agents * busy / math.fsum(parts) for part in parts]
    classes = Priorities(agents, loads, handle_s=1.0).classes()
    plain = erlang_c.queue(agents, math.fsum(loads), handle_s=1.0).measures()
    assert math.fsum(one.mean_queue for one in classes) == pytest.approx(plain.mean_queue, rel=1e-9)
    assert [one.mean_wait_s for one in classes] == sorted(one.mean_wait_s for one in classes)


def test_one_class_is_erlang_c() -> None:
    centre, plain = Priorities(12, [9.0], handle_s=60.0), erlang_c.queue(12, 9.0, handle_s=60.0)
    assert centre.wait_tail(0, 20.0) == pytest.approx(plain.within(20.0).wait_tail, rel=1e-12)
    assert centre.wait_percentile_s(0, 0.95) == pytest.approx(plain.wait_percentile_s(0.95), rel=1e-12)


@pytest.mark.parametrize(
    ("agents", "loads"),
    [(2, [0.5, 0.5, 0.9]), (5, [4.0, 0.5]), (3, [1.0, 1.0]), (10, [8.1, 0.9]), (10, [2.5, 2.4999])],
)
def test_the_tail_begins_at_one_and_holds_the_mean(agents: int, loads: list[float]) -> None:
    centre = Priorities(agents, loads, handle_s=1.0)
    for number, one in enumerate(centre.classes()):
        assert centre.wait_tail(number, 0.0) == pytest.approx(centre.delay_probability, rel=1e-12)
        mean = one.mean_wait_s
        edges = np.concatenate([[0.0], mean / centre.delay_probability * np.geomspace(1e-2, 60.0, 16)])
        nodes, weights = np.polynomial.legendre.leggauss(12)
        area = 0.0
        for begin, end in pairwise(edges):
            at = 0.5 * (begin + end) + 0.5 * (end - begin) * nodes
            tails = [centre.wait_tail(number, float(t)) for t in at]
            area += 0.5 * (end - begin) * float(weights @ tails)
        assert area == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("t", [0.1, 0.8, 3.0])
def test_the_tail_against_a_walk_of_the_callers_ahead(t: float) -> None:
    agents, high, low = 3, 1.1, 1.2
    centre = Priorities(agents, [high, low], handle_s=1.0)
    most = 400
    # Ahead of a low caller: geometric, then up by higher calls and down by departures until none is left.
    share = (high + low) / agents
    ahead = (1 - share) * share ** np.arange(most)
    total, expected, weight = agents + high, 0.0, math.exp(-(agents + high) * t)
    for jumps in range(1, 200):
        expected += weight * float(ahead.sum())
        ahead = (high * np.append(0.0, ahead[:-1]) + agents * np.append(ahead[1:], 0.0)) / total
        weight *= total * t / jumps
    assert centre.wait_tail(1, t) == pytest.approx(centre.delay_probability * expected, rel=1e-10)


def test_too_much_for_the_agents_is_refused() -> None:
    with pytest.raises(Unstable):
        Priorities(3, [2.0, 1.0], handle_s=60.0)
