"""What is kept is read once, forgotten when the doorbell says so, and never old."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from madoguchi.domain.ledger import kept

pytestmark = pytest.mark.pure


class Office:
    """A value that somebody may change, and how often it was read."""

    def __init__(self) -> None:
        self.value = "before"
        self.reads = 0


office = Office()


@kept.kept
def asked(key: int) -> str:
    office.reads += 1
    return f"{office.value} {key}"


@pytest.fixture(autouse=True)
def keeping() -> Iterator[None]:
    office.__init__()  # type: ignore[misc]
    kept.keep_from_now_on()
    yield
    kept.keep_nothing()


def test_it_is_read_once_for_each_key() -> None:
    assert [asked(1), asked(1), asked(2)] == ["before 1", "before 1", "before 2"]
    assert office.reads == 2


def test_after_the_doorbell_it_is_read_anew() -> None:
    asked(1)
    office.value = "after"
    kept.forget()
    assert asked(1) == "after 1"


def test_without_a_doorbell_it_is_too_old_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    asked(1)
    office.value = "after"
    monkeypatch.setattr(kept, "OLDEST_S", 0.0)
    assert asked(1) == "after 1"


def test_what_was_read_before_the_doorbell_is_not_kept_after_it() -> None:
    @kept.kept
    def slow() -> str:
        read = office.value
        if office.reads == 0:
            # Somebody changes it, and rings, while it is being read.
            office.reads, office.value = 1, "after"
            kept.forget()
        return read

    assert slow() == "before"
    assert slow() == "after"


def test_a_process_that_hears_no_doorbell_keeps_nothing() -> None:
    kept.keep_nothing()
    asked(1)
    asked(1)
    assert office.reads == 2


def test_a_stranger_who_asks_for_many_keys_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 10)
    for key in range(35):
        asked(key)
    assert len(kept._shelf.of[f"{__name__}.asked"]) <= 10
