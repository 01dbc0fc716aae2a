"""`madoguchi staffing erlang-b-extended`: some of those turned away try again."""

from typing import Any

import click
import numpy as np

from madoguchi.program.staffing import answers, options
from madoguchi.program.staffing.quantities import SHARE, Unreadable
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import erlang_b, least


@click.command(
    "erlang-b-extended",
    short_help=_("Lines: some of those turned away try again at once."),
    help=options.helped(
        _("Extended Erlang B: of those turned away, a share tries again at once, as often as needed."),
        "erlang-b-extended --load 8 --lines 10 --recall 50%",
        "erlang-b-extended --load 8 --recall 50% --blocking 1%",
    ),
)
@options.load
@click.option("--lines", type=click.IntRange(1), help=_("Number of lines."))
@click.option("--recall", type=SHARE, required=True, help=_("Share of those turned away that tries again."))
@click.option("--blocking", type=SHARE, help=_("Share of callers turned away for good, e.g. 1%."))
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        answers.show(_answer(given), json_wanted=given["as_json"])


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    load, handle = options.work(given)
    lines, recall, wanted = given["lines"], given["recall"], given["blocking"]
    if (lines is None) == (wanted is None):
        raise Unreadable(_("Give --lines or --blocking; the other follows."))
    if lines is None:
        first = np.array([np.floor(load) + 1.0 if recall == 1.0 else 1.0])
        lines = int(
            least.fewest(
                lambda tried, _rows: np.asarray(erlang_b.retrying(tried, load, recall).blocking <= wanted),
                first,
                goal="blocking",
            )[0]
        )
    found = erlang_b.retrying(lines, load, recall)
    answer: dict[str, Any] = {
        "load": load,
        "agents": lines,
        "blocking": float(found.blocking),
        "blocking_per_attempt": float(found.blocking_per_attempt),
        "occupancy": load * (1.0 - float(found.blocking)) / lines,
    }
    if handle is not None:
        answer["total_arrivals"] = float(found.total_load) / handle
    return answer
