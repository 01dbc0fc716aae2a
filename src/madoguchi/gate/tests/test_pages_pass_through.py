"""The reverse proxy: what comes back is what web said, as it says it."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from madoguchi.gate.pages import MOST_BODY_BYTES
from madoguchi.gate.tests.house import House, run

pytestmark = pytest.mark.contract


def test_path_query_host_and_client_reach_web(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        path = "/customers/?q=%E9%AB%99%E6%A9%8B&x=a%2Fb"
        headers = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "Cookie": "s=1; t=2"}
        async with made.client.get(URL(made.url + path, encoded=True), headers=headers) as answer:
            seen = await answer.json()
        assert seen["path"] == path
        assert seen["headers"]["host"] == f"127.0.0.1:{made.port}"
        assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"  # a client's own word is not believed
        assert seen["headers"]["x-forwarded-proto"] == "http"
        assert seen["headers"]["cookie"] == "s=1; t=2"

    run(tmp_path, story)


def test_redirects_and_cookies_come_back_untouched(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        async with made.client.get(f"{made.url}/moved", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")
        async with made.client.get(f"{made.url}/cookies") as answer:
            assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]
        async with made.client.head(f"{made.url}/anything") as answer:
            assert answer.status == 200
            assert int(answer.headers["Content-Length"]) > 0

    run(tmp_path, story)


def test_a_large_upload_streams_through(tmp_path: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b"x" * 65536

    async def story(made: House) -> None:
        async with made.client.post(f"{made.url}/upload", data=pieces()) as answer:
            assert await answer.text() == str(80 * 65536)
        made.uploaded = 0
        async with made.client.post(f"{made.url}/upload", data=b"y" * 3_000_000) as answer:
            assert await answer.text() == "3000000"

    run(tmp_path, story)


def test_what_is_larger_than_any_file_may_be_is_refused_in_words_and_never_reaches_web(
    tmp_path: Path,
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MOST_BODY_BYTES // 1_000_000 + 2):
            yield b"x" * 1_000_000

    async def story(made: House) -> None:
        upload, too_long = f"{made.url}/upload", b"x" * (MOST_BODY_BYTES + 1)
        async with made.client.post(upload, data=too_long, headers={"Accept": "text/html"}) as answer:
            assert (answer.status, "24 MBまで" in await answer.text()) == (413, True)
        async with made.client.post(upload, data=too_long) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (413, "too_large")
        assert made.uploaded == 0
        async with made.client.post(upload, data=pieces()) as answer:
            assert answer.status == 413
        made.uploaded = 0
        async with made.client.post(upload, data=b"y" * 3_000_000) as answer:
            assert (answer.status, await answer.text()) == (200, "3000000")

    run(tmp_path, story)


def test_push_is_not_gathered_and_ends_with_its_reader(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        begun = time.monotonic()
        async with made.client.get(f"{made.url}/stream") as answer:
            assert await answer.content.readany() == b"data: 0\n\n"
            assert time.monotonic() - begun < 1
            assert await answer.content.readany() == b"data: 1\n\n"
            assert made.streams_open == 1
        for _ in range(20):
            await asyncio.sleep(0.1)
            if made.streams_open == 0:
                break
        assert made.streams_open == 0

    run(tmp_path, story)


def test_while_web_is_away_people_get_a_calm_page_and_scripts_json(tmp_path: Path) -> None:
    async def story(made: House) -> None:
        async with made.client.get(f"{made.url}/desk/", headers={"Accept": "text/html,*/*"}) as answer:
            page = await answer.text()
            assert answer.status == 503
            assert answer.headers["Retry-After"]
            assert 'http-equiv="refresh"' in page
            assert "通話中の電話はつながったままです" in page
        async with made.client.post(f"{made.url}/desk/beat", json={}) as answer:
            assert answer.status == 503
            assert (await answer.json())["error"]["code"] == "web_away"
        async with made.client.get(f"{made.url}/gate/healthz") as answer:
            assert answer.status == 200

    run(tmp_path, story, with_web=False)
