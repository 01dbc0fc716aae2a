"""What was planted is found; what is missing, closed or broken does no harm."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from madoguchi.kit.calendar import Period, SpecialDay
from madoguchi.science.staffing.forecast.days import Calendar, Event
from madoguchi.science.staffing.forecast.errors import TooFewDays, WrongOrder
from madoguchi.science.staffing.forecast.history import History
from madoguchi.science.staffing.forecast.model import learn
from madoguchi.science.staffing.forecast.tests.centres import NINE_TO_SIX, history, truth, week_after

pytestmark = pytest.mark.pure

CALENDAR = Calendar(hours=NINE_TO_SIX)


def wape(known: History, calendar: Calendar = CALENDAR) -> float:
    days = week_after(known)
    wanted = np.array([truth(day, calendar) for day in days])
    return float(np.abs(learn(known, calendar).forecast(days).calls - wanted).sum() / wanted.sum())


def test_three_weeks_are_enough_and_more_is_better() -> None:
    few, many = history(21, CALENDAR), history(119, CALENDAR)
    assert wape(few) < 0.13
    assert wape(many) < 0.06
    sure, unsure = (learn(known, CALENDAR).forecast(week_after(known)).sureness for known in (many, few))
    assert unsure.few
    assert not sure.few
    assert unsure.day_error > sure.day_error
    assert sure.weeks == pytest.approx(17, abs=0.5)


def test_less_than_three_weeks_is_refused() -> None:
    with pytest.raises(TooFewDays):
        learn(history(12, CALENDAR), CALENDAR)
    with pytest.raises(TooFewDays):
        learn(History(date(2026, 3, 2), np.full((60, 48), np.nan)), CALENDAR)


def test_closed_days_and_hours_have_no_calls_with_hours_given_or_not() -> None:
    for calendar in (CALENDAR, Calendar()):
        known = history(63, calendar)
        found = learn(known, calendar).forecast(week_after(known))
        # 4 to 6 May 2026 are holidays, 9 and 10 May a weekend.
        assert found.calls.sum(axis=1).round()[[0, 1, 2, 5, 6]].tolist() == [0.0] * 5
        assert found.high[0].max() == 0.0
        assert found.calls[3, :18].sum() + found.calls[3, 36:].sum() == 0.0
        assert found.calls[3].sum() > 300


def test_the_day_after_a_holiday_is_learned() -> None:
    known = history(197, CALENDAR)  # until Monday 14 September
    after = learn(known, CALENDAR).forecast([date(2026, 9, 16), date(2026, 9, 24)])
    assert after.calls[1].sum() / after.calls[0].sum() == pytest.approx(1.2 * 0.95 / 1.0, rel=0.08)


def test_an_event_does_what_is_typed_until_it_has_been_seen() -> None:
    known = history(63, CALENDAR)
    day = date(2026, 5, 12)
    sale = replace(CALENDAR, events=(Event("sale", day, times=1.5),))
    plain, more = (learn(known, calendar).forecast([day]).calls.sum() for calendar in (CALENDAR, sale))
    assert more / plain == pytest.approx(1.5, rel=0.02)


def test_an_event_seen_before_is_learned_against_what_was_typed() -> None:
    past = [date(2026, 3, 10), date(2026, 3, 26), date(2026, 4, 8), date(2026, 4, 23)]
    real = replace(CALENDAR, events=tuple(Event("sale", day, times=2.0) for day in past))
    known = history(63, real)
    typed = tuple(Event("sale", day, times=1.2) for day in [*past, date(2026, 5, 12)])
    told = learn(known, replace(CALENDAR, events=typed)).forecast([date(2026, 5, 12)]).calls.sum()
    assert told == pytest.approx(2.0 * truth(date(2026, 5, 12), CALENDAR).sum(), rel=0.12)


def test_outages_do_not_pull_the_forecast_down() -> None:
    broken = history(63, CALENDAR).calls.copy()
    broken[[50, 57]] *= 0.1  # two Tuesdays on which the lines were dead most of the time
    broken[58] = 0.0  # a Wednesday without a single call
    known = History(date(2026, 3, 2), broken)
    day = date(2026, 5, 12)
    noted = replace(CALENDAR, outages=frozenset({date(2026, 4, 21), date(2026, 4, 28)}))
    for calendar in (CALENDAR, noted):
        found = learn(known, calendar).forecast([day, day + timedelta(days=1)]).calls.sum(axis=1)
        assert found[0] == pytest.approx(420, rel=0.1)
        assert found[1] == pytest.approx(400, rel=0.1)


def test_missing_intervals_are_not_zeros() -> None:
    holes = history(84, CALENDAR).calls.copy()
    holes[np.random.default_rng(2).random(holes.shape) < 0.3] = np.nan
    assert wape(History(date(2026, 3, 2), holes)) < 0.08


def test_a_half_day_has_half_the_hours() -> None:
    day = date(2026, 5, 13)
    half = replace(NINE_TO_SIX, special_days=((day, SpecialDay("stocktaking", (Period(540, 720),))),))
    known = history(63, CALENDAR)
    whole = learn(known, CALENDAR).forecast([day]).calls[0]
    found = learn(known, Calendar(hours=half)).forecast([day]).calls[0]
    assert found[24:].sum() == 0.0
    np.testing.assert_allclose(found[:24], whole[:24], rtol=0.02)


def test_a_centre_with_hardly_any_calls_gets_small_numbers() -> None:
    known = history(63, CALENDAR, a_day=3.0)
    found = learn(known, CALENDAR).forecast([date(2026, 5, 12)])
    assert 1.5 < found.calls.sum() < 6.0
    assert found.low.max() == 0.0


def test_a_past_day_is_no_forecast() -> None:
    known = history(63, CALENDAR)
    with pytest.raises(WrongOrder):
        learn(known, CALENDAR).forecast([known.last])
