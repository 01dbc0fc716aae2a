"""The reports on lost calls, and what the days before them lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.history import CallFilter
from madoguchi.domain.calls.states import Phase
from madoguchi.domain.planning.models import CauseReport
from madoguchi.kit.clock import TOKYO, business_day_start
from madoguchi.science.measures.records import PARTITION
from madoguchi.science.staffing.simulation import flat

LOST = tuple(PARTITION[place] for place in flat.LOST)
"""Outcomes of calls that were not answered although somebody wanted to speak with us in opening hours."""


@dataclass(frozen=True, slots=True)
class LostOfDay:
    """What one day lost."""

    day: date
    arrivals: int
    """Inbound calls that have ended, whatever became of them."""
    lost: int

    @property
    def calls(self) -> CallFilter:
        """The lost calls."""
        return CallFilter(since=self.day, until=self.day, direction=Call.Direction.INBOUND, outcomes=LOST)

    def between(self, since_h: int, until_h: int) -> CallFilter:
        """Those that arrived from one full hour until another, excluded."""
        return replace(self.calls, from_min=60 * since_h, to_min=60 * until_h)


def lost_by_day(until: date, days: int) -> list[LostOfDay]:
    """The last days up to `until`, newest first, in one read; days without calls too."""
    wanted = [until - timedelta(days=back) for back in range(days)]
    rows = (
        Call.objects.filter(
            direction=Call.Direction.INBOUND,
            phase=Phase.ENDED,
            arrived_at__gte=business_day_start(wanted[-1]),
            arrived_at__lt=business_day_start(until + timedelta(days=1)),
        )
        .annotate(day=TruncDate("arrived_at", tzinfo=TOKYO))
        .values("day")
        .annotate(arrivals=Count("pk"), lost=Count("pk", filter=Q(outcome__in=LOST)))
        .order_by()
    )
    found = {row["day"]: LostOfDay(row["day"], row["arrivals"], row["lost"]) for row in rows}
    return [found.get(day, LostOfDay(day, 0, 0)) for day in wanted]


def report_of(day: date) -> CauseReport | None:
    """The report of a day, if somebody ever asked for it."""
    return CauseReport.objects.filter(day=day).first()
