"""`madoguchi staffing square-root`: a first guess for large centres."""

from typing import Any

import click

from madoguchi.program.staffing import answers, options
from madoguchi.program.staffing.quantities import NUMBER, SHARE, TIME, Unreadable
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing import least, square_root


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
@options.output
def command(**given: Any) -> None:
    with options.refusing():
        answers.show(_answer(given), json_wanted=given["as_json"])


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    load, handle = options.work(given)
    beta, delay, patience = given["beta"], given["delay"], given["patience"]
    if (beta is None) == (delay is None):
        raise Unreadable(_("Give --beta or --delay."))
    if patience is not None and (handle is None or patience <= 0):
        raise Unreadable(_("--patience must be more than zero, and needs a handling time."))
    impatience = handle / patience if patience is not None and handle is not None else 0.0
    if beta is None:
        beta = float(square_root.beta_for(delay, impatience=impatience))
    elif beta <= 0 and not impatience:
        raise Unreadable(_("Without patience --beta must be more than zero: else the queue grows for ever."))
    agents = int(square_root.agents(load, beta))
    answer: dict[str, Any] = {"load": load, "agents": agents}
    if given["shrinkage"] is not None:
        answer["scheduled"] = int(least.scheduled(agents, given["shrinkage"]))
    answer["delay_probability"] = float(square_root.delay_probability(beta, impatience=impatience))
    return answer
