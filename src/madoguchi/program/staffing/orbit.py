"""`madoguchi staffing orbit`: callers who redial, and callers who return after an answer."""

import math
from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import answers, goals, options
from madoguchi.program.staffing.goals import Goal
from madoguchi.program.staffing.quantities import SHARE, TIME, Unreadable
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import least
from madoguchi.science.staffing.orbit import Centre, Orbits, exact, fixed_point
from madoguchi.science.staffing.queue import NO_LIMIT

_FIELDS = {
    "blocking": "blocking",
    "blocking_per_attempt": "blocking_per_attempt",
    "delay_probability": "delay_probability",
    "abandon_probability": "abandon_probability",
    "mean_wait": "mean_wait_s",
    "mean_queue": "mean_queue",
    "occupancy": "occupancy",
    "redial_orbit": "redial_orbit",
}
_AT_TIME = (*(f"service_level_{letter}" for letter in "abcd"), "wait_tail")


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
    help=_("exact for small centres; default: exact up to some 12,000 states."),
)
@options.staff
@options.times
@options.places
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        load, handle = options.work(given)
        if handle is None:
            raise Unreadable(_("Times need a handling time: give --handle, --service-rate or --arrivals."))
        asked = goals.all_of(given["target"], given["within"], given["goal"], given["max_occupancy"])
        if bool(asked) == bool(given["agents"]):
            raise Unreadable(_("Give agents or a goal, not both."))
        wish = {
            "load": load,
            "handle_s": handle,
            "patience_s": math.inf if given["patience"] is None else given["patience"],
            "places": NO_LIMIT if given["places"] is None else given["places"],
            "redial": given["redial"],
            "redial_after_s": given["redial_after"],
            "returns": given["returns"],
            "return_after_s": given["return_after"],
        }
        agents = given["agents"] or _least(asked, given, wish)
        centre = Centre(agents=agents, **wish)
        method, found = _solve(centre, given["method"], judge=True)
        answer = _answer(centre, found, given) | {"method": method, "error_bound": found.error}
        answers.show(answer, json_wanted=given["as_json"], asked={"within": list(given["within"])})


def _solve(centre: Centre, method: str | None, *, judge: bool) -> tuple[str, Orbits]:
    from madoguchi.science.staffing.errors import TooLarge

    if method != "fixed-point":
        try:
            return "exact", exact(centre) if method == "exact" else exact(centre, most_states=12_000)
        except TooLarge:
            if method == "exact":
                raise
    return "fixed-point", fixed_point(centre, judge=judge)


def _answer(centre: Centre, found: Orbits, given: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"load": centre.load, "agents": centre.agents}
    if given["shrinkage"] is not None:
        answer["scheduled"] = int(least.scheduled(centre.agents, given["shrinkage"]))
    answer["total_arrivals"] = found.total_arrivals_per_s
    for key, field in _FIELDS.items():
        if (key.startswith("blocking") and centre.places < 0) or (
            key == "abandon_probability" and math.isinf(centre.patience_s)
        ):
            continue
        answer[key] = getattr(found, field)
    answer["return_orbit"] = found.return_orbit
    short = given["short_abandon"]
    levels = [found.service_levels(centre, at, short_abandon_s=short) for at in given["within"]]
    for key in _AT_TIME if levels else ():
        answer[key] = options.one_or_list([one[key] for one in levels])
    return answer


def _least(asked: list[Goal], given: dict[str, Any], wish: dict[str, Any]) -> int:
    def good(agents: int) -> bool:
        centre = Centre(agents=agents, **wish)
        _method, found = _solve(centre, given["method"], judge=False)
        return all(_meets(goal, given, centre, found) for goal in asked)

    def meets(agents: Any, _rows: Any) -> Any:
        return np.array([good(int(agents[0]))])

    nobody_lost = wish["redial"] == 1.0 or (math.isinf(wish["patience_s"]) and wish["places"] < 0)
    stays = wish["load"] / max(1.0 - wish["returns"], 1e-12)
    first = np.array([np.floor(stays) + 1.0 if nobody_lost else 1.0])
    return int(least.fewest(meets, first, goal=", ".join(goal.typed for goal in asked))[0])


def _meets(goal: Goal, given: dict[str, Any], centre: Centre, found: Orbits) -> bool:
    if goal.measure in _AT_TIME:
        at = goal.at if goal.at is not None else next(iter(given["within"]), None)
        if at is None:
            raise Unreadable(_("The goal {goal} needs --within: within which time?").format(goal=goal.typed))
        value = found.service_levels(centre, at, short_abandon_s=given["short_abandon"])[goal.measure]
    elif goal.measure in _FIELDS and not goal.customers:
        value = float(getattr(found, _FIELDS[goal.measure]))
    else:
        raise Unreadable(_("This model has no goal {goal}.").format(goal=goal.typed))
    return value >= goal.value if goal.at_least else value <= goal.value
