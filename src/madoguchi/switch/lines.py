"""What a switch can tell of its lines to the telephone network, beside the calls on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeen:
    """One line as the switch sees it now."""

    answers: bool | None = None
    """Whether the far end answered the last OPTIONS, with whatever; None where none is sent. Many providers
    answer none at all, so a silence alone says little."""
    registered: bool | None = None
    """Whether our registration there holds; None for a line without one."""


class WatchesLines(Protocol):
    """A switch that can be asked for its lines."""

    async def lines(self, names: Iterable[str]) -> Mapping[str, LineSeen]:
        """What is seen of these lines; one it does not know is left out. Raises CommandRefused."""
