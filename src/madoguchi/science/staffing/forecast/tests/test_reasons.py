"""Reasons as shares, as shares with days of their own, and each learned alone: the better one is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from madoguchi.science.staffing.forecast import reasons
from madoguchi.science.staffing.forecast.days import Calendar
from madoguchi.science.staffing.forecast.history import Group, History, total
from madoguchi.science.staffing.forecast.model import learn
from madoguchi.science.staffing.forecast.reasons import shares_of
from madoguchi.science.staffing.forecast.shares import Shares
from madoguchi.science.staffing.forecast.tests.centres import FIRST, NINE_TO_SIX, truth

pytestmark = pytest.mark.pure

CALENDAR = Calendar(hours=NINE_TO_SIX)
STEADY = {"delivery": 0.55, "bill": 0.3, "repair": 0.12, "other": 0.03}
Weights = Callable[[date, int], dict[str, float]]


def steady(day: date, row: int) -> dict[str, float]:
    return dict(STEADY)


def of_weekdays(day: date, row: int) -> dict[str, float]:
    """Bills twice as often on Mondays, repairs on Fridays."""
    return STEADY | {
        "bill": 0.3 * (2 if day.weekday() == 0 else 1),
        "repair": 0.12 * (2 if day.weekday() == 4 else 1),
    }


def growing(day: date, row: int) -> dict[str, float]:
    return STEADY | {"repair": 0.12 * float(np.exp(row / 60))}


def planted(weights: Weights, weeks: int, *, a_day: float = 400.0) -> dict[str, History]:
    rng = np.random.default_rng(1)
    calls = {name: np.zeros((7 * weeks, 48)) for name in STEADY}
    for row in range(7 * weeks):
        day = FIRST + timedelta(days=row)
        mean = truth(day, CALENDAR, a_day=a_day) * np.exp(rng.normal(0, 0.04))
        for name, weight in weights(day, row).items():
            calls[name][row] = rng.poisson(mean * weight)
    return {name: History(FIRST, line) for name, line in calls.items()}


def off(weights: Weights, how: Callable[..., np.ndarray], *, a_day: float = 400.0) -> tuple[float, float]:
    """WAPE of the reasons' half-hours and of their days in the twelfth week, of 12."""
    parts = planted(weights, 12, a_day=a_day)
    first = FIRST + timedelta(days=77)
    known = {name: one.until(first) for name, one in parts.items()}
    days = [first + timedelta(days=ahead) for ahead in range(7)]
    whole = learn(total({Group(reason=name): one for name, one in known.items()}), CALENDAR).forecast(days)
    found = how(known, days, whole.calls)
    actual = np.array([parts[name].calls[77:] for name in STEADY])
    away = found - actual
    return (
        float(np.abs(away).sum() / actual.sum()),
        float(np.abs(away.sum(axis=2)).sum() / actual.sum()),
    )


def kept(known: dict[str, History], days: list[date], whole: np.ndarray) -> np.ndarray:
    shares = shares_of(known, CALENDAR, days)
    return np.array([[line * shares.on(name, row) for row, line in enumerate(whole)] for name in STEADY])


def by_share(known: dict[str, History], days: list[date], whole: np.ndarray) -> np.ndarray:
    shares = Shares(shares_of(known, CALENDAR, days).by_slot)
    return np.array([[line * shares.on(name, row) for row, line in enumerate(whole)] for name in STEADY])


def alone(known: dict[str, History], days: list[date], whole: np.ndarray) -> np.ndarray:
    return np.array([learn(known[name], CALENDAR).forecast(days).calls for name in STEADY])


@pytest.mark.parametrize("weights", [steady, of_weekdays, growing])
def test_none_of_the_two_is_much_better(weights: Weights) -> None:
    halves, days = off(weights, kept)
    for other in (by_share, alone):
        their_halves, their_days = off(weights, other)
        assert halves < their_halves + 0.006
        assert days < their_days + 0.016


def test_a_reason_with_days_of_its_own_is_not_spread_over_the_week() -> None:
    assert off(of_weekdays, kept)[1] < off(of_weekdays, by_share)[1] - 0.05
    assert off(growing, kept)[1] < off(growing, by_share)[1] - 0.015


def test_half_hours_are_too_thin_to_be_learned_by_reason() -> None:
    assert off(steady, kept, a_day=60.0)[0] < off(steady, alone, a_day=60.0)[0]


def test_shares_sum_to_one_and_a_rare_reason_keeps_its_own() -> None:
    known = planted(of_weekdays, 6, a_day=100.0)
    days = [known["bill"].last + timedelta(days=ahead) for ahead in range(1, 8)]
    found = shares_of(known, CALENDAR, days)
    assert list(found.by_slot) == ["delivery", "bill", "repair", "other"]
    assert set(found.by_day) == {"delivery", "bill", "repair"}, "others are fewer than 400 calls"
    for day in range(7):
        assert np.sum([found.on(name, day) for name in STEADY], axis=0) == pytest.approx(1.0)
    assert found.on("bill", 0)[20] > 1.3 * found.on("bill", 1)[20]
    assert found.on("nothing", 0).tolist() == [0.0] * 48
    assert shares_of({}, CALENDAR, days).by_slot == {}


def test_too_few_weeks_leave_the_mean_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "ENOUGH_CALLS", 10)
    known = planted(of_weekdays, 1)
    found = shares_of(known, CALENDAR, [known["bill"].last + timedelta(days=1)])
    assert found.by_day == {}
    assert len(found.by_slot) == 4
