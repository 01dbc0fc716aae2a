"""Reports on lost calls: asked for by a person, worked out by a worker, sent again when a worker dies."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madoguchi.domain.ledger import actions as ledger
from madoguchi.domain.ledger.orders import order
from madoguchi.domain.planning.errors import DayNotOver
from madoguchi.domain.planning.models import CauseReport
from madoguchi.domain.planning.states import REPORT, ReportEvent, ReportStage
from madoguchi.kit.clock import business_day
from madoguchi.kit.clock import now as clock_now

if TYPE_CHECKING:
    from madoguchi.domain.planning.explaining import Explained

STALE_AFTER = timedelta(minutes=3)
"""So long without an answer, and another worker is sent; the first one compiles for some ten seconds."""
MOST_TRIES = 3
"""Workers sent in vain before we give up and say so."""


@transaction.atomic
def ask_why(day: date, *, acting_user: int | None) -> CauseReport:
    """Send a worker to find out why calls of a day were lost; one that is at it already goes on.

    Raises DayNotOver for today and what is to come.
    """
    at = clock_now()
    if day >= business_day(at):
        raise DayNotOver
    report, new = CauseReport.objects.select_for_update().get_or_create(
        day=day, defaults={"by": acting_user, "made_at": at, "beat_at": at}
    )
    if new:
        first = ledger.step(REPORT.name, report.pk, "", REPORT.initial, event="asked", at=at, by=acting_user)
        ledger.write([first])
    elif report.stage == ReportStage.WORKING:
        return report
    else:
        _step(report, ReportEvent.ASKED_AGAIN, by=acting_user, made_at=at, beat_at=at, tries=0, ended_at=None)
    _send_worker(report)
    return report


@transaction.atomic
def answer(report_id: int, found: Explained) -> None:
    """Write down what a worker found. Of two workers at once the second changes nothing."""
    report = _locked(report_id)
    event = ReportEvent.REFUSED if found.refusal else ReportEvent.BOOKED
    if REPORT.allows(report.stage, event):
        _step(report, event, ended_at=clock_now(), **asdict(found))


def carry_on() -> int:
    """Send another worker wherever one gave no answer for long; give up after some. How many were sent."""
    limit = clock_now() - STALE_AFTER
    stale = CauseReport.objects.filter(stage=ReportStage.WORKING, beat_at__lt=limit)
    sent = 0
    for report_id in list(stale.values_list("pk", flat=True)):
        with transaction.atomic():
            report = _locked(report_id)
            if report.stage != ReportStage.WORKING or report.beat_at >= limit:
                continue
            if report.tries >= MOST_TRIES:
                _step(report, ReportEvent.FAILED, ended_at=clock_now())
                continue
            CauseReport.objects.filter(pk=report_id).update(beat_at=clock_now(), tries=report.tries + 1)
            _send_worker(report)
            sent += 1
    return sent


def _step(report: CauseReport, event: ReportEvent, by: int | None = None, **fields: Any) -> None:
    old = report.stage
    report.stage = REPORT.next_state(old, event)
    for name, value in fields.items():
        setattr(report, name, value)
    report.save()
    taken = ledger.step(REPORT.name, report.pk, old, report.stage, event=event, at=clock_now(), by=by)
    ledger.write([taken])


def _locked(report_id: int) -> CauseReport:
    return CauseReport.objects.select_for_update().get(pk=report_id)


def _send_worker(report: CauseReport) -> None:
    order("planning.explain", queue="planning", report_id=report.pk)
