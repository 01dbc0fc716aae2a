"""The wait of a call as one expression, so that list, figure and file can never differ."""

from datetime import timedelta
from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from madoguchi.domain.calls.models import Call, QueueVisit

_VISITS = QueueVisit.objects.filter(call=OuterRef("pk"))


def with_waits(calls: QuerySet[Call]) -> QuerySet[Any]:
    """Add `queued_at`, `waited` and `first_queue_id` to each call; all None when it never came to a queue.

    The wait runs from entering the first queue until an operator had the customer, ringing included, or
    until they left the last queue; None while they still wait. The last message is no part of it.
    """
    # By the order in which they were written: a caller whose line was lost gets an earlier place back.
    first = _VISITS.order_by("pk")
    last = _VISITS.order_by("-pk")
    end = Coalesce(F("answered_at"), F("left_queue_at"), F("ended_at"), output_field=DateTimeField())
    return calls.annotate(
        queued_at=Subquery(first.values("enqueued_at")[:1]),
        first_queue_id=Subquery(first.values("queue_id")[:1]),
        left_queue_at=Subquery(last.values("left_at")[:1]),
    ).annotate(waited=ExpressionWrapper(end - F("queued_at"), output_field=DurationField()))


def with_targets(calls: QuerySet[Any]) -> QuerySet[Any]:
    """Add `target`, the wait within which the call's first queue wants an answer, to calls with waits."""
    seconds = Subquery(_VISITS.order_by("pk").values("queue__service_level_s")[:1])
    target = ExpressionWrapper(seconds * Value(timedelta(seconds=1)), output_field=DurationField())
    wanted: QuerySet[Any] = calls.annotate(target=target)
    return wanted


IN_TIME = Q(waited__lte=F("target"))
"""Of calls with waits and targets: those that waited no longer than their first queue wants."""
