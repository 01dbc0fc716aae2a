"""Gives the duties of each day to named people.

A day by itself is an assignment problem and is solved exactly; what people work on the other days says who
may do what and how gladly. The days are gone through again and again, each anew between its neighbours. A
duty left open takes somebody from another day, whose place is then filled anew.

Deliberately no single large model: 300 people × 28 days have some 50,000 yes-or-no choices, and the rules
between days are few enough to be kept by construction.

Source: H. Kuhn, The Hungarian method for the assignment problem, 1955; E. Burke and others, The state of the
art of nurse rostering, 2004 (days in turn, with repair).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.optimize import linear_sum_assignment

from madoguchi.science.staffing.errors import NotPositive
from madoguchi.science.staffing.shifts.errors import NotFoundInTime, RulesClash, WrongShift
from madoguchi.science.staffing.shifts.people import OFF, Duty, Earlier, Need, Person
from madoguchi.science.staffing.shifts.scarcity import clashing
from madoguchi.science.staffing.shifts.table import Table

_FORBIDDEN = 1e6
_SWEEPS = 3


@dataclass(frozen=True)
class Roster:
    """Who works what; `given` is what `check.breaches` reads."""

    given: Mapping[tuple[str, date], str]
    minutes: Mapping[str, int]
    """Person → paid minutes over the whole time."""
    nights: Mapping[str, int]
    weekends: Mapping[str, int]
    """Person → days at work on Saturdays and Sundays."""
    wishes: int
    wishes_kept: int


def roster(
    people: Sequence[Person],
    duties: Sequence[Duty],
    need: Need,
    *,
    earlier: Earlier | None = None,
    seconds: float = 10.0,
    seed: int = 1,
) -> Roster:
    """A roster that breaks no hard rule: need, skills, contracts, days off, hours, rest, days in a row.

    `earlier`: shifts that stand already, above all those of the weeks before. Rest, days in a row, hours a
    week, days off and overtime a month count them; they meet no need. Hours (as shares of the contract),
    nights and weekends are spread evenly, wishes are kept, as far as the hard rules let it be. The same seed
    gives the same roster. Raises RulesClash with the names of the rules when there is none, NotFoundInTime
    when none was found.

    >>> early, monday = Duty("early", 480, 1020, 60), date(2026, 11, 30)
    >>> found = roster([Person("Sato", days_off=frozenset({monday})), Person("Ito")], [early],
    ...                {(monday, "early"): 1})
    >>> dict(found.given)
    {('Ito', datetime.date(2026, 11, 30)): 'early'}
    """
    if not people or not duties or not need:
        raise NotPositive(name="need", value=0)
    _refuse_confusion(people, duties, need)
    ends = time.monotonic() + seconds
    table = _Filling(people, duties, need, earlier or {})
    for _ in range(_SWEEPS):
        for day in table.planned:
            table.fill(int(day))
    table.repair(np.random.default_rng(seed), ends)
    if table.open:
        clash = clashing(people, duties, need, earlier or {})
        if clash:
            raise RulesClash.of(clash)
        raise NotFoundInTime
    return table.result()


def _refuse_confusion(people: Sequence[Person], duties: Sequence[Duty], need: Need) -> None:
    for names in ([person.name for person in people], [duty.name for duty in duties]):
        for name, count in Counter(names).items():
            if count > 1:
                raise WrongShift(name=name, why="the name is there more than once")
    for _, what in need:
        if what not in {duty.name for duty in duties}:
            raise WrongShift(name=what, why="it is needed, but no duty has this name")


class _Filling(Table):
    """Fills the table day by day."""

    def __init__(
        self, people: Sequence[Person], duties: Sequence[Duty], need: Need, earlier: Earlier
    ) -> None:
        super().__init__(people, duties, need, earlier)
        self.slots = [np.repeat(np.arange(len(duties)), asked) for asked in self.asked]
        self.open: dict[int, list[int]] = {}

    def fill(self, day: int) -> int:
        """Give all duties of `day` anew; returns how many stay open."""
        self.given[~self.fixed[:, day], day] = -1
        slots = self.slots[day]
        cost = np.where(self.allowed(day), self.dear(day), _FORBIDDEN)[:, slots]
        who, which = linear_sum_assignment(cost)
        good = cost[who, which] < _FORBIDDEN
        self.given[who[good], day] = slots[which[good]]
        missing = self.asked[day] - np.bincount(slots[which[good]], minlength=len(self.duties))
        self.open.pop(day, None)
        if missing.any():
            self.open[day] = [int(duty) for duty in np.flatnonzero(missing)]
        return int(missing.sum())

    def repair(self, rng: np.random.Generator, ends: float) -> None:
        """Take people from other days for what is open, fill those days anew, until all is given."""
        idle, fewest = 0, len(self.open)
        while self.open and time.monotonic() < ends and idle < 400:
            day = int(rng.choice(list(self.open)))
            duty = int(rng.choice(self.open[day]))
            near = self._near(day)
            other = int(rng.choice(near))
            self._move(duty, day, other, rng)
            idle = 0 if len(self.open) < fewest else idle + 1
            fewest = min(fewest, len(self.open))

    def _near(self, day: int) -> list[int]:
        return [int(at) for at in self.planned if 0 < abs(at - day) <= 7] or [day]

    def _move(self, duty: int, day: int, other: int, rng: np.random.Generator) -> None:
        before = self.given[:, other].copy()
        movable = (before >= 0) & ~self.fixed[:, other]
        self.given[movable, other] = -1
        could = np.flatnonzero(self.allowed(day)[:, duty] & (self.given[:, day] < 0) & movable)
        self.given[:, other] = before
        if len(could):
            self.given[int(rng.choice(could)), other] = -1
        self.fill(day)
        self.fill(other)

    def result(self) -> Roster:
        at = (self.given >= 0) & ~self.fixed
        at[:, np.setdiff1d(np.arange(len(self.days)), self.planned)] = False
        nights, weekends = at & self.night[self.given], at & self.weekend[None, :]
        minutes = np.where(at, self.work[self.given], 0).sum(axis=1)
        names = [person.name for person in self.people]
        given = {
            (names[who], self.days[day]): self.duties[self.given[who, day]].name
            for who, day in np.argwhere(at)
        }
        days = {self.days[day] for day in self.planned}
        wished = [
            (person.name, day, what)
            for person in self.people
            for day, what in person.wishes.items()
            if day in days
        ]
        return Roster(
            given,
            dict(zip(names, minutes.tolist(), strict=True)),
            dict(zip(names, nights.sum(axis=1).tolist(), strict=True)),
            dict(zip(names, weekends.sum(axis=1).tolist(), strict=True)),
            len(wished),
            sum(given.get((who, day), OFF) == what for who, day, what in wished),
        )
