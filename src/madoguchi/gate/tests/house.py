"""A gate with a small web process and a small switch behind it, on sockets of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp import WSMsgType, web

from madoguchi.gate.server import GateSettings, application
from madoguchi.gate.tickets import ticket

KEY = "a key for tests"


class House:
    """What stands behind the gate, and how to knock at it."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "web.sock"
        self.heard: list[str] = []
        self.streams_open = 0
        self.uploaded = 0
        self.switch_closed_with: int | None = None
        self.port = 0
        self.client: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ws(
        self, *, origin: str | None = None, text: str | None = None
    ) -> aiohttp.ClientWebSocketResponse:
        query = ticket(7, "op-test", key=KEY) if text is None else text
        return await self.client.ws_connect(
            f"{self.url}/ws", params={"ticket": query}, protocols=("sip",), origin=origin or self.url
        )

    async def pages(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/stream":
            return await self._stream(request)
        if request.path == "/upload":
            async for piece in request.content.iter_any():
                self.uploaded += len(piece)
            return web.Response(text=str(self.uploaded))
        if request.path == "/cookies":
            response = web.Response(text="ok")
            response.headers.add("Set-Cookie", "a=1")
            response.headers.add("Set-Cookie", "b=2")
            return response
        if request.path == "/moved":
            raise web.HTTPFound("/elsewhere")
        shown = {name.lower(): value for name, value in request.headers.items()}
        return web.json_response({"path": request.raw_path, "method": request.method, "headers": shown})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self.streams_open += 1
        try:
            for number in range(200):
                await response.write(f"data: {number}\n\n".encode())
                await asyncio.sleep(0.1)
        finally:
            self.streams_open -= 1
        return response

    async def switch(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            self.heard.append(message.data)
            if message.data == "BYE":
                await socket.close(code=4321)
            else:
                await socket.send_str(f"SIP/2.0 200 OK for {message.data[:40]}")
        self.switch_closed_with = socket.close_code
        return socket

    async def start_web(self) -> web.AppRunner:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self.pages)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.UnixSite(runner, str(self.socket)).start()
        return runner


async def _listen(app: web.Application) -> tuple[web.AppRunner, int]:
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert runner.addresses
    return runner, runner.addresses[0][1]


@contextlib.asynccontextmanager
async def house(folder: Path, *, with_web: bool = True, with_switch: bool = True) -> AsyncIterator[House]:
    """All of it, running; the gate's runner stops first, as in life."""
    made = House(folder)
    async with contextlib.AsyncExitStack() as stack:
        asterisk_port = 9
        if with_switch:
            app = web.Application()
            app.router.add_get("/ws", made.switch)
            runner, asterisk_port = await _listen(app)
            stack.push_async_callback(runner.cleanup)
        if with_web:
            stack.push_async_callback((await made.start_web()).cleanup)
        settings = GateSettings(
            web=f"unix:{made.socket}",
            asterisk=f"ws://127.0.0.1:{asterisk_port}/ws",
            key=KEY,
            hosts=frozenset({"127.0.0.1"}),
        )
        gate, made.port = await _listen(application(settings))
        stack.push_async_callback(gate.cleanup)
        made.client = await stack.enter_async_context(aiohttp.ClientSession())
        yield made


def run(folder: Path, story: Callable[[House], Awaitable[None]], **with_what: bool) -> None:
    """Let a story happen in a house of its own, to its end; raises TimeoutError after twenty seconds."""

    async def whole() -> None:
        async with asyncio.timeout(20), house(folder, **with_what) as made:
            await story(made)

    asyncio.run(whole())
