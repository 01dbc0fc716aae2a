"""The relay of `/ws`, with real WebSockets on both sides."""

import asyncio
import logging
from pathlib import Path

import aiohttp
import pytest

from madoguchi.gate.tests.house import KEY, House, run
from madoguchi.gate.tickets import ticket

pytestmark = pytest.mark.contract


def test_messages_pass_both_ways_and_are_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def story(made: House) -> None:
        async with await made.ws() as browser:
            assert browser.protocol == "sip"
            await browser.send_str("INVITE sip:0312345678@secret")
            assert (await browser.receive_str()).endswith("secret")
        await asyncio.sleep(0.1)
        assert made.heard == ["INVITE sip:0312345678@secret"]
        assert made.switch_closed_with is not None

    run(tmp_path, story)
    assert "0312345678" not in caplog.text


def test_a_ping_is_answered_by_the_gate_itself(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        async with await made.ws() as browser:
            await browser.send_str("\r\n\r\n")
            assert await browser.receive_str() == "\r\n"
        assert made.heard == []

    run(tmp_path, story)


def test_the_switch_s_close_code_reaches_the_browser(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        async with await made.ws() as browser:
            await browser.send_str("BYE")
            assert (await browser.receive()).type is aiohttp.WSMsgType.CLOSE
            assert browser.close_code == 4321

    run(tmp_path, story)


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_a_message_beyond_the_limit_ends_the_connection(tmp_path: Path, size: int) -> None:
    async def story(made: House) -> None:
        async with await made.ws() as browser:
            await browser.send_str("x" * size)
            assert (await browser.receive()).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
            assert browser.close_code == 1009
        assert made.heard == []

    run(tmp_path, story)


def test_foreign_pages_and_bad_tickets_are_refused(tmp_path: Path) -> None:
    async def refused_with(made: House, **how: str) -> int:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await made.ws(**how)
        return refusal.value.status

    async def story(made: House) -> None:
        assert await refused_with(made, origin="https://evil.example") == 403
        assert await refused_with(made, text="") == 401
        assert await refused_with(made, text=ticket(7, "op-test", key="another")) == 401
        used = ticket(7, "op-test", key=KEY)
        async with await made.ws(text=used):
            assert await refused_with(made, text=used) == 401

    run(tmp_path, story)


def test_the_newest_connections_of_a_person_win(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        sockets = [await made.ws() for _ in range(4)]
        assert (await sockets[0].receive()).type is aiohttp.WSMsgType.CLOSE
        assert sockets[0].close_code == 4008
        await sockets[3].send_str("REGISTER")
        assert "REGISTER" in await sockets[3].receive_str()

    run(tmp_path, story)


def test_with_the_switch_away_the_browser_is_told_to_come_again(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await made.ws()
        assert refusal.value.status == 502

    run(tmp_path, story, with_switch=False)


def test_a_restart_of_web_cuts_no_telephone(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        runner = await made.start_web()
        async with await made.ws() as browser:
            await runner.cleanup()
            async with made.client.get(f"{made.url}/desk/", headers={"Accept": "text/html"}) as page:
                assert page.status == 503
            await browser.send_str("REGISTER")
            assert "REGISTER" in await browser.receive_str()
            again = await made.start_web()
            async with made.client.get(f"{made.url}/desk/") as page:
                assert page.status == 200
            await again.cleanup()

    run(tmp_path, story, with_web=False)
