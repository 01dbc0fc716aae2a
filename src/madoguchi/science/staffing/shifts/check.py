"""Reads a finished roster and names every breach; knows nothing of how rosters are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from madoguchi.science.staffing.shifts.days_off import taken
from madoguchi.science.staffing.shifts.overtime import (
    BELOW_MONTH_MIN,
    MEAN_MONTH_MIN,
    MEAN_OF,
    MOST_OFTEN,
    ORDINARY_MONTH_MIN,
    before_month,
    months_from,
    overtime_min,
    year_of,
)
from madoguchi.science.staffing.shifts.people import (
    Contract,
    Duty,
    Earlier,
    Need,
    Person,
    Worked,
    month_of,
    sunday_of,
)
from madoguchi.science.staffing.shifts.rules import RuleCode

Given = Mapping[tuple[str, date], str]
"""(person, day) → name of the duty; absent: not at work."""

_Work = Sequence[tuple[date, Duty | Worked]]


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a roster breaks."""

    rule: str
    """The value of a RuleCode."""
    person: str
    """Empty where a duty has too few people."""
    day: date


def breaches(
    given: Given,
    people: Iterable[Person],
    duties: Iterable[Duty],
    need: Need,
    earlier: Earlier | None = None,
) -> list[Breach]:
    """All hard rules that `given` breaks; empty: it may be worked.

    What `earlier` shifts break among themselves is not told: only what `given` adds to it.

    >>> early = Duty("early", 480, 1020, 60)
    >>> breaches({}, [Person("Sato")], [early], {(date(2026, 12, 1), "early"): 1})
    [Breach(rule='need', person='', day=datetime.date(2026, 12, 1))]
    """
    named = {duty.name: duty for duty in duties}
    known = {person.name: person for person in people}
    stands = earlier or {}
    found = [
        Breach(RuleCode.UNKNOWN.value, who, day)
        for (who, day), what in given.items()
        if who not in known or what not in named
    ]
    present = Counter((day, what) for (_, day), what in given.items())
    found += [
        Breach(RuleCode.NEED.value, "", day)
        for (day, what), asked in need.items()
        if present[day, what] < asked
    ]
    for person in known.values():
        new = [
            (day, named[what]) for (who, day), what in given.items() if who == person.name if what in named
        ]
        old = [(day, shift) for (who, day), shift in stands.items() if who == person.name]
        found += [Breach(rule.value, person.name, day) for rule, day in _of(person, new, old)]
    return found


def _of(person: Person, new: Sequence[tuple[date, Duty]], old: _Work) -> Iterator[tuple[RuleCode, date]]:
    contract = person.contract
    stands = {day for day, _ in old}
    for day, duty in new:
        if day in stands:
            yield RuleCode.ONCE, day
        if day in person.days_off:
            yield RuleCode.DAY_OFF, day
        if duty.skill and duty.skill not in person.skills:
            yield RuleCode.SKILL, day
        if contract.duties and duty.name not in contract.duties:
            yield RuleCode.CONTRACT, day
        if duty.work_min > contract.day_min:
            yield RuleCode.DAY_HOURS, day
    days = {day for day, _ in new}
    work = sorted([*new, *old], key=lambda one: (one[0], one[1].begin_min))
    yield from _times(contract, days, work)
    yield from _weeks(contract, days, old, work)
    yield from _months(person, days, old, work)


def _times(contract: Contract, days: set[date], work: _Work) -> Iterator[tuple[RuleCode, date]]:
    """Rest and days in a row."""
    for (day, shift), (next_day, next_shift) in pairwise(work):
        free = _at(next_day, next_shift.begin_min) - _at(day, shift.end_min)
        if free < timedelta(hours=contract.rest_hours) and days & {day, next_day}:
            yield RuleCode.REST, next_day
    run: list[date] = []
    for day in sorted({day for day, _ in work}):
        run = [*run, day] if run and run[-1] + timedelta(days=1) == day else [day]
        if len(run) > contract.days_in_row and days & set(run):
            yield RuleCode.IN_ROW, day


def _weeks(contract: Contract, days: set[date], old: _Work, work: _Work) -> Iterator[tuple[RuleCode, date]]:
    """Hours a week and days off, in weeks that `days` touch."""
    minutes: Counter[date] = Counter()
    worked: dict[tuple[date, int], set[date]] = {}
    for day, shift in work:
        minutes[sunday_of(day)] += shift.work_min
        worked.setdefault(contract.rest_period(day), set()).add(day)
    for sunday, many in minutes.items():
        if many > contract.week_min and any(sunday_of(day) == sunday for day in days):
            yield RuleCode.WEEK_HOURS, sunday
    rule = RuleCode.FOUR_WEEKS if contract.four_weeks_from else RuleCode.WEEKLY
    for (first, most), at_work in worked.items():
        if len(at_work) > most and days & at_work:
            yield rule, first
    yield from _whole_days(contract, old, work)


def _whole_days(contract: Contract, old: _Work, work: _Work) -> Iterator[tuple[RuleCode, date]]:
    """Days off that shifts reach into from the day before; where too many shifts begin, that is told."""
    begun = Counter(contract.rest_period(day) for day in {day for day, _ in work})
    lost: dict[tuple[date, int], set[date]] = {}
    for day in taken(work, contract.rotating):
        lost.setdefault(contract.rest_period(day), set()).add(day)
    before = taken(old, contract.rotating)
    for (first, most), days in lost.items():
        if len(days) > most and days - before and begun[first, most] <= most:
            yield RuleCode.WHOLE_DAY, first


def _months(person: Person, days: set[date], old: _Work, work: _Work) -> Iterator[tuple[RuleCode, date]]:
    """Limits on overtime, in months that `days` add to."""
    if not days:
        return
    contract, month = person.contract, month_of(min(days))
    before = before_month(person, overtime_min(old), month)
    after = before_month(person, overtime_min(work), month)
    more = sorted(one for one in after if after[one] > before[one])
    for one in more:
        year = months_from(year_of(contract, one), 12)
        if after[one] > 60 * contract.overtime_month_hours:
            yield RuleCode.OVERTIME, one
        if after[one] >= BELOW_MONTH_MIN:
            yield RuleCode.OVERTIME_MOST, one
        above = sum(after[each] > ORDINARY_MONTH_MIN for each in year)
        if after[one] > ORDINARY_MONTH_MIN and above > MOST_OFTEN:
            yield RuleCode.OVERTIME_OFTEN, one
    for one in dict.fromkeys(year_of(contract, one) for one in more):
        if sum(after[each] for each in months_from(one, 12)) > contract.overtime_year_min:
            yield RuleCode.OVERTIME_YEAR, one
    for one in dict.fromkeys(each for month in more for each in months_from(month, MEAN_OF[-1])):
        spans = (months_from(one, -count) for count in MEAN_OF)
        touched = (span for span in spans if set(span) & set(more))
        if any(sum(after[each] for each in span) > MEAN_MONTH_MIN * len(span) for span in touched):
            yield RuleCode.OVERTIME_MEAN, one


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)
