"""`madoguchi staffing simulate`: the same questions, answered by trying it out many times."""

from __future__ import annotations

import os
from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import answers, options
from madoguchi.program.staffing.quantities import NUMBER, PEOPLE, SHARE, TIME, Unreadable
from madoguchi.program.staffing.words import _

_WARM_UP = 0.1
"""Share of each run that is let go by: it begins with nobody waiting, which is not usual."""


@click.command(
    "simulate",
    short_help=_("Anything at once, tried out many times."),
    help=options.helped(
        _(
            "Simulation: callers who give up, redial and return, lines, waiting places and any spread of the "
            "handling time, all at once. Every figure comes with the interval in which the truth lies."
        ),
        "simulate --arrivals 100/30min --handle 180s --patience 5min --agents 12 --within 20s",
        "simulate --arrivals 60/h --handle 5min --patience 3min --agents 6 --redial 60% --redial-after 2min",
        "simulate --load 24.5 --handle 3min --handle-spread 1.2 --agents 28 --lines 40 --runs 50 --json",
    ),
)
@options.load
@click.option("--handle-spread", type=NUMBER, help=_("Standard deviation ÷ mean of the handling time."))
@click.option("--patience", type=TIME, help=_("Mean patience, e.g. 5min."))
@click.option("--agents", type=PEOPLE, required=True, help=_("So many agents."))
@click.option("--lines", type=PEOPLE, help=_("So many can be connected, waiting ones included."))
@click.option("--redial", type=SHARE, default="0", help=_("Share of the lost who call again."))
@click.option("--redial-after", type=TIME, default="1min", show_default=True, help=_("… after this time."))
@click.option("--return", "returns", type=SHARE, default="0", help=_("Share of the served who call again."))
@click.option("--return-after", type=TIME, default="1h", show_default=True, help=_("… after this time."))
@options.waits
@options.places
@click.option(
    "--calls", type=click.IntRange(100), default=20_000, show_default=True, help=_("Calls in a run.")
)
@click.option("--runs", type=click.IntRange(2), default=20, show_default=True, help=_("So many runs."))
@click.option("--seed", type=int, default=1, show_default=True, help=_("Another seed, other chance."))
@click.option("--confidence", type=SHARE, default="95%", show_default=True, help=_("Of the intervals."))
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        options.keep_machine_code()
        load, handle = options.work(given)
        if handle is None:
            raise Unreadable(_("Times need a handling time: give --handle, --service-rate or --arrivals."))
        _refuse_what_cannot_be(given, load, handle)
        found = _run(given, load, handle)
    answer = {"load": load, "agents": given["agents"]}
    for key in found:
        answer[key] = options.one_or_list([one.mean for one in found[key]])
    answer["intervals"] = {
        key: options.one_or_list([[one.low, one.high] for one in values]) for key, values in found.items()
    }
    if given["as_json"]:
        click.echo(answers.as_json(answer))
        return
    answers.show(answer, json_wanted=False, asked=given)
    _show_precision(given, found)


def _refuse_what_cannot_be(given: dict[str, Any], load: float, handle: float) -> None:
    times = ("handle_spread", "patience", "redial_after", "return_after")
    for name, value in [("load", load), ("handle", handle), *((name, given[name]) for name in times)]:
        if value is not None and not value > 0:
            typed = f"--{name.replace('_', '-')}"
            raise Unreadable(_("{name} must be more than zero, not {value}.").format(name=typed, value=value))
    if not 0 < given["confidence"] < 1:
        raise Unreadable(_("--confidence lies between 0% and 100%, both excluded."))
    nobody_lost = given["patience"] is None and given["lines"] is None and given["places"] is None
    stays = load / max(1e-9, 1.0 - given["returns"])
    if (nobody_lost or given["redial"] == 1.0) and stays >= given["agents"]:
        raise Unreadable(
            _("{load:.4g} Erlang are too much for {agents} agents if nobody is lost for good.").format(
                load=stays, agents=given["agents"]
            )
        )


