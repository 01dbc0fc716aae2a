"""`madoguchi staffing shifts`: the cheapest shifts that cover a need by half-hour."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import click

from madoguchi.program.staffing import answers, needs, options
from madoguchi.program.staffing.quantities import SHARE, TIME, Unreadable, time_s
from madoguchi.program.staffing.words import _

_HALF_HOUR_S = 1800.0
_PATTERN = re.compile(r"([^=]+)=([^/]+)(?:/([^@]+)@([^-]+)-(.+))?")
_LIMIT = re.compile(r"([^<>=]+)(<=|>=)(\d+)")


@click.command(
    "shifts",
    short_help=_("The cheapest shifts that cover a need."),
    help=options.helped(
        _(
            "Shifts with breaks that have enough people at work in every half-hour at the least cost, "
            "counted in paid half-hours with the night premium of the law. What clashes is named."
        ),
        "shifts --need 2,3,4,4,3,3,2,2,1,1 --pattern short=4h",
        "shifts --need 2,3,4,4,3,3,2,2,1,1 --pattern short=2h --pattern day=4h/30min@1h-2h --limit day>=1",
        "shifts --csv need.csv --pattern long=9h/1h@3h-5h --pattern short=4h --within-gap 0.1% --json",
    ),
)
@click.option("--need", help=_("People needed in each half-hour from midnight on: 2,3,4."))
@click.option(
    "--csv",
    "csv_in",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help=_(
        "The same as a column named need, a half-hour a line; or with a column at, as erlang-a writes it "
        "beside the intervals of a forecast (- is the standard input)."
    ),
)
@click.option(
    "--pattern",
    "patterns",
    multiple=True,
    required=True,
    help=_("NAME=LENGTH, or NAME=LENGTH/BREAK@EARLIEST-LATEST after the start; may be repeated."),
)
@click.option("--limit", "limits", multiple=True, help=_("NAME<=PEOPLE or NAME>=PEOPLE; may be repeated."))
@click.option("--seats", type=click.IntRange(1), help=_("Never more at work at once."))
@click.option("--within-gap", type=SHARE, default="0", help=_("So close to the cheapest is good enough."))
@click.option("--time-limit", type=TIME, default="60s", show_default=True, help=_("Search no longer."))
@options.output
def command(**given: Any) -> None:
    from madoguchi.program.staffing.rules import in_words

    with options.refusing(), in_words():
        answer = _answer(given)
        if given["as_json"]:
            click.echo(answers.as_json(answer))
            return
        for shift in answer["shifts"]:
            click.echo(f"{shift['people']:>5}  {shift['name']}")
        click.echo(_("Paid half-hours: {cost:g}").format(cost=answer["cost"]))
        if answer["proven"]:
            click.echo(_("Nothing is cheaper: that is proven."))
        else:
            click.echo(_("No plan costs less than {bound:g}.").format(bound=answer["bound"]))


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    """The science loads SciPy's solver: only here."""
    from madoguchi.science.staffing.shifts.covering import cover
    from madoguchi.science.staffing.shifts.types import every_half_hour

    need, first = _need(given)
    shifts = every_half_hour([_pattern(text) for text in given["patterns"]], len(need))
    limits = [_limit(text, {shift.kind for shift in shifts}) for text in given["limits"]]
    plan = cover(
        need, shifts, limits, seats=given["seats"], gap=given["within_gap"], seconds=given["time_limit"]
    )
    return {
        **({"first": first.isoformat()} if first else {}),
        "cost": plan.cost,
        "bound": plan.bound,
        "proven": plan.proven,
        "need": need,
        "present": plan.present.tolist(),
        "shifts": [
            {
                "name": shift.name,
                "kind": shift.kind,
                "start": shift.start * _HALF_HOUR_S,
                "end": shift.end * _HALF_HOUR_S,
                "breaks": [[first * _HALF_HOUR_S, end * _HALF_HOUR_S] for first, end in shift.breaks],
                "people": int(people),
            }
            for shift, people in zip(shifts, plan.people, strict=True)
            if people
        ],
    }


def _need(given: dict[str, Any]) -> tuple[list[int], date | None]:
    if (given["need"] is None) == (given["csv_in"] is None):
        raise Unreadable(_("Give --need or --csv."))
    if given["need"] is not None:
        return [needs.people(text) for text in given["need"].split(",")], None
    return needs.of_file(given["csv_in"])


def _pattern(text: str) -> Any:
    from madoguchi.science.staffing.shifts.types import Pattern

    found = _PATTERN.fullmatch(text)
    if found is None:
        raise Unreadable(
            _("“{text}” is no pattern. Write for instance short=4h or long=9h/1h@3h-5h.").format(text=text)
        )
    name, *times = found.groups()
    return Pattern(name.strip(), *(_half_hours(time) for time in times if time is not None))


def _half_hours(text: str) -> int:
    count = time_s(text) / _HALF_HOUR_S
    if count != int(count) or count < 0:
        raise Unreadable(_("“{text}” is not a number of whole half-hours.").format(text=text))
    return int(count)


def _limit(text: str, kinds: set[str]) -> Any:
    from madoguchi.science.staffing.shifts.types import Limit

    found = _LIMIT.fullmatch(text)
    if found is None or found[1].strip() not in kinds:
        raise Unreadable(
            _("“{text}” is no limit. Write a pattern's name, <= or >=, and a number.").format(text=text)
        )
    name, sign, count = found[1].strip(), found[2], int(found[3])
    if sign == "<=":
        return Limit(text, frozenset({name}), most=count)
    return Limit(text, frozenset({name}), least=count)
