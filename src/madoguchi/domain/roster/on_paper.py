"""A roster as the staffing science takes it, and the hard rules that it breaks.

People and ways to work go by their ids, since names may be shared. How many people are needed is no rule
here: the page shows that above the grid, hour by hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.models import Contract, DayOff, Roster, Shift, ShiftType, Term, Wish
from madoguchi.domain.roster.overtime import overtime_before
from madoguchi.domain.roster.states import WORKED_BY
from madoguchi.science.staffing.shifts import people as science
from madoguchi.science.staffing.shifts.check import breaches

Able = Mapping[int, frozenset[int]]
"""Account → ids of the skills that they have."""
Hours = tuple[int, int, int]
"""Begin, end and break in minutes."""
_LOOK = timedelta(days=45)
"""A month, and the week in which it began: so far shifts of other rosters count."""


@dataclass(frozen=True, slots=True, order=True)
class Broken:
    """A hard rule that a roster breaks: the value of a RuleCode, who, and the day that it names."""

    code: str
    account_id: int
    day: date


def broken(roster: Roster, able: Able) -> list[Broken]:
    """Every hard rule that the roster breaks, explained or not."""
    rows = list(roster.shifts.select_related("shift_type"))
    types = {row.shift_type for row in rows}
    odd = {_name(row) for row in rows if _hours(row) != _usual(row.shift_type)}
    duties = [duty_of(one) for one in types]
    duties += [_odd(row) for row in {_name(row): row for row in rows if _name(row) in odd}.values()]
    given = {(str(row.account_id), row.day): _name(row) for row in rows}
    people = people_of(roster, able, frozenset(odd))
    found = breaches(given, people, duties, {}, earlier_of(roster))
    return sorted({Broken(one.rule, int(one.person), one.day) for one in found})


def unexplained(roster: Roster, found: list[Broken]) -> list[Broken]:
    """Those that nobody gave a reason for."""
    waived = set(roster.waivers.values_list("code", "account_id", "day"))
    return [one for one in found if (one.code, one.account_id, one.day) not in waived]


def people_of(roster: Roster, able: Able, odd: frozenset[str] = frozenset()) -> list[science.Person]:
    """Everybody who is with us and has a contract, with their settled days off and wishes.

    `odd`: names of shifts whose hours are not those of their type; they are agreed upon as the type is.
    """
    days = (roster.first, roster.last)
    off: dict[int, set[date]] = {}
    for who, day in DayOff.objects.filter(day__range=days).values_list("account_id", "day"):
        off.setdefault(who, set()).add(day)
    wishes: dict[int, dict[date, str]] = {}
    for who, day, what in Wish.objects.filter(day__range=days).values_list(
        "account_id", "day", "shift_type_id"
    ):
        wishes.setdefault(who, {})[day] = science.OFF if what is None else str(what)
    contracts = {one.pk: _contract(one, odd) for one in Contract.objects.prefetch_related("shift_types")}
    terms = Term.objects.filter(account__in=Account.objects.filter(is_active=True)).order_by("account_id")
    agreed = [term.account_id for term in terms if contracts[term.contract_id].overtime_month_hours]
    overtime = overtime_before(agreed, roster.first)
    return [
        science.Person(
            str(term.account_id),
            contracts[term.contract_id],
            frozenset(str(skill) for skill in able.get(term.account_id, ())),
            frozenset(off.get(term.account_id, ())),
            wishes.get(term.account_id, {}),
            overtime.get(term.account_id, {}),
        )
        for term in terms
    ]


def earlier_of(roster: Roster) -> dict[tuple[str, date], science.Worked]:
    """Shifts of other rosters near by that people work by."""
    rows = Shift.objects.filter(
        roster__stage__in=WORKED_BY, day__range=(roster.first - _LOOK, roster.last + _LOOK)
    ).exclude(roster=roster)
    return {(str(row.account_id), row.day): science.Worked(*_hours(row)) for row in rows}


def duty_of(one: ShiftType) -> science.Duty:
    """A way to work as a duty. Raises WrongShift where its hours break the law."""
    begin, end, rest = _usual(one)
    return science.Duty(str(one.pk), begin, end, rest, str(one.skill_id or ""))


def _contract(one: Contract, odd: frozenset[str]) -> science.Contract:
    agreed = {str(what.pk) for what in one.shift_types.all()}
    return lawful(one, frozenset(agreed | {name for name in odd if name.split("/")[0] in agreed}))


def lawful(one: Contract, duties: frozenset[str] = frozenset()) -> science.Contract:
    """A contract with these duties. Raises WrongShift where it asks for what the law forbids."""
    return science.Contract(
        one.name,
        one.week_hours,
        one.day_hours,
        one.days_in_row,
        one.rest_hours,
        duties,
        one.overtime_month_hours,
        rotating=one.rotating,
        special_clause=one.special_clause,
        overtime_year_hours=one.overtime_year_hours,
        year_from_month=one.year_from_month,
    )


def _odd(row: Shift) -> science.Duty:
    begin, end, rest = _hours(row)
    return science.Duty(_name(row), begin, end, rest, str(row.shift_type.skill_id or ""))


def _name(row: Shift) -> str:
    hours, usual = _hours(row), _usual(row.shift_type)
    return str(row.shift_type_id) if hours == usual else f"{row.shift_type_id}/{hours}"


def _hours(row: Shift) -> Hours:
    return row.begin_min, row.end_min, sum(end - begin for begin, end in row.breaks)


def _usual(one: ShiftType) -> Hours:
    return one.begin_min, one.end_min, one.break_min
