"""Says that the switch lives and lets us not listen: in the log, and in a file for whoever can mend it.

The controller cannot mend it: the switch's process is not its own. `madoguchi up` reads the file, looks for
itself and starts Asterisk anew; where nobody does, the log and `madoguchi doctor` tell it to a person.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control import belief
from madoguchi.control.pool import run
from madoguchi.domain.calls.states import WITH_AN_OPERATOR
from madoguchi.kit.clock import now
from madoguchi.switch.listening import Deaf, Listens, Report
from madoguchi.switch.port import CommandRefused, PastLeg, Switch

log = structlog.get_logger(__name__)

EVERY_S = 1.0
LOUD_FROM_TRIES = 3
"""One attempt may meet a switch that is just being ended; so many, of five seconds each, do not."""
LOUD_EVERY_TRIES = 6


class Hearable(Listens, Switch, Protocol):
    """A switch that knows whether it can be listened to."""


async def forever(switch: Hearable, file: Path) -> None:
    """Keep `file` telling what is so, until cancelled: it exists while the switch is deaf, and only then."""
    told: Deaf | None = None
    _write(file, None)
    while True:
        deaf = switch.deaf
        if deaf != told:
            try:
                await _tell(deaf, switch, file)
                told = deaf
            except OSError as error:
                log.error("It cannot be told that the switch is deaf.", reason=str(error))
        await asyncio.sleep(EVERY_S)


async def _tell(deaf: Deaf | None, switch: Switch, file: Path) -> None:
    if deaf is None:
        _write(file, None)
        return
    conversations = await _conversations(switch)
    told = Report(
        pid=os.getpid(), since=deaf.since, last=deaf.last, tries=deaf.tries, conversations=conversations
    )
    _write(file, told)
    if deaf.tries >= LOUD_FROM_TRIES and (deaf.tries - LOUD_FROM_TRIES) % LOUD_EVERY_TRIES == 0:
        log.error(
            "The switch takes our connection and lets us not listen: no call can be served until it is "
            "started anew.",
            node=switch.node,
            deaf_for_s=round((now() - deaf.since).total_seconds()),
            tries=deaf.tries,
            conversations=conversations,
        )


def _write(file: Path, told: Report | None) -> None:
    if told is None:
        file.unlink(missing_ok=True)
        return
    fresh = file.with_name(f".{file.name}")
    fresh.write_text(told.text())
    fresh.replace(file)


async def _conversations(switch: Switch) -> int | None:
    try:
        believed = await run(belief.read, switch.node)
        oldest = min((leg.began_at for leg in believed.legs), default=None)
        past = await switch.past(oldest) if oldest else ()
    except (OperationalError, InterfaceError, CommandRefused, OSError):
        return None
    return talking(believed, past)


def talking(believed: belief.Belief, past: Iterable[PastLeg]) -> int:
    """How many customers were with somebody when we last heard, and neither has left since.

    What ended since stands in the switch's own event log, which is written also while nobody can listen.
    """
    ended = {leg.leg_id for leg in past if leg.ended_at is not None}
    return sum(
        1
        for call in believed.calls
        if call.phase in WITH_AN_OPERATOR and not {call.customer_leg, call.operator_leg} & {"", *ended}
    )