def _show_precision(given: dict[str, Any], found: dict[str, Any]) -> None:
    click.echo()
    share = f"{100 * given['confidence']:g}"
    click.echo(_("With {share} % confidence, from {runs} runs:").format(share=share, runs=given["runs"]))
    for key, (kind, label) in answers.labels().items():
        for one in found.get(key, []):
            click.echo(f"  {label}: {answers.said(kind, one.low)} – {answers.said(kind, one.high)}")


def _run(given: dict[str, Any], load: float, handle: float) -> dict[str, list[Any]]:
    """Key → an estimate a time or percentile asked for. The science loads numba: only here."""
    from madoguchi.science.staffing.simulation.estimates import estimate, spread_over_cores
    from madoguchi.science.staffing.simulation.running import simulate

    centre = _centre(given, load, handle)

    def once(number: int) -> dict[str, list[float]]:
        return _measures(simulate(centre, given["seed"] + number).calls, centre.horizon_s, given)

    runs = spread_over_cores(once, given["runs"], os.cpu_count() or 1)
    return {
        key: [
            estimate([run[key][place] for run in runs], given["confidence"]) for place in range(len(values))
        ]
        for key, values in runs[0].items()
        if not all(np.isnan(run[key]).any() for run in runs)
    }


def _centre(given: dict[str, Any], load: float, handle: float) -> Any:
    from madoguchi.science.staffing.simulation.centre import Centre, Person, Queue, Redial
    from madoguchi.science.staffing.simulation.distributions import exponential, lognormal, never

    rate_s = load / handle
    horizon_s = given["calls"] / rate_s
    spread = given["handle_spread"]
    queue = Queue(
        rates_per_h=(3600.0 * rate_s,),
        talk=exponential(handle) if spread is None else lognormal(handle, spread),
        patience=never() if given["patience"] is None else exponential(given["patience"]),
        redial=Redial(given["redial"], given["redial"], exponential(given["redial_after"])),
        returns=given["returns"],
        return_delay=exponential(given["return_after"]),
        short_abandon_s=given["short_abandon"],
        places=-1 if given["places"] is None else given["places"],
    )
    lines = -1 if given["lines"] is None else given["lines"]
    people = (Person(),) * given["agents"]
    return Centre((queue,), people, horizon_s, interval_s=horizon_s, lines=lines, keep_spells=False)


def _measures(calls: Any, horizon_s: float, given: dict[str, Any]) -> dict[str, list[float]]:
    from madoguchi.science.staffing.simulation.figures import of_calls

    began = _WARM_UP * horizon_s
    calls = calls[(calls["arrived_s"] >= began) & (calls["outcome"] >= 0)]
    waits = calls["wait_s"][~np.isnan(calls["wait_s"])]
    spent_s = horizon_s - began
    steady = of_calls(calls)
    talked_s = float(calls["talk_s"].sum())
    found = {
        "total_arrivals": [calls.size / spent_s],
        "delay_probability": [float(np.mean(waits > 0)) if waits.size else np.nan],
        "occupancy": [talked_s / spent_s / given["agents"]],
        "mean_queue": [float(waits.sum()) / spent_s],
        "mean_in_system": [(float(waits.sum()) + talked_s) / spent_s],
    }
    for key in ("mean_wait", "mean_wait_served"):
        found[key] = [steady[key]]
    if given["patience"] is not None:
        found["abandon_probability"] = [steady["abandon_rate"]]
        found["mean_wait_abandoned"] = [steady["mean_wait_abandoned"]]
    if given["lines"] is not None or given["places"] is not None:
        found["blocking_per_attempt"] = [steady["lost"] / calls.size - steady["abandon_rate"]]
    for letter in "abcd" if given["within"] else "":
        key = f"service_level_{letter}"
        found[key] = [of_calls(calls, within_s=at)[key] for at in given["within"]]
    if given["within"]:
        found["wait_tail"] = [float(np.mean(waits > at)) for at in given["within"]]
    if given["percentile"]:
        found["wait_percentile_actual"] = [float(np.quantile(waits, share)) for share in given["percentile"]]
    return found
