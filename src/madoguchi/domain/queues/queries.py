"""Reads of queues that lie in the way of each call."""

from madoguchi.domain.ledger.kept import kept
from madoguchi.domain.queues.models import Queue


@kept
def open_queue(queue_id: int) -> Queue | None:
    """A queue that is in use; None when it is not, or there is none."""
    return Queue.objects.filter(pk=queue_id, active=True).first()
