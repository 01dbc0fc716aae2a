"""The models with one queue, Erlang C and Erlang A: one row or many, measures or the least staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from madoguchi.program.staffing import answers, goals, options, table
from madoguchi.program.staffing.goals import Goal
from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import erlang_a, erlang_c, least
from madoguchi.science.staffing.queue import NO_LIMIT, Queue

Columns = dict[str, NDArray[np.float64]]
"""load, handle, patience, places, agents (NaN: to be found), one float a row."""
_STEADY = {
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
_MANY = 0.01
_AT_TIME = (*(f"service_level_{letter}" for letter in "abcd"), "wait_tail")


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
        found = asked.solve({name: np.array([np.nan if v is None else float(v)]) for name, v in row.items()})
        one = table.row_of(found, 0)
        asked_for = {"within": list(asked.within), "percentile": list(asked.percentiles)}
        answers.show(
            {key: value for key, value in one.items() if value is not None},
            json_wanted=given["as_json"],
            asked=asked_for,
        )
        asked.warn(one)


def people(
    agents: NDArray[np.float64], fewest: NDArray[np.float64] | None, shrinkage: float | None
) -> dict[str, Any]:
    """Agents and people on the roster; `fewest`: those that would reach the goals, where both were given."""
    found: dict[str, Any] = {"agents": agents}
    if shrinkage is not None:
        found["scheduled"] = least.scheduled(agents, shrinkage)
    if fewest is not None:
        found["least_agents"] = fewest
        if shrinkage is not None:
            found["least_scheduled"] = least.scheduled(fewest, shrinkage)
    return found


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
            self._refuse_incomplete(goal)

    def solve(self, rows: Columns) -> dict[str, Any]:
        """Key → an array with a value a row, or a list of such arrays where several times were asked for."""
        self._check(rows)
        found: dict[str, Any] = {"load": rows["load"]}
        agents, fewest = self._agents(rows)
        found |= people(agents, fewest, self.shrinkage)
        # A quiet interval needs nobody, and there is nothing to measure.
        some = np.flatnonzero(agents > 0)
        for key, values in self._measures(
            {name: column[some] for name, column in rows.items()}, agents[some]
        ):
            spread = [np.full(len(agents), np.nan) for _one in values]
            for whole, part in zip(spread, values, strict=True):
                whole[some] = part
            found[key] = spread if len(spread) > 1 else spread[0]
        return found

    def _measures(self, rows: Columns, agents: NDArray[np.float64]) -> Iterator[tuple[str, list[Any]]]:
        if not len(agents):
            return
        queue = self._queue(rows, agents)
        steady, timed = queue.measures(), not np.any(np.isnan(rows["handle"]))
        for key, field in _STEADY.items():
            if self._has(key, rows) and (timed or not field.endswith("_s")):
                yield key, [getattr(steady, field)]
        looks = [queue.within(at, short_abandon_s=self.short_s) for at in self.within]
        for key in _AT_TIME if looks else ():
            yield key, [getattr(look, key) for look in looks]
        for offered, key in ((False, "wait_percentile_actual"), (True, "wait_percentile_offered")):
            if self.percentiles and (self.impatient or not offered):
                yield key, [queue.wait_percentile_s(share, offered=offered) for share in self.percentiles]

    def _has(self, key: str, rows: Columns) -> bool:
        if key in {"abandon_probability", "mean_wait_served", "mean_wait_abandoned"}:
            return self.impatient
        return key != "blocking" or not np.all(np.isnan(rows["places"]))

    def _queue(self, rows: Columns, agents: NDArray[np.float64]) -> Queue:
        handle = np.where(np.isnan(rows["handle"]), 1.0, rows["handle"])
        places = np.where(np.isnan(rows["places"]), NO_LIMIT, rows["places"])
        if not self.impatient:
            return erlang_c.queue(agents, rows["load"], handle_s=handle, places=places)
        return erlang_a.queue(
            agents, rows["load"], handle_s=handle, patience_s=rows["patience"], places=places
        )

    def _agents(self, rows: Columns) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """The agents to be measured, and the fewest that reach the goals where both were given."""
        told, some = rows["agents"], rows["load"] > 0
        missing = np.isnan(told)
        if not self.goals:
            if np.any(missing & some):
                raise Unreadable(
                    _("Give --agents, or a goal: --target with --within, --goal or --max-occupancy.")
                )
            return np.where(missing, 0.0, told), None
        fewest = np.zeros(len(told))
        where = np.flatnonzero(some | np.isnan(rows["load"]))
        if len(where):
            fewest[where] = self._least({name: column[where] for name, column in rows.items()})
        return np.where(missing, fewest, told), None if np.all(missing) else fewest

    def _least(self, rows: Columns) -> NDArray[np.float64]:
        endless = not self.impatient and np.isnan(rows["places"])
        first = np.where(endless, np.floor(rows["load"]) + 1.0, 1.0)
        if np.any(np.isnan(rows["load"])):
            raise Unreadable(_("A load is missing."))
        self._queue(rows, first)  # refuses what cannot be, before any search
        found = first
        for goal in self.goals:
            found = np.maximum(found, self._least_for(goal, rows, first))
        return found

    def _least_for(self, goal: Goal, rows: Columns, first: NDArray[np.float64]) -> NDArray[np.float64]:
        no_limit = bool(np.all(np.isnan(rows["places"])))
        if goal.measure == "service_level_a" and no_limit:
            share, at, handle = goal.value, self._time(goal), rows["handle"]
            if not self.impatient:
                return erlang_c.agents_for(rows["load"], handle_s=handle, share=share, within_s=at)
            return erlang_a.agents_for(
                rows["load"], handle_s=handle, patience_s=rows["patience"], share=share, within_s=at
            )

        def meets(agents: NDArray[np.float64], which: NDArray[np.intp]) -> NDArray[np.bool_]:
            part = {name: column[which] for name, column in rows.items()}
            found = np.asarray(self._value(goal)(self._queue(part, agents)))
            return found >= goal.value if goal.at_least else found <= goal.value

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
        if goal.measure in _AT_TIME:
            at = self._time(goal)
            return lambda queue: getattr(queue.within(at, short_abandon_s=self.short_s), goal.measure)
        if "percentile" in goal.measure:
            share = goal.at if goal.at is not None else self.percentiles[0]
            return lambda queue: queue.wait_percentile_s(share, offered=goal.measure.endswith("offered"))
        return lambda queue: getattr(queue.measures(), _STEADY[goal.measure])

    def _time(self, goal: Goal) -> float:
        return goal.at if goal.at is not None else self.within[0]

    def _refuse_incomplete(self, goal: Goal) -> None:
        if goal.measure in _AT_TIME and goal.at is None and not self.within:
            raise Unreadable(_("The goal {goal} needs --within: within which time?").format(goal=goal.typed))
        if "percentile" in goal.measure and goal.at is None and not self.percentiles:
            raise Unreadable(_("The goal {goal} needs --percentile: which one?").format(goal=goal.typed))
        known = {*_STEADY, *_AT_TIME, "wait_percentile_actual", "wait_percentile_offered"}
        if not self.impatient:
            known -= {"abandon_probability", "mean_wait_served", "mean_wait_abandoned"}
        if self.impatient or self.limited:
            # More agents lose fewer, so more people talk: these may rise.
            known -= {"mean_in_system", "mean_time_in_system"}
        if not self.limited:
            known -= {"blocking"}
        if goal.measure not in known or goal.customers:
            raise Unreadable(_("This model has no goal {goal}.").format(goal=goal.typed))

    def _check(self, rows: Columns) -> None:
        untimed = np.any(np.isnan(rows["handle"]))
        timed_goal = any(goal.measure in _AT_TIME or "wait" in goal.measure for goal in self.goals)
        if untimed and (self.impatient or self.within or self.percentiles or timed_goal):
            raise Unreadable(_("Times need a handling time: give --handle, --service-rate or --arrivals."))
        if self.impatient and np.any(np.isnan(rows["patience"])):
            raise Unreadable(_("Erlang A needs --patience, e.g. 5min; without it take erlang-c."))
