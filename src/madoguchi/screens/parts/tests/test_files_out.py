"""Files under ASGI: whole, in pieces, without a warning; and the player's ranges as before."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.http import FileResponse, HttpRequest
from django.test import RequestFactory

from madoguchi.screens.parts.files_out import PIECE_BYTES, in_pieces

pytestmark = pytest.mark.pure

STATIC = "/static/built/desk.js"


@pytest.fixture(autouse=True)
def told() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield heard
    assert [one for one in heard if "StreamingHttpResponse" in str(one.message)] == []


def asked(path: str, **headers: str) -> tuple[int, list[bytes]]:
    """Status and body, in the pieces in which they went out, of the whole application under ASGI."""

    sent: list[Mapping[str, Any]] = []

    async def take(message: Mapping[str, Any]) -> None:
        sent.append(message)

    given: list[Mapping[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def give() -> Mapping[str, Any]:
        if not given:
            await asyncio.sleep(3600)  # the client stays until it has its answer
        return given.pop()

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": named}
    asyncio.run(get_asgi_application()(scope | {"http_version": "1.1"}, give, take))
    return sent[0]["status"], [message["body"] for message in sent[1:] if message.get("body")]


def test_a_static_file_goes_out_in_pieces_and_whole() -> None:
    file = Path(__file__).parents[1] / "static" / "built" / "desk.js"
    status, pieces = asked(STATIC, host="localhost")
    assert (status, b"".join(pieces)) == (200, file.read_bytes())
    assert len(pieces) == -(-file.stat().st_size // PIECE_BYTES)


def test_a_part_of_a_file_and_one_that_did_not_change() -> None:
    status, pieces = asked(STATIC, host="localhost", range="bytes=10-19")
    assert (status, len(b"".join(pieces))) == (206, 10)
    status, pieces = asked(STATIC, host="localhost", if_modified_since="Fri, 01 Jan 2100 00:00:00 GMT")
    assert (status, pieces) == (304, [])


def test_outside_asgi_a_file_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(os.urandom(PIECE_BYTES * 2))

    def view(_request: HttpRequest) -> FileResponse:
        return FileResponse((tmp_path / "x").open("rb"))

    response = in_pieces(view)(RequestFactory().get("/"))
    assert response.getvalue() == (tmp_path / "x").read_bytes()
    response.close()
