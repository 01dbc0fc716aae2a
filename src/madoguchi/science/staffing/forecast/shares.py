"""Shares of the reasons among calls, as they are kept and shown: needs nothing that learns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the reasons with the most calls first; at each half-hour of a mean day they sum to 1."""

    by_slot: Mapping[str, Floats]
    by_day: Mapping[str, Floats] = field(default_factory=dict)
    """How many times its share a reason has on each of the days; missing: once, on all of them."""

    def on(self, reason: str, day: int) -> Floats:
        """The share of a reason at each half-hour of one of the days; 0 for a reason that is not known.

        >>> shares = Shares({"a": np.array([0.75]), "b": np.array([0.25])}, {"b": np.array([1.0, 3.0])})
        >>> [shares.on("b", day).tolist() for day in (0, 1)]
        [[0.25], [0.5]]
        """
        if reason not in self.by_slot:
            return np.zeros(len(next(iter(self.by_slot.values()), ())))
        lines = {
            name: line * (self.by_day[name][day] if name in self.by_day else 1.0)
            for name, line in self.by_slot.items()
        }
        return np.asarray(lines[reason] / np.maximum(np.sum(list(lines.values()), axis=0), 1e-12))
