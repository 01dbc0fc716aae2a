import random

import pytest

from madoguchi.science.routing.expected_wait import expected_wait_s

pytestmark = pytest.mark.pure


def test_it_grows_by_one_departure_for_each_place() -> None:
    assert expected_wait_s(1, 4, 240) == 60
    assert expected_wait_s(3, 4, 240) == 180


def test_nothing_is_promised_when_nobody_serves() -> None:
    assert expected_wait_s(1, 0, 240) is None


@pytest.mark.parametrize(("position", "handling_s"), [(0, 240), (-1, 240), (1, -1)])
def test_impossible_questions_are_refused(position: int, handling_s: float) -> None:
    with pytest.raises(ValueError, match=r"position|handling"):
        expected_wait_s(position, 2, handling_s)


def test_it_agrees_with_a_simulated_busy_floor() -> None:
    chance = random.Random(20261121)
    waits = []
    for _ in range(4000):
        # Five people in the middle of calls; the caller is third in line. Exponential times have no memory.
        ends = sorted(chance.expovariate(1 / 300) for _ in range(5))
        for _ in range(2):
            ends[0] += chance.expovariate(1 / 300)
            ends.sort()
        waits.append(ends[0])
    expected = expected_wait_s(3, 5, 300)
    assert expected == pytest.approx(sum(waits) / len(waits), rel=0.05)
