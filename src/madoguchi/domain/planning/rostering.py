"""Makes a roster: people needed by half-hour → shifts that cover them → shifts of named people.

Takes seconds and loads the solvers, so only the worker imports this. Where people may be missing, an hour
without anybody is bought at a price that nothing else reaches, so that the hours are short where it hurts
least, and of what named people still cannot do the fullest roster is taken.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from madoguchi.domain.planning.queries.rostering import able
from madoguchi.domain.roster.models import Roster, ShiftType
from madoguchi.domain.roster.on_paper import duty_of, earlier_of, people_of
from madoguchi.science.staffing.shifts import people as science
from madoguchi.science.staffing.shifts import types as covering
from madoguchi.science.staffing.shifts.covering import cover
from madoguchi.science.staffing.shifts.errors import LeftOpen, RulesClash
from madoguchi.science.staffing.shifts.roster import roster as solve
from madoguchi.science.staffing.shifts.rules import Rule

DAY = 48
COVER_S, ROSTER_S = 10.0, 10.0
"""Seconds for each of the two searches."""
_MISSING = 1_000.0
"""What a half-hour without a needed person costs, in half-hours of pay."""
_RARE = 1.05
"""Shifts that ask for a skill cost a little more: those who have it are kept for what asks for it."""
UNCOVERED = "uncovered"
"""Code of a clash: no way to work reaches an hour at which people are needed."""
CAPACITY = "capacity"
"""Code of a clash: a week needs more shifts than all contracts together leave room for."""

Need = Counter[tuple[date, int]]
"""(day, shift type) → people."""


@dataclass(frozen=True)
class Made:
    """What came of it; as `roster.actions.making` stores it."""

    placed: list[tuple[int, date, int, list[list[int]]]] = field(default_factory=list)
    need: list[list[Any]] = field(default_factory=list)
    short: list[list[Any]] = field(default_factory=list)
    clash: list[dict[str, Any]] | None = None
    """None: a roster was found. Empty: neither a roster nor a proof that there is none, in the time given."""


@dataclass
class _Task:
    roster: Roster
    days: list[date]
    types: dict[int, ShiftType]
    people: list[science.Person]
    duties: list[science.Duty]
    required: list[float]
    """One half-hour after the other from midnight of the first day."""

    def able_on(self, day: date, duty: science.Duty) -> int:
        return sum(person.can(duty) and day not in person.days_off for person in self.people)


def make(roster: Roster) -> Made:
    """A roster for the days, people and needs of `roster`, or why there is none."""
    task = _task(roster)
    uncovered = [] if roster.allow_short else _uncovered(task)
    if uncovered:
        return Made(clash=uncovered)
    need, breaks = _needed(task)
    listed = _listed(need)
    if not need or not task.people:
        return Made(need=listed)
    too_many = [] if roster.allow_short else _too_many(task, need)
    if too_many:
        return Made(need=listed, clash=too_many)
    try:
        found, short = _named(task, need)
    except RulesClash as error:
        return Made(need=listed, clash=[_rule(one) for one in error.clash])
    except LeftOpen:
        return Made(need=listed, clash=[])
    return Made(_placed(task, found, breaks), listed, _listed(short))


def _task(roster: Roster) -> _Task:
    days = [roster.first + timedelta(days=at) for at in range((roster.last - roster.first).days + 1)]
    types = {one.pk: one for one in ShiftType.objects.filter(active=True)}
    required = [float(many) for day in days for many in roster.required.get(day.isoformat(), [0] * DAY)]
    duties = [duty_of(one) for one in types.values()]
    return _Task(roster, days, types, people_of(roster, able()), duties, required)


def _uncovered(task: _Task) -> list[dict[str, Any]]:
    """Hours at which people are needed and no way to work reaches."""
    reached = {at for shift, _ in _shifts(task) for at in shift.working()}
    found: list[dict[str, Any]] = []
    for at, many in enumerate(task.required):
        if many > 0 and at not in reached:
            day, place = task.days[at // DAY].isoformat(), at % DAY
            if found and found[-1]["day"] == day and found[-1]["until"] == place:
                found[-1]["until"] = place + 1
            else:
                found.append({"code": UNCOVERED, "day": day, "since": place, "until": place + 1})
    return found


def _shifts(task: _Task) -> list[tuple[covering.ShiftType, tuple[date, int, int]]]:
    """Every way to work on every day with every place of its break, and (day, type, begin of the break)."""
    found = []
    for number, day in enumerate(task.days):
        for one in task.types.values():
            for begin in _break_begins(one):
                shift = _shift(one, number, begin)
                found.append((shift, (day, one.pk, begin)))
    return found


def _break_begins(one: ShiftType) -> Iterable[int]:
    return range(one.break_from_min, one.break_until_min + 1, 30) if one.break_min else (0,)


def _shift(one: ShiftType, number: int, begin: int) -> covering.ShiftType:
    # Hours that are not whole half-hours count as those that lie within them.
    start, end = math.ceil(one.begin_min / 30), one.end_min // 30
    rest: tuple[tuple[int, int], ...] = ()
    if one.break_min:
        rest = ((number * DAY + begin // 30, number * DAY + math.ceil((begin + one.break_min) / 30)),)
    plain = covering.ShiftType(one.name, number * DAY + start, number * DAY + end, rest)
    price = covering.paid_half_hours(plain.working()) * (_RARE if one.skill_id else 1.0)
    return covering.ShiftType(
        f"{one.pk}:{number}:{begin}", plain.start, plain.end, rest, price, f"{one.pk}:{number}"
    )


def _needed(task: _Task) -> tuple[Need, Counter[tuple[date, int, int]]]:
    """People by day and way to work, and where their breaks lie: the cheapest that cover what is required."""
    if not any(task.required):
        need: Need = Counter(
            {(day, one.pk): one.least for day in task.days for one in task.types.values() if one.least}
        )
        return need, Counter()
    listed = _shifts(task)
    shifts = [shift for shift, _ in listed]
    if task.roster.allow_short:
        shifts += [
            covering.ShiftType(f"missing {at}", at, at + 1, cost=_MISSING, kind="missing")
            for at, many in enumerate(task.required)
            if many > 0
        ]
    asked = [math.ceil(many - 1e-9) for many in task.required]
    plan = cover(asked, shifts, _limits(task), gap=0.001, seconds=COVER_S)
    breaks: Counter[tuple[date, int, int]] = Counter()
    for (_, key), many in zip(listed, plan.people.tolist(), strict=False):
        breaks[key] += int(many)
    need = Counter()
    for (day, what, _), many in breaks.items():
        need[day, what] += many
    return +need, +breaks


def _limits(task: _Task) -> list[covering.Limit]:
    """The least a day of each way to work, and, where people may be missing, not more than there are."""
    limits = []
    duties = {int(duty.name): duty for duty in task.duties}
    for number, day in enumerate(task.days):
        is_open = any(task.required[number * DAY : (number + 1) * DAY])
        for one in task.types.values():
            can = task.able_on(day, duties[one.pk])
            least = one.least if is_open else 0
            kept = min(least, can) if task.roster.allow_short else least
            most = max(kept, can) if one.skill_id or task.roster.allow_short else None
            limits.append(covering.Limit(f"{one.pk}:{number}", frozenset({f"{one.pk}:{number}"}), kept, most))
        if task.roster.allow_short:
            free = sum(day not in person.days_off for person in task.people)
            kinds = frozenset(f"{pk}:{number}" for pk in task.types)
            limits.append(covering.Limit(f"people:{number}", kinds, 0, free))
    if task.roster.allow_short:
        limits += _weeks(task)
    return limits


def _weeks(task: _Task) -> list[covering.Limit]:
    return [
        covering.Limit(
            f"week:{sunday}", frozenset(f"{pk}:{number}" for pk in task.types for number in numbers), 0, can
        )
        for sunday, (numbers, can) in _capacity(task).items()
    ]


def _capacity(task: _Task) -> dict[date, tuple[list[int], int]]:
    """Sunday → numbers of its days, and the most shifts that contracts and days off leave room for."""
    shortest = min((duty.work_min for duty in task.duties), default=480)
    weeks: dict[date, list[int]] = {}
    for number, day in enumerate(task.days):
        weeks.setdefault(science.sunday_of(day), []).append(number)
    found = {}
    for sunday, numbers in weeks.items():
        days = {task.days[number] for number in numbers}
        can = sum(
            min(int(person.contract.week_min // shortest), 6, len(days - person.days_off))
            for person in task.people
        )
        found[sunday] = (numbers, can)
    return found


def _too_many(task: _Task, need: Need) -> list[dict[str, Any]]:
    """Weeks that need more shifts than there is room for; a proof would name everybody, and take long."""
    found = []
    for sunday, (numbers, can) in _capacity(task).items():
        days = {task.days[number] for number in numbers}
        asked = sum(many for (day, _what), many in need.items() if day in days)
        if asked > can:
            day = max(sunday, task.days[0])
            found.append({"code": CAPACITY, "day": day.isoformat(), "people": asked, "able": can})
    return found


def _named(task: _Task, need: Need) -> tuple[Mapping[tuple[str, date], str], Need]:
    """Named people for `need`, and what stays open where that may be. Raises RulesClash, LeftOpen."""
    wanted = {(day, str(what)): many for (day, what), many in need.items()}
    found = solve(
        task.people,
        task.duties,
        wanted,
        earlier=earlier_of(task.roster),
        partial=task.roster.allow_short,
        seconds=ROSTER_S,
    )
    return found.given, Counter({(day, int(what)): many for (day, what), many in found.left_open.items()})


def _placed(
    task: _Task, given: Mapping[tuple[str, date], str], breaks: Counter[tuple[date, int, int]]
) -> list[tuple[int, date, int, list[list[int]]]]:
    """Shifts with their breaks: spread as the covering laid them, in turn over the days."""
    teams: dict[tuple[date, int], list[int]] = {}
    for (person, day), duty in sorted(given.items(), key=lambda one: (one[0][1], int(one[0][0]))):
        teams.setdefault((day, int(duty)), []).append(int(person))
    found = []
    for (day, what), team in teams.items():
        one = task.types[what]
        laid = [begin for begin in _break_begins(one) for _ in range(breaks[day, what, begin])]
        turn = task.days.index(day) % len(team)
        for place, who in enumerate(team[turn:] + team[:turn]):
            begin = laid[place % len(laid)] if laid else one.break_from_min
            rest = [[begin, begin + one.break_min]] if one.break_min else []
            found.append((who, day, what, rest))
    return found


def _listed(need: Need) -> list[list[Any]]:
    return [[day.isoformat(), what, many] for (day, what), many in sorted(need.items()) if many]


def _rule(rule: Rule) -> dict[str, Any]:
    types = [int(one) for one in rule.duty.split(", ") if one]
    return {
        "code": rule.code.value,
        "day": rule.day.isoformat(),
        "account": int(rule.person) if rule.person else None,
        "shift_type": types[0] if len(types) == 1 else None,
        "shift_types": types,
        "people": rule.people,
        "able": rule.able,
    }
