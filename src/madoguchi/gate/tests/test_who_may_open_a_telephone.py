"""Tickets and origins: who is let in."""

import time

import pytest

from madoguchi.gate import tickets
from madoguchi.gate.doors import same_origin
from madoguchi.gate.relay import sendable
from madoguchi.gate.tickets import TicketRefused, read, ticket

pytestmark = pytest.mark.pure

HOSTS = frozenset({"localhost", "desk.example"})


def test_a_ticket_tells_whose_it_is_and_for_which_endpoint() -> None:
    found = read(ticket(7, "op-abc", key="k"), key="k")
    assert (found.holder, found.endpoint) == ("7", "op-abc")
    assert found.nonce != read(ticket(7, "op-abc", key="k"), key="k").nonce


@pytest.mark.parametrize("text", ["", "x", "a:b:c", "あ" * 50, "e30:1:x", "\x00"])
def test_what_is_no_ticket_is_refused(text: str) -> None:
    with pytest.raises(TicketRefused):
        read(text, key="k")


def test_a_ticket_signed_with_another_key_is_refused() -> None:
    with pytest.raises(TicketRefused):
        read(ticket(7, "op-abc", key="other"), key="k")


def test_an_altered_ticket_is_refused() -> None:
    text = ticket(7, "op-abc", key="k")
    body, rest = text.split(":", 1)
    with pytest.raises(TicketRefused):
        read(f"{body[:-1]}{'A' if body[-1] != 'A' else 'B'}:{rest}", key="k")


def test_a_ticket_lives_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    text = ticket(7, "op-abc", key="k")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + tickets.MAX_AGE_S - 2)
    assert read(text, key="k").holder == "7"
    monkeypatch.setattr(time, "time", lambda: now + tickets.MAX_AGE_S + 2)
    with pytest.raises(TicketRefused):
        read(text, key="k")


@pytest.mark.parametrize(
    ("origin", "host", "let_in"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("https://desk.example", "desk.example", True),
        ("http://localhost:8000", "localhost:8001", False),
        ("https://evil.example", "desk.example", False),
        ("https://evil.example", "evil.example", False),  # a name of theirs that points to us
        ("https://desk.example.evil.example", "desk.example", False),
        ("null", "desk.example", False),
        (None, "desk.example", False),
        ("file://localhost", "localhost", False),
    ],
)
def test_only_our_own_pages_are_let_in(origin: str | None, host: str, let_in: bool) -> None:
    assert same_origin(origin, host, HOSTS) is let_in


@pytest.mark.parametrize(
    ("seen", "sent"), [(1000, 1000), (1006, 1001), (None, 1001), (1009, 1009), (4008, 4008), (5, 1011)]
)
def test_close_codes_that_may_not_be_sent_are_replaced(seen: int | None, sent: int) -> None:
    assert sendable(seen) == sent
