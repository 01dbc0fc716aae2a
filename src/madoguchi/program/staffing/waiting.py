"""The models with one queue, Erlang C and Erlang A: one row or many, measures or the least staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from madoguchi.program.staffing import answers, goals, options, staff, table
from madoguchi.program.staffing.goals import AT_TIME, PERCENTILES, Goal
from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.staff import Floats
from madoguchi.program.staffing.table import Rows
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import erlang_a, erlang_c, least
from madoguchi.science.staffing.queue import NO_LIMIT, Queue

STEADY = {
    "delay_probability": "delay_probability",
    "abandon_probability": "abandon_probability",
    "blocking": "blocking",
    "mean_wait": "mean_wait_s",
    "mean_wait_served": "mean_wait_served_s",
    "mean_wait_abandoned": "mean_wait_abandoned_s",
    "occupancy": "occupancy",
    "mean_queue": "mean_queue",
    "mean_in_system": "mean_in_system",
    "mean_time_in_system": "mean_time_in_system_s",
    "empty_probability": "empty_probability",
}
"""Key → field of `Measures` of a queue."""
_MANY = 0.01


def answer(given: dict[str, Any], *, impatient: bool = False) -> None:
    """Answer one command line of either model."""
    with options.refusing():
        options.keep_machine_code()
        asked = Asked(given, impatient=impatient)
        if given["csv_in"]:
            table.answer(given, asked.solve, table.Sheet(table.QUEUE))
            return
        load, handle = options.work(given)
        row = {
            "load": load,
            "handle": handle,
            "patience": given.get("patience"),
            "places": given["places"],
            "agents": given["agents"],
        }
        one = table.one_row(asked.solve, row)
        answers.show(
            {key: value for key, value in one.items() if value is not None},
            json_wanted=given["as_json"],
            asked=given,
        )
        asked.warn(one)


class Asked:
    """What is asked of every row."""

    def __init__(self, given: dict[str, Any], *, impatient: bool) -> None:
        self.impatient = impatient
        self.within: tuple[float, ...] = given["within"]
        self.percentiles: tuple[float, ...] = given["percentile"]
        self.short_s: float = given["short_abandon"]
        self.shrinkage: float | None = given["shrinkage"]
        self.goals = goals.all_of(given["target"], self.within, given["goal"], given["max_occupancy"])
        self.limited = given["places"] is not None or bool(given.get("csv_in"))
        for goal in self.goals:
            self._refuse_strange(goal)

    def solve(self, rows: Rows) -> dict[str, Any]:
        """Key → an array with a value a row, or a list of such arrays where several times were asked for."""
        self._check(rows)
        return staff.answered(
            rows,
            rows["load"],
            fewest=self._least if self.goals else None,
            measures=self._measures,
            shrinkage=self.shrinkage,
        )

    def _measures(self, rows: Rows, agents: Floats) -> dict[str, Any]:
        queue = self._queue(rows, agents)
        steady, timed = queue.measures(), not np.any(np.isnan(rows["handle"]))
        found = {
            key: getattr(steady, field)
            for key, field in STEADY.items()
            if self._has(key, rows) and (timed or not field.endswith("_s"))
        }
        looks = [queue.within(at, short_abandon_s=self.short_s) for at in self.within]
        for key in AT_TIME if looks else ():
            found[key] = options.one_or_list([getattr(look, key) for look in looks])
        for key, offered in PERCENTILES.items():
            if self.percentiles and (self.impatient or not offered):
                waits = [queue.wait_percentile_s(share, offered=offered) for share in self.percentiles]
                found[key] = options.one_or_list(waits)
        return found

    def _has(self, key: str, rows: Rows) -> bool:
        if key in {"abandon_probability", "mean_wait_served", "mean_wait_abandoned"}:
            return self.impatient
        return key != "blocking" or not np.all(np.isnan(rows["places"]))

    def _queue(self, rows: Rows, agents: Floats) -> Queue:
        handle = np.where(np.isnan(rows["handle"]), 1.0, rows["handle"])
        places = np.where(np.isnan(rows["places"]), NO_LIMIT, rows["places"])
        if not self.impatient:
            return erlang_c.queue(agents, rows["load"], handle_s=handle, places=places)
        return erlang_a.queue(
            agents, rows["load"], handle_s=handle, patience_s=rows["patience"], places=places
        )

    def _least(self, rows: Rows) -> Floats:
        endless = not self.impatient and np.isnan(rows["places"])
        first = np.where(endless, np.floor(rows["load"]) + 1.0, 1.0)
        self._queue(rows, first)  # refuses what cannot be, before any search
        found = first
        for goal in self.goals:
            found = np.maximum(found, self._least_for(goal, rows, first))
        return found

    def _least_for(self, goal: Goal, rows: Rows, first: Floats) -> Floats:
        no_limit = bool(np.all(np.isnan(rows["places"])))
        if goal.measure == "service_level_a" and no_limit:
            share, at, handle = goal.value, self._place(goal), rows["handle"]
            if not self.impatient:
                return erlang_c.agents_for(rows["load"], handle_s=handle, share=share, within_s=at)
            return erlang_a.agents_for(
                rows["load"], handle_s=handle, patience_s=rows["patience"], share=share, within_s=at
            )

        def meets(agents: Floats, which: NDArray[np.intp]) -> NDArray[np.bool_]:
            return goal.reached(self._value(goal)(self._queue(table.some_of(rows, which), agents)))

        return least.fewest(meets, first, goal=goal.typed)

    def warn(self, row: dict[str, Any]) -> None:
        """Say it when the goals were reached by turning callers away."""
        about_waits = self.goals and not any(goal.measure == "blocking" for goal in self.goals)
        if about_waits and (row.get("blocking") or 0.0) > _MANY:
            note = _(
                "Note: {share} of the callers are turned away; the other shares are of those who got in. "
                "Add --goal 'blocking<=1%' to bound them."
            )
            click.echo(note.format(share=answers.said(answers.SHARES, row["blocking"])), err=True)

    def _value(self, goal: Goal) -> Callable[[Queue], Any]:
        place = self._place(goal)
        if goal.measure in AT_TIME:
            return lambda queue: getattr(queue.within(place, short_abandon_s=self.short_s), goal.measure)
        if goal.measure in PERCENTILES:
            return lambda queue: queue.wait_percentile_s(place, offered=PERCENTILES[goal.measure])
        return lambda queue: getattr(queue.measures(), STEADY[goal.measure])

    def _place(self, goal: Goal) -> float:
        return goal.place(self.within, self.percentiles)

    def _refuse_strange(self, goal: Goal) -> None:
        self._place(goal)
        known = {*STEADY, *AT_TIME, *PERCENTILES}
        if not self.impatient:
            known -= {"abandon_probability", "mean_wait_served", "mean_wait_abandoned"}
        if self.impatient or self.limited:
            # More agents lose fewer, so more people talk: these may rise.
            known -= {"mean_in_system", "mean_time_in_system"}
        if not self.limited:
            known -= {"blocking"}
        if goal.measure not in known or goal.customers:
            raise Unreadable(_("This model has no goal {goal}.").format(goal=goal.typed))

    def _check(self, rows: Rows) -> None:
        untimed = np.any(np.isnan(rows["handle"]))
        timed_goal = any(goal.measure in AT_TIME or "wait" in goal.measure for goal in self.goals)
        if untimed and (self.impatient or self.within or self.percentiles or timed_goal):
            raise Unreadable(_("Times need a handling time: give --handle, --service-rate or --arrivals."))
        if self.impatient and np.any(np.isnan(rows["patience"])):
            raise Unreadable(_("Erlang A needs --patience, e.g. 5min; without it take erlang-c."))
