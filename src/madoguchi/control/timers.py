"""What time makes due: one query several times a second, and an action for each thing found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control.pool import run
from madoguchi.control.waiting_line import announce_place
from madoguchi.domain.calls.actions.hearing import call_fell_due
from madoguchi.domain.calls.actions.restoring import try_to_restore
from madoguchi.domain.calls.actions.ringing import ring_out
from madoguchi.domain.calls.actions.straightening import straighten_activity
from madoguchi.domain.calls.actions.waiting import evict, free_named
from madoguchi.domain.calls.actions.wrapping import wrap_up_fell_due
from madoguchi.domain.calls.due import due
from madoguchi.kit.clock import now
from madoguchi.kit.machine import Impossible

log = structlog.get_logger(__name__)

EVERY_S = 0.25
GRACE_S = 1.5
"""A leg answered while nobody listened asks for us each half second (`dialplan`), and is heard then."""
HELD_BACK = frozenset({"call", "offer"})
"""What may have been answered or ended meanwhile: time does not end it before belief was compared."""


def _evict(visit_id: int) -> None:
    evict(visit_id, closing=False)


BY_UUID: Mapping[str, Callable[[UUID], object]] = {
    "call": call_fell_due,
    "offer": ring_out,
    "wrap_up": wrap_up_fell_due,
    "restore": try_to_restore,
}
BY_NUMBER: Mapping[str, Callable[[int], object]] = {
    "named": free_named,
    "leave": _evict,
    "announce": announce_place,
    "activity": straighten_activity,
}


async def forever(compared: asyncio.Event) -> None:
    """Do what is due until cancelled; while the database is away, nothing is.

    `compared` is set while what we believe of the switch is known to be so.
    """
    since: float | None = None
    while True:
        await asyncio.sleep(EVERY_S)
        since = (since or time.monotonic()) if compared.is_set() else None
        is_certain = since is not None and time.monotonic() - since >= GRACE_S
        try:
            found = [one for one in await run(due, now()) if is_certain or one.kind not in HELD_BACK]
        except (OperationalError, InterfaceError):
            await asyncio.sleep(1.0)
            continue
        results = await asyncio.gather(
            *(
                run(BY_UUID[one.kind], one.uuid)
                if one.kind in BY_UUID
                else run(BY_NUMBER[one.kind], int(one.id))
                for one in found
            ),
            return_exceptions=True,
        )
        for one, result in zip(found, results, strict=True):
            if isinstance(result, Exception) and not isinstance(result, Impossible):
                log.error("Something due could not be done.", what=one.kind, id=one.id, exc_info=result)
