"""Why there is no roster: the rules of named people and days that cannot be kept together.

The roster as a linear model in which people may be split. What is impossible even so is impossible; the
proof names the rules it needs, and a smallest set of them is kept. A clash that only undivided people have is
not found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from madoguchi.science.staffing.shifts.clash import least_clash
from madoguchi.science.staffing.shifts.people import Duty, Need, Person, week_of

_TINY = 1e-7
_NOT_TWICE = "one duty a day"
_WINDOWS = (1, 7, 28)
"""Days looked at together: a clash within one day is said with the fewest rules."""


@dataclass
class _Rows:
    """Rules `Σ value · given ≤ limit`, each with a name."""

    names: list[str] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    at: list[tuple[int, int, float]] = field(default_factory=list)

    def add(self, name: str, limit: float, terms: list[tuple[int, float]]) -> None:
        if terms:
            self.at += [(len(self.names), column, value) for column, value in terms]
            self.names.append(name)
            self.limits.append(limit)


def clashing(people: Sequence[Person], duties: Sequence[Duty], need: Need) -> list[str]:
    """Names of rules that no roster keeps together, the fewest that clash; empty when none are found."""
    days = sorted({day for day, _ in need})
    for length in _WINDOWS:
        for first in range(0, len(days), length):
            some = set(days[first : first + length])
            names = _clashing(people, duties, {key: count for key, count in need.items() if key[0] in some})
            if names:
                return names
        if length >= len(days):
            break
    return []


def _clashing(people: Sequence[Person], duties: Sequence[Duty], need: Need) -> list[str]:
    rows, width = _rows(people, duties, need)
    short = [at for at, name in enumerate(rows.names) if name.startswith("need ")]
    missing = [name for name in _asked(duties, need) if name not in set(rows.names)]
    if missing:
        return missing[:1]
    rules, columns, values = zip(*rows.at, strict=True)
    matrix = sparse.csr_matrix((values, (rules, columns)), shape=(len(rows.names), width))
    limits = np.array(rows.limits)
    slack = sparse.csr_matrix((-np.ones(len(short)), (short, range(len(short)))), (len(limits), len(short)))
    cost = np.concatenate([np.zeros(width), np.ones(len(short))])
    elastic = linprog(cost, A_ub=sparse.hstack([matrix, slack]), b_ub=limits, method="highs")
    if elastic.status != 0 or elastic.fun < _TINY:
        return []
    # That nobody works twice at once is no rule that could be given up.
    fixed = [at for at, name in enumerate(rows.names) if name.startswith(_NOT_TWICE)]
    used = np.flatnonzero(np.abs(elastic.ineqlin.marginals) > _TINY)
    proof = [int(at) for at in used if not rows.names[at].startswith(_NOT_TWICE)]

    def possible(kept: Sequence[int]) -> bool:
        some = [*fixed, *kept]
        return bool(
            linprog(np.zeros(width), A_ub=matrix[some], b_ub=limits[some], method="highs").status == 0
        )

    return [rows.names[at] for at in least_clash(proof, possible)]


def _asked(duties: Sequence[Duty], need: Need) -> Iterator[str]:
    named = {duty.name: duty for duty in duties}
    for (day, what), count in need.items():
        if count:
            skill = f" with {named[what].skill}" if named[what].skill else ""
            yield f"need {count} × {what}{skill} on {day}"


def _rows(people: Sequence[Person], duties: Sequence[Duty], need: Need) -> tuple[_Rows, int]:
    """One column for each person, day and duty that skill and contract let be."""
    named = {duty.name: duty for duty in duties}
    columns: dict[tuple[int, date, str], int] = {}
    by_need: dict[tuple[date, str], list[int]] = {}
    for (day, what), count in need.items():
        for who, person in enumerate(people):
            if count and person.can(named[what]):
                columns[who, day, what] = len(columns)
                by_need.setdefault((day, what), []).append(columns[who, day, what])
    rows = _Rows()
    wanted = [key for key, count in need.items() if count]
    for name, key in zip(_asked(duties, need), wanted, strict=True):
        rows.add(name, -float(need[key]), [(column, -1.0) for column in by_need.get(key, [])])
    mine: dict[int, dict[date, list[tuple[int, Duty]]]] = {}
    for (who, day, what), column in columns.items():
        mine.setdefault(who, {}).setdefault(day, []).append((column, named[what]))
    for who, given in mine.items():
        _rules_of(rows, people[who], given)
    return rows, len(columns)


def _rules_of(rows: _Rows, person: Person, given: dict[date, list[tuple[int, Duty]]]) -> None:
    whole = {day: [(column, 1.0) for column, _ in some] for day, some in given.items()}
    for day, terms in whole.items():
        if day in person.days_off:
            rows.add(f"day off of {person.name} on {day}", 0.0, terms)
        rows.add(f"{_NOT_TWICE} of {person.name} on {day}", 1.0, terms)
    for week in sorted({week_of(day) for day in given}):
        some = [day for day in given if week_of(day) == week]
        terms = [(column, float(duty.work_min)) for day in some for column, duty in given[day]]
        rows.add(
            f"hours a week of {person.name} from {_sunday(week)}", 60 * person.contract.week_hours, terms
        )
        every = [term for day in some for term in whole[day]]
        rows.add(f"day off each week of {person.name} from {_sunday(week)}", 6.0, every)
    most = person.contract.days_in_row
    for day in given:
        run = [day + timedelta(days=at) for at in range(most + 1)]
        if all(at in given for at in run):
            terms = [term for at in run for term in whole[at]]
            rows.add(f"days in a row of {person.name} from {day}", float(most), terms)
        _rest(rows, person, day, given)


def _rest(rows: _Rows, person: Person, day: date, given: dict[date, list[tuple[int, Duty]]]) -> None:
    after = given.get(day + timedelta(days=1), [])
    for column, duty in given[day]:
        gap = [1440 + later.begin_min - duty.end_min for _, later in after]
        near = [
            (at, 1.0)
            for (at, _), left in zip(after, gap, strict=True)
            if left < 60 * person.contract.rest_hours
        ]
        if near:
            rows.add(f"rest of {person.name} after {duty.name} on {day}", 1.0, [(column, 1.0), *near])


def _sunday(week: int) -> date:
    return date.fromordinal(7 * week)
