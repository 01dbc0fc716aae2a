"""What-ifs: asked by a person who moves sliders, answered by a worker, kept under a name; and the prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madoguchi.domain.ledger import actions as ledger
from madoguchi.domain.ledger.orders import order
from madoguchi.domain.planning.errors import (
    BasisRefused,
    DayNotOver,
    NameRefused,
    NotAnswered,
    TooManyKept,
    YenRefused,
)
from madoguchi.domain.planning.knobs import WEEKS, key_of
from madoguchi.domain.planning.models import Prices, Supposed
from madoguchi.domain.planning.queries.supposed import records_version
from madoguchi.domain.planning.states import SUPPOSING, SupposingEvent, SupposingStage
from madoguchi.kit.clock import business_day
from madoguchi.kit.clock import now as clock_now

if TYPE_CHECKING:
    from madoguchi.domain.planning.basis import Found

STALE_AFTER = timedelta(seconds=90)
"""So long without an answer, and another worker is sent; the first one compiles for some ten seconds."""
MOST_TRIES = 3
"""Workers sent in vain before we give up and say so."""
FORGET_AFTER = timedelta(days=7)
"""So long an answer that nobody keeps stays."""
MOST_KEPT = 50
MOST_YEN = 100_000_000
NAME_LENGTH = 60


@transaction.atomic
def ask(day: date, weeks: int, change: Mapping[str, int], *, acting_user: int | None) -> Supposed:
    """Send a worker to find out what a day, or four, would have been like with a change.

    1. A question answered from the records as they are now has its answer at once.
    2. Questions of the same person that no worker has come to yet are dropped: they have moved on.
    3. Of several people who ask the same, the worker comes once.

    `change` as `knobs.read` gives it. Raises DayNotOver, BasisRefused.
    """
    at = clock_now()
    if day >= business_day(at):
        raise DayNotOver
    if weeks not in WEEKS:
        raise BasisRefused
    version = records_version(day, weeks)
    row, new = Supposed.objects.select_for_update().get_or_create(
        day=day,
        weeks=weeks,
        key=key_of(change),
        defaults={
            "change": dict(change), "by": acting_user, "made_at": at, "beat_at": at, "version": version,
        },
    )  # fmt: skip
    if new:
        first = ledger.step(
            SUPPOSING.name, row.pk, "", SUPPOSING.initial, event="asked", at=at, by=acting_user
        )
        ledger.write([first])
    elif not _to_be_asked_again(row, version, acting_user):
        return row
    else:
        again = {"made_at": at, "beat_at": at, "tries": 0, "ended_at": None, "version": version}
        row.by = acting_user
        _step(row, SupposingEvent.ASKED_AGAIN, by=acting_user, **again)
    _drop_what_was_asked_before(row, acting_user)
    _send_worker(row)
    return row


@transaction.atomic
def answer(supposed_id: int, found: Found) -> None:
    """Write down what a worker found. Of two workers at once the second changes nothing."""
    row = _locked(supposed_id)
    event = SupposingEvent.REFUSED if found.refusal else SupposingEvent.ANSWERED
    if row is not None and SUPPOSING.allows(row.stage, event):
        said = asdict(found)
        _step(row, event, ended_at=clock_now(), refusal=found.refusal, version=found.version, found=said)


def carry_on() -> int:
    """Send another worker wherever one gave no answer for long; give up after some. How many were sent.

    Answers that nobody keeps are forgotten after `FORGET_AFTER`.
    """
    at = clock_now()
    stale = Supposed.objects.filter(stage=SupposingStage.WORKING, beat_at__lt=at - STALE_AFTER)
    sent = sum(_send_again(row_id) for row_id in list(stale.values_list("pk", flat=True)))
    forgotten = Supposed.objects.filter(name="", made_at__lt=at - FORGET_AFTER)
    forgotten.exclude(stage=SupposingStage.WORKING).delete()
    return sent


@transaction.atomic
def keep(supposed_id: int, name: str, other_yen: int, *, acting_user: int | None) -> Supposed:
    """Put an answer into the table under a name, with what it costs a day besides our prices; or rename it.

    Raises NotAnswered, NameRefused, YenRefused, TooManyKept, and Supposed.DoesNotExist.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise NameRefused
    if abs(other_yen) > MOST_YEN:
        raise YenRefused(low=f"{-MOST_YEN:,}", high=f"{MOST_YEN:,}")
    row = Supposed.objects.select_for_update().get(pk=supposed_id)
    if row.stage != SupposingStage.DONE or not row.key:
        raise NotAnswered
    if not row.name and Supposed.objects.exclude(name="").count() >= MOST_KEPT:
        raise TooManyKept(most=MOST_KEPT)
    row.name, row.other_yen, row.kept_at, row.kept_by = name, other_yen, clock_now(), acting_user
    row.save(update_fields=["name", "other_yen", "kept_at", "kept_by"])
    ledger.note("kept_what_if", SUPPOSING.name, row.pk, acting_user=acting_user, name=name)
    return row


