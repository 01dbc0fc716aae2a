"""Requests to the switch: one connection serves many, and no answer reaches another question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from madoguchi.switch.asterisk.client import Answer, AriClient, Unreachable

pytestmark = pytest.mark.pure

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"n": %d}\n'


class Switch:
    """Answers as it is told, and remembers what it was asked on which connection."""

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[int, str]] = []
        self._connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        number = self._connections
        while self._answers:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            length = next(int(x.split(":")[1]) for x in head.splitlines() if x.startswith("Content-Length"))
            body = await reader.readexactly(length)
            self.asked.append((number, head.splitlines()[0] + body.decode()))
            answer = self._answers.pop(0)
            if answer is None:
                break
            writer.write(answer)
        writer.close()


def asking(switch: Switch, ask: Callable[[AriClient], Awaitable[None]], timeout_s: float = 2.0) -> None:
    async def whole() -> None:
        server = await asyncio.start_server(switch.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = AriClient(
            f"http://127.0.0.1:{port}/ari", user="u", password="p", application="a", timeout_s=timeout_s
        )
        try:
            await ask(client)
        finally:
            await client.close()
            server.close()

    asyncio.run(whole())


def test_one_connection_serves_many_and_everything_odd_is_encoded() -> None:
    switch = Switch(OK % 1, b"HTTP/1.1 204 No Content\r\n\r\n")

    async def ask(client: AriClient) -> None:
        params = {"callerId": '"佐藤" <090>', "x": "a&b\r\nEvil: 1"}
        assert await client.request("POST", "/channels/o-1", params, {"a": "日"}) == Answer(200, {"n": 1})
        assert await client.request("DELETE", "/channels/o-1") == Answer(204, None)

    asking(switch, ask)
    assert switch.asked == [
        (
            1,
            "POST /ari/channels/o-1?callerId=%22%E4%BD%90%E8%97%A4%22%20%3C090%3E&x=a%26b%0D%0AEvil%3A%201"
            ' HTTP/1.1{"a": "\\u65e5"}',
        ),
        (1, "DELETE /ari/channels/o-1 HTTP/1.1"),
    ]


def test_a_switch_that_hangs_up_is_unreachable_once_and_asked_anew_by_a_new_connection() -> None:
    switch = Switch(None, OK % 2)

    async def ask(client: AriClient) -> None:
        with pytest.raises(Unreachable):
            await client.request("GET", "/1")
        assert (await client.request("GET", "/2")).body == {"n": 2}

    asking(switch, ask)
    assert [number for number, _ in switch.asked] == [1, 2]


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one() -> None:
    switch = Switch(b"", OK % 2)

    async def ask(client: AriClient) -> None:
        with pytest.raises(Unreachable):
            await client.request("GET", "/never-answered")
        assert (await client.request("GET", "/2")).body == {"n": 2}

    asking(switch, ask, timeout_s=0.2)
    assert [number for number, _ in switch.asked] == [1, 2]


@pytest.mark.parametrize("said", [b"SIP/2.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_what_is_no_http_is_unreachable(said: bytes) -> None:
    async def ask(client: AriClient) -> None:
        with pytest.raises(Unreachable):
            await client.request("GET", "/1")

    asking(Switch(said), ask)


def test_many_at_once_each_get_their_own_answer() -> None:
    switch = Switch(*(OK % 7 for _ in range(9)))

    async def ask(client: AriClient) -> None:
        got = await asyncio.gather(*(client.request("GET", f"/{n}") for n in range(9)))
        assert got == [Answer(200, {"n": 7})] * 9

    asking(switch, ask)
    assert len({asked for _, asked in switch.asked}) == 9


def test_a_path_with_a_line_end_is_refused() -> None:
    async def ask(client: AriClient) -> None:
        with pytest.raises(ValueError, match="no path"):
            await client.request("GET", "/a\r\nX: y")

    asking(Switch(), ask)
