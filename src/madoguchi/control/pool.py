"""Actions run in a bounded pool of threads: Django's transactions do not work inside coroutines."""

from __future__ import annotations

import asyncio
import contextlib
import select
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from django.db import OperationalError, close_old_connections, connection

T = TypeVar("T")

THREADS = 8
DEADLOCK = "40P01"
TRIES = 3


class _Pool:
    """Threads that run actions, and hand their results back to the event loop that asked.

    What the standard library's executor does besides (futures that threads can wait for) costs as much as
    a small action.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def ask(self, asked: _Asked) -> None:
        if not self._threads:
            names = [f"action-{number}" for number in range(THREADS)]
            self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for name in names]
            for thread in self._threads:
                thread.start()
        self._asked.put(asked)

    def shut(self) -> None:
        """End the threads; what runs is finished, what waits is not begun."""
        with contextlib.suppress(Empty):
            while True:
                self._asked.get_nowait()
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            loop, answer, action = asked
            if answer.cancelled():
                continue
            result, error = None, None
            try:
                result = action()
            except BaseException as raised:  # noqa: BLE001 - it is raised where the action was asked for
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(_settle, answer, result, error)


def _settle(answer: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if answer.done():
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(result)


_Asked = tuple[asyncio.AbstractEventLoop, asyncio.Future[Any], Callable[[], object]]
_pool = _Pool()


async def run(action: Callable[..., T], *args: object, **fields: object) -> T:
    """Run one action (or query) in a thread. A deadlock is retried whole; other errors are the caller's."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()
    _pool.ask((loop, answer, lambda: _whole(action, *args, **fields)))
    return await answer


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
    _pool.shut()
