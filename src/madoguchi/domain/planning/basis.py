"""A basis of what-ifs, learned: the centre of some past days as the simulator takes it.

Needs the compiled simulator: only the worker imports this.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madoguchi.domain.planning.explaining import is_like, with_lines
from madoguchi.domain.planning.knobs import KNOBS, days_of
from madoguchi.domain.planning.queries.known import known_of, to_run_again
from madoguchi.domain.planning.queries.lines import lines_of
from madoguchi.domain.planning.queries.past import past_of
from madoguchi.domain.planning.queries.supposed import ENOUGH
from madoguchi.domain.planning.states import Unfit
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.calibration import as_it_was, calibrated
from madoguchi.science.staffing.simulation.centre import Centre, Person
from madoguchi.science.staffing.simulation.flat import OUTCOME
from madoguchi.science.staffing.simulation.kinds import Past
from madoguchi.science.staffing.simulation.reproduction import Reproduced, reproduced

Values = NDArray[np.float64]
COMPARED = ("lost", "answer_rate", "service_level_a", "mean_wait_served", "handling_s", "occupancy")
"""What the days, and the days run again, are held against each other by."""
Triple = list[float]
"""Mean, and the bounds between which it lies with 95 %."""
_RUNS_AGAIN = 12


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a question. Times of day are seconds from midnight; all figures are of a mean day."""

    version: str = ""
    refusal: str = ""
    days: list[str] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)
    """[{"day", "refusal"}]: days of the four that do not bear it."""
    runs: int = 0
    people: int = 0
    arrivals: float = 0.0
    """Calls that came to a queue."""
    engaged: float = 0.0
    """Calls besides that met an engaged line, as the lines in use tell: no record holds them."""
    opens_s: float = 0.0
    closes_s: float = 0.0
    now: dict[str, int] = field(default_factory=dict)
    """Percent that the centre has of each share."""
    inert: list[str] = field(default_factory=list)
    """Knobs that change nothing, since the records hold nothing of the kind."""
    past: list[dict[str, Any]] = field(default_factory=list)
    """[{"measure", "past", "mean", "low", "high", "holds"}]: the days, and the days run again."""
    measures: list[dict[str, Any]] = field(default_factory=list)
    """[{"measure", "before", "after", "difference"}], each a `Triple`."""
    halves: list[dict[str, Any]] = field(default_factory=list)
    """[{"at_s", "arrivals", "before", "after"}]: calls lost by half-hour."""
    amounts: dict[str, float] = field(default_factory=dict)
    """What is paid for (`knobs.cost_of`)."""
    parts: list[dict[str, Any]] = field(default_factory=list)
    """[{"knob", "value", "lost", "amounts"}]: each of several cures by itself."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A basis as the simulator takes it."""

    found: Found
    """What can be said of it before any question."""
    centres: tuple[Centre, ...] = ()
    seeds: tuple[int, ...] = ()
    variants: OrderedDict[str, Values] = field(default_factory=OrderedDict)
    """Question → [run, measure] of the mean day, of questions that were answered lately."""


def learn(day: date, weeks: int, version: str) -> Learned:
    """The centre of each day of a basis, learned from its records and run again.

    Days too thin, or not reproduced, are left out; with none left, `found` says why.
    """
    found, left_out = [], []
    for each in days_of(day, weeks):
        one = _day(each)
        if one.refusal:
            left_out.append({"day": each.isoformat(), "refusal": one.refusal})
        # A day is shown though it is unfit, as long as it is all there is.
        if not one.refusal or weeks == 1:
            found.append(one)
    basis = Found(version=version, left_out=left_out if weeks > 1 else [])
    if not found or found[0].refusal:
        refusal = found[0].refusal if found else left_out[0]["refusal"]
        past = found[0].past if found else []
        return Learned(replace(basis, refusal=refusal, past=past, left_out=basis.left_out))
    centres = tuple(one.centre for one in found if one.centre)
    spans = [span for centre in centres for span in centre.open or ()]
    basis = replace(
        basis,
        days=[one.day.isoformat() for one in found],
        people=round(mean([at_the_phone(centre) for centre in centres])),
        arrivals=mean([len(one.calls) for one in found]),
        opens_s=min(since for since, _ in spans),
        closes_s=max(until for _, until in spans),
        now=_shares_now(centres),
        inert=_inert(centres),
        past=_together([one.again for one in found]),
    )
    # Days a week apart must not meet the same chance: each has its own thousand.
    return Learned(basis, centres, tuple(1_000 * one.day.toordinal() for one in found))


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    calls: flat.Rows
    refusal: str = ""
    centre: Centre | None = None
    again: Mapping[str, Reproduced] = field(default_factory=dict)

    @property
    def past(self) -> list[dict[str, Any]]:
        return _together([self.again])


