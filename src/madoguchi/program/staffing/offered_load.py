"""`madoguchi staffing offered-load`: load follows the arrivals later and more smoothly."""

from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import answers, options, table
from madoguchi.program.staffing.quantities import RATE, TIME, Quantity, Unreadable, rate_per_s, time_s
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import offered_load


def _sine(text: str) -> Any:
    parts = text.replace("、", ",").split(",")
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
            "or intervals as CSV with arrivals and, if it differs, handle; with --at the load at those times "
            "after its beginning."
        ),
        "offered-load --sine 100/h,60/h,24h --handle 1h --at 6h --at 7h",
        "offered-load --csv calls.csv --interval 30min --handle 10min --output load.csv",
        "offered-load --csv calls.csv --handle 10min --at 9h --at 9.25h",
    ),
)
@click.option("--sine", type=Quantity("MEAN,AMPLITUDE,PERIOD", _sine), help=_("E.g. 100/h,60/h,24h."))
@click.option("--handle", type=TIME, help=_("Mean handling time with work after the call, e.g. 180s."))
@click.option("--service-rate", type=RATE, help=_("Calls an agent can do, e.g. 20/h; instead of --handle."))
@click.option(
    "--at",
    type=TIME,
    multiple=True,
    help=_("A time after the sine's rising middle, or the CSV's beginning; may be repeated."),
)
@options.intervals
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        if (given["sine"] is None) == (given["csv_in"] is None):
            raise Unreadable(_("Give --sine or --csv."))
        if given["csv_in"] and not given["at"]:
            table.answer(given, lambda rows: _columns(_steps(rows, given)), table.Sheet(together=True))
            return
        answers.show(_at(given), json_wanted=given["as_json"], asked=given)


def _at(given: dict[str, Any]) -> dict[str, Any]:
    if given["csv_in"]:
        rows = table.columns_of(table.lines_of(given["csv_in"]), given, table.Sheet())
        found = _steps(rows, given)
        return {"load": options.one_or_list([float(found.at(at)) for at in given["at"]])}
    handle = options.handle_of(given)
    if handle is None:
        raise Unreadable(_("Give --handle or --service-rate."))
    sine = offered_load.sine(*given["sine"], handle_s=handle)
    loads = [float(sine.at(at)) for at in given["at"]] or [sine.mean_load]
    return {"load": options.one_or_list(loads), "amplitude": sine.amplitude, "lag": sine.lag_s}


def _steps(rows: table.Rows, given: dict[str, Any]) -> offered_load.Steps:
    if np.any(np.isnan(rows["handle"])):
        raise Unreadable(_("Times need a handling time: give --handle, --service-rate or --arrivals."))
    rates = rows["load"] / rows["handle"]
    return offered_load.steps(rates, interval_s=given["interval"], handle_s=rows["handle"])


def _columns(found: offered_load.Steps) -> dict[str, Any]:
    return {"load": found.mean, "load_peak": found.peak, "load_end": found.end}
