"""Agents that were told, or the fewest that reach the goals, and what so many achieve: what models share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madoguchi.program.staffing import table
from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.table import Rows
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import least

Floats = NDArray[np.float64]
Fewest = Callable[[Rows], Floats]
"""The fewest agents that reach the goals, for rows with calls."""
Measures = Callable[[Rows, Floats], dict[str, Any]]
"""Key → a value a row, for rows with somebody there."""


def answered(
    rows: Rows, load: Floats, *, fewest: Fewest | None, measures: Measures, shrinkage: float | None
) -> dict[str, Any]:
    """Key → a value a row; NaN where nobody is there. `fewest` is None where there is no goal.

    Raises Unreadable where neither agents nor a goal were given, and what the two raise.
    """
    agents, least_agents = _agents(rows, load, fewest)
    found = {"load": load, **people(agents, least_agents, shrinkage)}
    # A quiet interval needs nobody, and there is nothing to measure.
    some = np.flatnonzero(agents > 0)
    if len(some):
        found |= table.spread(measures(table.some_of(rows, some), agents[some]), some, len(agents))
    return found


def _agents(rows: Rows, load: Floats, fewest: Fewest | None) -> tuple[Floats, Floats | None]:
    """The agents to be measured, and the fewest that reach the goals where both were given."""
    told = rows["agents"]
    missing = np.isnan(told)
    if fewest is None:
        if np.any(missing & (load > 0)):
            raise Unreadable(
                _("Give --agents, or a goal: --target with --within, --goal or --max-occupancy.")
            )
        return np.where(missing, 0.0, told), None
    enough = np.zeros(len(told))
    if len(some := np.flatnonzero(load > 0)):
        enough[some] = fewest(table.some_of(rows, some))
    return np.where(missing, enough, told), None if np.all(missing) else enough


def people(agents: Floats, fewest: Floats | None, shrinkage: float | None) -> dict[str, Any]:
    """Agents and people on the roster; `fewest`: those that would reach the goals, where both were given."""
    found: dict[str, Any] = {"agents": agents}
    if shrinkage is not None:
        found["scheduled"] = least.scheduled(agents, shrinkage)
    if fewest is not None:
        found["least_agents"] = fewest
        if shrinkage is not None:
            found["least_scheduled"] = least.scheduled(fewest, shrinkage)
    return found
