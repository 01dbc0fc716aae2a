"""Why the calls of a day were lost: its records run again, with and without each cause.

Needs the compiled simulator: only the worker imports this.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from madoguchi.domain.planning.queries.known import known_of, to_run_again
from madoguchi.domain.planning.queries.lines import Lines, lines_of
from madoguchi.domain.planning.queries.past import past_of
from madoguchi.domain.planning.states import Refusal
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.calibration import as_it_was, calibrated
from madoguchi.science.staffing.simulation.causes import CHANCE, Booking, book
from madoguchi.science.staffing.simulation.centre import Centre
from madoguchi.science.staffing.simulation.engaged import (
    AGAIN_AT_LEAST,
    AGAIN_AT_MOST,
    with_those_turned_away,
)
from madoguchi.science.staffing.simulation.flat import OUTCOME, is_lost
from madoguchi.science.staffing.simulation.kinds import Past
from madoguchi.science.staffing.simulation.likely import as_likely
from madoguchi.science.staffing.simulation.norm import Norm
from madoguchi.science.staffing.simulation.reproduction import Reproduced, reproduced
from madoguchi.science.staffing.simulation.running import Run, replicate

FEWEST_LOST = 10
FEWEST_ANSWERED = 50
TOLERANCE = 0.25
"""So far from the day's own number of lost calls may the day run again be, where it is not usual for it."""
SHOWN = ("lost", "answer_rate", "service_level_a", "mean_wait_served", "handling_s")
_RUNS = 12
_APART = 1_000
"""So that no two days draw the same other centres."""
_SURE = 0.01
"""A point of a hundred: shares are shown no finer."""
_RUNS_OF_OTHERS = 4
"""Of what may be so besides: it only widens intervals."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What came of it: the columns of a `CauseReport`."""

    arrivals: int
    lost: int
    refusal: str = ""
    bookings: list[dict[str, Any]] = field(default_factory=list)
    reproduced: list[dict[str, Any]] = field(default_factory=list)
    engaged: int = 0


def explain(day: date) -> Explained:
    """Book the lost calls of a day to causes, or say why that cannot be done.

    The same records give the same answer.

    1. The records are put into columns; too few calls, or no presence, end it here.
    2. The centre is learned from them, and the day is run again with its own calls and presences.
    3. When that loses about as many calls as the day did, causes are taken away one after the other.
    """
    recorded = past_of(day)
    calls = recorded.past.calls
    found = Explained(calls.size, int(is_lost(calls).sum()))
    past, lines = to_run_again(recorded), lines_of(recorded)
    refusal = _unfit(past, lines)
    if refusal:
        return replace(found, refusal=refusal)
    seed = day.toordinal()
    try:
        learned = calibrated(known_of(recorded, past), past)
        return _run_again(_Day(learned, lines, past.with_kinds(), seed), found)
    except ValueError:
        # The simulator says why in English; the report's reader can do nothing with it but tell us.
        return replace(found, refusal=Refusal.NOT_RUNNABLE)


def with_lines(centre: Centre, lines: Lines, *, seed: int, again: float | None = None) -> Centre:
    """The very day with its lines, and with the callers of whom none was free in its records.

    `again` is the share of them who call again; None: as is usual.
    """
    if not lines.full:
        return centre
    with_few = replace(centre, lines=lines.for_callers)
    return with_those_turned_away(with_few, lines.full, seed=seed, again=again)


def is_like(lost: Reproduced) -> bool:
    """Whether the day run again loses about as many calls as the day did."""
    return lost.holds or abs(lost.error) <= TOLERANCE


@dataclass(frozen=True, slots=True)
class _Day:
    """A centre as learned from a day, and that day."""

    learned: Centre
    lines: Lines
    past: Past
    seed: int

    def centre(self, again: float | None = None) -> Centre:
        """As it was; `again` as in `with_lines`."""
        return with_lines(_learned(self.learned, self.past), self.lines, seed=self.seed, again=again)

    def likely(self, number: int) -> tuple[Centre, Norm]:
        """The same of another centre that would have written such records."""
        learned, norm = as_likely(self.learned, Norm(), self.past, _APART * self.seed + number)
        return replace(self, learned=learned).centre(), norm


