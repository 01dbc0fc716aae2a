"""Goals as typed: `--target 80% --within 20s`, `--goal mean_wait<=30s`, `--max-occupancy 85%`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madoguchi.program.staffing import quantities
from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.words import _

AT_MOST = {
    "blocking": quantities.share,
    "blocking_per_attempt": quantities.share,
    "delay_probability": quantities.share,
    "abandon_probability": quantities.share,
    "occupancy": quantities.share,
    "wait_tail": quantities.share,
    "wait_percentile_actual": quantities.time_s,
    "wait_percentile_offered": quantities.time_s,
    "mean_wait": quantities.time_s,
    "mean_wait_served": quantities.time_s,
    "mean_wait_abandoned": quantities.time_s,
    "mean_time_in_system": quantities.time_s,
    "mean_queue": quantities.number,
    "mean_in_system": quantities.number,
    "redial_orbit": quantities.number,
}
AT_LEAST = {f"service_level_{letter}": quantities.share for letter in "abcd"}
AT_TIME = (*AT_LEAST, "wait_tail")
"""Measures of a waiting time."""
PERCENTILES = {"wait_percentile_actual": False, "wait_percentile_offered": True}
"""Measures of a percentile, and whether it is of the wait if nobody gave up."""
_GOAL = re.compile(r"\s*(?:([^.\s]+)\.)?([a-z_]+)\s*(?:@\s*([^<>=]+?))?\s*(<=|>=|≤|≥)\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class Goal:
    """One measure and what it must reach."""

    measure: str
    value: float
    typed: str
    at: float | None = None
    """The waiting time in seconds, or the share of a percentile; None: the first that was given."""
    customers: str = ""
    """Which class of callers (model `priority`); empty: all of them."""

    @property
    def at_least(self) -> bool:
        """True where more is better."""
        return self.measure in AT_LEAST

    def reached(self, found: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where its measure is good enough."""
        return np.asarray(found >= self.value if self.at_least else found <= self.value)

    def place(self, within: Sequence[float], percentiles: Sequence[float]) -> float:
        """The waiting time or percentile it is about: its own, or the first that was given; 0: neither.

        Raises Unreadable where it is about one and none was given.
        """
        if self.at is not None:
            return self.at
        if self.measure in AT_TIME:
            if not within:
                raise Unreadable(
                    _("The goal {goal} needs --within: within which time?").format(goal=self.typed)
                )
            return within[0]
        if self.measure in PERCENTILES:
            if not percentiles:
                raise Unreadable(_("The goal {goal} needs --percentile: which one?").format(goal=self.typed))
            return percentiles[0]
        return 0.0


def read(text: str) -> Goal:
    """One `--goal`. Raises Unreadable, also for measures that more agents do not improve."""
    found = _GOAL.fullmatch(text)
    if found is None:
        raise Unreadable(
            _("“{text}” is no goal. Write for instance mean_wait<=30s or service_level_a>=80%.").format(
                text=text
            )
        )
    customers, measure, at, sign, value = found.groups()
    upwards = sign in {">=", "≥"}
    reads = (AT_LEAST if upwards else AT_MOST).get(measure)
    if reads is None:
        known = ", ".join([*(f"{name}<=" for name in AT_MOST), *(f"{name}>=" for name in AT_LEAST)])
        raise Unreadable(
            _("“{text}” is no goal that more agents reach. Possible are: {known}.").format(
                text=text, known=known
            )
        )
    place = None
    if at is not None:
        place = quantities.share(at) if "percentile" in measure else quantities.time_s(at)
    return Goal(measure, reads(value), text.strip(), place, customers or "")


def all_of(
    target: float | None, within: Sequence[float], typed: Sequence[str], max_occupancy: float | None
) -> list[Goal]:
    """All goals of one command line. Raises Unreadable where one lacks its time or percentile."""
    goals = [read(text) for text in typed]
    if target is not None:
        if not within:
            raise Unreadable(_("--target needs --within: within which time?"))
        goals.insert(0, Goal("service_level_a", target, f"{target:.10g} ≤ service_level_a"))
    if max_occupancy is not None:
        goals.append(Goal("occupancy", max_occupancy, f"occupancy ≤ {max_occupancy:.10g}"))
    return goals
