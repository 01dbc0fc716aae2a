"""A clock that moves when it is told to: a day of the centre passes in seconds, in a fixed order."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from madoguchi.kit.clock import check_aware

MORNING = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
"""A Monday, 09:00 in Japan."""


@dataclass(order=True, slots=True)
class Timer:
    """Something that is to be done at a time; `cancel` makes it nothing."""

    at: datetime
    number: int
    do: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class SimulatedClock:
    """Time that stands still between two timers."""

    def __init__(self, start: datetime = MORNING) -> None:
        self._now = check_aware(start)
        self._timers: list[Timer] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return self._now

    def later(self, delay_s: float, do: Callable[[], None]) -> Timer:
        """Have `do` called when `delay_s` seconds have passed; equal times keep their order."""
        timer = Timer(self._now + timedelta(seconds=max(0.0, delay_s)), next(self._numbers), do)
        heapq.heappush(self._timers, timer)
        return timer

    def next_at(self) -> datetime | None:
        """When the next timer is due, None when there is none."""
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0].at if self._timers else None

    def step(self, until: datetime) -> bool:
        """Do the next timer that is due by `until`; when there is none, move to `until` and say False."""
        due = self.next_at()
        if due is None or due > until:
            self._now = max(self._now, until)
            return False
        timer = heapq.heappop(self._timers)
        self._now = max(self._now, timer.at)
        timer.do()
        return True

    def advance(self, seconds: float) -> None:
        """Let time pass, doing every timer on the way in its order."""
        until = self._now + timedelta(seconds=seconds)
        while self.step(until):
            pass

    async def run(self, seconds: float, settle: Callable[[], Awaitable[None]]) -> None:
        """Let time pass, awaiting `settle` after each timer: time stands still while others react."""
        until = self._now + timedelta(seconds=seconds)
        await settle()
        while self.step(until):
            await settle()
