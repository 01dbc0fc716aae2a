"""Lines as a real Asterisk sees them: who answers OPTIONS, who is registered; silence bars no call."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from madoguchi.switch.lines import LineSeen
from madoguchi.switch.port import CommandRefused, Dial, HangUp
from madoguchi.switch.tests.test_registration import registered
from madoguchi.switch.tests.worlds import AsteriskWorld, RealAsterisk, happens

pytestmark = pytest.mark.live

Answer = Callable[[str], str]
"""Method of a request → status line, empty for silence."""


@contextmanager
def provider(address: str, port: int, answer: Answer) -> Iterator[list[str]]:
    """A far end that says to each request what `answer` says; gives the requests it got."""
    got: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((address, port))
        line.settimeout(0.2)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    data, sender = line.recvfrom(65535)
                except TimeoutError:
                    continue
                request = data.decode()
                got.append(request)
                status = answer(request.split(" ", 1)[0])
                if status:
                    kept = [
                        text
                        for text in request.split("\r\n")
                        if re.match(r"(Via|From|To|Call-ID|CSeq):", text)
                    ]
                    reply = [f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""]
                    line.sendto("\r\n".join(reply).encode(), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield got
        finally:
            over.set()
            thread.join()


async def becomes(world: AsteriskWorld, name: str, seen: LineSeen, within_s: float = 12) -> None:
    last: object = None
    for _ in range(round(within_s / 0.2)):
        last = (await world.switch.lines([name])).get(name)
        if last == seen:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{name} never became {seen}; it was {last}")


def test_any_answer_counts_and_silence_does_not(real: RealAsterisk, tmp_path: Path) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        port = real.view.http_port + 4
        says = {"status": "405 Method Not Allowed"}
        with provider("127.0.0.8", port, lambda method: says["status"]):
            await becomes(world, "line-watched", LineSeen(answers=True))
            says["status"] = ""
            await becomes(world, "line-watched", LineSeen(answers=False))
            says["status"] = "200 OK"
            await becomes(world, "line-watched", LineSeen(answers=True))
        assert await world.switch.lines(["no-such-line"]) == {}
        assert (await world.switch.lines(["line-a"])) == {"line-a": LineSeen()}

    happens(AsteriskWorld(real, tmp_path), story)


def test_a_line_that_answers_no_question_is_dialled_all_the_same(real: RealAsterisk, tmp_path: Path) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        port = real.view.http_port + 4
        silent_but_for_calls = lambda method: "100 Trying" if method == "INVITE" else ""  # noqa: E731
        with provider("127.0.0.8", port, silent_but_for_calls) as got:
            await becomes(world, "line-watched", LineSeen(answers=False))
            await world.switch.send(Dial(leg_id="out-silent", address="trunk:line-watched:0312340000"))
            for _ in range(50):
                if any(one.startswith("INVITE sip:0312340000@127.0.0.8") for one in got):
                    break
                await asyncio.sleep(0.1)
            else:
                raise AssertionError(f"never called: {[one[:40] for one in got]}")
            await world.switch.send(HangUp(leg_id="out-silent"))

    happens(AsteriskWorld(real, tmp_path), story)


def test_a_registration_is_seen_to_hold(real: RealAsterisk, tmp_path: Path) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        seen = (await world.switch.lines(["line-registered"]))["line-registered"]
        if not seen.registered:
            await asyncio.to_thread(registered, real)
        await becomes(world, "line-registered", LineSeen(registered=True))

    happens(AsteriskWorld(real, tmp_path), story)


def test_a_switch_that_is_away_cannot_be_asked(tmp_path: Path, real: RealAsterisk) -> None:
    async def story() -> None:
        world = AsteriskWorld(real, tmp_path)
        world.switch._control_socket = tmp_path / "nobody.ctl"
        with pytest.raises(CommandRefused) as refused:
            await world.switch.lines(["line-a"])
        assert not refused.value.permanent
        await world.switch.close()

    asyncio.run(story())
