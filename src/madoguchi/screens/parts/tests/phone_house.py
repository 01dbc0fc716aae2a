"""A real Asterisk, the gate, and a page with the telephone on it: what a live test of the phone stands on."""

import asyncio
import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web

from madoguchi.gate.server import GateSettings, application
from madoguchi.gate.tickets import ticket
from madoguchi.program import asterisk as asterisk_program
from madoguchi.switch.asterisk import configuration
from madoguchi.switch.asterisk.view import Phone, PhoneKind, SwitchView

Result = TypeVar("Result")
PARTS = Path(__file__).resolve().parent.parent
ENDPOINT, VISITOR, PASSWORD = "op-livetest", "visitor-livetest", "a password of the test"
KEY, ARI_PASSWORD = "a key of the test", "ari of the test"
# The product's own policy: what runs here runs there.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'"
)
PAGES = Path(__file__).resolve().parent / "pages"


class PhoneHouse:
    """Everything behind the browser, and the test's hand on the switch."""

    def __init__(self, folder: Path, first_port: int) -> None:
        self.folder = folder
        self.web_port, self.asterisk_port, self.sip_port = first_port, first_port + 1, first_port + 2
        self.rtp_start = first_port + 10
        self.loop = asyncio.new_event_loop()
        self.events: list[dict[str, Any]] = []
        self.beats: list[dict[str, Any]] = []
        self.active_desk: str | None = None
        self.tickets_given = 0
        self.port = 0
        self._ari: aiohttp.ClientSession
        self._gate: web.AppRunner

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    # The switch -----------------------------------------------------------------------------------

    @property
    def _ari_url(self) -> str:
        return f"http://127.0.0.1:{self.asterisk_port}/ari"

    async def _request(self, method: str, path: str, **fields: Any) -> Any:
        url = f"{self._ari_url}{path}"
        async with self._ari.request(method, url, **fields) as answer:
            text = await answer.text()
            assert answer.status < 300, f"{method} {path}: {answer.status} {text}"
            return json.loads(text) if text else None

    def ari(self, method: str, path: str, **fields: Any) -> Any:
        return self.do(self._request(method, path, **fields))

    def ring(self, leg: str, **headers: str) -> None:
        """Let the switch call the operator's browser."""
        variables = {f"PJSIP_HEADER(add,{name.replace('_', '-')})": value for name, value in headers.items()}
        params = {"endpoint": f"PJSIP/{ENDPOINT}", "app": "madoguchi", "channelId": leg, "timeout": "20"}
        self.ari("POST", "/channels", params=params, json={"variables": variables})

    def seen(self, kind: str, leg: str, wait_s: float = 8) -> dict[str, Any]:
        """The first event of a kind about a leg, waited for."""
        return self._seen(kind, lambda event: event.get("channel", {}).get("id") == leg, wait_s)

    def recorded(self, name: str, wait_s: float = 15) -> Path:
        """The file of a recording that ended by its own length, waited for."""
        self._seen("RecordingFinished", lambda event: event["recording"]["name"] == name, wait_s)
        (found,) = (self.folder / "work").rglob(f"{name}.wav")
        return found

    def _seen(self, kind: str, matches: Callable[[dict[str, Any]], bool], wait_s: float) -> dict[str, Any]:
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            for event in list(self.events):
                if event["type"] == kind and matches(event):
                    return event
            time.sleep(0.02)
        raise AssertionError(f"no such {kind}; seen: {[event['type'] for event in self.events]}")

    def registered(self, wait_s: float = 8) -> None:
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            if self.ari("GET", f"/endpoints/PJSIP/{ENDPOINT}")["state"] == "online":
                return
            time.sleep(0.05)
        raise AssertionError("the browser's phone did not register")

    async def _listen(self) -> None:
        url = f"{self._ari_url}/events?app=madoguchi"
        async with self._ari.ws_connect(url) as socket:
            async for message in socket:
                self.events.append(json.loads(message.data))

    # The web process ------------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        script = "visitor" if request.path == "/try/" else "desk"
        body = (PAGES / f"{script}.html").read_text()
        page = (PAGES / "frame.html").read_text().format(script=script, body=body)
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    async def _credentials(self, request: web.Request) -> web.Response:
        self.tickets_given += 1
        endpoint = VISITOR if request.path == "/try/phone.json" else ENDPOINT
        return web.json_response(
            {
                "uri": f"sip:{endpoint}@madoguchi.invalid",
                "authorization_user": endpoint,
                "password": PASSWORD,
                "ws_url": f"/ws?ticket={ticket(7, endpoint, key=KEY)}",
                "ice_servers": [],
                "target": "sip:0312345678@madoguchi.invalid",
            }
        )

    async def _take_over(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if self.active_desk not in {None, wanted["desk"]} and not wanted["force"]:
            return web.json_response({"error": {"code": "desk_elsewhere", "message": "別"}}, status=409)
        self.active_desk = wanted["desk"]
        return web.json_response({"ok": True})

    async def _beat(self, request: web.Request) -> web.Response:
        beat = await request.json()
        self.beats.append(beat)
        return web.json_response({"active": beat["desk"] == self.active_desk})

    # Starting and stopping ------------------------------------------------------------------------

    async def start_gate(self) -> None:
        settings = GateSettings(
            web=f"127.0.0.1:{self.web_port}",
            asterisk=f"ws://127.0.0.1:{self.asterisk_port}/ws",
            key=KEY,
            hosts=frozenset({"localhost"}),
        )
        self._gate, self.port = await _runner(application(settings), self.port)

    async def stop_gate(self) -> None:
        await self._gate.cleanup()

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/try/", self._page)
        app.router.add_get("/desk/phone.json", self._credentials)
        app.router.add_post("/try/phone.json", self._credentials)
        app.router.add_post("/desk/take-over", self._take_over)
        app.router.add_post("/desk/beat", self._beat)
        app.router.add_static("/static/", PARTS / "static")
        runner, _ = await _runner(app, self.web_port)
        stack.push_async_callback(runner.cleanup)
        await self.start_gate()
        stack.push_async_callback(self.stop_gate)
        headers = {"Authorization": aiohttp.encode_basic_auth("madoguchi", ARI_PASSWORD)}
        self._ari = await stack.enter_async_context(aiohttp.ClientSession(headers=headers))
        await self._until_asterisk_answers()
        listening = asyncio.create_task(self._listen())
        stack.callback(listening.cancel)

    @contextlib.contextmanager
    def running(self) -> Iterator["PhoneHouse"]:
        stack = contextlib.AsyncExitStack()
        thread = threading.Thread(target=self.loop.run_forever, name="phone-house")
        thread.start()
        with self._asterisk():
            try:
                self.do(self._start(stack))
                yield self
            finally:
                self.do(_closed(stack))
                self.loop.call_soon_threadsafe(self.loop.stop)
                thread.join(5)

    async def _until_asterisk_answers(self) -> None:
        for _ in range(300):
            if await self._asterisk_answers():
                return
            await asyncio.sleep(0.1)
        raise AssertionError("Asterisk did not answer")

    async def _asterisk_answers(self) -> bool:
        try:
            async with self._ari.get(f"{self._ari_url}/asterisk/info") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    @contextlib.contextmanager
    def _asterisk(self) -> Iterator[None]:
        from django.conf import settings

        found = asterisk_program.required(settings.INSTALLATION.asterisk_prefix)
        configuration.write(self._view(found), self.folder / "etc")
        with (self.folder / "asterisk.log").open("wb") as log:
            process = subprocess.Popen(found.server(self.folder / "etc"), stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def _view(self, found: asterisk_program.Asterisk) -> SwitchView:
        return SwitchView(
            node="live-test",
            ari_password=ARI_PASSWORD,
            share=found.data,
            modules=found.modules,
            work=self.folder / "work",
            http_port=self.asterisk_port,
            sip_port=self.sip_port,
            rtp_start=self.rtp_start,
            rtp_end=self.rtp_start + 80,
            phones=(
                Phone(endpoint=ENDPOINT, password=PASSWORD),
                Phone(endpoint=VISITOR, password=PASSWORD, kind=PhoneKind.VISITOR),
            ),
            demonstration_numbers=("0312345678",),
        )


async def _closed(stack: contextlib.AsyncExitStack) -> None:
    await stack.aclose()


async def _runner(app: web.Application, port: int) -> tuple[web.AppRunner, int]:
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner, runner.addresses[0][1]
