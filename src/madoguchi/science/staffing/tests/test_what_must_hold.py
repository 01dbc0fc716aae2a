"""What is true of every queue, whatever its numbers: order, limits, and the fewest people."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from madoguchi.science.staffing import erlang_a, erlang_b, erlang_c, least
from madoguchi.science.staffing.kernels.impatience import served_within
from madoguchi.science.staffing.queue import Queue
from madoguchi.science.staffing.tests import reference

pytestmark = pytest.mark.pure

agents_ = st.integers(1, 300)
calm = st.floats(0.01, 0.995)
busy = st.floats(0.01, 2.0)
impatience_ = st.floats(0.01, 50.0)
times = st.floats(0.001, 5.0)
few = settings(max_examples=40, deadline=None)


def impatient(agents: int, load: float, impatience: float) -> Queue:
    return erlang_a.queue(agents, load, handle_s=1.0, patience_s=1.0 / impatience)


@few
@given(agents_, calm, impatience_)
def test_erlang_a_lies_between_b_and_c(agents: int, share: float, impatience: float) -> None:
    load = agents * share
    found = impatient(agents, load, impatience).measures().delay_probability
    slack = 1 + 1e-12
    assert erlang_b.blocking(agents, load) <= found * slack
    assert found <= erlang_c.delay_probability(agents, load) * slack


@few
@given(agents_, calm, times)
def test_endless_patience_is_erlang_c(agents: int, share: float, t: float) -> None:
    load = agents * share
    patient = erlang_c.queue(agents, load, handle_s=1.0)
    assume(patient.within(t).wait_tail > 1e-250)
    found = erlang_a.queue(agents, load, handle_s=1.0, patience_s=1e16)
    assert found.within(t).wait_tail == pytest.approx(patient.within(t).wait_tail, rel=1e-9)
    assert found.measures().mean_wait_s == pytest.approx(patient.measures().mean_wait_s, rel=1e-9)


@few
@given(agents_, busy)
def test_no_patience_is_erlang_b(agents: int, share: float) -> None:
    load = agents * share
    blocked = erlang_b.blocking(agents, load)
    found = erlang_a.queue(agents, load, handle_s=1.0, patience_s=1e-14).measures()
    assert found.abandon_probability == pytest.approx(blocked, rel=1e-9)
    none = erlang_c.queue(agents, load, handle_s=1.0, places=0).measures()
    assert none.blocking == pytest.approx(blocked, rel=1e-13)


@few
@given(agents_, busy, impatience_, times)
def test_one_more_agent_is_better(agents: int, share: float, impatience: float, t: float) -> None:
    load = agents * share
    one, two = impatient(agents, load, impatience), impatient(agents + 1, load, impatience)
    before, after = one.measures(), two.measures()
    slack = 1 + 1e-12
    for name in ("delay_probability", "abandon_probability", "mean_wait_s", "occupancy", "mean_queue"):
        assert getattr(after, name) <= getattr(before, name) * slack, name
    for letter in "abcd":
        name = f"service_level_{letter}"
        assert getattr(two.within(t), name) * slack >= getattr(one.within(t), name), name


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 60), st.floats(0.3, 1.7), st.floats(0.05, 20.0), times)
def test_integrals_are_the_sums_they_stand_for(
    agents: int, share: float, impatience: float, t: float
) -> None:
    load = agents * share
    with mp.workdps(reference.DIGITS):
        true = reference.erlang_a(agents, load, 1.0 / (1.0 / impatience), t)
    queue = impatient(agents, load, impatience)
    for found in (queue.measures(), queue.within(t)):
        for name in found.__slots__:
            if name in true and true[name] > 1e-280:
                assert float(getattr(found, name) / true[name]) == pytest.approx(1.0, abs=1e-12), name
    quick = served_within(agents, load, 1.0 / (1.0 / impatience), t)
    if true["service_level_a"] > 1e-280:
        assert float(quick / true["service_level_a"]) == pytest.approx(1.0, abs=1e-11)


@few
@given(agents_, busy, impatience_)
def test_more_load_is_worse(agents: int, share: float, impatience: float) -> None:
    one, two = (impatient(agents, agents * share * more, impatience).measures() for more in (1, 1.01))
    for name in ("delay_probability", "abandon_probability", "mean_wait_s", "occupancy"):
        assert getattr(two, name) * (1 + 1e-12) >= getattr(one, name), name


@few
@given(agents_, busy, impatience_, times)
def test_shares_are_shares_and_add_up(agents: int, share: float, impatience: float, t: float) -> None:
    queue = impatient(agents, agents * share, impatience)
    found, at = queue.measures(), queue.within(t)
    for name in ("service_level_a", "service_level_b", "service_level_c", "service_level_d", "wait_tail"):
        assert 0 <= getattr(at, name) <= 1 + 1e-13, name
    assert at.service_level_c + at.wait_tail == pytest.approx(1.0, abs=1e-12)
    assert found.abandon_probability == pytest.approx(found.mean_wait_s * impatience, rel=1e-11)
    assert found.occupancy * agents == pytest.approx(
        agents * share * (1 - found.abandon_probability), rel=1e-9
    )


@few
@given(st.floats(0.05, 400.0), st.floats(0.0, 0.999), times, impatience_)
def test_the_fewest_agents_are_enough_and_one_fewer_is_not(
    load: float, share: float, t: float, impatience: float
) -> None:
    patient = int(erlang_c.agents_for(load, handle_s=1.0, share=share, within_s=t))
    assert erlang_c.service_level(patient, load, handle_s=1.0, within_s=t) >= share
    if patient - 1 > load:
        assert erlang_c.service_level(patient - 1, load, handle_s=1.0, within_s=t) < share
    found = int(erlang_a.agents_for(load, handle_s=1.0, patience_s=1 / impatience, share=share, within_s=t))
    assert impatient(found, load, 1 / (1 / impatience)).within(t).service_level_a >= share * (1 - 1e-13)
    if found > 1:
        assert impatient(found - 1, load, impatience).within(t).service_level_a < share * (1 + 1e-13)
    lines = int(erlang_b.lines_for(load, 1 - share))
    assert erlang_b.blocking(lines, load) <= (1 - share) * (1 + 1e-13)
    assert lines == 0 or erlang_b.blocking(lines - 1, load) > (1 - share) * (1 - 1e-13)


@few
@given(st.integers(1, 60), st.floats(0.01, 3.0), st.floats(0.0, 0.99))
def test_attempts_are_the_load_and_those_who_come_back(lines: int, share: float, recall: float) -> None:
    load = lines * share
    found = erlang_b.retrying(lines, load, recall)
    again = found.total_load * recall * found.blocking_per_attempt
    assert found.total_load == pytest.approx(load + again, rel=1e-12)
    lost = found.total_load * (1 - recall) * found.blocking_per_attempt
    assert found.blocking == pytest.approx(lost / load, rel=1e-11)


def test_any_goal_finds_the_first_that_is_enough() -> None:
    wanted = np.array([1.0, 2.0, 7.0, 1000.0])
    found = least.fewest(lambda agents, rows: agents >= wanted[rows], np.ones(4))
    assert list(found) == [1, 2, 7, 1000]
    assert math.isclose(float(least.scheduled(24, 0.2)), 30)
