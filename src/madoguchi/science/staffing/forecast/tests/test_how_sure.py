"""Intervals hold what they promise; the back-test tells it; a morning makes today surer."""

from datetime import date, timedelta

import numpy as np
import pytest

from madoguchi.science.staffing.errors import NotAShare, ShapesDiffer
from madoguchi.science.staffing.forecast import back_test, groups
from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.errors import NotACount, TooFewDays, WrongOrder
from madoguchi.science.staffing.forecast.history import Group, History
from madoguchi.science.staffing.forecast.intraday import reforecast
from madoguchi.science.staffing.forecast.model import learn
from madoguchi.science.staffing.forecast.tests.centres import NINE_TO_SIX, history, truth, week_after

pytestmark = pytest.mark.pure

CALENDAR = Calendar(hours=NINE_TO_SIX)
DAY = date(2026, 5, 12)


def test_the_back_test_beats_naive_and_its_intervals_cover() -> None:
    for a_day in (400.0, 20.0):
        report = back_test.report(history(168, CALENDAR, a_day=a_day), CALENDAR, origins=8)
        assert len(report.origins) == 8
        assert report.forecast.wape < report.seasonal_naive.wape
        assert report.forecast.wape < report.last_twelve.wape
        assert abs(report.forecast.bias) < 0.05
        # Few calls an interval: no whole number of them leaves out just 5 %.
        assert 0.85 < report.coverage < (0.95 if a_day > 100 else 0.99)
        assert report.day_coverage > 0.8


def test_a_back_test_needs_weeks_to_test_on() -> None:
    with pytest.raises(TooFewDays):
        back_test.report(history(21, CALENDAR), CALENDAR)


def test_more_confidence_makes_wider_intervals() -> None:
    model = learn(history(63, CALENDAR), CALENDAR)
    narrow, wide = (model.forecast([DAY], confidence=share) for share in (0.5, 0.95))
    assert wide.day_low[0] < narrow.day_low[0] < narrow.calls.sum() < narrow.day_high[0] < wide.day_high[0]
    with pytest.raises(NotAShare):
        model.forecast([DAY], confidence=1.0)


def test_a_busy_morning_raises_the_afternoon() -> None:
    usual = learn(history(63, CALENDAR), CALENDAR).forecast([DAY])
    came = (truth(DAY, CALENDAR) * 1.4).round()[:26]
    later = reforecast(usual, DAY, came)
    times = later.calls[0, 26:].sum() / usual.calls[0, 26:].sum()
    assert 1.25 < times < 1.4
    np.testing.assert_array_equal(later.calls[0, :26], came)


def test_a_usual_morning_narrows_the_day() -> None:
    usual = learn(history(63, CALENDAR), CALENDAR).forecast([DAY])
    later = reforecast(usual, DAY, usual.calls[0, :26].round())
    assert later.day_high[0] - later.day_low[0] < 0.85 * (usual.day_high[0] - usual.day_low[0])


def test_two_calls_too_many_in_a_quiet_centre_change_little() -> None:
    usual = learn(history(63, CALENDAR, a_day=20.0), CALENDAR).forecast([DAY])
    came = np.zeros(20)
    came[18:] = [2.0, 3.0]
    assert reforecast(usual, DAY, came).calls[0, 20:].sum() < 1.15 * usual.calls[0, 20:].sum()


def test_nothing_counted_yet_changes_nothing() -> None:
    usual = learn(history(63, CALENDAR), CALENDAR).forecast([DAY])
    np.testing.assert_allclose(reforecast(usual, DAY, []).calls, usual.calls)


def test_impossible_mornings_are_refused() -> None:
    usual = learn(history(63, CALENDAR), CALENDAR).forecast([DAY])
    with pytest.raises(NotACount):
        reforecast(usual, DAY, [-1.0])
    with pytest.raises(ShapesDiffer):
        reforecast(usual, DAY, np.zeros(49))
    with pytest.raises(WrongOrder):
        reforecast(usual, DAY + timedelta(days=1), [])


def test_reasons_and_clients_sum_to_the_whole() -> None:
    parts = {
        Group("repairs", "A"): history(63, CALENDAR, a_day=250.0, seed=1),
        Group("orders", "A"): history(63, CALENDAR, a_day=120.0, seed=2),
        Group("orders", "B"): history(63, CALENDAR, a_day=6.0, seed=3),
    }
    days = week_after(next(iter(parts.values())))
    whole, found = groups.learn_all(parts, CALENDAR).forecast(days)
    np.testing.assert_allclose(sum(part.calls for part in found.values()), whole.calls, atol=1e-9)
    assert found[Group("orders", "A")].calls.sum() / whole.calls.sum() == pytest.approx(120 / 376, rel=0.1)


def test_a_new_client_is_forecast_from_its_first_days() -> None:
    young = history(63, CALENDAR, a_day=100.0, seed=4).calls.copy()
    young[:56] = 0.0
    parts = {Group("", "A"): history(63, CALENDAR), Group("", "new"): History(date(2026, 3, 2), young)}
    _, found = groups.learn_all(parts, CALENDAR).forecast([date(2026, 5, 12), date(2026, 5, 13)])
    new = found[Group("", "new")]
    assert new.sureness.few
    assert new.calls.sum(axis=1).mean() == pytest.approx(102, rel=0.3)
    assert new.day_high[0] - new.day_low[0] > 60
