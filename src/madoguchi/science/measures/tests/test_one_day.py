"""The same day by every definition: the acceptance example, the worked examples, and what always holds."""

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.science.measures import rates, records, service_level, waits
from madoguchi.science.measures.records import PARTITION, Record, partition, unaccounted
from madoguchi.science.measures.service_level import Level

pytestmark = pytest.mark.pure

THE_DAY = [
    *[Record("answered", 12.0)] * 69,
    Record("answered", 20.0),
    *[Record("answered", 41.0)] * 15,
    *[Record("short_abandon", 5.0)] * 5,
    *[Record("queue_abandon", 6.0)] * 2,
    Record("ring_abandon", 20.0),
    *[Record("queue_abandon", 60.0)] * 7,
]


def percent(rate: Fraction | None) -> str:
    assert rate is not None
    return f"{float(rate) * 100:.1f}"


def test_the_same_day_has_four_service_levels() -> None:
    levels = [percent(service_level.service_level(THE_DAY, level, within_s=20)) for level in Level]
    assert levels == ["70.0", "73.7", "78.0", "82.4"]


def test_the_same_day_has_two_answer_rates() -> None:
    assert percent(rates.answer_rate(THE_DAY)) == "85.0"
    assert percent(rates.answer_rate(THE_DAY, without={"short_abandon"})) == "89.5"


def test_calls_that_never_waited_change_no_service_level() -> None:
    with_others = [*THE_DAY, Record("out_of_hours"), Record("ivr_abandoned"), Record("blocked")]
    for level in Level:
        assert service_level.service_level(with_others, level, within_s=20) == service_level.service_level(
            THE_DAY, level, within_s=20
        )
    assert rates.answer_rate(with_others) == Fraction(85, 103)


def test_nothing_is_not_zero() -> None:
    assert rates.answer_rate([]) is None
    assert all(service_level.service_level([], level, within_s=20) is None for level in Level)
    assert waits.average_speed_of_answer_s([]) is None
    assert waits.percentile_s([], 50) is None
    assert rates.answer_rate([Record("queue_abandon", 30.0)]) == 0


def test_an_outcome_outside_the_partition_is_refused() -> None:
    with pytest.raises(ValueError, match="reached"):
        partition([Record("reached")])


@pytest.mark.parametrize("module", [records, rates, service_level, waits])
def test_the_worked_examples_are_right(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


some_calls = st.lists(
    st.builds(
        Record,
        outcome=st.sampled_from(PARTITION),
        wait_s=st.none() | st.floats(0, 3600),
        group=st.sampled_from(["a", "b"]),
    )
)


@given(some_calls)
def test_arrivals_are_the_sum_of_the_outcomes(calls: list[Record]) -> None:
    assert sum(partition(calls).values()) == len(calls)
    arrivals = {group: sum(call.group == group for call in calls) for group in ("a", "b")}
    assert unaccounted(arrivals, calls) == {}
    assert unaccounted(arrivals | {"c": 1}, calls) == {"c": 1}


@given(some_calls, st.integers(0, 600))
def test_every_rate_lies_between_none_and_all(calls: list[Record], within_s: int) -> None:
    figures = [service_level.service_level(calls, level, within_s=within_s) for level in Level]
    figures += [rates.answer_rate(calls), rates.abandon_rate(calls), rates.busy_rate(calls, blocked=1)]
    assert all(figure is None or 0 <= figure <= 1 for figure in figures)


@given(some_calls)
def test_a_service_level_never_falls_when_more_time_is_given(calls: list[Record]) -> None:
    for level in Level:
        sooner, later = (service_level.service_level(calls, level, within_s=s) for s in (10, 30))
        assert (sooner is None) == (later is None)
        assert sooner is None or later is None or sooner <= later


@given(st.lists(st.floats(0, 3600), min_size=1), st.integers(1, 100))
def test_a_percentile_is_a_wait_that_occurred(waits_s: list[float], share: int) -> None:
    wait = waits.percentile_s(waits_s, share)
    assert wait in waits_s
    assert sum(other <= wait for other in waits_s) >= len(waits_s) * share / 100
