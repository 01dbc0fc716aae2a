"""What a rule of `madoguchi verify` finds broken; each room has its own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, with the rows that break it."""

    rule: str
    """Name of the check; stable."""
    words: str
    call_id: str = ""
    ids: tuple[str, ...] = ()
    at: datetime | None = None

    def __str__(self) -> str:
        rows = " ".join(self.ids)
        return f"{self.rule}: {self.words}" + (f" [call {self.call_id}]" if self.call_id else "") + f" {rows}"


Check = Callable[[datetime, datetime], Iterator[Violation]]
"""Every violation of one rule among what happened from the first moment up to, not including, the second."""
