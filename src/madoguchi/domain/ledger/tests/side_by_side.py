"""Several deeds at one moment, as several processes would do them: for tests of every room."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

ALL_READY_S = 10
"""Until then every thread has its connection, however busy the machine is."""

Given = TypeVar("Given")


def side_by_side(*deeds: Callable[[], Given]) -> list[Given]:
    """Do them in threads of their own, each with its own connection; gives what each gave, in order.

    They begin together, when all are connected. What a deed raises is raised here, the first in order.
    A test that calls this wants `django_db(transaction=True)`, and no more deeds than the pool has
    connections (`Installation.pool_max`, one of them the test's own).
    """
    ready = threading.Barrier(len(deeds))

    def alone(deed: Callable[[], Given]) -> Given:
        try:
            connection.ensure_connection()
            ready.wait(ALL_READY_S)
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(deeds)) as pool:
        return [done.result() for done in [pool.submit(alone, deed) for deed in deeds]]
