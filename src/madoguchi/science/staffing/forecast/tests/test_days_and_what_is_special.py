"""Holidays and their neighbours, pay days, month ends, 五十日 and events are known in advance."""

from datetime import date

import numpy as np
import pytest

from madoguchi.science.staffing.errors import NotPositive
from madoguchi.science.staffing.forecast.days import Calendar, Event, traits
from madoguchi.science.staffing.forecast.errors import WrongOrder

pytestmark = pytest.mark.pure


def seen(day: date, calendar: Calendar | None = None) -> dict[str, float]:
    found = traits(calendar or Calendar(), [day])
    return {name: value for name, value in zip(found.names, found.values[0].tolist(), strict=True) if value}


def test_the_day_after_a_holiday_is_special_and_fades() -> None:
    # 23 November 2026 is a Monday and 勤労感謝の日.
    assert seen(date(2026, 11, 23))["holiday"] == 1.0
    assert seen(date(2026, 11, 24))["after a closure"] == 1.0
    assert 0 < seen(date(2026, 11, 25))["after a closure"] < 1.0
    assert "after a closure" not in seen(date(2026, 11, 16))


def test_the_last_day_before_a_holiday_is_special() -> None:
    # 3 November 2026 is a Tuesday and 文化の日.
    assert seen(date(2026, 11, 2))["before a closure"] == 1.0
    assert "before a closure" not in seen(date(2026, 11, 6))


def test_a_pay_day_on_a_weekend_is_moved_ahead() -> None:
    # 25 October 2026 is a Sunday.
    assert seen(date(2026, 10, 23))["pay day"] == 1.0
    assert "pay day" not in seen(date(2026, 10, 25))
    assert seen(date(2026, 10, 26))["after pay day"] == 1.0


def test_fives_and_tens_and_month_ends() -> None:
    assert seen(date(2026, 11, 5))["fives and tens"] == 1.0
    assert seen(date(2026, 11, 30))["month end"] == 1.0
    assert seen(date(2026, 12, 1))["month start"] == 1.0
    assert "fives and tens" not in seen(date(2026, 11, 5), Calendar(fives_and_tens=False))


def test_the_year_ends_in_a_closure() -> None:
    assert seen(date(2026, 12, 31))["turn of the year"] == 1.0
    assert seen(date(2027, 1, 4))["after a closure"] == 1.0


def test_a_deadline_builds_up() -> None:
    deadline = Event("締切", date(2026, 11, 27), before=3)
    shares = [deadline.share_of(date(2026, 11, day)) for day in range(23, 29)]
    np.testing.assert_allclose(shares, [0.0, 0.25, 0.5, 0.75, 1.0, 0.0])


def test_impossible_events_are_refused() -> None:
    with pytest.raises(WrongOrder):
        Event("sale", date(2026, 11, 5), date(2026, 11, 4))
    with pytest.raises(NotPositive):
        Event("sale", date(2026, 11, 5), times=0.0)
