"""What staff is counted with: the goal, and how long calls take and callers wait, out of the records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, DurationField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Least

from madoguchi.domain.calls.models import Call, WrapUp
from madoguchi.domain.calls.queries.waits import with_waits
from madoguchi.domain.calls.states import Outcome, Phase
from madoguchi.domain.planning.models import StaffingGoal
from madoguchi.domain.planning.queries.again import share_who_redial
from madoguchi.kit.clock import business_day_start
from madoguchi.science.measures.records import ABANDONED

LEARNED_DAYS = 56
"""Eight weeks: newer wording, products and people count, older ones do not."""
ENOUGH_CALLS = 50
ENOUGH_LEAVERS = 20
USUAL_HANDLE_S = 300.0
USUAL_PATIENCE_S = 300.0
_MOST_REDIAL = 0.95
"""Somebody gives up in the end: where all lost callers redialled, a queue too small would have no end."""
_LONGEST = timedelta(hours=1)
"""A wrap-up forgotten open over lunch is no work; neither it nor a talk counts for more than this."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A mean time, and how it is known."""

    seconds: float
    calls: int
    """Calls it was learned from; 0: typed in, or assumed."""
    typed: bool = False

    @property
    def assumed(self) -> bool:
        """Neither learned nor typed: what is usual."""
        return not self.calls and not self.typed


@dataclass(frozen=True, slots=True)
class Basis:
    """All that required staff follows from besides the calls."""

    goal: StaffingGoal
    everybody: Learned
    """Mean talk and wrap-up of all clients' calls."""
    patience: Learned
    clients: dict[int, Learned] = field(default_factory=dict)
    """By client, where there are enough calls."""
    redial: float = 0.0
    """Share of the lost callers who call again within the hour (0–1); 0 where too few were lost to tell."""

    def handle_s(self, client_id: int | None) -> float:
        """Mean talk and wrap-up of a client's call; everybody's where there are too few."""
        return self.clients.get(client_id or 0, self.everybody).seconds


def goal() -> StaffingGoal:
    """The centre's goal; the usual one as long as nobody set any."""
    return StaffingGoal.objects.filter(pk=StaffingGoal.ONLY).first() or StaffingGoal(pk=StaffingGoal.ONLY)


def basis(today: date) -> Basis:
    """What is known on `today`: typed values first, else the records of the last eight weeks."""
    wanted = goal()
    since, until = business_day_start(today - timedelta(days=LEARNED_DAYS)), business_day_start(today)
    calls = Call.objects.filter(
        direction=Call.Direction.INBOUND, phase=Phase.ENDED, arrived_at__gte=since, arrived_at__lt=until
    )
    share, lost = share_who_redial(since, until)
    redial = min(share, _MOST_REDIAL) if lost >= ENOUGH_LEAVERS else 0.0
    patience = Learned(float(wanted.patience_s), 0, typed=True) if wanted.patience_s else _patience(calls)
    if wanted.handle_s:
        return Basis(wanted, Learned(float(wanted.handle_s), 0, typed=True), patience, redial=redial)
    everybody, clients = _handling(calls)
    return Basis(wanted, everybody, patience, clients, redial)


def _handling(calls: QuerySet[Call]) -> tuple[Learned, dict[int, Learned]]:
    """Talk (holds and questions included) and all wrap-ups of a call, by client."""
    spent = (
        WrapUp.objects.filter(call=OuterRef("pk"), ended_at__isnull=False)
        .order_by()
        .values("call")
        .annotate(sum=Sum(F("ended_at") - F("began_at"), output_field=DurationField()))
        .values("sum")
    )
    rows = (
        calls.filter(outcome=Outcome.ANSWERED, answered_at__isnull=False)
        .annotate(
            talk=Least(F("ended_at") - F("answered_at"), _LONGEST, output_field=DurationField()),
            after=Least(
                Coalesce(Subquery(spent), timedelta(0), output_field=DurationField()),
                _LONGEST,
                output_field=DurationField(),
            ),
        )
        .values("client_id")
        .annotate(number=Count("pk"), talks=Sum("talk"), afters=Sum("after"))
        .order_by()
    )
    total_s, total, clients = 0.0, 0, {}
    for row in rows:
        seconds = (row["talks"] + row["afters"]).total_seconds()
        total_s, total = total_s + seconds, total + row["number"]
        if row["client_id"] and row["number"] >= ENOUGH_CALLS and seconds > 0:
            clients[row["client_id"]] = Learned(seconds / row["number"], row["number"])
    if total >= ENOUGH_CALLS and total_s > 0:
        return Learned(total_s / total, total), clients
    return Learned(USUAL_HANDLE_S, 0), {}


def _patience(calls: QuerySet[Call]) -> Learned:
    """Summed waits of all ÷ those who gave up: exact where patience is exponential, callbacks censored."""
    found = (
        with_waits(calls)
        .filter(waited__isnull=False)
        .aggregate(sum=Sum("waited"), left=Count("pk", filter=Q(outcome__in=sorted(ABANDONED))))
    )
    if found["left"] < ENOUGH_LEAVERS or not found["sum"]:
        return Learned(USUAL_PATIENCE_S, 0)
    return Learned(max(found["sum"].total_seconds() / found["left"], 1.0), found["left"])
