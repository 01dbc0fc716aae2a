"""`madoguchi staffing orbit`: callers who redial, and callers who return after an answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from madoguchi.program.staffing import answers, goals, options, quantities, staff, table, waiting
from madoguchi.program.staffing.goals import AT_TIME, PERCENTILES, Goal
from madoguchi.program.staffing.quantities import SHARE, TIME, Unreadable
from madoguchi.program.staffing.table import Rows
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import least
from madoguchi.science.staffing.errors import TooLarge
from madoguchi.science.staffing.orbit import Centre, Centres, FixedPoint, fixed_point
from madoguchi.science.staffing.orbit_error import error_of_fixed_point
from madoguchi.science.staffing.orbit_exact import Orbits, exact
from madoguchi.science.staffing.queue import NO_LIMIT

_OF_THE_QUEUE = {
    key: waiting.STEADY[key]
    for key in (
        "delay_probability",
        "abandon_probability",
        "mean_wait",
        "mean_wait_served",
        "mean_wait_abandoned",
        "mean_queue",
        "mean_in_system",
        "mean_time_in_system",
        "occupancy",
        "empty_probability",
    )
}
_OF_ORBITS = {
    "total_arrivals": "total_arrivals_per_s",
    "blocking": "blocking",
    "redial_orbit": "redial_orbit",
    "return_orbit": "return_orbit",
}
_AT_LEISURE = 12_000
"""States that are solved without having been asked for."""
_COLUMNS: dict[str, table.Read] = {
    **table.QUEUE,
    "redial": quantities.share,
    "redial_after": quantities.time_s,
    "return": quantities.share,
    "return_after": quantities.time_s,
}

Value = Callable[[str, float | None], Any]
"""A measure by its key, and the waiting time or percentile that it belongs to."""


@click.command(
    "orbit",
    short_help=_("Callers who redial or return."),
    help=options.helped(
        _(
            "Callers who redial after giving up or finding all engaged, or return after an answer "
            "(chasers). Arrivals are first calls."
        ),
        "orbit --arrivals 60/h --handle 5min --patience 3min --agents 6 --redial 60%",
        "orbit --arrivals 60/h --handle 5min --agents 8 --return 20% --return-after 1d --method fixed-point",
        "orbit --arrivals 60/h --handle 5min --patience 3min --redial 60% --target 80% --within 20s",
    ),
)
@options.load
@click.option("--patience", type=TIME, help=_("Mean patience, e.g. 5min."))
@click.option("--redial", type=SHARE, default="0", help=_("Share of the lost who call again."))
@click.option("--redial-after", type=TIME, default="1min", show_default=True, help=_("… after this time."))
@click.option("--return", "returns", type=SHARE, default="0", help=_("Share of the served who call again."))
@click.option("--return-after", type=TIME, default="1h", show_default=True, help=_("… after this time."))
@click.option(
    "--method",
    type=click.Choice(["exact", "fixed-point"]),
    help=_("exact for small centres; default: exact up to some 12,000 states, for a CSV the fixed point."),
)
@options.staff
@options.waits
@options.places
@options.intervals
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        options.keep_machine_code()
        asked = Asked(given)
        if given["csv_in"]:
            at_once = 1 if given["method"] == "exact" else 1_000
            table.answer(given, asked.solve, table.Sheet(_COLUMNS, at_once=at_once))
            return
        load, handle = options.work(given)
        row = {"load": load, "handle": handle, "return": given["returns"]}
        row |= {name: given[name] for name in _COLUMNS if name != "return"}
        one = table.one_row(asked.solve, row)
        answers.show(
            {key: value for key, value in one.items() if value is not None},
            json_wanted=given["as_json"],
            asked=given,
        )


class Asked:
    """What is asked of every row."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.goals = goals.all_of(given["target"], given["within"], given["goal"], given["max_occupancy"])
        for goal in self.goals:
            self._refuse_strange(goal)

    def solve(self, rows: Rows) -> dict[str, Any]:
        """Key → a value a row."""
        if np.any(np.isnan(rows["handle"])):
            raise Unreadable(_("Times need a handling time: give --handle, --service-rate or --arrivals."))
        return staff.answered(
            rows,
            rows["load"],
            fewest=self._fewest if self.goals else None,
            measures=self._measures,
            shrinkage=self.given["shrinkage"],
        )

    def _measures(self, rows: Rows, agents: NDArray[np.float64]) -> dict[str, Any]:
        one = len(agents) == 1
        solved = self._exact(rows, agents, prove_it=True) if one else None
        value = (
            _of_exact(solved, self.given)
            if solved
            else _of_fixed_point(fixed_point(_centres(rows, agents)), self.given)
        )
        found: dict[str, Any] = {"total_arrivals": value("total_arrivals", None)}
        for key in (*_OF_THE_QUEUE, "blocking", "blocking_per_attempt", "redial_orbit", "return_orbit"):
            if self._has(key, rows):
                found[key] = value(key, None)
        for key in AT_TIME if self.given["within"] else ():
            found[key] = options.one_or_list([value(key, at) for at in self.given["within"]])
        for key in PERCENTILES if self.given["percentile"] else ():
            if self._has(key, rows):
                found[key] = options.one_or_list([value(key, share) for share in self.given["percentile"]])
        found["method"] = np.full(len(agents), "exact" if solved else "fixed-point")
        if solved:
            found["error_bound"] = solved.error
        elif nobody_lost(rows).all():
            found["error_bound"] = np.zeros(len(agents))  # product form: the fixed point is right
        elif one and not self.given["csv_in"]:
            found["error_estimate"] = error_of_fixed_point(_centre(rows, agents))
        return found

    def _has(self, key: str, rows: Rows) -> bool:
        if key in {"blocking", "blocking_per_attempt"}:
            return not bool(np.all(np.isnan(rows["places"])))
        of_the_impatient = {"abandon_probability", "mean_wait_abandoned", "wait_percentile_offered"}
        return key not in of_the_impatient or not bool(np.all(np.isnan(rows["patience"])))

    def _exact(self, rows: Rows, agents: NDArray[np.float64], *, prove_it: bool) -> Orbits | None:
        """The whole chain where it is wanted, or small; None: the fixed point."""
        method = self.given["method"]
        if method == "fixed-point" or (method is None and (self.given["csv_in"] or nobody_lost(rows).all())):
            return None
        centre = _centre(rows, agents)
        try:
            if method == "exact":
                return exact(centre, within_s=self.given["within"], prove_it=prove_it)
            return exact(centre, within_s=self.given["within"], prove_it=prove_it, most_states=_AT_LEISURE)
        except TooLarge:
            if method == "exact":
                raise
            return None

    def _fewest(self, rows: Rows) -> NDArray[np.float64]:
        endless = nobody_lost(rows)
        stays = rows["load"] / np.maximum(1.0 - rows["return"], 1e-12)
        first = np.where((rows["redial"] == 1.0) | endless, np.floor(stays) + 1.0, 1.0)
        typed = ", ".join(goal.typed for goal in self.goals)

        def good(value: Value) -> NDArray[np.bool_]:
            return np.asarray(np.logical_and.reduce([self._reached(goal, value) for goal in self.goals]))

        def by_fixed_point(agents: NDArray[np.float64], which: NDArray[np.intp]) -> NDArray[np.bool_]:
            centres = _centres(table.some_of(rows, which), agents)
            return good(_of_fixed_point(fixed_point(centres), self.given))

        if self.given["method"] == "fixed-point" or self.given["csv_in"]:
            return least.fewest(by_fixed_point, first, goal=typed)

        def by_chain(agents: NDArray[np.float64], which: NDArray[np.intp]) -> NDArray[np.bool_]:
            solved = self._exact(table.some_of(rows, which), agents, prove_it=False)
            return (
                np.atleast_1d(good(_of_exact(solved, self.given)))
                if solved
                else by_fixed_point(agents, which)
            )

        return least.fewest(by_chain, first, goal=typed)

    def _reached(self, goal: Goal, value: Value) -> NDArray[np.bool_]:
        return goal.reached(np.atleast_1d(value(goal.measure, self._place(goal))))

    def _place(self, goal: Goal) -> float:
        return goal.place(self.given["within"], self.given["percentile"])

    def _refuse_strange(self, goal: Goal) -> None:
        never = {"mean_in_system", "mean_time_in_system"}
        known = {*_OF_THE_QUEUE, *_OF_ORBITS, *AT_TIME, *PERCENTILES, "blocking_per_attempt"} - never
        if goal.measure not in known or goal.customers:
            raise Unreadable(_("This model has no goal {goal}.").format(goal=goal.typed))
        self._place(goal)


