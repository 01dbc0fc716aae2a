"""The people needed in each half-hour, from a file: as typed, or as the other models write them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from madoguchi.program.staffing.quantities import Unreadable
from madoguchi.program.staffing.table import lines_of
from madoguchi.program.staffing.words import _

_COLUMNS = ("need", "scheduled", "agents")
"""The first that is there: with shrinkage a model writes more people than work at once."""
_HALF_HOUR = timedelta(minutes=30)
_MOST = 400 * 48


def of_file(name: str) -> tuple[list[int], date | None]:
    """People by half-hour, and the day whose midnight the first begins with where the lines say when.

    Without a column `at` the lines are the half-hours from midnight on. With it each stands in its place,
    half-hours without a line need nobody, and lines of the same half-hour (of several clients, each with
    people of its own) add up. Raises Unreadable.
    """
    lines = lines_of(name)
    column = next((one for one in _COLUMNS if lines and one in lines[0]), None)
    if column is None:
        raise Unreadable(_("The CSV needs a column named need and at least one line."))
    needs = [people(line[column]) for line in lines]
    if "at" not in lines[0]:
        return needs, None
    times = [_moment(line["at"]) for line in lines]
    first = min(times).date()
    midnight = datetime.combine(first, time())
    places = [(at - midnight) // _HALF_HOUR for at in times]
    if max(places) >= _MOST:
        raise Unreadable(_("The lines reach from {first} over more than 400 days.").format(first=first))
    found = [0] * (max(places) + 1)
    for place, need in zip(places, needs, strict=True):
        found[place] += need
    return found, first


def people(text: str) -> int:
    """A whole number of people. Raises Unreadable."""
    if not re.fullmatch(r"\s*\d{1,6}(\.0+)?\s*", text):
        raise Unreadable(_("“{text}” is no whole number of people.").format(text=text))
    return int(float(text))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or found.minute % 30 or found.second:
        raise Unreadable(
            _("“{text}” is no beginning of a half-hour. Write for instance 2026-11-24 09:30.").format(
                text=text
            )
        )
    return found
