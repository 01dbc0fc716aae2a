"""The live channel in a real browser: snapshot plus changes, a gap, an outage, drawn fragments."""

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from madoguchi.screens.parts.tests.served import chromium

pytestmark = pytest.mark.live

HERE = Path(__file__).resolve().parent
NOTE = '<label>要約 <input id="note" name="note"></label>'


class Stream:
    """What the server will say next, and how often it was asked."""

    def __init__(self) -> None:
        self.connections = 0
        self.words: queue.Queue[str | None] = queue.Queue()

    def say(self, event: str, number: int, **sections: Any) -> None:
        data = json.dumps({"number": number, "sections": sections})
        self.words.put(f"event: {event}\ndata: {data}\n\n")

    def cut(self) -> None:
        self.words.put(None)


def _handler(stream: Stream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/stream":
                self._stream()
                return
            file = HERE / "pages" / "live.html" if self.path == "/" else HERE.parent / self.path.lstrip("/")
            kinds = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
            self.send_response(200)
            self.send_header("Content-Type", kinds[file.suffix])
            self.send_header("Content-Security-Policy", "default-src 'self'")
            self.end_headers()
            self.wfile.write(file.read_bytes())

        def _stream(self) -> None:
            stream.connections += 1
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            while (words := stream.words.get()) is not None:
                self.wfile.write(words.encode())
                self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def page(stream: Stream) -> Iterator[Page]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stream))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with chromium() as browser:
        opened = browser.new_page()
        problems: list[str] = []
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.goto(f"http://127.0.0.1:{server.server_port}/")
        yield opened
        assert problems == []
    stream.cut()
    server.shutdown()
    server.server_close()


def shows(page: Page, words: str) -> None:
    page.wait_for_selector(f'[data-section="waiting"]:has-text("{words}")', timeout=8000)


def test_fragments_are_drawn_and_what_is_being_typed_stays(page: Page, stream: Stream) -> None:
    stream.say("snapshot", 1, waiting={"html": "<b>待ち 1件</b>"}, note={"html": NOTE})
    shows(page, "待ち 1件")
    page.fill("#note", "冷蔵庫が冷え")
    page.focus("#note")
    stream.say("change", 2, waiting={"html": "<b>待ち 2件</b>"})
    shows(page, "待ち 2件")
    stream.say("change", 3, note={"html": NOTE + "<p>担当 佐藤</p>"})
    page.wait_for_selector("text=担当 佐藤")
    assert page.input_value("#note") == "冷蔵庫が冷え"
    assert page.evaluate("document.activeElement.id") == "note"
    assert stream.connections == 1


def test_a_change_that_does_not_follow_asks_for_a_fresh_snapshot(page: Page, stream: Stream) -> None:
    stream.say("snapshot", 1, waiting={"html": "待ち 1件"})
    stream.say("change", 2, waiting={"html": "待ち 2件"})
    shows(page, "待ち 2件")
    stream.say("change", 2, waiting={"html": "古い知らせ"})
    stream.say("change", 4, waiting={"html": "飛ばした知らせ"})
    stream.cut()
    stream.say("snapshot", 1, waiting={"html": "待ち 5件"})
    shows(page, "待ち 5件")
    assert stream.connections == 2


def test_an_outage_is_said_in_its_place_and_heals_by_itself(page: Page, stream: Stream) -> None:
    stream.say("snapshot", 1, waiting={"html": "待ち 1件"})
    shows(page, "待ち 1件")
    assert page.is_hidden(".live-line")
    stream.cut()
    page.wait_for_selector(".live-line[data-down]", timeout=5000)
    stream.say("snapshot", 1, waiting={"html": "待ち 9件"})
    shows(page, "待ち 9件")
    assert page.is_hidden(".live-line")