def _day(day: date) -> _Day:
    recorded = past_of(day)
    past = to_run_again(recorded)
    one = _Day(day, past.calls)
    if np.count_nonzero(past.calls["outcome"] == OUTCOME["answered"]) < ENOUGH:
        return replace(one, refusal=Unfit.FEW_ANSWERED)
    if not (past.spells["kind"] == flat.PRESENT).any():
        return replace(one, refusal=Unfit.NOBODY_THERE)
    # The chance of `explaining`, so that both pages say the same of a day.
    seed = day.toordinal()
    try:
        centre = _as_it_was(calibrated(known_of(recorded, past), past), past)
        centre = with_lines(centre, lines_of(recorded), seed=seed)
        # Who met an engaged line is known to the carrier only.
        unseen = (OUTCOME["blocked"],)
        again = reproduced(centre, past, seed=seed, runs=_RUNS_AGAIN, unseen=unseen)
    except ValueError:
        return replace(one, refusal=Unfit.NOT_RUNNABLE)
    one = replace(one, centre=_longest_last(centre), again=again)
    return one if is_like(again["lost"]) else replace(one, refusal=Unfit.NOT_REPRODUCED)


def _as_it_was(centre: Centre, past: Past) -> Centre:
    """The very day; more cases than answered calls (of calls of earlier days) count as one each."""
    queues = tuple(
        replace(queue, aftermath=replace(queue.aftermath, share=min(queue.aftermath.share, 1.0)))
        for queue in centre.queues
    )
    return as_it_was(replace(centre, queues=queues), past)


def _longest_last(centre: Centre) -> Centre:
    """Those who were there longest stand last: who is taken away was there all day, and never a leader."""
    people = sorted(centre.people, key=lambda person: (not person.leader, hours(person)))
    return replace(centre, people=tuple(people))


def at_the_phone(centre: Centre) -> int:
    """How many take calls all day: leaders only answer operators' questions, or help out."""
    return sum(not person.leader for person in centre.people)


def hours(person: Person) -> float:
    """Hours at the phone."""
    return sum(to - since for since, to in person.present or ()) / 3_600.0


def _together(days: Sequence[Mapping[str, Reproduced]]) -> list[dict[str, Any]]:
    """Past and simulation of a mean day."""
    rows = []
    for name in COMPARED:
        seen = [again[name] for again in days if name in again and math.isfinite(again[name].simulated.low)]
        if not seen:
            continue
        past, found = mean([each.past for each in seen]), mean([each.simulated.mean for each in seen])
        halves = [each.simulated.high - each.simulated.mean for each in seen]
        half = math.sqrt(sum(value**2 for value in halves)) / len(seen)
        low, high = found - half, found + half
        rows.append(
            {"measure": name, "past": past, "mean": found, "low": low, "high": high}
            | {"holds": bool(low <= past <= high)}
        )
    return rows


def _shares_now(centres: Sequence[Centre]) -> dict[str, int]:
    """What the queues have of each share, in whole percent, weighed by their calls."""
    shares = {"call_back": "accept_call_back", "self_served": "self_served", "outside": "outside"}
    found = {}
    for knob, name in shares.items():
        seen = [
            getattr(centre.queues[queue], name)
            if knob != "call_back" or centre.queues[queue].offer_call_back_after_s > 0
            else 0.0
            for centre in centres
            for _, queue in centre.trace or ()
        ]
        found[knob] = round(100 * mean(seen)) if seen else 0
    return found


def _inert(centres: Sequence[Centre]) -> list[str]:
    after = [queue.aftermath for centre in centres for queue in centre.queues]
    works = {
        "wrap_up": any(queue.wrap_up.mean_s > 0 for centre in centres for queue in centre.queues),
        "casework": any(each.share > 0 and each.casework.mean_s > 0 for each in after),
        "department": any(each.share * each.ask > 0 for each in after),
    }
    return [knob.name for knob in KNOBS if not works.get(knob.name, True)]


def mean(values: Sequence[float]) -> float:
    """Of one value or more."""
    return float(sum(values) / len(values))
