"""`madoguchi staffing erlang-c`."""

from typing import Any

import click

from madoguchi.program.staffing import options, waiting
from madoguchi.program.staffing.words import _


@click.command(
    "erlang-c",
    short_help=_("Callers wait as long as it takes."),
    help=options.helped(
        _("Erlang C: callers wait as long as it takes, and nobody gives up."),
        "erlang-c --arrivals 100/30min --handle 180s --target 80% --within 20s",
        "erlang-c --load 24.5 --handle 3min --agents 29 --within 20s --percentile 90%",
        "erlang-c --csv calls.csv --handle 4min --target 80% --within 20s --output staff.csv",
    ),
)
@options.load
@options.staff
@options.waits
@options.places
@options.intervals
@options.output
def command(**given: Any) -> None:
    waiting.answer(given)
