"""One ear per process: hears PostgreSQL's doorbells and wakes the streams they are for.

What a stream has not yet taken is a set of section names, so that nothing grows however slow a browser is.
Notifications are lost while the ear is away; after each new connection every stream makes a fresh snapshot.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from collections.abc import Iterable
from types import FrameType
from typing import Any

import psycopg
from django.db import connections

from madoguchi.domain.ledger.actions import CHANNEL

logger = logging.getLogger(__name__)

BROADCAST_EVERY_S = 0.25
"""Doorbells for many pages at once are gathered for so long; those for one agent never wait."""
AFTER_A_RING_S = 0.06
"""Even the first waits a moment: the ring that follows a caller's joining a queue goes before the count."""
PROOF_OF_LIFE_S = 20.0
RETRY_S = (0.1, 0.3, 1.0, 2.0, 5.0)


class Subscription:
    """What one stream must compute anew. Bounded by the number of sections of its page."""

    def __init__(self, audiences: frozenset[str]) -> None:
        self.audiences = audiences
        self.woken = asyncio.Event()
        self.pending: dict[str, int | None] = {}
        """Section → broadcast round whose shared reading serves; None: it must be read for this stream."""
        self.fresh = False
        """Something may have been missed: a whole snapshot is due."""
        self.closing = False

    def mark(self, sections: Iterable[str], round_: int | None) -> None:
        for name in sections:
            self.pending[name] = round_
        self.woken.set()

    def restart(self) -> None:
        self.fresh = True
        self.woken.set()

    def close(self) -> None:
        self.closing = True
        self.woken.set()

    def take(self) -> tuple[dict[str, int | None], bool]:
        """What is due now, and whether it is everything. Leaves nothing behind."""
        taken, fresh = self.pending, self.fresh
        self.pending, self.fresh = {}, False
        self.woken.clear()
        return taken, fresh


class Hub:
    """The ear and the streams it wakes. Lives in one event loop."""

    def __init__(self) -> None:
        self.subscriptions: set[Subscription] = set()
        self.round = 0
        self._gathered: dict[str, set[str]] = {}
        self._flush_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def join(self, audiences: frozenset[str]) -> Subscription:
        """Begin to hear for a stream. Returns when the ear is open: a snapshot after it misses nothing."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen(), name="live-hub")
        subscription = Subscription(audiences)
        self.subscriptions.add(subscription)
        try:
            await self._listening.wait()
        except BaseException:
            self.subscriptions.discard(subscription)
            raise
        return subscription

    def leave(self, subscription: Subscription) -> None:
        self.subscriptions.discard(subscription)

    def close_all(self) -> None:
        """End every stream: the process is asked to stop, and a server waits for its open answers."""
        for subscription in self.subscriptions:
            subscription.close()

    async def stop(self) -> None:
        self.close_all()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        tries = 0
        while True:
            try:
                ear = await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True)
                async with ear as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    tries = 0
                    self._opened()
                    await self._hear(connection)
            except (psycopg.Error, OSError) as error:
                logger.warning("The doorbell's connection was lost.", extra={"error": str(error)})
            self._listening.clear()
            await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1

    def _opened(self) -> None:
        self._listening.set()
        for subscription in self.subscriptions:
            subscription.restart()

    async def _hear(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            async for notice in connection.notifies(timeout=PROOF_OF_LIFE_S):
                self.ring(notice.payload)
            # A connection that died without a word says nothing for ever: ask it.
            await connection.execute("SELECT 1")

    def ring(self, payload: str) -> None:
        """Take one doorbell: `[audience, [section, …]]`. What is not understood is logged and dropped."""
        try:
            audience, sections = json.loads(payload)
            if not isinstance(audience, str):
                raise TypeError
            names = [str(name) for name in sections]
        except (ValueError, TypeError):
            logger.error("A doorbell was not understood.", extra={"payload": payload[:200]})
            return
        if ":" in audience:
            self._wake(audience, names, None)
            return
        self._gathered.setdefault(audience, set()).update(names)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        wait = max(self._flush_at - loop.time(), AFTER_A_RING_S)
        self._timer = loop.call_later(wait, self._flush)

    def _flush(self) -> None:
        self._timer = None
        self._flush_at = asyncio.get_running_loop().time() + BROADCAST_EVERY_S
        gathered, self._gathered = self._gathered, {}
        self.round += 1
        for audience, names in gathered.items():
            self._wake(audience, names, self.round)

    def _wake(self, audience: str, names: Iterable[str], round_: int | None) -> None:
        for subscription in self.subscriptions:
            if audience in subscription.audiences:
                subscription.mark(names, round_)


def _parameters() -> dict[str, Any]:
    """How to reach the database directly: a pool would hand the ear to somebody else."""
    given = connections["default"].get_connection_params()
    kept = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    others = {name: value for name, value in given.items() if name.startswith("ssl") and value}
    return kept | others | {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        for dead in [known for known in _hubs if known.is_closed()]:
            del _hubs[dead]
        found = _hubs[loop] = Hub()
        _close_streams_when_asked_to_stop(found, loop)
    return found


def _close_streams_when_asked_to_stop(opened: Hub, loop: asyncio.AbstractEventLoop) -> None:
    """Stand before the server's signal handlers: it waits for open answers, and streams never end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if not callable(before):
            continue

        def both(received: int, frame: FrameType | None, before: Any = before) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already: nothing streams any more
                loop.call_soon_threadsafe(opened.close_all)
            before(received, frame)

        try:
            signal.signal(number, both)
        except ValueError:
            logger.debug("Not in the main thread: streams end with their connections.")
            return
