"""Forecasts as they were made: the newest of a day, and the one that was known before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import F

from madoguchi.domain.planning.models import Forecast, ForecastDay, Reforecast
from madoguchi.domain.planning.queries.again import Usual
from madoguchi.domain.planning.states import ForecastStage
from madoguchi.kit.clock import business_day, business_day_start
from madoguchi.science.staffing.forecast.shares import Shares

SLOTS = 48
_Lines = Mapping[str, Sequence[float]]
SLOT = timedelta(minutes=30)


def newest() -> Forecast | None:
    """The last forecast that was made."""
    return Forecast.objects.filter(stage=ForecastStage.MADE).order_by("-made_at", "-pk").first()


def being_made() -> Forecast | None:
    """A forecast that a worker is at."""
    return Forecast.objects.filter(stage=ForecastStage.WORKING).order_by("-pk").first()


def last_asked() -> Forecast | None:
    """The last one that somebody or the night asked for, whatever came of it."""
    return Forecast.objects.order_by("-pk").first()


def expected_on(since: date, until: date) -> list[ForecastDay]:
    """The days from `since` to `until` as the newest forecasts see them: all clients together first."""
    return _of(_chosen(since, until, known_before=False))


def expected_before(since: date, until: date) -> list[ForecastDay]:
    """The same as it was known before each day's first calls: what the calls that came are compared with."""
    return _of(_chosen(since, until, known_before=True))


def seen_again(days: Sequence[ForecastDay]) -> dict[int, Reforecast]:
    """The newest correction of each of `days` by the calls of its morning, by the day's id."""
    rows = Reforecast.objects.filter(of__in=[day.pk for day in days])
    return {row.of_id: row for row in rows.order_by("until")}


def begin_of(day: ForecastDay) -> datetime:
    """When its first half-hour begins."""
    return day_begins(day.day, day.forecast.day_starts_min)


def day_begins(day: date, starts_min: int) -> datetime:
    """When a day begins at the centre."""
    return business_day_start(day) + timedelta(minutes=starts_min)


def knows_again(forecast: Forecast) -> bool:
    """Whether its calls are first calls; forecasts of before counted redials and chasers with them."""
    return "again" in forecast.made_of


def usual_again(forecast: Forecast, client_id: int | None) -> Usual:
    """Redials and chasers that its first calls usually bring with them; everybody's for a small client."""
    shares: Mapping[str, Sequence[float]] = forecast.made_of.get("again", {})
    mine = shares.get(str(client_id)) if client_id is not None else None
    return Usual(*(mine or shares.get("", (0.0, 0.0))))


def again_on(day: ForecastDay, rows: Sequence[ForecastDay]) -> tuple[np.ndarray, np.ndarray]:
    """Redials and chasers expected by half-hour in a usual week; `rows` holds the parts of the whole."""
    parts = (
        [day]
        if day.client_id is not None
        else [row for row in rows if row.day == day.day and row.client_id is not None]
    )
    calls = np.array([part.calls for part in parts] or np.zeros((0, SLOTS)))
    rest = np.maximum(np.array(day.calls) - calls.sum(axis=0), 0.0)
    shares = [usual_again(day.forecast, part.client_id) for part in parts]
    other = usual_again(day.forecast, None)
    redials = sum((one.redials * each for one, each in zip(shares, calls, strict=True)), other.redials * rest)
    chasers = sum((one.chasers * each for one, each in zip(shares, calls, strict=True)), other.chasers * rest)
    return np.asarray(redials), np.asarray(chasers)


def reasons_of(forecast: Forecast, client_id: int | None) -> list[str]:
    """The reasons that it knows of a client, of all of them where there is only one; most calls first."""
    return list(_reasons(forecast.reasons, client_id))


def share_of(day: ForecastDay, reason: str) -> np.ndarray:
    """The share of a reason at each half-hour of a day, as its forecast saw it; 0 where that knew none."""
    by_slot = _reasons(day.forecast.reasons, day.client_id)
    by_day = _reasons(day.forecast.made_of.get("reason_days", {}), day.client_id)
    if not by_slot:
        return np.zeros(SLOTS)
    shares = Shares(
        {name: np.array(line) for name, line in by_slot.items()},
        {name: np.array(line) for name, line in by_day.items()},
    )
    return shares.on(reason, (day.day - day.forecast.origin).days)


def _reasons(found: Mapping[str, _Lines], client_id: int | None) -> _Lines:
    alone = next(iter(found.values())) if len(found) == 1 else {}
    return found.get(str(client_id), {}) if client_id is not None else alone


def last_slot(at: datetime) -> datetime:
    """When the last half-hour that is over by `at` ended."""
    midnight = business_day_start(business_day(at))
    return midnight + (at - midnight) // SLOT * SLOT


def _chosen(since: date, until: date, *, known_before: bool) -> dict[date, int]:
    rows = ForecastDay.objects.filter(
        day__gte=since, day__lte=until, client=None, forecast__stage=ForecastStage.MADE
    )
    if known_before:
        rows = rows.filter(forecast__made_at__lt=F("opens_at"))
    return dict(rows.order_by("forecast__made_at", "forecast_id").values_list("day", "forecast_id"))


def _of(chosen: dict[date, int]) -> list[ForecastDay]:
    rows = (
        ForecastDay.objects.filter(forecast_id__in=set(chosen.values()), day__in=list(chosen))
        .select_related("forecast", "client")
        .order_by("day", F("client_id").asc(nulls_first=True))
    )
    return [row for row in rows if chosen[row.day] == row.forecast_id]