def _run_again(day: _Day, found: Explained) -> Explained:
    centre, seed = day.centre(), day.seed
    likely = cache(day.likely)
    again = reproduced(
        centre, day.past, seed=seed, runs=_RUNS, unseen=(OUTCOME["blocked"],), likely=lambda n: likely(n)[0]
    )
    found = replace(found, reproduced=_compared(again), engaged=_engaged(centre, seed))
    if found.lost + found.engaged < FEWEST_LOST:
        return replace(found, refusal=Refusal.FEW_LOST)
    if not is_like(again["lost"]):
        return replace(found, refusal=Refusal.NOT_REPRODUCED)
    rows = booked(book(centre, seed=seed, runs=_RUNS, sure_within=_SURE, likely=likely))
    if day.lines.full:
        for share in (AGAIN_AT_LEAST, AGAIN_AT_MOST):
            other = booked(book(day.centre(share), seed=seed, runs=_RUNS_OF_OTHERS))
            rows = or_else(rows, other)
    return replace(found, bookings=rows)


def or_else(rows: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows, whose intervals hold those of the others too."""
    other = {row["cause"]: row for row in others}
    return [
        row
        | {
            "low": min(row["low"], other[row["cause"]]["low"]),
            "high": max(row["high"], other[row["cause"]]["high"]),
        }
        for row in rows
    ]


def booked(booking: Booking) -> list[dict[str, Any]]:
    """The shares as they are stored, largest first.

    What is below 0 by chance alone is added to chance, so that all add up to 1 and none says that a
    trouble saved calls.
    """
    shares = {name: each.mean for name, each in booking.shares.items()}
    below = sum(share for name, share in shares.items() if share < 0 and name != CHANCE)
    rows = []
    for name, share in shares.items():
        moved = below if name == CHANCE else max(-share, 0.0)
        within = booking.shares[name]
        rows.append(
            {
                "cause": name,
                "share": share + moved,
                # What is moved takes its interval along.
                "low": min(max(within.low + moved, 0.0), 1.0),
                "high": min(max(within.high + moved, 0.0), 1.0),
                "hours": _most_in(booking.hours[name]),
            }
        )
    return sorted(rows, key=lambda row: -float(row["share"]))


def _most_in(hours: Sequence[float]) -> list[int]:
    """The fewest hours on end, from and until which, that hold half of it; empty when there is none."""
    total = sum(max(0.0, each) for each in hours)
    if total <= 0:
        return []
    spans = (
        (until - since, -sum(max(0.0, each) for each in hours[since:until]), since, until)
        for since in range(len(hours))
        for until in range(since + 1, len(hours) + 1)
    )
    since, until = min(span for span in spans if -span[1] >= total / 2 - 1e-9)[2:]
    return [since, until]


def _unfit(past: Past, lines: Lines) -> str:
    answered = int((past.calls["outcome"] == OUTCOME["answered"]).sum())
    if int(is_lost(past.calls).sum()) < FEWEST_LOST and not lines.full:
        return Refusal.FEW_LOST
    if answered < FEWEST_ANSWERED:
        return Refusal.FEW_ANSWERED
    return "" if (past.spells["kind"] == flat.PRESENT).any() else Refusal.NOBODY_THERE


def _learned(centre: Centre, past: Past) -> Centre:
    """The very day; more cases than answered calls (of calls of earlier days) count as one each."""
    queues = tuple(
        replace(queue, aftermath=replace(queue.aftermath, share=min(queue.aftermath.share, 1.0)))
        for queue in centre.queues
    )
    return as_it_was(replace(centre, queues=queues), past)


def _engaged(centre: Centre, seed: int) -> int:
    """Calls that met an engaged line, on average over the runs: the records hold none of them."""
    if centre.lines < 0:
        return 0
    found = replicate(centre, seed=seed, runs=_RUNS, measure=_turned_away)
    return round(found["calls"].mean)


def _turned_away(run: Run, _centre: Centre) -> dict[str, float]:
    return {"calls": float(np.count_nonzero(run.calls["outcome"] == OUTCOME["blocked"]))}


def _compared(again: Mapping[str, Reproduced]) -> list[dict[str, Any]]:
    return [
        {
            "measure": name,
            "past": again[name].past,
            "mean": again[name].simulated.mean,
            "low": again[name].simulated.low,
            "high": again[name].simulated.high,
            "holds": again[name].holds,
        }
        for name in SHOWN
        if name in again and math.isfinite(again[name].simulated.low)
    ]
