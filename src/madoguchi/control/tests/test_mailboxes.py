"""Order within a mailbox, freedom between them, and no letter stops the following ones."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from madoguchi.control import mailboxes
from madoguchi.control.mailboxes import Mailboxes

pytestmark = pytest.mark.pure


def letters_to(seen: list[str]) -> Callable[..., Callable[[], Awaitable[None]]]:
    def letter(name: str, turns: int = 0, fails: bool = False) -> Callable[[], Awaitable[None]]:
        async def read() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            seen.append(name)
            if fails:
                raise RuntimeError(name)

        return read

    return letter


def deliver(fill: Callable[[Mailboxes, Callable[..., Callable[[], Awaitable[None]]]], None]) -> list[str]:
    seen: list[str] = []

    async def whole() -> None:
        boxes = Mailboxes()
        fill(boxes, letters_to(seen))
        await boxes.drained()
        assert len(boxes) == 0

    asyncio.run(whole())
    return seen


def test_letters_of_one_call_are_read_in_order() -> None:
    def fill(boxes: Mailboxes, letter: Callable[..., Callable[[], Awaitable[None]]]) -> None:
        for n in range(9):
            boxes.put("a", letter(str(n), turns=9 - n))

    assert deliver(fill) == [str(n) for n in range(9)]


def test_calls_do_not_wait_for_each_other() -> None:
    def fill(boxes: Mailboxes, letter: Callable[..., Callable[[], Awaitable[None]]]) -> None:
        boxes.put("a", letter("slow", turns=50))
        boxes.put("b", letter("quick"))

    assert deliver(fill) == ["quick", "slow"]


def test_a_letter_that_fails_does_not_cost_the_call_the_next_one() -> None:
    def fill(boxes: Mailboxes, letter: Callable[..., Callable[[], Awaitable[None]]]) -> None:
        boxes.put("a", letter("bad", fails=True))
        boxes.put("a", letter("good"))

    assert deliver(fill) == ["bad", "good"]


def test_a_call_gone_mad_is_cut_off_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "LONGEST", 3)

    def fill(boxes: Mailboxes, letter: Callable[..., Callable[[], Awaitable[None]]]) -> None:
        for n in range(10):
            boxes.put("mad", letter(f"mad-{n}"))
        boxes.put("calm", letter("calm"))

    seen = deliver(fill)
    assert "calm" in seen
    assert [name for name in seen if name.startswith("mad")] == ["mad-0", "mad-1", "mad-2"]
