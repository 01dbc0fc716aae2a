"""Reads a finished roster and names every breach; knows nothing of how rosters are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from madoguchi.science.staffing.shifts.people import Duty, Need, Person

Given = Mapping[tuple[str, date], str]
"""(person, day) → name of the duty; absent: not at work."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a roster breaks."""

    rule: str
    person: str
    """Empty where a duty has too few people."""
    day: date


def breaches(given: Given, people: Iterable[Person], duties: Iterable[Duty], need: Need) -> list[Breach]:
    """All hard rules that `given` breaks; empty: it may be worked.

    >>> early = Duty("early", 480, 1020, 60)
    >>> breaches({}, [Person("Sato")], [early], {(date(2026, 12, 1), "early"): 1})
    [Breach(rule='need', person='', day=datetime.date(2026, 12, 1))]
    """
    named = {duty.name: duty for duty in duties}
    known = {person.name: person for person in people}
    found = [
        Breach("unknown", who, day)
        for (who, day), what in given.items()
        if who not in known or what not in named
    ]
    present = Counter((day, what) for (_, day), what in given.items())
    found += [Breach("need", "", day) for (day, what), asked in need.items() if present[day, what] < asked]
    for person in known.values():
        found += [Breach(rule, person.name, day) for rule, day in _of(person, _work_of(person, given, named))]
    return found


def _work_of(person: Person, given: Given, named: Mapping[str, Duty]) -> list[tuple[date, Duty]]:
    days = sorted(day for who, day in given if who == person.name)
    return [(day, named[what]) for day in days if (what := given[person.name, day]) in named]


def _of(person: Person, work: Sequence[tuple[date, Duty]]) -> Iterator[tuple[str, date]]:
    contract = person.contract
    for day, duty in work:
        if day in person.days_off:
            yield "day off", day
        if duty.skill and duty.skill not in person.skills:
            yield "skill", day
        if contract.duties and duty.name not in contract.duties:
            yield "contract", day
        if duty.work_min > 60 * contract.day_hours:
            yield "hours a day", day
    yield from _weeks(person, work)
    for (day, duty), (next_day, next_duty) in pairwise(work):
        left = _at(day, duty.end_min)
        if _at(next_day, next_duty.begin_min) - left < timedelta(hours=contract.rest_hours):
            yield "rest between shifts", next_day
    in_row, before = 0, date.min
    for day, _ in work:
        in_row = in_row + 1 if before + timedelta(days=1) == day else 1
        before = day
        if in_row > contract.days_in_row:
            yield "days in a row", day


def _weeks(person: Person, work: Sequence[tuple[date, Duty]]) -> Iterator[tuple[str, date]]:
    minutes: Counter[date] = Counter()
    days: Counter[date] = Counter()
    for day, duty in work:
        sunday = day - timedelta(days=(day.weekday() + 1) % 7)
        minutes[sunday] += duty.work_min
        days[sunday] += 1
    for sunday, worked in minutes.items():
        if worked > 60 * person.contract.week_hours:
            yield "hours a week", sunday
        if days[sunday] > 6:
            yield "day off each week", sunday


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)
