"""`madoguchi staffing erlang-b`: of load, lines and blocking two give the third."""

from typing import Any

import click

from madoguchi.program.staffing import answers, options
from madoguchi.program.staffing.quantities import SHARE, Unreadable
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
    ),
)
@options.load
@click.option("--lines", type=click.IntRange(1), help=_("Number of lines."))
@click.option("--blocking", type=SHARE, help=_("Share of callers turned away, e.g. 1%."))
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        answers.show(_answer(given), json_wanted=given["as_json"])


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    lines, blocking = given["lines"], given["blocking"]
    known = given["load"] is not None or given["arrivals"] is not None
    if known + (lines is not None) + (blocking is not None) != 2:
        raise Unreadable(_("Give two of --load, --lines and --blocking; the third follows."))
    load = options.work(given)[0] if known else float(erlang_b.load_for(lines, blocking))
    if lines is None:
        lines = int(erlang_b.lines_for(load, blocking))
    lost = float(erlang_b.blocking(lines, load))
    occupancy = load * float(erlang_b.carried_share(lines, load)) / lines if lines else 0.0
    answer = {"load": load, "agents": lines, "blocking": lost, "occupancy": occupancy}
    return answer | {"mean_in_system": occupancy * lines}
