"""What a switch can tell of its own deafness: it is there, and lets nobody listen to its events.

Calls may well go on then, and nothing can be done with them. What is told here is written by the one process
that holds the switch, and read by the one that could start the switch anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

REPORT_FILE = "asterisk.deaf"
"""In the folder of what may vanish; it is there while the switch is deaf, and only then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaf:
    """A run of attempts to listen that were taken and never answered, without another ending in between.

    An attempt that was refused (nobody is there: the switch starts anew), or that took so long that our own
    machine must have slept, is none of them.
    """

    since: datetime
    """When the first of them began."""
    last: datetime
    """When the last of them was given up."""
    tries: int


class Listens(Protocol):
    """A switch that knows whether it can be listened to."""

    @property
    def deaf(self) -> Deaf | None:
        """None while events come, and while nobody is there at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the controller tells of a deaf switch, in a file beside its own."""

    pid: int
    """Of the controller."""
    since: datetime
    last: datetime
    tries: int
    conversations: int | None
    """How many customers talk with somebody, as far as is known; None when nobody can say."""

    def text(self) -> str:
        """As it is written."""
        return json.dumps(asdict(self), default=datetime.isoformat)


def report(text: str) -> Report | None:
    """What `Report.text` wrote; None for anything else."""
    try:
        told = json.loads(text)
        for name in ("since", "last"):
            told[name] = datetime.fromisoformat(told[name])
        return Report(**told)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
