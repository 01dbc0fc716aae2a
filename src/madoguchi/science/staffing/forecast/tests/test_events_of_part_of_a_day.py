"""A campaign of one evening moves its own half-hours, and nothing else of the day or of its weekday."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from madoguchi.science.staffing.forecast.days import Calendar, Event
from madoguchi.science.staffing.forecast.errors import NotAPart
from madoguchi.science.staffing.forecast.groups import learn_all
from madoguchi.science.staffing.forecast.history import Group, History
from madoguchi.science.staffing.forecast.model import learn
from madoguchi.science.staffing.forecast.tests.centres import FIRST, NINE_TO_SIX, history, week_after

pytestmark = pytest.mark.pure

CALENDAR = Calendar(hours=NINE_TO_SIX)
KNOWN = history(84, CALENDAR)
WEDNESDAYS = [FIRST + timedelta(days=2 + 7 * week) for week in range(12)]
PART = (14 * 60, 16 * 60)
COMING = Event("TV", WEDNESDAYS[-1] + timedelta(days=7), part=PART)


def with_doubled(days: list[date]) -> History:
    calls = KNOWN.calls.copy()
    for day in days:
        calls[(day - FIRST).days, 28:32] *= 2
    return History(FIRST, calls)


def test_what_is_typed_moves_its_half_hours_only() -> None:
    usual = learn(KNOWN, CALENDAR).forecast(week_after(KNOWN))
    typed = replace(CALENDAR, events=(replace(COMING, times=1.5),))
    found = learn(KNOWN, typed).forecast(week_after(KNOWN))
    ratio = found.calls[2, 18:36] / usual.calls[2, 18:36]
    assert ratio[10:14] == pytest.approx(1.5, rel=0.01)
    assert np.delete(ratio, range(10, 14)) == pytest.approx(1.0, rel=0.01)
    assert found.high[2, 29] > usual.high[2, 29]


def test_what_came_before_is_learned_and_spoils_no_other_day() -> None:
    past = [Event("TV", day, part=PART) for day in [WEDNESDAYS[week] for week in (2, 4, 6, 10)]]
    known = with_doubled([event.first for event in past])
    calendar = replace(CALENDAR, events=(*past, COMING))
    usual = learn(KNOWN, CALENDAR).forecast(week_after(KNOWN))
    found = learn(known, calendar).forecast(week_after(known))
    assert found.calls[2, 28:32].sum() / usual.calls[2, 28:32].sum() == pytest.approx(2.0, rel=0.12)
    assert found.calls[2, 18:28] == pytest.approx(usual.calls[2, 18:28], rel=0.1)


def test_an_outage_of_part_of_a_day_is_left_out_as_unknown() -> None:
    calls = KNOWN.calls.copy()
    calls[-5, 18:30] = np.nan
    found = learn(History(FIRST, calls), CALENDAR).forecast(week_after(KNOWN))
    usual = learn(KNOWN, CALENDAR).forecast(week_after(KNOWN))
    assert found.calls.sum() == pytest.approx(usual.calls.sum(), rel=0.02)


def test_an_event_of_one_client_leaves_the_other_as_it_is() -> None:
    parts = {Group(client="a"): KNOWN, Group(client="b"): history(84, CALENDAR, seed=2)}
    of_a = replace(CALENDAR, events=(replace(COMING, times=2.0),))
    own = {Group(client="a"): of_a, Group(client="b"): CALENDAR}
    _, usual = learn_all(parts, CALENDAR).forecast(week_after(KNOWN))
    whole = replace(CALENDAR, events=(replace(COMING, times=1.5),))
    together, found = learn_all(parts, whole, own).forecast(week_after(KNOWN))
    a, b = (found[group].calls[2, 28:32].sum() / usual[group].calls[2, 28:32].sum() for group in parts)
    assert a == pytest.approx(2.0, rel=0.1)
    assert b == pytest.approx(1.0, rel=0.1)
    assert sum(part.calls for part in found.values()) == pytest.approx(together.calls)


def test_a_part_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(NotAPart):
        Event("TV", FIRST, part=(600, 600))
