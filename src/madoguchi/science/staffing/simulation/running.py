"""A run of a centre, and many of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from madoguchi.science.staffing.simulation import flat, loop
from madoguchi.science.staffing.simulation.building import build
from madoguchi.science.staffing.simulation.centre import Centre
from madoguchi.science.staffing.simulation.estimates import Estimate, estimate, spread_over_cores
from madoguchi.science.staffing.simulation.figures import figures
from madoguchi.science.staffing.simulation.flat import Rows
from madoguchi.science.staffing.simulation.world import DONE, LIVING, World


@dataclass(frozen=True, slots=True)
class Run:
    """What one run wrote down, in the flat form of `flat`."""

    calls: Rows
    """Every call that ended, by arrival; one row each, with one outcome."""
    spells: Rows
    """What people did, by its end."""
    cases: Rows
    living: int
    """Calls without an outcome yet when the run ended."""
    events: int
    """Moments that the loop handled."""


MOST_CALLS = 5_000_000
"""Rows of calls in one run: a gigabyte; a year of a centre of 200."""
Measure = Callable[[Run, Centre], Mapping[str, float]]


def simulate(centre: Centre, seed: int) -> Run:
    """Run `centre` once from the origin to its horizon. The same seed gives the same bytes."""
    world = build(centre, seed)
    finish(world)
    return Run(*_written(world), events=int(world.sys[0]["events"]))


def finish(world: World) -> None:
    """Run a built world to its horizon.

    Raises ValueError when the calls outgrow all memory. The compiled loop knows its arrays by their addresses
    only; holding `world` here keeps them in place.
    """
    while loop.run(world.sys) != DONE:
        if world.sys[0]["calls"] > MOST_CALLS:
            raise ValueError(
                f"more than {MOST_CALLS:,} calls: who calls again outgrows the people, or too long"
            )
        world.make_room()


def replicate(
    centre: Centre,
    *,
    seed: int,
    runs: int = 20,
    cores: int = 1,
    level: float = 0.95,
    measure: Measure | None = None,
) -> dict[str, Estimate]:
    """`measure` over `runs` independent runs, each with its confidence interval.

    Run k of one centre and run k of another with the same `seed` meet the same chance: every caller has the
    same patience and takes the same time. `measure` is `figures.figures` unless given.
    """
    found = _measured(centre, seed, runs, cores, measure or figures)
    return {name: estimate([values[name] for values in found], level) for name in found[0]}


def compare(
    before: Centre,
    after: Centre,
    *,
    seed: int,
    runs: int = 20,
    cores: int = 1,
    level: float = 0.95,
    measure: Measure | None = None,
) -> dict[str, Estimate]:
    """`after` − `before`, run by run under the same chance, with the interval of the difference."""
    first = _measured(before, seed, runs, cores, measure or figures)
    second = _measured(after, seed, runs, cores, measure or figures)
    pairs = list(zip(first, second, strict=True))
    return {name: estimate([two[name] - one[name] for one, two in pairs], level) for name in first[0]}


def _measured(
    centre: Centre, seed: int, runs: int, cores: int, measure: Measure
) -> list[Mapping[str, float]]:
    def once(number: int) -> Mapping[str, float]:
        return measure(simulate(centre, seed + number), centre)

    return list(spread_over_cores(once, runs, cores))


def _written(world: World) -> tuple[Rows, Rows, Rows, int]:
    state = world.written("calls")
    calls = np.zeros(state.size, flat.CALLS)
    for name in ("queue", "customer", "outcome", "agent", "case", "rings", "missed", "kind"):
        calls[name] = state[name]
    for name in ("arrived", "wait", "talk", "wrap_up"):
        calls[f"{name}_s"] = state[name]
    matters = world.written("cases")
    cases = np.zeros(matters.size, flat.CASES)
    for name in ("call", "queue", "owner", "customer", "chasers"):
        cases[name] = matters[name]
    for name in ("opened", "asked", "answered", "due", "resolved"):
        cases[f"{name}_s"] = matters[name]
    spells = world.written("spells")
    ended = calls["outcome"] != LIVING
    # Who is still there at the end has been present until then.
    return calls, np.concatenate([spells, _still_there(world)]), cases, int(np.count_nonzero(~ended))


def _still_there(world: World) -> Rows:
    here = np.flatnonzero(world.arrays["agents"]["present"][:-1] == 1)
    rows = np.zeros(here.size if world.sys[0]["keep_spells"] else 0, flat.SPELLS)
    if rows.size:
        rows["agent"], rows["kind"], rows["call"], rows["case"] = here, flat.PRESENT, -1, -1
        rows["began_s"], rows["ended_s"] = world.arrays["agents"]["came"][here], world.sys[0]["horizon"]
    return rows
