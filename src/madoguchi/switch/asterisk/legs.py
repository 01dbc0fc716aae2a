"""What the adapter remembers of each leg between frames: hints that save requests, never the truth.

After a restart of the controller nothing is remembered, and a leg that is not known is treated with
every precaution.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from madoguchi.switch.port import LegGone

_MOST = 20_000


@dataclass(slots=True)
class LegMemory:
    """One leg that lives, or is about to."""

    music: bool = False
    playbacks: set[str] = field(default_factory=set)
    awaited: bool = False
    """Dialled by us and not entered so far: the switch refuses commands for it only for now."""
    ringing: bool = False
    ended_by_us: bool = False
    ending: bool = False
    cause: int = 0
    """Q.850 cause given with the request to end it."""
    released: bool = False
    """Given back to the dialplan: its leaving us is no end."""
    dialling: asyncio.Future[None] | None = None
    """Under way while the request that makes the leg has no answer yet."""
    seen_gone: asyncio.Future[LegGone] | None = None
    """Of a leg that we dialled: its end, as the application that watches all telephones hears of it."""
    placed: asyncio.Future[None] | None = None
    """Of a leg that may be joined before it is answered: done when it is ours, and can be let ring."""
    sounded: bool = False
    unfollowed: bool = False
    """It ended before it could be followed, so nobody else tells of its end."""


class Legs:
    """The memory of all legs, bounded: the oldest is forgotten first."""

    def __init__(self) -> None:
        self._legs: OrderedDict[str, LegMemory] = OrderedDict()
        self._stopped: OrderedDict[str, None] = OrderedDict()

    def find(self, leg_id: str) -> LegMemory | None:
        return self._legs.get(leg_id)

    def begin(self, leg_id: str) -> LegMemory:
        """Remember a leg; one that is remembered already stays as it is."""
        memory = self._legs.get(leg_id)
        if memory is None:
            memory = self._legs[leg_id] = LegMemory()
            if len(self._legs) > _MOST:
                self._legs.popitem(last=False)
        return memory

    def end(self, leg_id: str) -> LegMemory | None:
        """Forget a leg and give what was remembered."""
        return self._legs.pop(leg_id, None)

    def forget_all(self) -> None:
        """After a loss of the connection nothing of it is certain."""
        self._legs.clear()
        self._stopped.clear()

    def stop(self, playback_id: str) -> None:
        """Remember that we ended this playback ourselves, so that its end is not taken for complete."""
        self._stopped[playback_id] = None
        if len(self._stopped) > _MOST:
            self._stopped.popitem(last=False)

    def was_stopped(self, playback_id: str) -> bool:
        """Whether we ended it; asked once, at its end."""
        if playback_id in self._stopped:
            del self._stopped[playback_id]
            return True
        return False
