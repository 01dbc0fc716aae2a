"""Forecasts: made once by a worker, never changed, summing over clients; and the staff that follows."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.domain.calls.models import Call
from madoguchi.domain.clients.models import Client
from madoguchi.domain.planning import jobs
from madoguchi.domain.planning.actions import forecasting as actions
from madoguchi.domain.planning.actions import preparing
from madoguchi.domain.planning.forecasting import AHEAD_DAYS, again, make
from madoguchi.domain.planning.models import Forecast, ForecastDay, Reforecast
from madoguchi.domain.planning.queries.forecasts import (
    SLOT,
    begin_of,
    expected_before,
    expected_on,
    last_slot,
    newest,
)
from madoguchi.domain.planning.queries.handling import basis
from madoguchi.domain.planning.queries.outlook import outlook
from madoguchi.domain.planning.queries.required import expected_with, required
from madoguchi.domain.planning.tests.planted_weeks import TALK_S, WRAP_UP_S, client, plant, today, usual
from madoguchi.kit.clock import business_day_start, now
from madoguchi.science.staffing import erlang_a

pytestmark = [pytest.mark.action, pytest.mark.django_db]
WEEKS = 5


@pytest.fixture
def two_clients() -> tuple[Client, Client]:
    """Five weeks of A, and of B with fewer calls."""
    a, b = client("A社"), client("B社", opens=600)
    since = today() - timedelta(weeks=WEEKS)
    plant(a, since, today(), reasons=("配送", "返品", "返品"))
    plant(b, since, today(), lambda day, slot: usual(day, slot) / 3 if slot >= 20 else 0.0, seed=2)
    preparing.set_goal({"own_since": since}, acting_user=None)
    return a, b


def made() -> Forecast:
    """A forecast as the worker makes it."""
    asked = actions.ask_forecast(acting_user=None)
    jobs.forecast(asked.pk)
    asked.refresh_from_db()
    return asked


def test_a_forecast_is_near_what_was_planted_and_its_clients_sum_to_it(
    two_clients: tuple[Client, Client],
) -> None:
    found = made()
    assert found.stage == "made", found.made_of
    assert found.made_of["weeks"] == pytest.approx(WEEKS, abs=0.6)
    assert found.made_of["few"]
    days = expected_on(today(), today() + timedelta(days=13))
    planted = np.array([[usual(today() + timedelta(days=d), slot) for slot in range(48)] for d in range(14)])
    whole = np.array([day.calls for day in days if day.client_id is None])
    ours = np.array([day.calls for day in days if day.client_id == two_clients[0].pk])
    holidays = whole.sum(axis=1) == 0
    off = np.abs(ours[~holidays] - planted[~holidays]).sum() / planted[~holidays].sum()
    assert off < 0.25
    parts = np.array([day.calls for day in days if day.client_id == two_clients[1].pk]) + ours
    assert parts == pytest.approx(whole, abs=0.01)
    assert ForecastDay.objects.count() == 3 * AHEAD_DAYS
    assert found.back_test[""]["wape"] < found.back_test[""]["naive"]
    assert set(found.back_test) == {"", str(two_clients[0].pk), str(two_clients[1].pk)}
    shares = found.reasons[str(two_clients[0].pk)]
    assert list(shares) == ["返品", "配送"]
    assert np.sum(list(shares.values()), axis=0) == pytest.approx(1.0, abs=0.001)


def test_it_is_quick(two_clients: tuple[Client, Client]) -> None:
    make(today())
    began = time.process_time()
    make(today())
    assert time.process_time() - began < 5.0, "two clients, and three back-tests"


def test_too_few_days_are_said_and_nothing_is_kept() -> None:
    plant(client("A社"), today() - timedelta(days=6), today())
    found = made()
    assert found.stage == "too_few"
    assert found.made_of["own_days"] in (3, 4, 5)
    assert not ForecastDay.objects.exists()
    assert required(today(), today()) == []


def test_a_made_forecast_is_never_changed_and_the_newer_one_counts(
    two_clients: tuple[Client, Client],
) -> None:
    first = made()
    kept = list(ForecastDay.objects.order_by("pk").values())
    jobs.forecast(first.pk)
    actions.keep(first.pk, make(today()))
    assert list(ForecastDay.objects.order_by("pk").values()) == kept
    second = made()
    assert newest() == second
    tomorrow = today() + timedelta(days=1)
    assert {day.forecast_id for day in expected_on(tomorrow, tomorrow)} == {second.pk}


def test_what_came_is_compared_with_what_was_known_before(two_clients: tuple[Client, Client]) -> None:
    yesterday = today() - timedelta(days=1)
    while yesterday.weekday() >= 5:
        yesterday -= timedelta(days=1)
    early = actions.ask_forecast(acting_user=None)
    Forecast.objects.filter(pk=early.pk).update(origin=yesterday)
    jobs.forecast(early.pk)
    Forecast.objects.filter(pk=early.pk).update(made_at=business_day_start(yesterday) + timedelta(hours=1))
    late = actions.ask_forecast(acting_user=None)
    Forecast.objects.filter(pk=late.pk).update(origin=yesterday)
    jobs.forecast(late.pk)
    Forecast.objects.filter(pk=late.pk).update(made_at=business_day_start(yesterday) + timedelta(hours=12))
    assert {day.forecast_id for day in expected_before(yesterday, yesterday)} <= {early.pk}
    assert {day.forecast_id for day in expected_on(yesterday, yesterday)} == {late.pk}


def test_the_night_asks_once_and_a_dead_worker_is_followed_by_others() -> None:
    assert actions.ask_when_due()
    assert not actions.ask_when_due()
    assert ProcrastinateJob.objects.filter(task_name="planning.forecast").count() == 1
    for sent in (1, 1, 1, 0):
        Forecast.objects.update(beat_at=now() - actions.STALE_AFTER - timedelta(seconds=1))
        assert actions.carry_on_forecasts() == sent
    assert Forecast.objects.get().stage == "failed"


def test_the_rest_of_a_day_follows_its_morning(two_clients: tuple[Client, Client]) -> None:
    made()
    day = next(
        row.day for row in ForecastDay.objects.filter(client=None).order_by("day") if sum(row.calls) > 0
    )
    rows = expected_on(day, day)
    until = begin_of(rows[0]) + 22 * SLOT
    plant(
        two_clients[0], day, day + timedelta(days=1), lambda d, slot: 2 * usual(d, slot) if slot < 22 else 0.0
    )
    found = again(rows, until)
    assert found is not None
    whole, a, b = (np.array(each["calls"]) for each in found)
    came = Call.objects.filter(arrived_at__gte=begin_of(rows[0]), arrived_at__lt=until).count()
    assert whole[:22].sum() == came
    assert whole[22:].sum() > 1.1 * sum(rows[0].calls[22:])
    assert (a + b)[22:] == pytest.approx(whole[22:], abs=0.01)
    assert actions.keep_again(rows, until, found) == 3
    actions.keep_again(rows, until, found)
    assert Reforecast.objects.count() == 3


def test_the_job_sees_today_again_whatever_the_hour(two_clients: tuple[Client, Client]) -> None:
    made()
    jobs.see_today_again(0)
    jobs.see_today_again(0)
    over = (last_slot(now()) - business_day_start(today())) // SLOT
    assert Reforecast.objects.count() == (3 if over else 0)


def test_required_staff_is_the_least_that_meets_the_goal(two_clients: tuple[Client, Client]) -> None:
    made()
    known = basis(today())
    assert known.handle_s(two_clients[0].pk) == pytest.approx(TALK_S + WRAP_UP_S)
    assert known.clients[two_clients[0].pk].calls > 500
    assert known.patience.assumed, "nobody gave up"
    found = required(today(), today() + timedelta(days=6))
    assert len(found) == 7 * 48
    assert all(later.begins == earlier.ends for earlier, later in pairwise(found))
    busy = max(found, key=lambda each: each.calls)
    assert busy.people > 2
    assert busy.scheduled == -(-busy.people * 100 // 85)
    with_them = expected_with(busy.people, busy.calls, busy.handle_s, known)
    one_less = expected_with(busy.people - 1, busy.calls, busy.handle_s, known)
    queue = erlang_a.queue(busy.people - 1, busy.load, handle_s=300.0, patience_s=300.0)
    assert with_them.in_time >= 0.8
    assert one_less.in_time < 0.8 or float(queue.measures().occupancy) > 0.85
    assert with_them.answer_rate > one_less.answer_rate
    assert with_them.wait_s < one_less.wait_s
    assert sum(each.people for each in found if each.calls == 0) == 0
    preparing.set_goal({"answer_percent": 95, "handle_s": 600}, acting_user=None)
    assert (
        max(required(today(), today() + timedelta(days=6)), key=lambda each: each.calls).people > busy.people
    )


def test_a_reason_has_the_days_that_it_had_before(two_clients: tuple[Client, Client]) -> None:
    a, since = two_clients[0], today() - timedelta(weeks=WEEKS)
    # Nearly all calls of Wednesdays are about returns.
    plant(a, since, today(), lambda day, slot: 6 * usual(day, slot) if day.weekday() == 2 else 0.0, seed=5,
          reasons=("返品",))  # fmt: skip
    found = made()
    assert set(found.made_of["reason_days"][str(a.pk)]) == {"配送", "返品"}
    monday = today() + timedelta(days=7 - today().weekday())
    week = outlook(monday, monday + timedelta(days=6), client_id=a.pk, reason="返品").days
    every = outlook(monday, monday + timedelta(days=6), client_id=a.pk).days
    shares = [
        (day.expected or 0.0) / whole.expected
        for day, whole in zip(week, every, strict=True)
        if whole.expected and whole.expected > 10
    ]
    assert max(shares) > 0.85
    assert min(shares) < 0.75
    newer = made()
    Forecast.objects.filter(pk=newer.pk).update(reasons={str(a.pk): {"返品": [1.0] * 48}}, made_of={})
    again_seen = outlook(monday, monday + timedelta(days=6), client_id=a.pk, reason="返品").days
    assert sum(day.expected or 0 for day in again_seen) > sum(day.expected or 0 for day in week)
