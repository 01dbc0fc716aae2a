"""Two workers, or two planners, at once: one forecast is asked for, one file counts, nothing counts twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from madoguchi.domain.ledger.tests.side_by_side import side_by_side
from madoguchi.domain.planning import jobs
from madoguchi.domain.planning.actions import bringing
from madoguchi.domain.planning.actions import forecasting as actions
from madoguchi.domain.planning.errors import NothingToTake
from madoguchi.domain.planning.forecasting import AHEAD_DAYS
from madoguchi.domain.planning.models import CountFile, Forecast, ForecastDay, Volume
from madoguchi.domain.planning.tests.planted_weeks import client, today, usual

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]
AT_ONCE = 4


def counts_of(calls: int, *, days: int = 30) -> bytes:
    lines = ["日時,着信数"]
    for back in range(days, 0, -1):
        day = today() - timedelta(days=back)
        if usual(day, 20):
            lines += [f"{day} {slot // 2}:{30 * (slot % 2):02},{calls}" for slot in range(18, 36)]
    return "\n".join(lines).encode()


def test_the_night_asks_once_however_many_workers_look() -> None:
    assert sorted(map(bool, side_by_side(*[actions.ask_when_due] * AT_ONCE))) == [False, False, False, True]
    assert Forecast.objects.count() == 1


def test_a_file_counts_once_however_many_say_yes() -> None:
    file = bringing.bring_counts("a.csv", counts_of(5), client("A社").pk, acting_user=None)

    def say_yes() -> bool:
        try:
            bringing.take_in_counts(file.pk, acting_user=None)
        except NothingToTake:
            return False
        return True

    assert sorted(side_by_side(*[say_yes] * AT_ONCE)) == [False, False, False, True]
    assert Volume.objects.count() == counts_of(5).count(b"\n")
    assert Forecast.objects.count() == 1


def test_of_two_files_of_the_same_days_one_counts() -> None:
    whose = client("A社").pk
    files = [bringing.bring_counts("a.csv", counts_of(n), whose, acting_user=None) for n in (3, 4)]
    side_by_side(*(partial(bringing.take_in_counts, file.pk, acting_user=None) for file in files))
    assert CountFile.objects.filter(taken_at__isnull=False).count() == 2
    assert len(set(Volume.objects.values_list("calls", flat=True))) == 1, "never some of both"
    assert Volume.objects.count() == counts_of(3).count(b"\n")


def test_two_workers_at_one_forecast_keep_it_once() -> None:
    file = bringing.bring_counts("a.csv", counts_of(5), client("A社").pk, acting_user=None)
    bringing.take_in_counts(file.pk, acting_user=None)
    asked = Forecast.objects.get()
    side_by_side(*[partial(jobs.forecast, asked.pk)] * 2)
    asked.refresh_from_db()
    assert asked.stage == "made"
    assert ForecastDay.objects.count() == 2 * AHEAD_DAYS
