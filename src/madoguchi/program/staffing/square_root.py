"""`madoguchi staffing square-root`: a first guess for large centres."""

from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import answers, options, quantities, staff, table
from madoguchi.program.staffing.quantities import NUMBER, SHARE, TIME, Unreadable
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import square_root


@click.command(
    "square-root",
    short_help=_("A first guess for large centres: load and a multiple of its root."),
    help=options.helped(
        _("Square-root staffing: load + beta · √load, and how many wait in a very large centre so staffed."),
        "square-root --load 100 --beta 0.5",
        "square-root --load 100 --handle 3min --patience 5min --beta 0",
        "square-root --load 100 --delay 20%",
    ),
)
@options.load
@click.option("--beta", type=NUMBER, help=_("How many roots of the load more than the load."))
@click.option("--delay", type=SHARE, help=_("Share that may have to wait, instead of --beta."))
@click.option("--patience", type=TIME, help=_("Mean patience, e.g. 5min."))
@click.option("--shrinkage", type=SHARE, help=_("Share of paid time that is lost, e.g. 30%."))
@options.intervals
@options.output
def command(**given: Any) -> None:
    with options.refusing():

        def solve(rows: table.Rows) -> dict[str, Any]:
            return _answer(rows, given["shrinkage"])

        if given["csv_in"]:
            columns = {
                "beta": quantities.number,
                "delay": quantities.share,
                "patience": quantities.time_s,
            }
            table.answer(given, solve, table.Sheet(columns))
            return
        load, handle = options.work(given)
        row = {"load": load, "handle": handle} | {name: given[name] for name in ("beta", "delay", "patience")}
        answers.show(table.one_row(solve, row), json_wanted=given["as_json"])


def _answer(rows: table.Rows, shrinkage: float | None) -> dict[str, Any]:
    beta, delay, patience = rows["beta"].copy(), rows["delay"], rows["patience"]
    if np.any(np.isnan(beta) == np.isnan(delay)):
        raise Unreadable(_("Give --beta or --delay."))
    patient = np.isnan(patience)
    if np.any(~patient & (np.isnan(rows["handle"]) | (patience <= 0))):
        raise Unreadable(_("--patience must be more than zero, and needs a handling time."))
    impatience = np.zeros(len(beta))
    impatience[~patient] = rows["handle"][~patient] / patience[~patient]
    if np.any((beta <= 0) & (impatience == 0)):
        raise Unreadable(_("Without patience --beta must be more than zero: else the queue grows for ever."))
    if len(which := np.flatnonzero(np.isnan(beta))):
        beta[which] = square_root.beta_for(delay[which], impatience=impatience[which])
    agents = np.asarray(square_root.agents(rows["load"], beta))
    wait = square_root.delay_probability(beta, impatience=impatience)
    return {"load": rows["load"], **staff.people(agents, None, shrinkage), "delay_probability": wait}
