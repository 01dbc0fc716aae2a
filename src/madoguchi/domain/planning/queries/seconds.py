"""Moments as the simulator counts them: seconds from the first midnight of the records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """From the first midnight of some records to where they end."""

    begin: datetime
    end: datetime

    def s(self, at: datetime | None) -> float:
        """Seconds; NaN for never, and for what is later than the records."""
        return math.nan if at is None or at > self.end else self.ahead(at)

    def ahead(self, at: datetime | None) -> float:
        """The same of what was known to come, such as a due time, however late."""
        return math.nan if at is None else (at - self.begin).total_seconds()
