"""An order for a worker goes with its transaction, wherever it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.domain.ledger.orders import order

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

NAME = "ledger.nobody_does_this"


@pytest.fixture(autouse=True)
def no_other_orders() -> Iterator[None]:
    """The table of orders is not emptied between tests."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s", [NAME])


def orders() -> list[dict[str, object]]:
    return list(ProcrastinateJob.objects.filter(task_name=NAME).values_list("args", flat=True))


def given_and_taken_back() -> None:
    with transaction.atomic():
        order(NAME, queue="nobody", row=1)
        transaction.set_rollback(True)


def given() -> None:
    with transaction.atomic():
        order(NAME, queue="nobody", row=2)


def in_a_worker(*deeds: Callable[[], None]) -> None:
    """As its tasks run: in a thread, while the app writes over a connection of the worker's own."""

    def do_all() -> None:
        try:
            for deed in deeds:
                deed()
        finally:
            connection.close()

    async def worker() -> None:
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            async with app.open_async():
                await asyncio.to_thread(do_all)

    asyncio.run(worker())


def test_outside_a_worker() -> None:
    given_and_taken_back()
    given()
    assert orders() == [{"row": 2}]


def test_inside_a_worker() -> None:
    in_a_worker(given_and_taken_back, given)
    assert orders() == [{"row": 2}]
