"""A connection on which no event comes is none: it is made anew, before anything is built on it and later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from madoguchi.switch.asterisk import adapter
from madoguchi.switch.asterisk.adapter import AsteriskSwitch
from madoguchi.switch.port import Event, SwitchConnected, SwitchLost

pytestmark = pytest.mark.pure

AT = "2026-11-22T03:00:00.000+0000"


class Asterisk:
    """Answers every request; whether it tells what it is asked to tell is decided for each connection."""

    def __init__(self, *echoes: bool) -> None:
        self.echoes = list(echoes)
        self.tells = False
        self.connections = 0
        self.sockets: list[web.WebSocketResponse] = []

    async def listen(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        self.tells = self.echoes.pop(0) if self.echoes else True
        self.sockets.append(socket)
        async for _ in socket:
            pass
        return socket

    async def tell(self, request: web.Request) -> web.Response:
        event = {
            "type": "ChannelUserevent",
            "timestamp": AT,
            "eventname": request.match_info["word"],
            "application": request.query["application"],
            "userevent": {},
        }
        if self.tells:
            await self.sockets[-1].send_str(json.dumps(event))
        return web.Response(status=204)

    async def info(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": {"startup_time": AT}})

    async def nothing(self, _request: web.Request) -> web.Response:
        return web.json_response([])

    def application(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/ari/events", self.listen)
        made.router.add_post("/ari/events/user/{word}", self.tell)
        made.router.add_get("/ari/asterisk/info", self.info)
        made.router.add_route("*", "/ari/{rest:.*}", self.nothing)
        return made


def told_by(asterisk: Asterisk, until: Callable[[list[Event]], bool]) -> list[Any]:
    """What a switch tells that listens there, until something is so."""

    async def whole() -> list[Event]:
        runner = web.AppRunner(asterisk.application())
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        switch = AsteriskSwitch(
            node="n", url=f"http://127.0.0.1:{port}/ari", user="u", password="p", recordings=Path("/")
        )
        events: list[Event] = []
        running = asyncio.create_task(switch.run(events.append))
        for _ in range(500):
            if until(events):
                break
            await asyncio.sleep(0.01)
        seen = list(events)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await runner.cleanup()
        return seen

    return asyncio.run(whole())


def test_a_connection_without_events_is_never_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_HEARD_WITHIN_S", 0.3)
    asterisk = Asterisk(False, True)
    told = told_by(asterisk, lambda events: bool(events))
    assert [type(event) for event in told] == [SwitchConnected]
    assert asterisk.connections == 2


def test_a_connection_that_falls_silent_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_PROVES_EVERY_S", 0.1)
    monkeypatch.setattr(adapter, "_STILL_HEARD_WITHIN_S", 0.3)
    asterisk = Asterisk(True, True)

    def listened_to_anew(events: list[Event]) -> bool:
        asterisk.tells = asterisk.connections > 1 or not events
        return len(events) >= 3

    told = told_by(asterisk, listened_to_anew)
    assert [type(event) for event in told] == [SwitchConnected, SwitchLost, SwitchConnected]
    assert asterisk.connections == 2
