"""`madoguchi staffing roster`: the shifts of each day for named people, within the law."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from madoguchi.program.staffing import answers, options
from madoguchi.program.staffing.quantities import TIME, Unreadable, day_of
from madoguchi.program.staffing.words import _

if TYPE_CHECKING:
    from madoguchi.science.staffing.shifts.people import Duty, Person, Worked
    from madoguchi.science.staffing.shifts.roster import Roster

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)
_COLUMNS = ("name", "day", "duty", "begin", "end", "break", "breaks")


@dataclass(frozen=True)
class _Asked:
    people: list[Person]
    duties: list[Duty]
    need: Counter[tuple[date, str]]
    breaks: dict[tuple[date, str], list[str]]


@click.command(
    "roster",
    short_help=_("Shifts for named people, within the law."),
    help=options.helped(
        _(
            "Gives the shifts of each day to named people: skills, contracts, days off, hours a day and a "
            "week, overtime agreed upon, rest between shifts, days in a row and days off are kept; hours, "
            "nights and weekends are spread evenly, wishes kept where nothing stands against them. Where "
            "rules clash, they are named, and the exit status is 2.\n\n"
            "PEOPLE: name, and if wanted contract, week_hours, day_hours, days_in_row, rest_hours, "
            "overtime_month_hours, special_clause (yes or no), overtime_year_hours, year_from_month, "
            "four_weeks_from, rotating (yes: three shifts), duties, skills, days_off (several: a;b). "
            "REQUIRED: day, duty, people. WISHES: name, day, wish (a shift, or off). EARLIER: name, day, "
            "begin, end, break: last month's roster as it was written; a whole year where there is overtime."
        ),
        "roster --people people.csv --required required.csv --duty early=7:00-16:00/1h --duty "
        "late=13:00-22:00/1h --output roster.csv",
        "roster --people people.csv --required required.csv --duty night=22:00-7:00/1h --duty "
        "desk=9:00-18:00/1h@English --wishes wishes.csv --earlier last.csv --json",
        "shifts --csv need.csv --pattern long=9h/1h@3h-5h --pattern short=4h --json > plan.json",
        "roster --people people.csv --covering plan.json --first 2026-11-29 --partial",
    ),
)
@click.option("--people", "people", required=True, type=_FILE, help=_("Who works: a CSV (- is the input)."))
@click.option("--required", type=_FILE, help=_("How many are needed on which shift: a CSV."))
@click.option("--duty", "duties", multiple=True, help=_("NAME=BEGIN-END[/BREAK][@SKILL]; may be repeated."))
@click.option("--covering", type=_FILE, help=_("Instead: what staffing shifts --json wrote."))
@click.option(
    "--first",
    help=_("The day whose midnight the covering begins with, where it does not say so: 2026-11-29."),
)
@click.option("--wishes", type=_FILE, help=_("Who would like which shift or a day off: a CSV."))
@click.option("--earlier", type=_FILE, help=_("Shifts that stand already, e.g. of the weeks before: a CSV."))
@click.option("--partial", is_flag=True, help=_("The fullest roster, where not all needs can be met."))
@click.option("--time-limit", type=TIME, default="10s", show_default=True, help=_("Search no longer."))
@click.option(
    "--output", type=click.Path(dir_okay=False, allow_dash=True), default="-", help=_("Where the CSV goes.")
)
@options.output
def command(**given: Any) -> None:
    from madoguchi.program.staffing.rules import in_words
    from madoguchi.science.staffing.shifts.errors import RulesClash

    with options.refusing(), in_words():
        asked = _asked(given)
        try:
            found = _found(asked, given)
        except RulesClash as error:
            if given["as_json"]:
                click.echo(answers.as_json({"clash": _clash(error.clash), "clash_is_least": error.least}))
            raise
        rows = _rows(asked, found)
        if given["as_json"]:
            click.echo(answers.as_json(_answer(rows, found)))
        if not given["as_json"] or given["output"] != "-":
            _write(given["output"], rows)
        _say(found)


def _asked(given: dict[str, Any]) -> _Asked:
    """Read what was given. Raises Unreadable, WrongShift."""
    from madoguchi.program.staffing import roster_files as files

    if (given["covering"] is None) == (given["required"] is None):
        raise Unreadable(_("Give --required with --duty, or --covering with --first."))
    breaks: dict[tuple[date, str], list[str]] = {}
    if given["covering"] is not None:
        first = None if given["first"] is None else day_of(given["first"])
        covered = files.covering(given["covering"], first)
        duties, need, breaks = covered.duties, covered.need, covered.breaks
    else:
        if not given["duties"]:
            raise Unreadable(_("Give each shift with --duty."))
        duties, need = [files.duty(text) for text in given["duties"]], files.required(given["required"])
    people = files.people(given["people"], duties)
    if given["wishes"] is not None:
        people = _with_wishes(people, files.wishes(given["wishes"]), {one.name for one in duties})
    return _Asked(people, duties, need, breaks)


def _with_wishes(people: list[Person], wishes: dict[str, dict[date, str]], duties: set[str]) -> list[Person]:
    """A wish of nobody known, or for a shift that does not exist, is a slip of the pen. Raises Unreadable."""
    for who, days in wishes.items():
        if who not in {person.name for person in people}:
            raise Unreadable(_("The wishes name {name}, who is not among the people.").format(name=who))
        for what in days.values():
            if what and what not in duties:
                raise Unreadable(
                    _("{name} wishes for {duty}, which is no shift.").format(name=who, duty=what)
                )
    return [replace(person, wishes=wishes.get(person.name, {})) for person in people]


def _found(asked: _Asked, given: dict[str, Any]) -> Roster:
    from madoguchi.program.staffing import roster_files as files
    from madoguchi.science.staffing.shifts.roster import roster

    earlier = files.earlier(given["earlier"]) if given["earlier"] is not None else {}
    return roster(
        _with_overtime(asked, earlier),
        asked.duties,
        asked.need,
        earlier=earlier,
        partial=given["partial"],
        seconds=given["time_limit"],
    )


def _with_overtime(asked: _Asked, earlier: Mapping[tuple[str, date], Worked]) -> list[Person]:
    """Shifts of long ago count for the limits on a year's overtime, and for nothing else."""
    from madoguchi.science.staffing.shifts.overtime import overtime_min
    from madoguchi.science.staffing.shifts.people import month_of

    month = month_of(min((day for day, _what in asked.need), default=date.min))
    before: dict[str, list[tuple[date, Worked]]] = {}
    for (who, day), shift in earlier.items():
        if day < month:
            before.setdefault(who, []).append((day, shift))
    return [replace(one, overtime_before=overtime_min(before.get(one.name, ()))) for one in asked.people]


