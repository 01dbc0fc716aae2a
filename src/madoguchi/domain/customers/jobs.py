"""Periodic work on customers."""

from procrastinate.contrib.django import app

from madoguchi.domain.customers.importing import forget_old


@app.periodic(cron="17 * * * *")
@app.task(name="customers.forget_old_files", queueing_lock="customers.forget_old_files")
def forget_old_files(timestamp: int) -> None:
    """Throw away files of customers that were examined and never imported."""
    forget_old()
