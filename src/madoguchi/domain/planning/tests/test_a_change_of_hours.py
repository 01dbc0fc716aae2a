"""Whatever the hours are from now on, what came and what was forecast stays what it was."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from madoguchi.domain.clients.actions import change_hours, change_number
from madoguchi.domain.clients.models import Client, Hours, Number, Period
from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.planning import jobs
from madoguchi.domain.planning.actions import forecasting as actions
from madoguchi.domain.planning.actions import preparing
from madoguchi.domain.planning.forecasting import make
from madoguchi.domain.planning.models import ForecastDay
from madoguchi.domain.planning.queries.opening import day_starts_min, hours_changed_on
from madoguchi.domain.planning.queries.outlook import outlook
from madoguchi.domain.planning.tests.planted_weeks import client, plant, today, usual
from madoguchi.kit.calendar import Period as Stretch
from madoguchi.kit.clock import business_day_start

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def set_hours(opens: int, closes: int, *, days: int = 5) -> None:
    weekly = [[Stretch(opens, closes)] if day < days else [] for day in range(7)]
    change_hours(Hours.objects.get().pk, {}, weekly=weekly, acting_user=None)


def evenings(day: date, slot: int) -> float:
    """Calls from 20:00 on, and until 2:00 of a night that began on a working day."""
    night_of = day if slot >= 40 else day - timedelta(days=1)
    return 4.0 if (slot >= 40 or slot < 4) and night_of.weekday() < 5 else 0.0


def by_clock(since: date, until: date) -> dict[datetime, float]:
    return {
        slot.begins: slot.expected
        for day in outlook(since, until).days
        for slot in day.slots
        if slot.expected
    }


@pytest.fixture
def a_night_centre() -> Client:
    """Five weeks of a centre open from 20:00 to 26:00, and a forecast."""
    made, since = client("夜間", opens=1200, closes=1560), today() - timedelta(weeks=5)
    plant(made, since, today(), evenings)
    preparing.set_goal({"own_since": since}, acting_user=None)
    jobs.forecast(actions.ask_forecast(acting_user=None).pk)
    return made


def test_forecasts_stand_by_the_clock_when_days_begin_at_another_time(a_night_centre: Client) -> None:
    assert day_starts_min() == 120
    first, last = today() + timedelta(days=2), today() + timedelta(days=8)
    before = by_clock(first, last)
    rows = list(ForecastDay.objects.order_by("pk").values())
    set_hours(1200, 1440)
    assert day_starts_min() == 0
    after = by_clock(first, last)
    assert min(before) >= business_day_start(first) + timedelta(hours=2)
    inside = {at: calls for at, calls in before.items() if at < business_day_start(last + timedelta(days=1))}
    assert {at: calls for at, calls in after.items() if at in before} == pytest.approx(inside)
    # The hours before 2:00 of the first day belong to the day before it as that was forecast.
    extra = set(after) - set(before)
    assert {at < business_day_start(first) + timedelta(hours=2) for at in extra} <= {True}
    assert list(ForecastDay.objects.order_by("pk").values()) == rows
    for day in outlook(first, last).days:
        assert sum(slot.need is not None for slot in day.slots) == 48
        assert all(slot.need.begins == slot.begins for slot in day.slots if slot.need)


def test_a_day_under_way_keeps_its_correction(a_night_centre: Client) -> None:
    jobs.see_today_again(0)
    found = outlook(today(), today()).days[0]
    set_hours(1200, 1440)
    moved = outlook(today(), today()).days[0]
    before = {slot.begins: slot.again for slot in found.slots}
    assert moved.again_until == found.again_until
    for slot in moved.slots:
        if slot.begins in before and slot.again is not None:
            assert slot.again == before[slot.begins]


def test_only_changes_after_our_records_began_are_changes(a_night_centre: Client) -> None:
    assert hours_changed_on(today() - timedelta(days=3)) == {}
    assert hours_changed_on(None) == {}
    set_hours(1200, 1440)
    tomorrow = today() + timedelta(days=1)
    assert hours_changed_on(today() - timedelta(days=3)) == {a_night_centre.pk: tomorrow}
    assert hours_changed_on(tomorrow) == {}
    Entry.objects.all().delete()
    other = Hours.objects.create(name="昼")
    number = Number.objects.get()
    change_number(number.pk, {"label": "夜の窓口"}, acting_user=None)
    assert hours_changed_on(today()) == {}
    change_number(number.pk, {"hours": other}, acting_user=None)
    assert hours_changed_on(today()) == {a_night_centre.pk: tomorrow}


def test_a_weekday_opened_today_is_expected_to_have_calls_and_the_back_test_stays() -> None:
    a, since = client("A社"), today() - timedelta(weeks=6)
    plant(a, since, today(), usual)
    preparing.set_goal({"own_since": since}, acting_user=None)
    before = make(today())
    set_hours(540, 1080, days=6)
    after = make(today())
    saturdays = [sum(day.calls) for day in after.days if day.day.weekday() == 5 and day.client_id is None]
    assert min(saturdays) > 20
    assert not any(sum(day.calls) for day in before.days if day.day.weekday() == 5)
    assert after.back_test[""]["wape"] == pytest.approx(before.back_test[""]["wape"], abs=0.05)


def test_hours_cut_short_do_not_make_past_forecasts_wrong() -> None:
    a, since = client("A社"), today() - timedelta(weeks=6)
    plant(a, since, today(), usual)
    preparing.set_goal({"own_since": since}, acting_user=None)
    before = make(today()).back_test[""]
    Period.objects.update(closes_min=900)
    after = make(today())
    assert max(max(day.calls[30:]) for day in after.days) == 0.0
    assert after.back_test[""]["wape"] < before["wape"] + 0.05
    assert abs(after.back_test[""]["bias"]) < 0.1
