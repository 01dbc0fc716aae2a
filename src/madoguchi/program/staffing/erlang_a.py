"""`madoguchi staffing erlang-a`."""

from typing import Any

import click

from madoguchi.program.staffing import options, waiting
from madoguchi.program.staffing.quantities import TIME
from madoguchi.program.staffing.words import _


@click.command(
    "erlang-a",
    short_help=_("Callers give up after a while."),
    help=options.helped(
        _("Erlang A: callers give up after a while; --patience is how long they would wait on average."),
        "erlang-a --arrivals 100/30min --handle 180s --patience 5min --target 80% --within 20s",
        "erlang-a --load 24.5 --handle 3min --patience 5min --agents 26 --within 20s --percentile 90%",
        "erlang-a --load 24.5 --handle 3min --patience 5min --goal 'abandon_probability<=3%'",
    ),
)
@options.load
@click.option("--patience", type=TIME, help=_("Mean patience, e.g. 5min."))
@options.staff
@options.waits
@options.places
@options.intervals
@options.output
def command(**given: Any) -> None:
    waiting.answer(given, impatient=True)
