"""Work on files of customers that nobody waits for in a request."""

from uuid import UUID

from procrastinate.contrib.django import app

from madoguchi.domain.customers import actions


@app.task(name="customers.examine", queue="imports")
def examine(import_id: str) -> None:
    """Read a file of customers and tell what it would do."""
    actions.examine(UUID(import_id))


@app.task(name="customers.take_in", queue="imports")
def take_in(import_id: str) -> None:
    """Take in a file of customers that was agreed to, from where the last worker stopped."""
    actions.take_in(UUID(import_id))


@app.periodic(cron="* * * * *")
@app.task(name="customers.carry_on", queueing_lock="customers.carry_on")
def carry_on(timestamp: int) -> None:
    """Send another worker after one that died over a file."""
    actions.carry_on()


@app.periodic(cron="17 * * * *")
@app.task(name="customers.forget_old_files", queueing_lock="customers.forget_old_files")
def forget_old_files(timestamp: int) -> None:
    """Throw away files of customers that were examined and never agreed to."""
    actions.forget_old()
