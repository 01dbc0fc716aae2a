"""Arrivals that are in nobody's hands: they ring on in the dialplan, or hear the emergency message there.

Nothing is told of them until they enter, and nothing at all when they leave before that; so they are
followed in the switch's own log until they do one or the other, and those who left are counted.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control.pool import run
from madoguchi.domain.calls.actions.arriving import arrived_unheard
from madoguchi.kit.clock import now
from madoguchi.switch import port

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
OVERLAP = timedelta(seconds=5)


class Stragglers:
    """Follows what reconcile found outside of our hands."""

    def __init__(self, switch: port.Switch) -> None:
        self._switch = switch
        self._legs: set[str] = set()
        self._since: datetime = now()
        self._some = asyncio.Event()

    def follow(self, living: port.Living) -> None:
        """Follow every arrival of this snapshot that has not entered."""
        found = {leg.leg_id for leg in living.legs if leg.arrival and not leg.ours}
        if found and not self._legs:
            self._since = living.at - OVERLAP
        self._legs |= found
        if self._legs:
            self._some.set()

    async def forever(self) -> None:
        """Look once a second while there is anybody to follow; until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.once()
            except (OperationalError, InterfaceError, port.CommandRefused) as reason:
                log.warning("Stragglers are looked for again.", reason=str(reason).splitlines()[0])
            if not self._legs:
                self._some.clear()

    async def once(self) -> None:
        """Count those who left, and let go of those who entered."""
        living = await self._switch.living()
        here = {leg.leg_id: leg for leg in living.legs}
        left = self._legs - here.keys()
        if left:
            for past in await self._switch.past(self._since):
                if past.leg_id in left and past.ended_at is not None:
                    # One that had entered before it left is known, and not counted again.
                    await run(arrived_unheard, past)
                    self._legs.discard(past.leg_id)
        self._legs -= {leg_id for leg_id in self._legs if leg_id in here and here[leg_id].ours}
