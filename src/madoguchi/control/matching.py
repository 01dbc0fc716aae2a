"""The one matcher: decides who gets which call, woken by doorbells and by time."""

from __future__ import annotations

import asyncio
import functools
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control.pool import run
from madoguchi.domain.calls import floor_plan
from madoguchi.domain.calls.actions.offering import offer
from madoguchi.domain.calls.actions.waiting import note_wait_reasons
from madoguchi.kit.clock import now
from madoguchi.science.routing.choose import choose
from madoguchi.science.routing.model import Order, Pair

log = structlog.get_logger(__name__)


class Matching:
    """Runs rounds of matching, one at a time."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self._told: dict[int, dict[str, int]] = {}
        """Visit id → the reasons last stored, so that only changes are."""

    async def forever(self) -> None:
        """Match until cancelled: at each wake, when a reason lapses by time, and each second."""
        pause_s = 1.0
        while True:
            try:
                # Not wait_for: until Python 3.12 it may swallow the order to stop.
                async with asyncio.timeout(pause_s):
                    await self.wake.wait()
            except TimeoutError:
                self.wake.set()
            self.wake.clear()
            try:
                pause_s = await self.once()
            except (OperationalError, InterfaceError) as away:
                log.warning("Matching waits for the database.", reason=str(away).splitlines()[0])
                pause_s = 0.5

    async def once(self) -> float:
        """One round; returns after how many seconds to look again without a wake."""
        plan = await run(floor_plan.read)
        if not plan.visits:
            self._told.clear()
            return 1.0
        at = now()
        decision = choose(at, plan.visits, plan.agents)
        await asyncio.gather(*(self._offer(pair) for pair in decision.pairs))
        changed = {}
        for left in decision.rejections:
            counts = {str(reason): number for reason, number in left.counts.items()}
            if self._told.get(left.visit.id) != counts:
                changed[left.visit.id] = self._told[left.visit.id] = counts
        if changed:
            await run(functools.partial(note_wait_reasons, changed, at=at))
        self._forget({visit.id for visit in plan.visits})
        return _pause_s(at, decision.look_again_at)

    async def _offer(self, pair: Pair) -> None:
        ring_all = pair.visit.queue.order is Order.RING_ALL
        try:
            taken = await run(offer, pair.visit.id, pair.agent_ids, ring_all=ring_all)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # One call that cannot be offered must not keep all others waiting; it is tried next second.
            log.exception("A call could not be offered.", visit=pair.visit.id)
            return
        if not taken:
            # Somebody or something was quicker: look at the floor anew.
            self.wake.set()

    def _forget(self, living: set[int]) -> None:
        for visit_id in self._told.keys() - living:
            del self._told[visit_id]


def _pause_s(at: datetime, look_again_at: datetime | None) -> float:
    if look_again_at is None:
        return 1.0
    return min(max((look_again_at - at).total_seconds(), 0.05), 1.0)
