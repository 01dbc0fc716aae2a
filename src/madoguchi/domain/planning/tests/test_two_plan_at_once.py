"""Two workers, or two planners, at once: one forecast is asked for, one file counts, nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from madoguchi.domain.planning import jobs
from madoguchi.domain.planning.actions import bringing
from madoguchi.domain.planning.actions import forecasting as actions
from madoguchi.domain.planning.errors import NothingToTake
from madoguchi.domain.planning.forecasting import AHEAD_DAYS
from madoguchi.domain.planning.models import CountFile, Forecast, ForecastDay, Volume
from madoguchi.domain.planning.tests.planted_weeks import client, today, usual

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]
AT_ONCE = 4


def side_by_side(deed: Callable[[int], object], times: int = AT_ONCE) -> list[object]:
    """Do it in threads of their own, each with its own connection; gives what each gave."""

    def alone(number: int) -> object:
        try:
            return deed(number)
        except NothingToTake as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=times) as pool:
        return list(pool.map(alone, range(times)))


def counts_of(calls: int, *, days: int = 30) -> bytes:
    lines = ["日時,着信数"]
    for back in range(days, 0, -1):
        day = today() - timedelta(days=back)
        if usual(day, 20):
            lines += [f"{day} {slot // 2}:{30 * (slot % 2):02},{calls}" for slot in range(18, 36)]
    return "\n".join(lines).encode()


def test_the_night_asks_once_however_many_workers_look() -> None:
    assert sorted(map(bool, side_by_side(lambda _: actions.ask_when_due()))) == [False, False, False, True]
    assert Forecast.objects.count() == 1


def test_a_file_counts_once_however_many_say_yes() -> None:
    file = bringing.bring_counts("a.csv", counts_of(5), client("A社").pk, acting_user=None)
    said = side_by_side(lambda _: bringing.take_in_counts(file.pk, acting_user=None))
    assert said.count(NothingToTake.code) == AT_ONCE - 1
    assert Volume.objects.count() == counts_of(5).count(b"\n")
    assert Forecast.objects.count() == 1


def test_of_two_files_of_the_same_days_one_counts() -> None:
    whose = client("A社").pk
    files = [bringing.bring_counts("a.csv", counts_of(n), whose, acting_user=None) for n in (3, 4)]
    taken = side_by_side(lambda n: bringing.take_in_counts(files[n].pk, acting_user=None), times=2)
    assert len(taken) == CountFile.objects.filter(taken_at__isnull=False).count() == 2
    assert len(set(Volume.objects.values_list("calls", flat=True))) == 1, "never some of both"
    assert Volume.objects.count() == counts_of(3).count(b"\n")


def test_two_workers_at_one_forecast_keep_it_once() -> None:
    file = bringing.bring_counts("a.csv", counts_of(5), client("A社").pk, acting_user=None)
    bringing.take_in_counts(file.pk, acting_user=None)
    asked = Forecast.objects.get()
    side_by_side(lambda _: jobs.forecast(asked.pk), times=2)
    asked.refresh_from_db()
    assert asked.stage == "made"
    assert ForecastDay.objects.count() == 2 * AHEAD_DAYS
