"""Every part on one page, in a real browser: readable by all, movable by keyboard, no jump, no overflow."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from madoguchi.screens.parts.preview import page as preview
from madoguchi.screens.parts.tests.served import chromium

pytestmark = pytest.mark.live

PARTS = Path(__file__).resolve().parent.parent
AXE = PARTS.parents[3] / "node_modules" / "axe-core" / "axe.min.js"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"


class _Pages(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path not in {"/ja", "/en"}:
            super().do_GET()
            return
        body = preview(self.path[1:]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Pages, directory=str(PARTS))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1440, "height": 900}, locale="ja-JP")
    yield opened
    opened.close()


@pytest.mark.parametrize("width", [360, 390, 768, 1440, 2560])
def test_no_width_makes_the_page_wider_than_the_screen(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/ja")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing(page: Page, address: str, language: str) -> None:
    if not AXE.exists():
        pytest.skip("npm ci has not been run")
    page.goto(f"{address}/{language}")
    # Given through the debugger, so that the page's own policy stays as it is.
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []


def test_clocks_tick_and_change_tone_at_their_limits(page: Page, address: str) -> None:
    page.goto(f"{address}/ja")
    clock = page.locator("time-since[soon-after]").first
    before = clock.text_content()
    assert clock.get_attribute("data-tone") == "soon"
    page.wait_for_timeout(1300)
    assert clock.text_content() != before
    clock.evaluate("(element) => element.setAttribute('at', new Date(Date.now() - 125000).toISOString())")
    assert clock.get_attribute("data-tone") == "hurt"
    assert "/" in (clock.get_attribute("title") or "")


def test_a_form_that_was_refused_has_the_keys_in_its_wrong_field(page: Page, address: str) -> None:
    page.goto(f"{address}/ja")
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert page.locator(":focus ~ .error").count() == 1


def test_the_list_of_keys_is_one_key_away_and_closes_by_escape(page: Page, address: str) -> None:
    page.goto(f"{address}/ja")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.wait_for_selector("#key-list[open]")
    assert "新しく作る" in (page.text_content("#key-list") or "")
    page.keyboard.press("Escape")
    page.wait_for_selector("#key-list:not([open])", state="attached")
    page.focus("#id_name")
    page.keyboard.type("?")
    assert page.input_value("#id_name") == "?"
    assert page.get_attribute("#key-list", "open") is None


def test_tabs_move_by_arrows(page: Page, address: str) -> None:
    page.goto(f"{address}/ja")
    page.focus("#tab-a")
    page.keyboard.press("ArrowRight")
    assert page.is_visible("#panel-b")
    assert page.is_hidden("#panel-a")
    assert page.evaluate("document.activeElement.id") == "tab-b"


def test_a_dialog_beside_the_phone_leaves_the_page_alive(page: Page, address: str) -> None:
    page.goto(f"{address}/ja")
    page.evaluate("document.body.dataset.phone = ''")
    page.click('[data-opens="sample"]')
    assert page.evaluate("document.querySelector('#sample').matches(':modal')") is False
    page.keyboard.press("Escape")
    page.wait_for_selector("#sample:not([open])", state="attached")
