"""`madoguchi staffing erlang-b`: of load, lines and blocking two give the third."""

from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import lines, options, quantities
from madoguchi.program.staffing.quantities import PEOPLE, SHARE, Unreadable
from madoguchi.program.staffing.table import Rows, Sheet
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import erlang_b


@click.command(
    "erlang-b",
    short_help=_("Lines: who finds all engaged is turned away."),
    help=options.helped(
        _("Erlang B: who finds all lines engaged is turned away. Two of the three give the third."),
        "erlang-b --load 5 --lines 10",
        "erlang-b --arrivals 300/h --handle 3min --blocking 1%",
        "erlang-b --lines 30 --blocking 0.1% --json",
        "erlang-b --csv calls.csv --handle 3min --blocking 1% --output lines.csv",
    ),
)
@options.load
@click.option("--lines", type=PEOPLE, help=_("Number of lines."))
@click.option("--blocking", type=SHARE, help=_("Share of callers turned away, e.g. 1%."))
@options.intervals
@options.output
def command(**given: Any) -> None:
    sheet = Sheet({"lines": quantities.number, "blocking": quantities.share}, needs_work=False)
    lines.answer(given, solve, sheet)


def solve(rows: Rows) -> dict[str, Any]:
    """Key → a value a row."""
    load, count, wanted = (rows[name].copy() for name in ("load", "lines", "blocking"))
    if np.any(sum((~np.isnan(column)).astype(int) for column in (load, count, wanted)) != 2):
        raise Unreadable(_("Give two of --load, --lines and --blocking; the third follows."))
    if len(which := np.flatnonzero(np.isnan(load))):
        load[which] = erlang_b.load_for(count[which], wanted[which])
    if len(which := np.flatnonzero(np.isnan(count))):
        count[which] = erlang_b.lines_for(load[which], wanted[which])
    lost = np.asarray(erlang_b.blocking(count, load))
    busy = load * np.asarray(erlang_b.carried_share(count, load))
    return {
        "load": load,
        "agents": count,
        "blocking": lost,
        "occupancy": busy / np.maximum(count, 1.0),
        "mean_in_system": busy,
    }
