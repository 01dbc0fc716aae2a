"""What a waiting caller is told of their place, and closing time."""

from __future__ import annotations

from django.db.models import Avg, F

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Presence
from madoguchi.domain.calls.actions.waiting import announce_position, evict
from madoguchi.domain.calls.models import Call, QueueVisit
from madoguchi.domain.clients.models import Client
from madoguchi.domain.clients.queries import opening
from madoguchi.kit.clock import now
from madoguchi.science.routing.expected_wait import expected_wait_s

DEFAULT_HANDLING_S = 300.0
"""Taken while a queue has no calls of its own to average."""
LOOK_BACK_CALLS = 50


def announce_place(visit_id: int) -> None:
    """Tell a caller their position and expected wait."""
    visit = QueueVisit.objects.select_related("queue").get(pk=visit_id)
    ahead = QueueVisit.objects.filter(queue=visit.queue, left_at__isnull=True)
    ahead = ahead.filter(priority__gt=visit.priority) | ahead.filter(
        priority=visit.priority, enqueued_at__lt=visit.enqueued_at
    )
    position = ahead.count() + 1
    serving = Agent.objects.filter(
        memberships__queue=visit.queue, presence=Presence.AVAILABLE, phone_reachable=True
    )
    announce_position(visit_id, position, expected_wait_s(position, serving.count(), _mean_handling_s(visit)))


def _mean_handling_s(visit: QueueVisit) -> float:
    """Mean of talk and hold of the queue's last calls, plus its wrap-up limit's usual half."""
    recent = Call.objects.filter(
        visits__queue=visit.queue, answered_at__isnull=False, ended_at__isnull=False
    ).order_by("-arrived_at")[:LOOK_BACK_CALLS]
    mean = Call.objects.filter(pk__in=recent.values("pk")).aggregate(
        mean=Avg(F("ended_at") - F("answered_at"))
    )["mean"]
    return (mean.total_seconds() if mean else DEFAULT_HANDLING_S) + visit.queue.wrap_up_s / 2


def tell_at_closing() -> None:
    """Where the client's rule says so, callers who still wait after closing time are told, and let go."""
    waiting = QueueVisit.objects.select_related("call__number").filter(
        left_at__isnull=True, call__phase="waiting", call__client__at_closing=Client.AtClosing.TELL
    )
    at = now()
    for visit in waiting:
        number = visit.call.number
        if number is not None and visit.call.answered_at is None and not opening(number, at).is_open:
            evict(visit.pk, closing=True)
