"""`madoguchi staffing priority`: classes of callers, the higher first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from madoguchi.program.staffing import answers, goals, options, quantities, staff, table
from madoguchi.program.staffing.goals import Goal
from madoguchi.program.staffing.quantities import RATE, Exact, Quantity, Unreadable, rate_per_s
from madoguchi.program.staffing.quantities import TIME as TIME_TYPE
from madoguchi.program.staffing.table import Rows
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import least
from madoguchi.science.staffing.errors import Unstable
from madoguchi.science.staffing.priority import Priorities

Check = Callable[[Priorities], NDArray[np.bool_]]


def _named_rate(text: str) -> Any:
    name, sign, rate = text.replace("＝", "=").rpartition("=")
    if not sign:
        name, rate = rate, ""
    if not name.strip() or (sign and not rate.strip()):
        raise Unreadable(_("“{text}” is no class. Write for instance gold=20/h.").format(text=text))
    return name.strip(), rate_per_s(rate) if rate else None


@click.command(
    "priority",
    short_help=_("Classes of callers, the higher first."),
    help=options.helped(
        _(
            "Classes of callers in one queue, the highest first; nobody is interrupted, and nobody gives up. "
            "In a CSV each class has a column of its name."
        ),
        "priority --class gold=20/h --class others=100/h --handle 5min --agents 12 --within 20s",
        "priority --class gold=20/h --class others=100/h --handle 5min --target 80% --within 20s",
        "priority --class gold=20/h --class others=100/h --handle 5min --goal 'gold.mean_wait<=5s'",
        "priority --class gold --class others --csv calls.csv --handle 5min --target 80% --within 20s",
    ),
)
@click.option(
    "--class",
    "classes",
    type=Quantity("NAME=RATE", _named_rate),
    multiple=True,
    required=True,
    help=_("NAME=RATE, highest first; to be repeated."),
)
@click.option("--handle", type=TIME_TYPE, help=_("Mean handling time with work after the call, e.g. 180s."))
@click.option("--service-rate", type=RATE, help=_("Calls an agent can do, e.g. 20/h; instead of --handle."))
@options.staff
@options.waits
@options.intervals
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        options.keep_machine_code()
        asked = Asked(given)
        if given["csv_in"]:
            given["rates"] = dict(given["classes"])
            sheet = table.Sheet({"agents": quantities.number}, rates=tuple(asked.names))
            table.answer(given, asked.solve, sheet)
            return
        row = table.one_row(asked.solve, asked.typed())
        answers.show(row, json_wanted=given["as_json"], asked=given)


class Asked:
    """What is asked of every row."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.names = [name for name, _rate in given["classes"]]
        if len(set(self.names)) < len(self.names):
            raise Unreadable(_("Two classes have the same name."))
        self.goals = goals.all_of(given["target"], given["within"], given["goal"], given["max_occupancy"])
        self.checks = [_check(goal, given, self.names) for goal in self.goals]

    def typed(self) -> dict[str, float | None]:
        """The command line as a row of a table."""
        handle = options.handle_of(self.given)
        if handle is None:
            raise Unreadable(_("Give --handle or --service-rate."))
        loads = {}
        for name, rate in self.given["classes"]:
            if rate is None:
                raise Unreadable(_("“{text}” is no class. Write for instance gold=20/h.").format(text=name))
            loads[name] = Exact.of(rate).exact * Exact.of(handle).exact
        row: dict[str, float | None] = {name: float(load) for name, load in loads.items()}
        return row | {"handle": handle, "all": float(sum(loads.values())), "agents": self.given["agents"]}

    def solve(self, rows: Rows) -> dict[str, Any]:
        """Key → a value a row."""
        return staff.answered(
            rows,
            rows["all"],
            fewest=self._fewest if self.checks else None,
            measures=self._measures,
            shrinkage=self.given["shrinkage"],
        )

    def _measures(self, rows: Rows, agents: NDArray[np.float64]) -> dict[str, Any]:
        centre = self._centre(rows, agents)
        found = centre.classes()
        answer: dict[str, Any] = {
            "delay_probability": centre.delay_probability,
            "occupancy": centre.occupancy,
            "mean_queue": sum(np.asarray(one.mean_queue) for one in found),
        }
        answer["classes"] = {
            name: {
                "load": one.load,
                "mean_wait": one.mean_wait_s,
                "mean_queue": one.mean_queue,
                **self._waits(centre, number),
            }
            for number, (name, one) in enumerate(zip(self.names, found, strict=True))
        }
        return answer

    def _waits(self, centre: Priorities, number: int) -> dict[str, Any]:
        tails = [centre.wait_tail(number, at) for at in self.given["within"]]
        measures: dict[str, Any] = {}
        if tails:
            # Nobody leaves, so the four service levels are one.
            levels = options.one_or_list([1.0 - tail for tail in tails])
            measures |= {f"service_level_{letter}": levels for letter in "abcd"}
            measures["wait_tail"] = options.one_or_list(tails)
        if self.given["percentile"]:
            waits = [centre.wait_percentile_s(number, share) for share in self.given["percentile"]]
            measures["wait_percentile_actual"] = options.one_or_list(waits)
        return measures

    def _fewest(self, rows: Rows) -> NDArray[np.float64]:
        def meets(agents: NDArray[np.float64], which: NDArray[np.intp]) -> NDArray[np.bool_]:
            centre = self._centre(table.some_of(rows, which), agents)
            return np.asarray(np.logical_and.reduce([check(centre) for check in self.checks]))

        typed = ", ".join(goal.typed for goal in self.goals)
        return least.fewest(meets, np.floor(rows["all"]) + 1.0, goal=typed)

    def _centre(self, rows: Rows, agents: NDArray[np.float64]) -> Priorities:
        # The sum as it was typed: 10 Erlang of 1.67 and 8.33 must not be a little less in floats.
        if np.any(wrong := rows["all"] >= agents):
            first = int(np.argmax(wrong))
            load = float(rows["all"][first])
            raise Unstable(load=load, agents=int(agents[first]), least=int(load) + 1)
        return Priorities(agents, [rows[name] for name in self.names], handle_s=rows["handle"])


def _check(goal: Goal, given: dict[str, Any], names: list[str]) -> Check:
    """What a centre must fulfil: the named class, or every class."""
    if goal.customers and goal.customers not in names:
        raise Unreadable(_("There is no class {name}.").format(name=goal.customers))
    numbers = [names.index(goal.customers)] if goal.customers else list(range(len(names)))
    measure, most = goal.measure, goal.value

    def every(value: Callable[[Priorities, int], Any]) -> Check:
        return lambda centre: np.logical_and.reduce([value(centre, number) <= most for number in numbers])

    if goal.at_least or measure == "wait_tail":
        at = goal.place(given["within"], ())
        most = 1.0 - goal.value if goal.at_least else goal.value
        return every(lambda centre, number: centre.wait_tail(number, at))
    if measure == "wait_percentile_actual":
        share = goal.place((), given["percentile"])
        return every(lambda centre, number: centre.wait_percentile_s(number, share))
    if measure in {"mean_wait", "mean_queue"}:
        field = "mean_wait_s" if measure == "mean_wait" else "mean_queue"
        return every(lambda centre, number: getattr(centre.classes()[number], field))
    if measure in {"occupancy", "delay_probability"} and not goal.customers:
        return lambda centre: np.asarray(getattr(centre, measure) <= most)
    raise Unreadable(_("This model has no goal {goal}.").format(goal=goal.typed))
