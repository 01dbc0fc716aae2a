"""Actions run in a bounded pool of threads: Django's transactions do not work inside coroutines."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import OperationalError, close_old_connections, connection

T = TypeVar("T")

THREADS = 8
DEADLOCK = "40P01"
TRIES = 3

_pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="action")


async def run(action: Callable[..., T], *args: object, **fields: object) -> T:
    """Run one action (or query) in a thread. A deadlock is retried whole; other errors are the caller's."""
    return await asyncio.get_running_loop().run_in_executor(_pool, lambda: _whole(action, *args, **fields))


def _whole(action: Callable[..., T], *args: object, **fields: object) -> T:
    close_old_connections()
    if _is_quiet():
        # Spares the question to the database (SELECT 1) that Django would put before each action.
        connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        for _ in range(TRIES - 1):
            try:
                return action(*args, **fields)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                    raise
        return action(*args, **fields)
    finally:
        close_old_connections()


def _is_quiet() -> bool:
    """Whether our connection stands as we left it: the end of one that was closed could be read."""
    if connection.connection is None or connection.connection.closed:
        return False
    ears = select.poll()
    ears.register(connection.connection.fileno(), select.POLLIN)
    return not ears.poll(0)


def shut() -> None:
    """End the threads; what runs is finished."""
    _pool.shutdown(wait=True, cancel_futures=True)
