"""HTTP as ARI needs it: short requests over a few kept connections, one at a time on each.

A busy floor sends four hundred requests a second. A client that knows cookies, redirections and proxies
spends more time on each than the switch does; nothing of that is needed here.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import cast
from urllib.parse import urlsplit

import httptools

_BODY_LIMIT = 32 * 1024 * 1024


class BrokenOff(Exception):
    """The connection could not be made, ended, or said what is no HTTP."""


class Connections:
    """Up to `most` connections to one address, kept for `idle_s` after their last answer."""

    def __init__(self, url: str, *, most: int, idle_s: float, connect_s: float) -> None:
        parts = urlsplit(url)
        self._host, self._tls = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._idle_s, self._connect_s = idle_s, connect_s
        self._idle: deque[_Connection] = deque()
        self._places = asyncio.Semaphore(most)
        self.host = parts.netloc.rpartition("@")[2]

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send one whole request, once; returns status and body. Raises BrokenOff or OSError.

        Whoever gives up waiting ends the connection: an answer that comes later belongs to nobody.
        """
        async with self._places:
            connection = self._kept() or await self._open()
            try:
                answer = await connection.ask(request)
            except BaseException:
                connection.close()
                raise
            if connection.open:
                connection.idle_since = time.monotonic()
                self._idle.append(connection)
            return answer

    def close(self) -> None:
        """End all that are idle; those in use end with their answer's reader."""
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> _Connection | None:
        # The one used last: those that are not needed any more grow old and are let go here.
        oldest = time.monotonic() - self._idle_s
        while self._idle and (not self._idle[0].open or self._idle[0].idle_since < oldest):
            self._idle.popleft().close()
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        return None

    async def _open(self) -> _Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._connect_s):
            _, made = await loop.create_connection(_Connection, self._host, self._port, ssl=self._tls or None)
        return made


class _Connection(asyncio.Protocol):
    """One connection; its parser's callbacks are `on_…`."""

    def __init__(self) -> None:
        self.open = True
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._parser = httptools.HttpResponseParser(self)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self._answer = asyncio.get_running_loop().create_future()
        self._body, self._size = [], 0
        if self._transport is None or not self.open:
            raise BrokenOff("the connection has ended")
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    # -- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own transport is no child of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            # Said without being asked.
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"no HTTP: {type(error).__name__}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was lost")

    # -- what the parser calls

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > _BODY_LIMIT:
            self._fail("the answer is too long")
        else:
            self._body.append(part)

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), b"".join(self._body)))

    def _fail(self, reason: str) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BrokenOff(reason))
