"""Work for a worker, ordered in the transaction of the row that it is about.

There is no row without its order, and no order without its row.
"""

from __future__ import annotations

from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task
from procrastinate.types import JSONValue

# Not through procrastinate's app: inside the worker that has a connection of its own, over which an order is
# there at once. Another worker would then look for a row that is not committed yet, and never will be after
# a rollback.
_BESIDE_THE_ROW = JobManager(DjangoConnector())


def order(task: str, *, queue: str, **about: JSONValue) -> None:
    """Have a worker do `task` (its name: jobs import actions, not the other way) as soon as we commit."""
    configure_task(name=task, job_manager=_BESIDE_THE_ROW, queue=queue).defer(**about)
