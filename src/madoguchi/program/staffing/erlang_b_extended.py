"""`madoguchi staffing erlang-b-extended`: some of those turned away try again."""

from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import lines, options, quantities
from madoguchi.program.staffing.quantities import PEOPLE, SHARE, Unreadable
from madoguchi.program.staffing.table import Rows, Sheet
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import erlang_b, least


@click.command(
    "erlang-b-extended",
    short_help=_("Lines: some of those turned away try again at once."),
    help=options.helped(
        _(
            "Extended Erlang B: of those turned away, a share tries again at once, as often as needed. Of "
            "load, lines and blocking two give the third."
        ),
        "erlang-b-extended --load 8 --lines 10 --recall 50%",
        "erlang-b-extended --load 8 --recall 50% --blocking 1%",
        "erlang-b-extended --lines 10 --recall 50% --blocking 1%",
    ),
)
@options.load
@click.option("--lines", type=PEOPLE, help=_("Number of lines."))
@click.option("--recall", type=SHARE, help=_("Share of those turned away that tries again."))
@click.option("--blocking", type=SHARE, help=_("Share of callers turned away for good, e.g. 1%."))
@options.intervals
@options.output
def command(**given: Any) -> None:
    columns = {"lines": quantities.number, "blocking": quantities.share, "recall": quantities.share}
    lines.answer(given, solve, Sheet(columns, needs_work=False))


def solve(rows: Rows) -> dict[str, Any]:
    """Key → a value a row."""
    load, count, wanted, recall = (rows[name].copy() for name in ("load", "lines", "blocking", "recall"))
    if np.any(np.isnan(recall)):
        raise Unreadable(_("Give --recall: which share tries again?"))
    if np.any(sum((~np.isnan(column)).astype(int) for column in (load, count, wanted)) != 2):
        raise Unreadable(_("Give two of --load, --lines and --blocking; the third follows."))
    if len(which := np.flatnonzero(np.isnan(load))):
        load[which] = erlang_b.retrying_load_for(count[which], wanted[which], recall[which])
    if len(which := np.flatnonzero(np.isnan(count))):
        count[which] = _lines(load[which], wanted[which], recall[which])
    found = erlang_b.retrying(count, load, recall)
    answer = {
        "load": load,
        "agents": count,
        "blocking": found.blocking,
        "blocking_per_attempt": found.blocking_per_attempt,
        "occupancy": load * (1.0 - np.asarray(found.blocking)) / count,
    }
    if not np.any(np.isnan(rows["handle"])):
        answer["total_arrivals"] = np.asarray(found.total_load) / rows["handle"]
    return answer


def _lines(load: Any, wanted: Any, recall: Any) -> Any:
    def meets(tried: Any, which: Any) -> Any:
        return np.asarray(erlang_b.retrying(tried, load[which], recall[which]).blocking <= wanted[which])

    return least.fewest(meets, np.where(recall == 1.0, np.floor(load) + 1.0, 1.0), goal="blocking")
