"""A change of hours does not rewrite the past: what was closed then is not taken for hours without calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from madoguchi.kit.calendar import OpeningHours, Period
from madoguchi.science.staffing.forecast import back_test, opening, past_hours
from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.history import History
from madoguchi.science.staffing.forecast.model import learn
from madoguchi.science.staffing.forecast.tests.centres import FIRST, NINE_TO_SIX, week_after

pytestmark = pytest.mark.pure

NINE_TO_EIGHT = OpeningHours(weekly=((Period(540, 1200),),) * 5 + ((),) * 2)
WITH_SATURDAY = OpeningHours(weekly=((Period(540, 1080),),) * 6 + ((),))
RATE, EVENING, SATURDAY = 12.0, 8.0, 5.0


def calls_of(hours: OpeningHours, day: date) -> np.ndarray:
    found = np.zeros(48)
    for opens, closes in hours.day(day).periods:
        found[opens // 30 : closes // 30] = SATURDAY if day.weekday() == 5 else RATE
    found[36:] = np.minimum(found[36:], EVENING)
    return found


def history(first: tuple[OpeningHours, int], then: tuple[OpeningHours, int], *, seed: int = 3) -> History:
    """So many weeks with the one, then so many with the other."""
    rng = np.random.default_rng(seed)
    weeks = [hours for hours, count in (first, then) for _ in range(count)]
    means = [
        calls_of(hours, FIRST + timedelta(days=7 * w + d)) for w, hours in enumerate(weeks) for d in range(7)
    ]
    return History(FIRST, rng.poisson(means).astype(np.float64))


def expected(known: History, calendar: Calendar) -> np.ndarray:
    days = [day for day in week_after(known) if not calendar.is_holiday(day)]
    return np.array([learn(known, calendar).forecast([day]).calls[0] for day in days])


def test_an_hour_that_was_added_is_learned_from_the_days_that_had_it() -> None:
    known, calendar = history((NINE_TO_SIX, 12), (NINE_TO_EIGHT, 2)), Calendar(hours=NINE_TO_EIGHT)
    found = expected(known, calendar)[:5]
    assert found[:, 36:40].mean() == pytest.approx(EVENING, rel=0.15)
    assert found[:, 18:36].mean() == pytest.approx(RATE, rel=0.05)
    open_ = past_hours.open_then(known, calendar, opening.learn(known, calendar))
    assert not open_[: 12 * 7, 36:40].any()
    assert open_[12 * 7 :, 18:40].sum() == open_[12 * 7 :].sum() > 0


def test_a_weekday_that_was_added_is_learned_from_its_first_days() -> None:
    known, calendar = history((NINE_TO_SIX, 12), (WITH_SATURDAY, 2)), Calendar(hours=WITH_SATURDAY)
    saturday = next(day for day in week_after(known) if day.weekday() == 5)
    found = learn(known, calendar).forecast([saturday]).calls[0]
    assert found.sum() == pytest.approx(18 * SATURDAY, rel=0.2)


def test_hours_taken_away_are_nobodys_error() -> None:
    calendar = Calendar(hours=NINE_TO_SIX)
    changed = back_test.report(history((NINE_TO_EIGHT, 10), (NINE_TO_SIX, 2)), calendar)
    always = back_test.report(history((NINE_TO_SIX, 10), (NINE_TO_SIX, 2)), calendar)
    assert changed.forecast.wape == pytest.approx(always.forecast.wape, abs=0.03)
    assert abs(changed.forecast.bias) < 0.03
    assert changed.coverage > 0.8


def test_hours_added_are_nobodys_error() -> None:
    calendar = Calendar(hours=NINE_TO_EIGHT)
    known = history((NINE_TO_SIX, 10), (NINE_TO_EIGHT, 3))
    changed = back_test.report(known, calendar, origins=2)
    assert changed.forecast.wape < 0.3
    assert changed.forecast.wape < back_test.report(known, calendar, origins=2).last_twelve.wape


def test_a_silence_that_goes_on_is_what_is_unless_the_hours_changed_since() -> None:
    known = history((NINE_TO_SIX, 6), (NINE_TO_SIX, 6))
    saturday = next(day for day in week_after(known) if day.weekday() == 5)
    calendar = Calendar(hours=WITH_SATURDAY)
    assert learn(known, calendar).forecast([saturday]).calls.sum() < 2.0
    tomorrow = known.last + timedelta(days=1)
    since = replace(calendar, hours_since=tomorrow)
    assert learn(known, since).forecast([saturday]).calls.sum() > 50
    long_ago = replace(calendar, hours_since=known.first + timedelta(days=20))
    assert learn(known, long_ago).forecast([saturday]).calls.sum() < 2.0


def test_a_quiet_hour_is_not_a_closed_one() -> None:
    rng = np.random.default_rng(5)
    means = np.array([calls_of(NINE_TO_SIX, FIRST + timedelta(days=row)) for row in range(200)]) * 0.05
    known, calendar = History(FIRST, rng.poisson(means).astype(np.float64)), Calendar(hours=NINE_TO_SIX)
    learned = opening.learn(known, calendar)
    today = np.array([learned.of(day) for day in known.days])
    assert (past_hours.open_then(known, calendar, learned) == today).mean() > 0.999


def test_a_closure_in_between_is_found_without_hours_too() -> None:
    rng = np.random.default_rng(6)
    means = np.array([calls_of(NINE_TO_SIX, FIRST + timedelta(days=row)) for row in range(91)])
    means[30:44, 24:28] = 0.0
    known = History(FIRST, rng.poisson(means).astype(np.float64))
    open_ = past_hours.open_then(known, Calendar(), opening.learn(known, Calendar()))
    days = [row for row in range(30, 44) if means[row].any()]
    assert not open_[days][:, 24:28].any()
    assert open_[days][:, 18:24].all()
