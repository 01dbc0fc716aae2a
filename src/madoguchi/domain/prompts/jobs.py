"""Periodic work on prompts."""

from datetime import timedelta

from procrastinate.contrib.django import app

from madoguchi.domain.prompts import spoken
from madoguchi.kit.clock import now

UNUSED_AFTER = timedelta(days=90)


@app.periodic(cron="*/10 * * * *")
@app.task(name="prompts.prepare", queueing_lock="prompts.prepare")
def prepare(timestamp: int) -> None:
    """Speak the sentences of the house that are missing, so that no caller waits for the synthesiser."""
    spoken.prepare()


@app.periodic(cron="17 3 * * *")
@app.task(name="prompts.prune", queueing_lock="prompts.prune")
def prune(timestamp: int) -> None:
    """Remove spoken texts that nothing has played for ninety days; they are spoken again if needed."""
    spoken.shelf_of_installation().prune("spoken", now() - UNUSED_AFTER)
