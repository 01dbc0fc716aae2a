"""How well a simulated centre reproduces the past, measure by measure."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from madoguchi.science.staffing.simulation.centre import Centre
from madoguchi.science.staffing.simulation.estimates import Estimate, estimate, spread_over_cores
from madoguchi.science.staffing.simulation.figures import of_calls, of_cases, of_time
from madoguchi.science.staffing.simulation.kinds import Past
from madoguchi.science.staffing.simulation.running import Run, simulate


@dataclass(frozen=True, slots=True)
class Reproduced:
    """One measure: what was, and what the simulation says of days like those."""

    past: float
    simulated: Estimate
    """The mean over runs, and the interval in which one more such past would lie: the chance of both."""

    @property
    def error(self) -> float:
        """Simulated ÷ past − 1; NaN when the past is 0."""
        return self.simulated.mean / self.past - 1.0 if self.past else math.nan

    @property
    def holds(self) -> bool:
        """Whether the past is what the simulation would call usual."""
        return self.simulated.holds(self.past)


def reproduced(
    centre: Centre,
    past: Past,
    *,
    seed: int,
    runs: int = 20,
    cores: int = 1,
    level: float = 0.95,
    unseen: Collection[int] = (),
    likely: Callable[[int], Centre] | None = None,
) -> dict[str, Reproduced]:
    """Compare `past` with `runs` runs of `centre`, whose horizon must be as long as the records.

    Measures that neither has (NaN in the past, or in all runs) are left out. The kinds of calls are told from
    who called when on both sides, so that a wrong guess is wrong on both. Simulated calls with an outcome of
    `unseen` are left out: such never come to the records. `likely` gives a centre for each run, where
    `centre` is not known for sure.
    Raises ValueError when the lengths differ.
    """
    if abs(centre.horizon_s - past.ended_s) > 1.0:
        raise ValueError(f"records of {past.ended_s} s cannot be held against runs of {centre.horizon_s} s")
    was = _measured(past)

    def measure(run: Run, of: Centre) -> dict[str, float]:
        kept = Past(run.calls, run.spells, run.cases, of.horizon_s)
        return _measured(kept if not unseen else _without(kept, unseen))

    def once(number: int) -> dict[str, float]:
        of = likely(number) if likely else centre
        return measure(simulate(of, seed + number), of)

    each = spread_over_cores(once, runs, cores)
    found = {name: estimate([values[name] for values in each], level) for name in each[0]}
    return {
        name: Reproduced(value, _for_one_more(found[name], level))
        for name, value in was.items()
        if not math.isnan(value) and found[name].runs > 0
    }


def _measured(past: Past) -> dict[str, float]:
    seen = past.with_kinds()
    calls = seen.calls[seen.calls["outcome"] >= 0]
    return {**of_calls(calls), **of_time(seen.spells), **of_cases(seen.cases)}


def _without(past: Past, outcomes: Collection[int]) -> Past:
    keep = ~np.isin(past.calls["outcome"], list(outcomes))
    place = np.append(np.where(keep, np.cumsum(keep) - 1, -1), -1)
    spells, cases = past.spells.copy(), past.cases.copy()
    spells["call"], cases["call"] = place[spells["call"]], place[cases["call"]]
    return replace(past, calls=past.calls[keep], spells=spells, cases=cases)


def _for_one_more(mean: Estimate, level: float) -> Estimate:
    """From the interval of a mean to that of one more observation (Student, n − 1 degrees)."""
    if mean.runs < 2:
        return mean
    half = (mean.high - mean.low) / 2
    wide = half * math.sqrt(mean.runs + 1)
    return Estimate(mean.mean, mean.mean - wide, mean.mean + wide, mean.runs)
