"""Reads of queues that lie in the way of each call."""

from pathlib import Path

from madoguchi.domain.ledger.kept import kept
from madoguchi.domain.prompts.music import folders_of
from madoguchi.domain.queues.models import Queue


@kept
def open_queue(queue_id: int) -> Queue | None:
    """A queue that is in use; None when it is not, or there is none."""
    return Queue.objects.filter(pk=queue_id, active=True).first()


def music_folders() -> dict[str, Path]:
    """The music that queues have of their own: class → folder; the house's is not among them."""
    return folders_of(Queue.objects.values_list("music", flat=True).distinct())