@transaction.atomic
def let_go(supposed_id: int, *, acting_user: int | None) -> None:
    """Take an answer off the table. Raises Supposed.DoesNotExist; repeating it is harmless."""
    row = Supposed.objects.select_for_update().get(pk=supposed_id)
    if row.name:
        ledger.note("let_go_what_if", SUPPOSING.name, row.pk, acting_user=acting_user, name=row.name)
        row.name, row.other_yen, row.kept_at, row.kept_by = "", 0, None, None
        row.save(update_fields=["name", "other_yen", "kept_at", "kept_by"])


@transaction.atomic
def set_prices(prices: Mapping[str, int], *, acting_user: int | None) -> Prices:
    """Write down what people and helpers cost; `prices` has the fields of `Prices` in whole numbers.

    Raises YenRefused for amounts below 0 or beyond `MOST_YEN`, and for a month of no or more than 31 days.
    """
    for name, value in prices.items():
        low, high = (1, 31) if name == "days_a_month" else (0, MOST_YEN)
        if not low <= value <= high:
            raise YenRefused(low=low, high=f"{high:,}")
    row, _ = Prices.objects.update_or_create(only=True, defaults={**prices, "changed_at": clock_now()})
    ledger.note("set_prices", "planning", "prices", acting_user=acting_user, **dict[str, Any](prices))
    return row


def _to_be_asked_again(row: Supposed, version: str, acting_user: int | None) -> bool:
    if row.stage == SupposingStage.WORKING:
        if row.by not in (acting_user, None):
            # Two wait for it now: neither of them moving on may drop it.
            row.by = None
            row.save(update_fields=["by"])
        return False
    answered = row.stage in (SupposingStage.DONE, SupposingStage.REFUSED)
    return not answered or row.version != version


def _drop_what_was_asked_before(row: Supposed, acting_user: int | None) -> None:
    """Others lock rows in no order of ours, so what somebody holds is passed over."""
    if acting_user is None or not row.key:
        return
    before = Supposed.objects.select_for_update(skip_locked=True).filter(
        stage=SupposingStage.WORKING, by=acting_user, name=""
    )
    for other in before.exclude(pk=row.pk).exclude(key=""):
        _step(other, SupposingEvent.DROPPED, by=acting_user)


def _send_again(row_id: int) -> int:
    with transaction.atomic():
        row, at = _locked(row_id), clock_now()
        if row is None or row.stage != SupposingStage.WORKING or row.beat_at >= at - STALE_AFTER:
            return 0
        if row.tries >= MOST_TRIES:
            _step(row, SupposingEvent.FAILED, ended_at=at)
            return 0
        Supposed.objects.filter(pk=row_id).update(beat_at=at, tries=row.tries + 1)
        _send_worker(row)
        return 1


def _step(row: Supposed, event: SupposingEvent, by: int | None = None, **fields: Any) -> None:
    old = row.stage
    row.stage = SUPPOSING.next_state(old, event)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    taken = ledger.step(SUPPOSING.name, row.pk, old, row.stage, event=event, at=clock_now(), by=by)
    ledger.write([taken])


def _locked(row_id: int) -> Supposed | None:
    return Supposed.objects.select_for_update().filter(pk=row_id).first()


def _send_worker(row: Supposed) -> None:
    order("planning.suppose", queue="planning", supposed_id=row.pk)
