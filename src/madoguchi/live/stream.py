"""`/live/stream?page=…`: a snapshot, then numbered changes, as server-sent events.

A plain ASGI application that stands before Django: it asks once who is there, gives the database connection
back, and then only waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from madoguchi.live.hub import Hub, Subscription, hub
from madoguchi.live.registry import sections_of
from madoguchi.live.rounds import Rounds, in_thread, states
from madoguchi.live.viewers import PAGES, Viewer, session_key, viewer_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

PATH = "/live/stream"
BEAT_S = 5.0
CHECK_S = 30.0
"""How often the log-in is looked at again: log-out and a new role take effect within a minute."""
JOIN_LIMIT_S = 10.0
"""With the database away for longer the page is told to come again."""
SEND_LIMIT_S = 20.0
"""A browser that takes nothing for so long is gone."""

_rounds = Rounds()


class Gone(Exception):
    """Nobody reads this stream any more."""


def mounted(before: App) -> App:
    """The application that streams on `PATH` and leaves all else to `before`."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            await stream(scope, receive, send)
        else:
            await before(scope, receive, send)

    return application


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one page until it goes, its person logs out, or the process stops."""
    page = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("page", [""])[0]
    if scope["method"] != "GET" or page not in PAGES:
        await _refuse(send, 404)
        return
    key = session_key(_header(scope, b"cookie"))
    viewer = await in_thread(viewer_of, key, page) if key else 401
    if isinstance(viewer, int):
        await _refuse(send, viewer)
        return
    ear = hub()
    try:
        async with asyncio.timeout(JOIN_LIMIT_S):
            subscription = await ear.join(viewer.audiences)
    except TimeoutError:
        await _refuse(send, 503)
        return
    gone = asyncio.create_task(_until_gone(receive))
    gone.add_done_callback(lambda _: subscription.close())
    try:
        await _Stream(viewer, key, subscription, ear, send).run()
    except (Gone, OSError):
        logger.debug("A stream's reader went away.")
    finally:
        ear.leave(subscription)
        gone.cancel()


class _Stream:
    def __init__(self, viewer: Viewer, key: str, subscription: Subscription, ear: Hub, send: Send) -> None:
        self.viewer = viewer
        self.key = key
        self.subscription = subscription
        self.ear = ear
        self.send = send
        self.number = 0
        self.shown: dict[str, str] = {}
        self.check_at = time.monotonic() + CHECK_S

    async def run(self) -> None:
        await self._bounded(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store, no-transform"),
                    # nginx gathers answers unless told not to, and a gathered ring comes too late.
                    (b"x-accel-buffering", b"no"),
                ],
            }
        )
        self.subscription.fresh = True
        while not self.subscription.closing:
            await self._say_what_is_due()
            if not await self._wait() and not self.subscription.closing:
                await self._event("beat", "{}")
            if time.monotonic() >= self.check_at and not await self._still_allowed():
                await self._event("closed", '{"reason":"logged_out"}')
                break
        await self._end()

    async def _say_what_is_due(self) -> None:
        due, fresh = self.subscription.take()
        if fresh:
            due = dict.fromkeys(sections_of(self.viewer.page))
            self.shown = await in_thread(states, self.viewer, due, _rounds)
            await self._numbered("snapshot", self.shown)
            return
        for part in _by_urgency(self.viewer.page, due):
            await self._say_what_changed(part)

    async def _say_what_changed(self, due: Mapping[str, int | None]) -> None:
        found = await in_thread(states, self.viewer, due, _rounds)
        changed = {name: state for name, state in found.items() if self.shown.get(name) != state}
        self.shown |= changed
        if changed:
            await self._numbered("change", changed)

    async def _wait(self) -> bool:
        # Not wait_for: until Python 3.12 it may swallow the order to stop. What woke us is never lost: it
        # stays with the subscription until it is taken.
        try:
            async with asyncio.timeout(BEAT_S):
                await self.subscription.woken.wait()
        except TimeoutError:
            return False
        return True

    async def _still_allowed(self) -> bool:
        self.check_at = time.monotonic() + CHECK_S
        return await in_thread(viewer_of, self.key, self.viewer.page) == self.viewer

    async def _numbered(self, event: str, sections: Mapping[str, str]) -> None:
        self.number += 1
        inside = ",".join(f'"{name}":{state}' for name, state in sections.items())
        await self._event(event, f'{{"number":{self.number},"sections":{{{inside}}}}}')

    async def _event(self, event: str, data: str) -> None:
        body = f"event: {event}\ndata: {data}\n\n".encode()
        await self._bounded({"type": "http.response.body", "body": body, "more_body": True})

    async def _end(self) -> None:
        with contextlib.suppress(Gone, OSError):  # it ends because nobody is there, or we say so in vain
            await self._bounded({"type": "http.response.body", "body": b"", "more_body": False})

    async def _bounded(self, message: MutableMapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await self.send(message)
        except TimeoutError as error:
            raise Gone from error


def _by_urgency(page: str, due: Mapping[str, int | None]) -> list[dict[str, int | None]]:
    """What somebody waits for, then the rest; without what the page does not have."""
    known = sections_of(page)
    parts: dict[bool, dict[str, int | None]] = {True: {}, False: {}}
    for name, round_ in due.items():
        if name in known:
            parts[known[name].urgent][name] = round_
    return [part for part in parts.values() if part]


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _refuse(send: Send, status: int) -> None:
    words = {401: b"Log in first.", 403: b"This page is not for your role.", 503: b"Come again soon."}.get(
        status, b"No such stream."
    )
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})


def _header(scope: Scope, name: bytes) -> str:
    found = b"; ".join(value for key, value in scope["headers"] if key == name)
    return found.decode("latin-1")
