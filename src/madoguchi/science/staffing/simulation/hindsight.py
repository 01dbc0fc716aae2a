"""What the records tell of each caller's own chance, so that a day run again is that very day.

A day without one of its troubles is a question about what would have been. Its callers are those who called:
who left after 40 s bears 40 s there too, who was answered after 40 s bears more, who needed a leader needs
one. Drawing all that anew would give another day like it, and where a day's loss hangs on a few turns (two
leaders who hardly suffice), another day loses for other reasons.

What is kept is not a time but its place in the distribution learned, between 0 and 1: so half as long a
wrap-up is half as long for everybody. What the records leave open (how long somebody who was answered would
have borne) is drawn from what they leave possible.
Source: abduction, action, prediction: Pearl, Causality (2009), section 7.1; the coupling by ranks is the
quantile form of common random numbers, Glasserman, Yao, Manage. Sci. 38 (1992).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import chance
from madoguchi.science.staffing.simulation.distributions import Distribution

Values = NDArray[np.float64]
UNKNOWN = -1.0
"""In place of a number between 0 and 1: drawn as if there were no records."""
AFTER_LOST, AFTER_ANSWERED = range(2)
CUT_RING = chance.PURPOSES
"""Beside the purposes: how likely the ring during which the caller left would have been let go."""
COLUMNS = chance.PURPOSES + 1
_KEYS = 96
_NEVER_0 = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Hindsight:
    """By call of the records. Compared by identity: centres that differ otherwise share one."""

    fresh_s: Values
    """When those came that are in the trace, rising."""
    fresh: NDArray[np.int64]
    """Their rows."""
    again: NDArray[np.int64]
    """[call, `AFTER_LOST` or `AFTER_ANSWERED`]: the row of the same caller's next call; -1: none."""
    rung: NDArray[np.int64]
    """2 · rings let go, + 1 if answered."""
    cut: Values
    """How likely the ring during which the caller left would have been let go; 0: there was none."""
    bounds: dict[int, tuple[Values, Values]] = field(default_factory=dict)
    """Purpose (of `chance`) → between what and what each call's number lies; NaN: anywhere."""

    def rows_of(self, trace_s: Values) -> NDArray[np.int64]:
        """The row of each fresh call that comes at `trace_s`; -1 for a call that the records do not hold."""
        if not self.fresh.size:
            return np.full(trace_s.size, -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.fresh_s, trace_s), self.fresh.size - 1)
        return np.where(self.fresh_s[place] == trace_s, self.fresh[place], -1)


@lru_cache(maxsize=4)
def lucks(of: Hindsight, seed: int) -> Values:
    """[call, purpose] for one run: where the records leave room, by chance. Never written to."""
    found = np.full((of.rung.size, COLUMNS), UNKNOWN)
    streams = chance.streams(seed)
    keys = chance.keys(_KEYS, np.arange(of.rung.size))
    for purpose, (low, high) in of.bounds.items():
        told = ~np.isnan(low)
        between = low[told] + (high - low)[told] * chance.uniforms(streams[purpose], keys[told])
        found[told, purpose] = np.clip(between, _NEVER_0, 1.0 - _NEVER_0)
    found[:, CUT_RING] = of.cut
    return found


def places_in(of: Distribution, seconds: Values) -> Values:
    """The number between 0 and 1 of which the loop makes these seconds; NaN where it makes them of two.

    >>> from madoguchi.science.staffing.simulation.distributions import table
    >>> places_in(table([0.0, 10.0, 30.0]), np.array([5.0, 20.0])).tolist()
    [0.25, 0.75]
    """
    if of.kind == chance.EXPONENTIAL and of.a > 0:
        return np.asarray(np.exp(-seconds / of.a))
    if of.kind != chance.TABLE:
        return np.full(seconds.size, np.nan)
    values = np.array(of.values)
    found = np.interp(seconds, values, np.linspace(0.0, of.a, values.size))
    beyond = seconds > values[-1]
    if of.b > 0 and of.a < 1:
        found[beyond] = 1.0 - (1.0 - of.a) * np.exp(-(seconds[beyond] - values[-1]) / of.b)
    return np.asarray(found)
