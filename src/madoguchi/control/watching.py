"""Looks at the lines every few seconds, and asks why where one is dead.

Nothing of it touches a call: a line that looks dead is dialled all the same when somebody wants to call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control.pool import run
from madoguchi.domain.calls.queries.lines import tried
from madoguchi.domain.switchboard.sealing import SealBroken
from madoguchi.domain.trunks.actions import line_explained, lines_seen
from madoguchi.domain.trunks.health import Tried
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.probe import Target, probe
from madoguchi.domain.trunks.queries import target_of, watched
from madoguchi.kit.clock import now
from madoguchi.switch.lines import LineSeen, WatchesLines
from madoguchi.switch.port import CommandRefused

log = structlog.get_logger(__name__)

EVERY_S = 10.0
LOOK_BACK = timedelta(days=1)
"""A call older than this proves nothing of a line that answers no questions."""


async def forever(switch: WatchesLines) -> None:
    """Look again and again until cancelled; what cannot be looked at now is looked at next time."""
    while True:
        try:
            await look(switch)
        except (OperationalError, InterfaceError, CommandRefused) as away:
            log.info("The lines could not be looked at.", reason=str(away).splitlines()[0])
        except Exception:
            log.exception("The lines could not be looked at.")
        await asyncio.sleep(EVERY_S)


async def look(switch: WatchesLines) -> None:
    """One look at every line in use, and one question for each that is dead and unexplained."""
    names = [trunk.endpoint for trunk in await run(watched)]
    if not names:
        return
    seen = await switch.lines(names)
    at = now()
    for trunk_id in await run(lines_seen, seen, await run(_tried, seen, at), at=at):
        target = await run(_target, trunk_id)
        if target is not None:
            # Not in the pool of actions: a silent provider takes seconds.
            report = await asyncio.to_thread(probe, target)
            await run(line_explained, trunk_id, report, at=now())


def _tried(seen: Mapping[str, LineSeen], at: datetime) -> Mapping[str, Tried]:
    """What calls tell of the lines that nothing else speaks for."""
    return {
        name: tried(name, at - LOOK_BACK)
        for name, one in seen.items()
        if not one.answers and not one.registered
    }


def _target(trunk_id: int) -> Target | None:
    trunk = Trunk.objects.filter(pk=trunk_id).first()
    try:
        return target_of(trunk) if trunk is not None else None
    except SealBroken:
        return None
