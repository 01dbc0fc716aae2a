"""Error pages say what happened, what is safe and what to do."""

import asyncio
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.template.loader import render_to_string
from django.test import Client, override_settings

from madoguchi.domain.calls.tests.a_day import account

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@override_settings(DEBUG=False)
def test_a_page_that_is_not_there_says_so_in_japanese(client: Client) -> None:
    answer = client.get("/no/such/page", headers={"accept-language": "ja"})
    assert answer.status_code == 404
    assert "このページはありません" in answer.content.decode()


@override_settings(DEBUG=False)
def test_a_form_with_a_character_that_cannot_be_stored_is_refused_in_words(client: Client) -> None:
    client.force_login(account("sv", "山田", "supervisor"))
    answer = client.post("/office/reasons/add/", {"name": "修理\0", "client": ""})
    assert answer.status_code == 400
    assert "保存できない文字" in answer.content.decode()
    assert client.post("/office/reasons/add/", {"name": "修理", "client": ""}).status_code == 302


def test_the_page_of_a_fault_needs_no_request() -> None:
    assert 'href="/"' in render_to_string("500.html")


def connections_in_use() -> int:
    connection = connections["default"]
    assert isinstance(connection, DatabaseWrapper)
    stats = connection.pool.get_stats()
    return int(stats["pool_size"] - stats["pool_available"])


async def ask(path: str, cookie: str) -> int:
    """The status of a page, as the web process would answer it."""
    told: list[Any] = []
    headers = [(b"cookie", cookie.encode()), (b"host", b"localhost")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
    scope["client"] = ("127.0.0.1", 40_000)
    asked = iter([{"type": "http.request", "body": b""}])

    async def receive() -> Any:
        return next(asked, None) or await asyncio.Event().wait()

    async def send(message: Any) -> None:
        told.append(message)

    await get_asgi_application()(scope, receive, send)
    return int(told[0]["status"])


@override_settings(DEBUG=False)
@pytest.mark.django_db(transaction=True)
def test_no_error_page_keeps_a_database_connection(client: Client) -> None:
    client.force_login(account("sv", "山田", "supervisor"))
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    before = connections_in_use()

    async def day() -> None:
        assert (
            await asyncio.gather(*(ask(f"/no/such/page/{count}", cookie) for count in range(6))) == [404] * 6
        )

    asyncio.run(day())
    # A connection that the pool is just opening counts as in use.
    until = time.monotonic() + 10
    while connections_in_use() != before and time.monotonic() < until:
        time.sleep(0.05)
    assert connections_in_use() == before