def _rows(asked: _Asked, found: Roster) -> list[dict[str, Any]]:
    """By day, shift and person; breaks are dealt out as the covering laid them."""
    from madoguchi.science.staffing.shifts.rules import clock_min

    duties = {one.name: one for one in asked.duties}
    left = {key: iter(rests) for key, rests in asked.breaks.items()}
    rows = []
    for (who, day), what in sorted(found.given.items(), key=lambda one: (one[0][1], one[1], one[0][0])):
        one = duties[what]
        times = (clock_min(one.begin_min), clock_min(one.end_min), one.break_min)
        rests = next(left.get((day, what), iter(())), "")
        rows.append(dict(zip(_COLUMNS, (who, day.isoformat(), what, *times, rests), strict=True)))
    return rows


def _answer(rows: list[dict[str, Any]], found: Roster) -> dict[str, Any]:
    return {
        "roster": rows,
        "people": [
            {
                "name": who,
                "hours": minutes / 60,
                "nights": found.nights[who],
                "weekends": found.weekends[who],
            }
            for who, minutes in found.minutes.items()
        ],
        "wishes": found.wishes,
        "wishes_kept": found.wishes_kept,
        "wishes_possible": found.wishes_possible,
        "left_open": [
            {"day": day.isoformat(), "duty": what, "people": many}
            for (day, what), many in found.left_open.items()
        ],
        "clash": _clash(found.clash),
        "clash_is_least": found.clash_is_least,
    }


def _clash(rules: Any) -> list[dict[str, Any]]:
    from madoguchi.program.staffing.rules import said

    return [
        {"rule": rule.code.value, **rule.fields(), "day": rule.day.isoformat(), "said": said(rule)}
        for rule in rules
    ]


def _write(target: str, rows: list[dict[str, Any]]) -> None:
    with click.open_file(target, "w", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _say(found: Roster) -> None:
    """On the error output: the CSV stays a CSV."""
    from madoguchi.program.staffing.rules import listed

    hours = [minutes / 60 for minutes in found.minutes.values()]
    told = [
        _("{shifts} shifts for {people} people, {least:g} to {most:g} hours each.").format(
            shifts=len(found.given), people=len(hours), least=min(hours), most=max(hours)
        )
    ]
    if found.wishes:
        told.append(_("{kept} of {wishes} wishes kept.").format(kept=found.wishes_kept, wishes=found.wishes))
    if in_vain := found.wishes - found.wishes_possible:
        words = _("{wishes} wishes stand against a day off, a skill or a contract.")
        told.append(words.format(wishes=in_vain))
    told += [
        _("Left open: {people} × {duty} on {day}").format(people=many, duty=what, day=day)
        for (day, what), many in found.left_open.items()
    ]
    if found.clash:
        told.append(_("Because no roster keeps all of these rules:"))
        told.append(listed(found.clash, found.clash_is_least))
    click.echo("\n".join(told), err=True)
