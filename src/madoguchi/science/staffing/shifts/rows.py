"""The roster as rows `Σ value · given ≤ limit`, each a rule with its name.

One column for each person, day and duty that skill and contract let be. Shifts that stand already are taken
off the limits. Overtime needs a column for each week of those who agreed to it: what it has above 40 hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from scipy import sparse

from madoguchi.science.staffing.shifts.days_off import Freedom
from madoguchi.science.staffing.shifts.overtime import known_min, limits
from madoguchi.science.staffing.shifts.people import (
    LEGAL_DAY_MIN,
    LEGAL_WEEK_MIN,
    Duty,
    Earlier,
    Need,
    Person,
    Worked,
    month_of,
    sunday_of,
)
from madoguchi.science.staffing.shifts.rules import Rule, RuleCode
from madoguchi.science.staffing.shifts.table import within_sight

Term = tuple[int, float]
_Given = Mapping[date, Sequence[tuple[int, Duty]]]
"""Day → the columns of a person on it."""
_Stands = Mapping[date, Worked]


@dataclass(frozen=True)
class Question:
    """What a roster is asked for."""

    people: Sequence[Person]
    duties: Sequence[Duty]
    need: Need
    earlier: Earlier


@dataclass
class Rows:
    """The rules of a roster."""

    columns: dict[tuple[int, date, str], int] = field(default_factory=dict)
    """(place of the person, day, duty) → column."""
    width: int = 0
    """Columns with those for weeks of overtime."""
    rules: list[Rule] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    always: list[bool] = field(default_factory=list)
    """Whether it is no rule that could be given up: nobody works twice at once."""
    at: list[tuple[int, int, float]] = field(default_factory=list)

    def add(self, rule: Rule, limit: float, terms: Sequence[Term], *, always: bool = False) -> None:
        if terms:
            self.at += [(len(self.rules), column, value) for column, value in terms]
            self.rules.append(rule)
            self.limits.append(limit)
            self.always.append(always)

    def matrix(self) -> sparse.csr_matrix:
        rules, columns, values = zip(*self.at, strict=True)
        return sparse.csr_matrix((values, (rules, columns)), shape=(len(self.rules), self.width))

    def needs(self) -> list[int]:
        """The rows that ask for people."""
        return [at for at, rule in enumerate(self.rules) if rule.code in (RuleCode.NEED, RuleCode.ABLE)]


def build(question: Question) -> Rows:
    """All rules of a roster; a need that nobody can meet has no row (`needs_of` names it)."""
    people, duties, need = question.people, question.duties, question.need
    named = {duty.name: duty for duty in duties}
    rows = Rows()
    by_need: dict[tuple[date, str], list[Term]] = {}
    mine: dict[int, dict[date, list[tuple[int, Duty]]]] = {}
    for (day, what), count in need.items():
        for who, person in enumerate(people):
            if count and person.can(named[what]):
                column = rows.columns[who, day, what] = len(rows.columns)
                by_need.setdefault((day, what), []).append((column, -1.0))
                mine.setdefault(who, {}).setdefault(day, []).append((column, named[what]))
    rows.width = len(rows.columns)
    for rule in needs_of(people, duties, need):
        rows.add(rule, -float(rule.people), by_need.get((rule.day, rule.duty), []))
    days = [day for day, _ in need]
    stands: dict[str, dict[date, Worked]] = {}
    for (name, day), shift in within_sight(people, question.earlier, min(days), max(days)).items():
        stands.setdefault(name, {})[day] = shift
    for who, given in mine.items():
        _rules_of(rows, people[who], given, stands.get(people[who].name, {}))
    return rows


def needs_of(people: Sequence[Person], duties: Sequence[Duty], need: Need) -> Iterator[Rule]:
    """The needs as rules."""
    able = {duty.name: sum(person.can(duty) for person in people) for duty in duties}
    for (day, what), count in need.items():
        if count:
            code = RuleCode.NEED if able[what] == len(people) else RuleCode.ABLE
            yield Rule(code, day, duty=what, people=count, able=able[what])


def unable(people: Sequence[Person], duties: Sequence[Duty], need: Need) -> Iterator[Rule]:
    """Needs that nobody can meet, each duty once; and whom only the hours of their contracts keep from it."""
    told: set[str] = set()
    named = {duty.name: duty for duty in duties}
    for rule in needs_of(people, duties, need):
        if not rule.able and rule.duty not in told:
            told.add(rule.duty)
            yield rule
            if many := sum(person.could(named[rule.duty]) for person in people):
                yield Rule(RuleCode.TOO_LONG, rule.day, duty=rule.duty, people=many)


def columns_of(question: Question) -> int:
    """How many choices there are, without writing them down."""
    able = {duty.name: sum(person.can(duty) for person in question.people) for duty in question.duties}
    return sum(able[what] for (_, what), count in question.need.items() if count)


def _rules_of(rows: Rows, person: Person, given: _Given, stands: _Stands) -> None:
    name = person.name
    for day, some in given.items():
        terms = [(column, 1.0) for column, _ in some]
        if day in person.days_off:
            rows.add(Rule(RuleCode.DAY_OFF, day, name), 0.0, terms)
        if day in stands:
            rows.add(Rule(RuleCode.ONCE, day, name), 0.0, terms)
        rows.add(Rule(RuleCode.ONCE, day, name), 1.0, terms, always=True)
    _weeks(rows, person, given, stands)
    _in_row(rows, person, given, stands)
    for day in given:
        _rest(rows, person, day, given, stands)
    if person.contract.overtime_month_hours:
        _overtime(rows, person, given, stands)


def _weeks(rows: Rows, person: Person, given: _Given, stands: _Stands) -> None:
    contract = person.contract
    rule = RuleCode.FOUR_WEEKS if contract.four_weeks_from else RuleCode.WEEKLY
    hours: dict[date, list[Term]] = {}
    days: dict[tuple[date, int], list[Term]] = {}
    for day, some in given.items():
        hours.setdefault(sunday_of(day), []).extend((column, float(duty.work_min)) for column, duty in some)
        days.setdefault(contract.rest_period(day), []).extend((column, 1.0) for column, _ in some)
    for sunday, terms in hours.items():
        left = contract.week_min - sum(
            shift.work_min for day, shift in stands.items() if sunday_of(day) == sunday
        )
        # Duties of six hours go six times into forty hours, not six times and two thirds.
        step = math.gcd(*(int(minutes) for _, minutes in terms))
        rows.add(Rule(RuleCode.WEEK_HOURS, sunday, person.name), max(0.0, left // step * step), terms)
    if (freedom := Freedom(contract, given, stands)).matters():
        whole, rows.width = freedom.rows(person.name, rows.width)
        for due, limit, terms in whole:
            rows.add(
                due or Rule(RuleCode.WHOLE_DAY, min(given), person.name), limit, terms, always=due is None
            )
        return
    for (first, most), terms in days.items():
        at_work = sum(contract.rest_period(day) == (first, most) for day in stands)
        rows.add(Rule(rule, first, person.name), max(0.0, float(most - at_work)), terms)


def _in_row(rows: Rows, person: Person, given: _Given, stands: _Stands) -> None:
    most = person.contract.days_in_row
    firsts = {day - timedelta(days=back) for day in given for back in range(most + 1)}
    for first in sorted(firsts):
        run = [first + timedelta(days=at) for at in range(most + 1)]
        if all(day in given or day in stands for day in run):
            left = most - sum(day in stands for day in run)
            terms = [(column, 1.0) for day in run if day not in stands for column, _ in given[day]]
            rows.add(Rule(RuleCode.IN_ROW, first, person.name), max(0.0, float(left)), terms)


def _rest(rows: Rows, person: Person, day: date, given: _Given, stands: _Stands) -> None:
    """Between a duty on `day` and what begins on the next two days, and what stands from the two before."""
    rest_min = 60 * person.contract.rest_hours
    for column, duty in given[day]:
        for apart in (1, 2):
            soon = day + timedelta(days=apart)
            near = [
                (at, 1.0)
                for at, later in given.get(soon, ())
                if 1440 * apart + later.begin_min - duty.end_min < rest_min
            ]
            rule = Rule(RuleCode.REST, day, person.name, duty.name)
            if near:
                rows.add(rule, 1.0, [(column, 1.0), *near])
            if soon in stands and 1440 * apart + stands[soon].begin_min - duty.end_min < rest_min:
                rows.add(rule, 0.0, [(column, 1.0)])
            before = day - timedelta(days=apart)
            if before in stands and 1440 * apart + duty.begin_min - stands[before].end_min < rest_min:
                hours = (stands[before].begin_min, stands[before].end_min)
                rows.add(Rule(RuleCode.REST, before, person.name, hours=hours), 0.0, [(column, 1.0)])


def _overtime(rows: Rows, person: Person, given: _Given, stands: _Stands) -> None:
    months: dict[date, list[Term]] = {}
    before: dict[date, float] = {}
    weeks: dict[date, list[Term]] = {}
    stood: dict[date, float] = {}
    for day, some in given.items():
        for column, duty in some:
            over = max(0, duty.work_min - LEGAL_DAY_MIN)
            months.setdefault(month_of(day), []).append((column, float(over)))
            weeks.setdefault(sunday_of(day), []).append((column, float(duty.work_min - over)))
    for day, shift in stands.items():
        over = max(0, shift.work_min - LEGAL_DAY_MIN)
        before[month_of(day)] = before.get(month_of(day), 0.0) + over
        stood[sunday_of(day)] = stood.get(sunday_of(day), 0.0) + shift.work_min - over
    for sunday in sorted({*weeks, *stood}):
        month = month_of(sunday + timedelta(days=6))
        already = max(0.0, stood.get(sunday, 0.0) - LEGAL_WEEK_MIN)
        before[month] = before.get(month, 0.0) + already
        if sunday in weeks:
            # What the week has above 40 hours, beyond what stood there already.
            more, rows.width = rows.width, rows.width + 1
            left = LEGAL_WEEK_MIN + already - stood.get(sunday, 0.0)
            rule = Rule(RuleCode.OVERTIME, sunday, person.name)
            rows.add(rule, left, [*weeks[sunday], (more, -1.0)], always=True)
            months.setdefault(month, []).append((more, 1.0))
    known = known_min(person, stands, min(given))
    for limit in limits(person.contract, sorted(months), known):
        terms = [term for month in limit.months for term in months[month]]
        left = limit.left_min - sum(before.get(month, 0.0) for month in limit.months)
        rows.add(Rule(limit.code, limit.day, person.name), max(0.0, left), terms)
