"""One mailbox a call: order within a call, freedom between calls."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

Letter = Callable[[], Awaitable[None]]

LONGEST = 500
"""A mailbox that holds more is a call gone mad (or hostile); what comes then is dropped and logged."""


class Mailboxes:
    """Runs letters one after another within a key, and side by side between keys."""

    def __init__(self) -> None:
        self._boxes: dict[str, deque[Letter]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, key: str, letter: Letter) -> None:
        """Add a letter; the box's task begins when it was empty."""
        box = self._boxes.get(key)
        if box is None:
            self._boxes[key] = deque([letter])
            task = asyncio.create_task(self._work_off(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(box) >= LONGEST:
            log.error("A mailbox is full; a letter was dropped.", mailbox=key)
        else:
            box.append(letter)

    def __len__(self) -> int:
        """How many boxes are being worked off."""
        return len(self._boxes)

    async def drained(self) -> None:
        """Wait until all boxes are empty."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work_off(self, key: str) -> None:
        box = self._boxes[key]
        while box:
            letter = box.popleft()
            try:
                await letter()
            except Exception:
                # One event that cannot be taken in must not cost the call its following ones.
                log.exception("A letter could not be taken in.", mailbox=key)
        del self._boxes[key]
