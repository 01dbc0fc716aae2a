"""Makes a roster: people needed by half-hour → shifts that cover them → shifts of named people.

Takes seconds and loads the solvers, so only the worker imports this. Where people may be missing, an hour
without anybody is bought at a price that nothing else reaches, and what named people still cannot do is taken
off the need, one at a time, in the order in which the clash names it.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from madoguchi.domain.planning.queries.rostering import able
from madoguchi.domain.roster.models import Roster, ShiftType
from madoguchi.domain.roster.on_paper import duty_of, earlier_of, people_of
from madoguchi.science.staffing.shifts import people as science
from madoguchi.science.staffing.shifts import types as covering
from madoguchi.science.staffing.shifts.covering import cover
from madoguchi.science.staffing.shifts.errors import NotFoundInTime, RulesClash
from madoguchi.science.staffing.shifts.roster import roster as solve
from madoguchi.science.staffing.shifts.rules import Rule, RuleCode

DAY = 48
COVER_S, ROSTER_S, ALL_S = 10.0, 15.0, 60.0
"""Seconds for each search, and for all of them."""
_MISSING = 1_000.0
"""What a half-hour without a needed person costs, in half-hours of pay."""
_RARE = 1.05
"""Shifts that ask for a skill cost a little more: those who have it are kept for what asks for it."""
UNCOVERED = "uncovered"
"""Code of a clash: no way to work reaches an hour at which people are needed."""

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
    try:
        found, short = _named(task, need)
    except RulesClash as error:
        return Made(need=listed, clash=[_rule(one) for one in error.clash])
    except NotFoundInTime:
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
    usual = min((duty.work_min for duty in task.duties), default=480)
    weeks: dict[date, list[int]] = {}
    for number, day in enumerate(task.days):
        weeks.setdefault(science.sunday_of(day), []).append(number)
    found = []
    for sunday, numbers in weeks.items():
        days = {task.days[number] for number in numbers}
        can = sum(
            min(int(person.contract.week_min // usual), 6, len(days - person.days_off))
            for person in task.people
        )
        kinds = frozenset(f"{pk}:{number}" for pk in task.types for number in numbers)
        found.append(covering.Limit(f"week:{sunday}", kinds, 0, can))
    return found


def _named(task: _Task, need: Need) -> tuple[Mapping[tuple[str, date], str], Need]:
    """Named people for `need`, and what was taken off it. Raises RulesClash, NotFoundInTime."""
    ends, short, asked = time.monotonic() + ALL_S, Need(), Need(need)
    earlier = earlier_of(task.roster)
    while True:
        wanted = {(day, str(what)): many for (day, what), many in asked.items() if many}
        if not wanted:
            return {}, short
        try:
            return (
                solve(task.people, task.duties, wanted, earlier=earlier, seconds=ROSTER_S).given,
                short,
            )
        except (RulesClash, NotFoundInTime) as error:
            if not task.roster.allow_short or time.monotonic() > ends:
                raise
            clash = error.clash if isinstance(error, RulesClash) else ()
            key = _to_lower(clash, asked)
            asked[key] -= 1
            short[key] += 1


def _to_lower(clash: Sequence[Rule], asked: Need) -> tuple[date, int]:
    """The need to lower by one: one that clashes, else the largest."""
    named = [
        (rule.day, int(rule.duty))
        for rule in clash
        if rule.code in {RuleCode.NEED, RuleCode.ABLE} and asked[rule.day, int(rule.duty)]
    ]
    return max(named or asked, key=lambda key: asked[key])


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
    return {
        "code": rule.code.value,
        "day": rule.day.isoformat(),
        "account": int(rule.person) if rule.person else None,
        "shift_type": int(rule.duty) if rule.duty else None,
        "people": rule.people,
        "able": rule.able,
    }
