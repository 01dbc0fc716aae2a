"""An Asterisk that takes our connection and lets us not listen is known as deaf; one that is away is not."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from madoguchi.switch.asterisk.adapter import AsteriskSwitch
from madoguchi.switch.asterisk.silence import Silence

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PATIENCE_S = 0.1


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_silent_attempts_in_a_row_are_counted_from_the_first() -> None:
    silence = Silence()
    silence.unanswered(after(0), after(5), patience_s=5)
    silence.unanswered(after(6), after(11), patience_s=5)
    assert silence.deaf is not None
    assert (silence.deaf.since, silence.deaf.last, silence.deaf.tries) == (after(0), after(11), 2)
    silence.broken()
    assert silence.deaf is None


def test_an_attempt_through_which_our_own_machine_slept_is_not_counted() -> None:
    silence = Silence()
    silence.unanswered(after(0), after(9), patience_s=5)
    assert silence.deaf is None


async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    writer.close()


Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def connecting(port: int, until: Callable[[AsteriskSwitch], bool]) -> AsteriskSwitch:
    """A switch that tried to listen at a port until something is so, for two seconds at most."""
    switch = AsteriskSwitch(
        node="n", url=f"http://127.0.0.1:{port}/ari", user="u", password="p", recordings=Path("/")
    )
    switch._client.timeout_s = PATIENCE_S
    running = asyncio.create_task(switch.run(lambda event: None))
    for _ in range(200):
        if until(switch):
            break
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return switch


def met(server: Server, until: Callable[[AsteriskSwitch], bool]) -> AsteriskSwitch:
    async def whole() -> AsteriskSwitch:
        listening = await asyncio.start_server(server, "127.0.0.1", 0)
        try:
            return await connecting(listening.sockets[0].getsockname()[1], until)
        finally:
            listening.close()

    return asyncio.run(whole())


def thrice_silent(switch: AsteriskSwitch) -> bool:
    return switch.deaf is not None and switch.deaf.tries >= 3


def test_one_that_takes_connections_and_never_answers_is_deaf() -> None:
    deaf = met(swallow, thrice_silent).deaf
    assert deaf is not None
    assert deaf.tries >= 3
    assert (deaf.last - deaf.since).total_seconds() >= 3 * PATIENCE_S


def test_one_that_answers_with_an_error_or_is_not_there_is_not_deaf() -> None:
    assert met(refuse, thrice_silent).deaf is None

    async def nobody() -> AsteriskSwitch:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        return await connecting(port, thrice_silent)

    assert asyncio.run(nobody()).deaf is None


def test_one_that_lets_us_in_and_then_says_nothing_is_deaf_too() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if "Sec-WebSocket-Key" in head:
            writer.write(_welcome(head))
        await reader.read()
        writer.close()

    assert met(mute, thrice_silent).deaf is not None


def _welcome(head: str) -> bytes:

    key = next(x.split(": ")[1] for x in head.splitlines() if x.startswith("Sec-WebSocket-Key"))
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode(), usedforsecurity=False)
    accept = base64.b64encode(digest.digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode()
