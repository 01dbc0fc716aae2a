"""Pages of the product in a real browser: served by a real server, opened as somebody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from madoguchi.config.asgi import application
from madoguchi.domain.people.models import Account
from madoguchi.screens.parts.tests.logged_in import browser_of

MEDIA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""A microphone that nobody has to allow."""


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """A browser without a window; `more` are switches of its command line."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", *more]
        )
        yield running
        running.close()


@contextmanager
def rows_beside_a_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread; rows are read and written between its turns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@contextmanager
def served(port: int) -> Iterator[str]:
    """The whole product at this port of ours; gives its address."""
    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(15)


def page_of(browser: Browser, address: str, person: Account, path: str, *, height: int = 900) -> Page:
    """A page opened by somebody who is logged in, at the width of a desk; close its context in the end."""
    cookie = browser_of(person).cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(viewport={"width": 1440, "height": height}, locale="ja-JP")
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}{path}")
    return page
