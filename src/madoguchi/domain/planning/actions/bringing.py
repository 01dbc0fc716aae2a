"""Files of calls from before these were recorded here: brought, looked at, taken in, thrown away."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Q

from madoguchi.domain.ledger.actions import note
from madoguchi.domain.planning.actions.forecasting import ask_forecast
from madoguchi.domain.planning.count_files import days_of, examine, read
from madoguchi.domain.planning.errors import NothingToTake
from madoguchi.domain.planning.models import CountFile, Volume
from madoguchi.domain.planning.queries.forecasts import day_begins
from madoguchi.domain.planning.queries.opening import day_starts_min
from madoguchi.kit.clock import now

FORGOTTEN_AFTER = timedelta(days=2)
_BATCH = 2_000
_LOCK = 4_113_202


@transaction.atomic
def bring_counts(name: str, content: bytes, client_id: int | None, *, acting_user: int | None) -> CountFile:
    """Keep a file to be looked at; nothing is counted yet. Raises CountsUnreadable."""
    read(content, client_id)
    CountFile.objects.filter(taken_at=None, made_at__lt=now() - FORGOTTEN_AFTER).delete()
    return CountFile.objects.create(
        name=name.replace("\0", "")[:200], client_id=client_id, made_at=now(), by=acting_user, content=content
    )


@transaction.atomic
def take_in_counts(file_id: int, *, acting_user: int | None) -> CountFile:
    """Count what a file says, and have a forecast made. Of two at once the second is refused.

    1. The file's usable lines become volumes; of the same day and client an earlier file's give way.
    2. A worker is sent to make a forecast.

    Raises NothingToTake and CountsUnreadable.
    """
    # One file at a time: two with the same days would both find nothing to replace.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    file = CountFile.objects.select_for_update().filter(pk=file_id, taken_at=None).first()
    if file is None:
        raise NothingToTake
    if not (found := examine(file)).counts:
        raise NothingToTake
    starts = day_starts_min()
    for day, client_id in days_of(found.counts, starts):
        begin = day_begins(day, starts)
        Volume.objects.filter(Q(client=client_id), at__gte=begin, at__lt=begin + timedelta(days=1)).delete()
    Volume.objects.bulk_create(
        (
            Volume(
                file=file,
                at=key.at,
                client_id=key.client_id,
                reason=key.reason,
                calls=None if calls is None else Decimal(str(round(calls, 2))),
            )
            for key, calls in found.counts.items()
        ),
        batch_size=_BATCH,
    )
    file.taken_at, file.content = now(), b""
    file.first, file.last = min(found.days), max(found.days)
    file.lines, file.calls = found.lines, round(found.calls)
    file.save()
    note("took_in_counts", "count_file", file.pk, acting_user=acting_user, name=file.name, calls=file.calls)
    ask_forecast(acting_user=acting_user)
    return file


@transaction.atomic
def throw_away_counts(file_id: int, *, acting_user: int | None) -> None:
    """Throw a file away, counted or not; a forecast is made without it."""
    file = CountFile.objects.select_for_update().filter(pk=file_id).first()
    if file is None:
        return
    counted = file.taken_at is not None
    note("threw_away_counts", "count_file", file.pk, acting_user=acting_user, name=file.name)
    file.delete()
    if counted:
        ask_forecast(acting_user=acting_user)
