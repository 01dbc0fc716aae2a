"""Proves that events reach us: Asterisk is asked to tell us something, and it comes back as an event, or not.

A connection that stands proves nothing. Where an old listener of an application ends while the new one
registers, Asterisk (tried: 22.10, once in some hundred such moments) may end the application after the new
one has taken it: the new connection is open, answers every ping, and no event ever comes; calls find nobody.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from madoguchi.switch.asterisk.client import Answer, Silent
from madoguchi.switch.asterisk.commands import Request

PREFIX = "echo-"

Ask = Callable[[Request], Awaitable[Answer]]


class Echo:
    """The echo of each of our applications. `ask` sends one request, refusing what is not settled."""

    def __init__(self, ask: Ask, *applications: str) -> None:
        self._ask = ask
        self._applications = applications
        self._awaited: dict[str, asyncio.Future[None]] = {}

    async def prove(self, *, within_s: float) -> None:
        """Return when every application was heard. Raises Silent when one was not, CommandRefused."""
        word = PREFIX + secrets.token_hex(6)
        loop = asyncio.get_running_loop()
        keys = [word + application for application in self._applications]
        awaited = [self._awaited.setdefault(key, loop.create_future()) for key in keys]
        try:
            async with asyncio.timeout(within_s):
                for application in self._applications:
                    path = f"/events/user/{word}"
                    await self._ask(Request("POST", path, {"application": application}))
                await asyncio.gather(*awaited)
        except TimeoutError as error:
            raise Silent(f"connected, but no event came within {within_s:g} s") from error
        finally:
            for key in keys:
                del self._awaited[key]

    def came_back(self, word: str, application: str) -> None:
        """An echo was heard."""
        awaited = self._awaited.get(word + application)
        if awaited is not None and not awaited.done():
            awaited.set_result(None)
