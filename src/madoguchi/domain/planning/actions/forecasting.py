"""Forecasts: asked for by the night or a person, made by a worker, kept as they were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from madoguchi.domain.ledger import actions as ledger
from madoguchi.domain.ledger.orders import order
from madoguchi.domain.planning.models import Forecast, ForecastDay, Reforecast
from madoguchi.domain.planning.queries.forecasts import expected_before, expected_on
from madoguchi.domain.planning.queries.opening import day_starts_min
from madoguchi.domain.planning.states import FORECAST, ForecastEvent, ForecastStage
from madoguchi.kit.clock import business_day
from madoguchi.kit.clock import now as clock_now

if TYPE_CHECKING:
    from madoguchi.domain.planning.forecasting import Made

STALE_AFTER = timedelta(minutes=3)
MOST_TRIES = 3
_LOCK = 4_113_201
"""Advisory: one asks for the night's forecast at a time."""


@transaction.atomic
def ask_forecast(*, acting_user: int | None) -> Forecast:
    """Send a worker to make a forecast from all that is known before today."""
    at = clock_now()
    forecast = Forecast.objects.create(
        by=acting_user,
        asked_at=at,
        beat_at=at,
        origin=business_day(at - timedelta(minutes=day_starts_min())),
    )
    first = ledger.step(
        FORECAST.name, forecast.pk, "", FORECAST.initial, event="asked", at=at, by=acting_user
    )
    ledger.write([first])
    _send_worker(forecast)
    return forecast


@transaction.atomic
def ask_when_due() -> bool:
    """Ask for today's forecast unless somebody has. Of two workers at once one asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    today = business_day(clock_now() - timedelta(minutes=day_starts_min()))
    if Forecast.objects.filter(origin=today).exists():
        return False
    ask_forecast(acting_user=None)
    return True


@transaction.atomic
def keep(forecast_id: int, made: Made) -> None:
    """Keep what a worker made. Of two workers at once the second changes nothing."""
    forecast = _locked(forecast_id)
    event = ForecastEvent.MADE if made.days else ForecastEvent.TOO_FEW
    if not FORECAST.allows(forecast.stage, event):
        return
    _step(
        forecast,
        event,
        made_at=clock_now(),
        day_starts_min=made.day_starts_min,
        made_of=made.made_of,
        back_test=made.back_test,
        reasons=made.reasons,
    )
    for day in made.days:
        day.forecast = forecast
    ForecastDay.objects.bulk_create(made.days)


@transaction.atomic
def keep_again(days: Sequence[ForecastDay], until: datetime, rows: Sequence[Mapping[str, Any]]) -> int:
    """Keep a day seen again from its morning; what stands for the same half-hour stays. How many are new."""
    at = clock_now()
    made = [Reforecast(of=day, until=until, made_at=at, **row) for day, row in zip(days, rows, strict=True)]
    return len(Reforecast.objects.bulk_create(made, ignore_conflicts=True))


def days_under_way() -> list[ForecastDay]:
    """Today as it was forecast before it began, or else by the newest forecast."""
    today = business_day(clock_now() - timedelta(minutes=day_starts_min()))
    return expected_before(today, today) or expected_on(today, today)


def carry_on_forecasts() -> int:
    """Send another worker wherever one gave no answer for long; give up after some. How many were sent."""
    limit = clock_now() - STALE_AFTER
    stale = Forecast.objects.filter(stage=ForecastStage.WORKING, beat_at__lt=limit)
    sent = 0
    for forecast_id in list(stale.values_list("pk", flat=True)):
        with transaction.atomic():
            forecast = _locked(forecast_id)
            if forecast.stage != ForecastStage.WORKING or forecast.beat_at >= limit:
                continue
            if forecast.tries >= MOST_TRIES:
                _step(forecast, ForecastEvent.FAILED)
                continue
            Forecast.objects.filter(pk=forecast_id).update(beat_at=clock_now(), tries=forecast.tries + 1)
            _send_worker(forecast)
            sent += 1
    return sent


def _step(forecast: Forecast, event: ForecastEvent, **fields: Any) -> None:
    old = forecast.stage
    forecast.stage = FORECAST.next_state(old, event)
    for name, value in fields.items():
        setattr(forecast, name, value)
    forecast.save()
    ledger.write([ledger.step(FORECAST.name, forecast.pk, old, forecast.stage, event=event, at=clock_now())])


def _locked(forecast_id: int) -> Forecast:
    return Forecast.objects.select_for_update().get(pk=forecast_id)


def _send_worker(forecast: Forecast) -> None:
    order("planning.forecast", queue="planning", forecast_id=forecast.pk)
