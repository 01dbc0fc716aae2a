"""Weeks that need more shifts than people have room for: the clash that needs no search.

A proof of it by rules would name everybody's hours and days off, and take long; this counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from madoguchi.science.staffing.shifts.people import Duty, Person, sunday_of
from madoguchi.science.staffing.shifts.rows import Question
from madoguchi.science.staffing.shifts.rules import Rule, RuleCode

_MANY = 20
"""People from whom on nobody reads a proof that names each."""


def too_little_room(question: Question, days: Collection[date]) -> Iterator[Rule]:
    """Weeks of `days` in which the people who can do some duties have too little room for all of them.

    Of teams of more than 20; the rules of fewer are named one by one.
    Room of a person: whole shifts of the shortest of these duties in the hours a week that are left, and the
    days that are neither off nor worked already, six at most where a day off each week is due.
    """
    able = {
        duty.name: frozenset(at for at, person in enumerate(question.people) if person.can(duty))
        for duty in question.duties
    }
    asked = {(day, what): count for (day, what), count in question.need.items() if count}
    for sunday in sorted({sunday_of(day) for day in days}):
        week = {key: count for key, count in asked.items() if sunday_of(key[0]) == sunday}
        groups = {able[what] for _, what in week if len(able[what]) > _MANY}
        for some in sorted(groups, key=len):
            duties = [duty for duty in question.duties if able[duty.name] <= some]
            names = {duty.name for duty in duties}
            need = {key: count for key, count in week.items() if key[1] in names}
            room = _room(question, sunday, some, {day for day, _ in need}, duties)
            if (many := sum(need.values())) > room:
                told = ", ".join(duty.name for duty in duties if any(duty.name == what for _, what in need))
                first = min(day for day, _ in need)
                yield Rule(RuleCode.ROOM, first, duty=told, people=many, able=room)
                break


def _room(question: Question, sunday: date, some: frozenset[int], days: set[date], duties: list[Duty]) -> int:
    stood: dict[str, dict[date, int]] = {}
    for (name, day), shift in question.earlier.items():
        if sunday_of(day) == sunday:
            stood.setdefault(name, {})[day] = shift.work_min
    shortest = min(duty.work_min for duty in duties)
    return sum(_of(person, days, shortest, stood.get(person.name, {})) for person in _in(question, some))


def _in(question: Question, some: frozenset[int]) -> Iterator[Person]:
    return (question.people[at] for at in some)


def _of(person: Person, days: set[date], shortest_min: int, stood: dict[date, int]) -> int:
    contract = person.contract
    hours = max(0.0, contract.week_min - sum(stood.values())) // shortest_min
    free = len(days - person.days_off - stood.keys())
    most = (7 if contract.four_weeks_from else 6) - len(stood)
    return int(max(0, min(hours, free, most)))
