"""However a stream is interrupted, nothing that it was to say is lost, and an order to stop is obeyed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from madoguchi.live import registry, stream
from madoguchi.live.hub import Hub, Subscription
from madoguchi.live.stream import Gone, _Stream
from madoguchi.live.viewers import Viewer

pytestmark = pytest.mark.pure
VIEWER = Viewer("desk", 7, 70, "operator", "ja", frozenset({"agent:7", "desks"}))


@pytest.fixture(autouse=True)
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections that need no database, computed in place."""

    async def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    monkeypatch.setattr(stream, "in_thread", at_once)
    monkeypatch.setattr(registry, "_sections", {})
    registry.section("desk", "offer")(lambda agent_id: {"n": _told("offer")})
    registry.section("desk", "story")(lambda agent_id: {"n": _told("story")})
    registry.section("desk", "today", urgent=False)(lambda agent_id: {"n": _told("today")})
    _counts.clear()


_counts: dict[str, int] = {}


def _told(name: str) -> int:
    _counts[name] = _counts.get(name, 0) + 1
    return _counts[name]


class Browser:
    """Takes what is sent, or nothing at all."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.events: list[str] = []
        self.stuck = stuck

    async def send(self, message: Any) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        if message["type"] == "http.response.body" and message["body"]:
            self.events.append(message["body"].decode())


def opened(browser: Browser) -> tuple[_Stream, Subscription]:
    subscription = Subscription(VIEWER.audiences)
    return _Stream(VIEWER, "key", subscription, Hub(), browser.send), subscription


def run(day: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(day(), 5))


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_an_order_to_stop_in_the_moment_of_a_doorbell_is_obeyed() -> None:
    async def day() -> None:
        one, subscription = opened(Browser())
        task = asyncio.create_task(one.run())
        await settled()
        subscription.mark(["offer"], None)
        await asyncio.sleep(0)  # the wait is over, but the stream has not gone on yet
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        assert task.cancelled()

    run(day)


@pytest.mark.parametrize("turns", range(6))
def test_what_woke_a_stream_is_said_or_still_there(turns: int) -> None:
    async def day() -> None:
        browser = Browser()
        one, subscription = opened(browser)
        task = asyncio.create_task(one.run())
        await settled()
        said = len(browser.events)
        subscription.mark(["offer"], None)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        assert len(browser.events) > said or "offer" in subscription.pending

    run(day)


def test_who_gives_up_joining_is_not_woken_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(self: Hub) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Hub, "_listen", deaf)

    async def day() -> None:
        ear = Hub()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ear.join(VIEWER.audiences)
        assert ear.subscriptions == set()
        await ear.stop()

    run(day)


def test_a_browser_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SEND_LIMIT_S", 0.05)

    async def day() -> None:
        one, _ = opened(Browser(stuck=True))
        with pytest.raises(Gone):
            await one.run()

    run(day)


def test_what_is_urgent_is_said_first_and_the_rest_after_it() -> None:
    async def day() -> None:
        browser = Browser()
        one, subscription = opened(browser)
        task = asyncio.create_task(one.run())
        await settled()
        assert [event.split("\n")[0] for event in browser.events] == ["event: snapshot"]
        subscription.mark(["today", "offer", "story", "unknown"], None)
        await settled()
        first, second = browser.events[1:]
        assert '"offer"' in first and '"story"' in first and '"today"' not in first
        assert '"today"' in second and '"number":3' in second
        task.cancel()

    run(day)
