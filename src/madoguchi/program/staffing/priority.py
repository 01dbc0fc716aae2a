"""`madoguchi staffing priority`: classes of callers, the higher first."""

from collections.abc import Callable
from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import answers, goals, options
from madoguchi.program.staffing.goals import Goal
from madoguchi.program.staffing.quantities import RATE, Quantity, Unreadable, rate_per_s
from madoguchi.program.staffing.quantities import TIME as TIME_TYPE
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import least
from madoguchi.science.staffing.priority import Priorities


def _named_rate(text: str) -> Any:
    name, sign, rate = text.rpartition("=")
    if not sign or not name.strip():
        raise Unreadable(_("“{text}” is no class. Write for instance gold=20/h.").format(text=text))
    return name.strip(), rate_per_s(rate)


@click.command(
    "priority",
    short_help=_("Classes of callers, the higher first."),
    help=options.helped(
        _("Classes of callers in one queue, the highest first; nobody is interrupted, and nobody gives up."),
        "priority --class gold=20/h --class others=100/h --handle 5min --agents 12 --within 20s",
        "priority --class gold=20/h --class others=100/h --handle 5min --target 80% --within 20s",
        "priority --class gold=20/h --class others=100/h --handle 5min --goal 'gold.mean_wait<=5s'",
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
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        handle = options.handle_of(given)
        if handle is None:
            raise Unreadable(_("Give --handle or --service-rate."))
        names = [name for name, _rate in given["classes"]]
        if len(set(names)) < len(names):
            raise Unreadable(_("Two classes have the same name."))
        loads = [rate * handle for _name, rate in given["classes"]]
        asked = goals.all_of(given["target"], given["within"], given["goal"], given["max_occupancy"])
        agents = given["agents"] or _least(asked, given, names, (loads, handle))
        if given["agents"] and asked:
            raise Unreadable(_("Give agents or a goal, not both."))
        answer = _answer(Priorities(agents, loads, handle_s=handle), given, names, agents)
        lists = {"within": list(given["within"]), "percentile": list(given["percentile"])}
        answers.show(answer, json_wanted=given["as_json"], asked=lists)


def _answer(centre: Priorities, given: dict[str, Any], names: list[str], agents: int) -> dict[str, Any]:
    found = centre.classes()
    answer: dict[str, Any] = {"load": sum(one.load for one in found), "agents": agents}
    if given["shrinkage"] is not None:
        answer["scheduled"] = int(least.scheduled(agents, given["shrinkage"]))
    answer |= {"delay_probability": centre.delay_probability, "occupancy": centre.occupancy}
    answer["mean_queue"] = sum(one.mean_queue for one in found)
    answer["classes"] = {}
    for number, (name, one) in enumerate(zip(names, found, strict=True)):
        tails = [centre.wait_tail(number, at) for at in given["within"]]
        measures: dict[str, Any] = {
            "load": one.load,
            "mean_wait": one.mean_wait_s,
            "mean_queue": one.mean_queue,
        }
        if tails:
            # Nobody leaves, so the four service levels are one.
            levels = options.one_or_list([1.0 - tail for tail in tails])
            measures |= {f"service_level_{letter}": levels for letter in "abcd"}
            measures["wait_tail"] = options.one_or_list(tails)
        if given["percentile"]:
            waits = [centre.wait_percentile_s(number, share) for share in given["percentile"]]
            measures["wait_percentile_actual"] = options.one_or_list(waits)
        answer["classes"][name] = measures
    return answer


def _least(
    asked: list[Goal], given: dict[str, Any], names: list[str], work: tuple[list[float], float]
) -> int:
    if not asked:
        raise Unreadable(_("Give --agents, or a goal: --target with --within, --goal or --max-occupancy."))
    loads, handle = work
    checks = [_check(goal, given, names) for goal in asked]

    def meets(agents: Any, _rows: Any) -> Any:
        centre = Priorities(int(agents[0]), loads, handle_s=handle)
        return np.array([all(check(centre) for check in checks)])

    first = np.array([np.floor(sum(loads)) + 1.0])
    return int(least.fewest(meets, first, goal=", ".join(goal.typed for goal in asked))[0])


def _check(goal: Goal, given: dict[str, Any], names: list[str]) -> Callable[[Priorities], bool]:
    """What a centre must fulfil: the named class, or every class."""
    if goal.customers and goal.customers not in names:
        raise Unreadable(_("There is no class {name}.").format(name=goal.customers))
    numbers = [names.index(goal.customers)] if goal.customers else list(range(len(names)))
    measure, value = goal.measure, goal.value
    if goal.at_least or measure == "wait_tail":
        at = goal.at if goal.at is not None else next(iter(given["within"]), None)
        if at is None:
            raise Unreadable(_("The goal {goal} needs --within: within which time?").format(goal=goal.typed))
        tail = 1.0 - value if goal.at_least else value
        return lambda centre: all(centre.wait_tail(number, at) <= tail for number in numbers)
    if measure.startswith("wait_percentile"):
        share = goal.at if goal.at is not None else next(iter(given["percentile"]), None)
        if share is None:
            raise Unreadable(_("The goal {goal} needs --percentile: which one?").format(goal=goal.typed))
        return lambda centre: all(centre.wait_percentile_s(number, share) <= value for number in numbers)
    if measure in {"mean_wait", "mean_queue"}:
        field = "mean_wait_s" if measure == "mean_wait" else "mean_queue"
        return lambda centre: all(getattr(centre.classes()[number], field) <= value for number in numbers)
    if measure in {"occupancy", "delay_probability"} and not goal.customers:
        return lambda centre: float(getattr(centre, measure)) <= value
    raise Unreadable(_("This model has no goal {goal}.").format(goal=goal.typed))
