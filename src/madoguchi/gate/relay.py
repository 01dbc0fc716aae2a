"""Carries SIP messages between a browser and Asterisk, unread and unlogged."""

import asyncio
import logging
from dataclasses import dataclass

import aiohttp
from aiohttp import WSMsgType, web

from madoguchi.gate.doors import Doors

logger = logging.getLogger(__name__)

MESSAGE_BYTES = 64 * 1024
IDLE_S = 180.0
"""A telephone registers anew each two minutes and pings each five seconds; longer silence is nobody."""
PULSE_S = 20.0
"""Ping of the WebSocket itself towards the browser: one without an answer is closed."""
PING, PONG = "\r\n\r\n", "\r\n"

Side = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


@dataclass(frozen=True, slots=True)
class Ended:
    """Why one direction ended; the code is sendable to the other side."""

    code: int
    reason: bytes = b""


class Relay:
    """The handler of `/ws`."""

    def __init__(self, doors: Doors, session: aiohttp.ClientSession, asterisk: str) -> None:
        self._doors = doors
        self._session = session
        self._asterisk = asterisk

    async def __call__(self, request: web.Request) -> web.WebSocketResponse:
        ticket = self._doors.admit(request)
        switch = await self._connect()
        browser = web.WebSocketResponse(
            protocols=("sip",), heartbeat=PULSE_S, max_msg_size=MESSAGE_BYTES, compress=False, timeout=2.0
        )
        try:
            await browser.prepare(request)
            await self._doors.enter(ticket, browser)
            ended = await _carry(browser, switch)
            logger.info(
                "A telephone's connection ended.", extra={"holder": ticket.holder, "code": ended.code}
            )
            await browser.close(code=ended.code, message=ended.reason)
        finally:
            self._doors.leave(ticket, browser)
            await switch.close()
        return browser

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        try:
            return await self._session.ws_connect(
                self._asterisk, protocols=("sip",), max_msg_size=MESSAGE_BYTES, compress=0
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            logger.warning("The switch takes no telephones.", extra={"error": type(error).__name__})
            raise web.HTTPBadGateway(text="The telephone switch is away.") from error


async def _carry(browser: web.WebSocketResponse, switch: aiohttp.ClientWebSocketResponse) -> Ended:
    """Both directions until either ends."""
    ways = [asyncio.create_task(_one_way(browser, switch)), asyncio.create_task(_one_way(switch, browser))]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    except ConnectionError:  # one side went while the other was being served
        return Ended(1001)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _one_way(source: Side, sink: Side) -> Ended:
    answers_pings = isinstance(source, web.WebSocketResponse)
    while True:
        try:
            message = await source.receive(timeout=IDLE_S)
        except TimeoutError:
            return Ended(4000, b"idle")
        if message.type is WSMsgType.TEXT:
            # RFC 5626, 3.5.1: answered here, so that a browser learns of a dead way to us within seconds.
            if answers_pings and message.data == PING:
                await source.send_str(PONG)
                continue
            await sink.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await sink.send_bytes(message.data)
        else:
            return Ended(sendable(source.close_code))


def sendable(code: int | None) -> int:
    """A close code that may be sent on: some only say what was seen locally (RFC 6455, 7.4)."""
    if code is None or code in {1005, 1006, 1015}:
        return 1001
    return code if 1000 <= code <= 4999 and code != 1004 else 1011
