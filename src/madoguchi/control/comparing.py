"""Now and then the books are held against the switch, also when nothing seems wrong: an event that never
came must not leave a call, or a person, where they are for ever (pain 1)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control import belief
from madoguchi.control.pool import run
from madoguchi.control.reconcile import Difference, Lost, Repair, drifted
from madoguchi.switch import port

log = structlog.get_logger(__name__)

EVERY_S = 10.0


class Comparing:
    """Takes in a difference when it was there twice running; once, its event may be on its way."""

    def __init__(
        self, switch: port.Switch, may_look: asyncio.Event, take_in: Callable[[Difference], Awaitable[None]]
    ) -> None:
        self._switch = switch
        self._may_look = may_look
        self._take_in = take_in
        self._seen: set[object] = set()

    async def forever(self) -> None:
        """Compare until cancelled, while the switch is connected."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self._may_look.wait()
            try:
                await self.once()
            except (OperationalError, InterfaceError, port.CommandRefused) as reason:
                log.warning("Comparing is tried again.", reason=str(reason).splitlines()[0])

    async def once(self) -> int:
        """Compare; returns how many differences were taken in."""
        living = await self._switch.living()
        believed = await run(belief.read, self._switch.node)
        found = {_mark(one): one for one in drifted(believed, living)}
        certain = found.keys() & self._seen
        if any(isinstance(found[mark], Lost) for mark in certain):
            oldest = min(leg.began_at for leg in believed.legs)
            past = await self._switch.past(oldest)
            found = {_mark(one): one for one in drifted(believed, living, past)}
        for mark in [mark for mark in found if mark in certain]:
            log.warning("An event never came.", difference=repr(mark))
            await self._take_in(found[mark])
        self._seen = set(found) - certain
        return len(certain)


def _mark(one: Difference) -> object:
    """What makes two findings the same."""
    match one:
        case Repair(call_id, command):
            return ("repair", call_id, command)
        case Lost():
            return ("lost", one.leg_id)
        case port.LegEvent():
            return (type(one).__name__, one.leg_id)
    return ("missed", one.past.leg_id)