def nobody_lost(rows: Rows) -> NDArray[np.bool_]:
    """Rows in which all wait until they are answered."""
    return np.isnan(rows["patience"]) & np.isnan(rows["places"])


def _centres(rows: Rows, agents: NDArray[np.float64]) -> Centres:
    return Centres(
        agents=agents,
        load=rows["load"],
        handle_s=rows["handle"],
        patience_s=np.where(np.isnan(rows["patience"]), math.inf, rows["patience"]),
        places=np.where(np.isnan(rows["places"]), NO_LIMIT, rows["places"]),
        redial=rows["redial"],
        redial_after_s=rows["redial_after"],
        returns=rows["return"],
        return_after_s=rows["return_after"],
    )


def _centre(rows: Rows, agents: NDArray[np.float64]) -> Centre:
    given = _centres(rows, agents).columns()
    plain: dict[str, Any] = {name: float(column[0]) for name, column in given.flat.items()}
    return Centre(**plain | {"agents": int(plain["agents"]), "places": int(plain["places"])})


def _of_exact(found: Orbits, given: dict[str, Any]) -> Value:
    def value(key: str, at: float | None) -> Any:
        if key in AT_TIME:
            return found.service_levels(at or 0.0, short_abandon_s=given["short_abandon"])[key]
        if key in PERCENTILES:
            return found.wait_percentile_s(at or 0.0, offered=PERCENTILES[key])
        return getattr(found, {**_OF_THE_QUEUE, **_OF_ORBITS}.get(key, key))

    return value


def _of_fixed_point(found: FixedPoint, given: dict[str, Any]) -> Value:
    def value(key: str, at: float | None) -> Any:
        if key in AT_TIME:
            return getattr(found.queue.within(at or 0.0, short_abandon_s=given["short_abandon"]), key)
        if key in PERCENTILES:
            return found.queue.wait_percentile_s(at or 0.0, offered=PERCENTILES[key])
        if key == "blocking_per_attempt":
            return found.measures.blocking
        if key in _OF_ORBITS:
            return getattr(found, _OF_ORBITS[key])
        return getattr(found.measures, _OF_THE_QUEUE[key])

    return value
