"""Reads for what-ifs: the answers, those kept, the prices, and which records an answer was drawn from."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate

from madoguchi import __version__
from madoguchi.domain.agents.models import AgentSkill
from madoguchi.domain.calls.models import Call, Offer, WrapUp
from madoguchi.domain.calls.states import Outcome, Phase
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.planning.knobs import days_of
from madoguchi.domain.planning.models import Prices, Supposed
from madoguchi.domain.queues.models import Membership, Queue, Requirement
from madoguchi.domain.roster.queries import planned_stretches
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.clock import TOKYO, business_day_start

ENOUGH = 50
"""Fewer calls answered in a day teach nothing of how long calls take."""
_LOOK_BACK_DAYS = 28


def question(day: date, weeks: int, key: str) -> Supposed | None:
    """A question and its answer, if somebody ever asked it."""
    return Supposed.objects.filter(day=day, weeks=weeks, key=key).first()


def one(supposed_id: int) -> Supposed | None:
    """By its number."""
    return Supposed.objects.filter(pk=supposed_id).first()


def kept() -> list[Supposed]:
    """What was kept under a name, the newest first."""
    return list(Supposed.objects.exclude(name="").order_by("-kept_at"))


def prices() -> Prices:
    """The centre's prices; examples where nobody gave any (`changed_at` is None)."""
    return Prices.objects.first() or Prices()


def last_full_day(until: date) -> date:
    """The last day with enough answered calls; `until` where none of four weeks has."""
    rows = (
        Call.objects.filter(
            direction=Call.Direction.INBOUND,
            phase=Phase.ENDED,
            outcome=Outcome.ANSWERED,
            arrived_at__gte=business_day_start(until - timedelta(days=_LOOK_BACK_DAYS)),
            arrived_at__lt=business_day_start(until + timedelta(days=1)),
        )
        .annotate(day=TruncDate("arrived_at", tzinfo=TOKYO))
        .values("day")
        .annotate(answered=Count("pk"))
        .order_by()
    )
    return max((row["day"] for row in rows if row["answered"] >= ENOUGH), default=until)


def records_version(day: date, weeks: int) -> str:
    """A short word for what the answers of a basis are drawn from: another word, other records or rules.

    Taken from numbers and last moments of the rows, and from the rules of queues and people as they are now.
    """
    seen = [(_rows_of(each), _rota_of(each)) for each in days_of(day, weeks)]
    rules = (
        list(
            Queue.objects.order_by("pk").values_list(
                "pk", "order", "priority", "ring_s", "cooling_off_s", "short_abandon_s", "max_wait_s"
            )
        ),
        list(Requirement.objects.order_by("pk").values_list("queue_id", "skill_id", "min_level")),
        list(Membership.objects.order_by("pk").values_list("agent_id", "queue_id", "rank")),
        list(AgentSkill.objects.order_by("pk").values_list("agent_id", "skill_id", "level")),
        list(Trunk.objects.order_by("pk").values_list("endpoint", "channels", "active")),
    )
    # Another version of ours may learn something else from the same records.
    return hashlib.sha256(repr((__version__, seen, rules)).encode()).hexdigest()[:32]


def _rota_of(day: date) -> list[tuple[int, list[tuple[datetime, datetime]]]]:
    """Who ought to have been there: people are held to it."""
    return sorted((account, list(stretches)) for account, stretches in planned_stretches(day).items())


def _rows_of(day: date) -> tuple[object, ...]:
    begin, end = business_day_start(day), business_day_start(day + timedelta(days=1))
    own = Q(direction=Call.Direction.INBOUND, phase=Phase.ENDED, arrived_at__gte=begin, arrived_at__lt=end)
    theirs = Q(
        call__direction=Call.Direction.INBOUND,
        call__phase=Phase.ENDED,
        call__arrived_at__gte=begin,
        call__arrived_at__lt=end,
    )
    answered = Count("pk", filter=Q(outcome="answered"))
    calls = Call.objects.filter(own).aggregate(Count("pk"), Max("ended_at"), answered=answered)
    wrap_ups = WrapUp.objects.filter(theirs).aggregate(Count("pk"), Max("ended_at"))
    offers = Offer.objects.filter(theirs).aggregate(Count("pk"), Max("ended_at"))
    promises = Promise.objects.filter(made_at__gte=begin, made_at__lt=end)
    made = promises.aggregate(Count("pk"), Max("ended_at"))
    return tuple(tuple(sorted(each.items())) for each in (calls, wrap_ups, offers, made))
