"""`madoguchi staffing offered-load`: load follows the arrivals later and more smoothly."""

from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import answers, options, table
from madoguchi.program.staffing.quantities import TIME, Quantity, Unreadable, rate_per_s, time_s
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import offered_load


def _sine(text: str) -> Any:
    parts = text.split(",")
    if len(parts) != 3:
        raise Unreadable(
            _("“{text}” is no sine. Write MEAN,AMPLITUDE,PERIOD, for instance 100/h,60/h,24h.").format(
                text=text
            )
        )
    return rate_per_s(parts[0]), rate_per_s(parts[1]), time_s(parts[2])


@click.command(
    "offered-load",
    short_help=_("Load that changes with the time of day."),
    help=options.helped(
        _(
            "Load that changes with the time: it follows the arrivals later and more smoothly. Give a sine, "
            "or intervals as CSV with arrivals and, if it differs, handle."
        ),
        "offered-load --sine 100/h,60/h,24h --handle 1h --at 6h --at 7h",
        "offered-load --csv calls.csv --interval 30min --handle 10min --output load.csv",
    ),
)
@click.option("--sine", type=Quantity("MEAN,AMPLITUDE,PERIOD", _sine), help=_("E.g. 100/h,60/h,24h."))
@click.option("--handle", type=TIME, help=_("Mean handling time with work after the call, e.g. 180s."))
@click.option(
    "--at", type=TIME, multiple=True, help=_("A time after the sine's rising middle; may be repeated.")
)
@options.intervals
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        if (given["sine"] is None) == (given["csv_in"] is None):
            raise Unreadable(_("Give --sine or --csv."))
        if given["csv_in"]:
            table.answer(given, _steps(given["interval"]), together=True)
            return
        if given["handle"] is None:
            raise Unreadable(_("Give --handle."))
        found = offered_load.sine(*given["sine"], handle_s=given["handle"])
        loads = [float(found.at(at)) for at in given["at"]] or [found.mean_load]
        answer = {
            "load": options.one_or_list(loads),
            "amplitude": found.amplitude,
            "lag": found.lag_s,
        }
        answers.show(answer, json_wanted=given["as_json"], asked={"at": list(given["at"])})


def _steps(interval_s: float) -> table.Solve:
    def solve(rows: dict[str, Any]) -> dict[str, Any]:
        if np.any(np.isnan(rows["handle"])):
            raise Unreadable(_("Times need a handling time: give --handle, --service-rate or --arrivals."))
        rates = rows["load"] / rows["handle"]
        found = offered_load.steps(rates, interval_s=interval_s, handle_s=rows["handle"])
        return {"load": found.mean, "load_peak": found.peak, "load_end": found.end}

    return solve
