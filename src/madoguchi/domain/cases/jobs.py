"""Periodic work on promises."""

from procrastinate.contrib.django import app

from madoguchi.domain.cases import actions
from madoguchi.kit.clock import now


@app.periodic(cron="* * * * *")
@app.task(name="cases.mark_overdue", queueing_lock="cases.mark_overdue")
def mark_overdue(timestamp: int) -> None:
    """Mark promises whose time has passed; a rest is taken by the next minute's run."""
    while actions.mark_overdue(now()) == actions.OVERDUE_BATCH:
        continue
