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
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from madoguchi.science.staffing.errors import NotPositive
from madoguchi.science.staffing.shifts.errors import NotFoundInTime, RulesClash, WrongShift
from madoguchi.science.staffing.shifts.people import OFF, Duty, Need, Person, week_of
from madoguchi.science.staffing.shifts.scarcity import clashing

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_FORBIDDEN = 1e6
_HOURS, _NIGHTS, _WEEKENDS, _WISH = 10.0, 3.0, 2.0, 4.0
"""What unevenness and unkept wishes cost, against each other."""
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
    seconds: float = 10.0,
    seed: int = 1,
) -> Roster:
    """A roster that breaks no hard rule: need, skills, contracts, days off, hours, rest, days in a row.

    Hours (as shares of the contract), nights and weekends are spread evenly, wishes are kept, as far as the
    hard rules let it be. The same seed gives the same roster. Raises RulesClash with the names of the rules
    when there is none, NotFoundInTime when none was found.

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
    table = _Table(people, duties, need)
    for _ in range(_SWEEPS):
        for day in range(len(table.days)):
            table.fill(day)
    table.repair(np.random.default_rng(seed), ends)
    if table.open:
        names = clashing(people, duties, need)
        if names:
            raise RulesClash(rules="; ".join(names))
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


class _Table:
    """People × days; −1 is a day without work."""

    def __init__(self, people: Sequence[Person], duties: Sequence[Duty], need: Need) -> None:
        self.people, self.duties = people, duties
        first, last = min(day for day, _ in need), max(day for day, _ in need)
        self.days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
        self.asked = np.array([[need.get((day, duty.name), 0) for duty in duties] for day in self.days])
        self.slots = [np.repeat(np.arange(len(duties)), asked) for asked in self.asked]
        self.given = np.full((len(people), len(self.days)), -1)
        self.open: dict[int, list[int]] = {}
        self._know_people()
        self._know_duties()

    def _know_people(self) -> None:
        contracts = [person.contract for person in self.people]
        self.can = np.array([[person.can(duty) for duty in self.duties] for person in self.people])
        self.free = np.array([[day not in person.days_off for day in self.days] for person in self.people])
        self.week_min = np.array([60 * contract.week_hours for contract in contracts])
        self.rest_min = np.array([60 * contract.rest_hours for contract in contracts])
        self.in_row = np.array([contract.days_in_row for contract in contracts])
        self.wish = np.zeros((len(self.days), len(self.people), len(self.duties)))
        names = {duty.name: at for at, duty in enumerate(self.duties)}
        place = {day: at for at, day in enumerate(self.days)}
        for who, person in enumerate(self.people):
            for day, what in person.wishes.items():
                if day in place and what == OFF:
                    self.wish[place[day], who] = _WISH
                elif day in place and what in names:
                    self.wish[place[day], who, names[what]] = -_WISH

    def _know_duties(self) -> None:
        self.work = np.array([duty.work_min for duty in self.duties])
        self.night = np.array([duty.is_night for duty in self.duties])
        begin = np.array([duty.begin_min for duty in self.duties])
        end = np.array([duty.end_min for duty in self.duties])
        self.gap = 1440 + begin[None, :] - end[:, None]
        weeks = np.array([week_of(day) for day in self.days])
        self.same_week = [np.flatnonzero(weeks == week) for week in weeks]
        self.weekend = np.array([day.weekday() >= 5 for day in self.days])

    def minutes(self, days: NDArray[np.int64]) -> Floats:
        """Paid minutes a person on `days`."""
        given = self.given[:, days]
        return np.asarray(np.where(given >= 0, self.work[given], 0).sum(axis=1), dtype=np.float64)

    def allowed(self, day: int) -> Bools:
        """People × duties: what may be given on `day`, the other days being as they are."""
        others = self.same_week[day][self.same_week[day] != day]
        left = self.week_min - self.minutes(others)
        may = self.can & (self.work[None, :] <= left[:, None])
        rested = np.count_nonzero(self.given[:, others] >= 0, axis=1) < 6
        row = self._run(day, -1) + 1 + self._run(day, +1) <= self.in_row
        may &= (self.free[:, day] & rested & row)[:, None]
        for near, gap in ((day - 1, self.gap), (day + 1, self.gap.T)):
            if 0 <= near < len(self.days):
                works = self.given[:, near]
                enough = gap[works] >= self.rest_min[:, None]
                may &= enough | (works < 0)[:, None]
        return np.asarray(may, dtype=np.bool_)

    def _run(self, day: int, step: int) -> NDArray[np.int64]:
        """Days in a row that each person works right before (−1) or after (+1) `day`."""
        run, going, at = (
            np.zeros(len(self.people), dtype=np.int64),
            np.ones(len(self.people), bool),
            day + step,
        )
        while 0 <= at < len(self.days) and going.any():
            going &= self.given[:, at] >= 0
            run += going
            at += step
        return run

    def dear(self, day: int) -> Floats:
        """People × duties: what it costs to give it, in evenness and wishes."""
        others = np.flatnonzero(np.arange(len(self.days)) != day)
        weeks = len(self.days) / 7
        share = self.minutes(others) / (self.week_min * weeks)
        week = self.minutes(self.same_week[day][self.same_week[day] != day]) / self.week_min
        given = self.given[:, others]
        nights = np.count_nonzero((given >= 0) & self.night[given], axis=1)
        weekends = np.count_nonzero(given[:, self.weekend[others]] >= 0, axis=1)
        evenly = _HOURS * (share + 0.3 * week) + _WEEKENDS * self.weekend[day] * weekends / weeks
        return np.asarray(
            evenly[:, None] + _NIGHTS * self.night[None, :] * (nights / weeks)[:, None] + self.wish[day]
        )

    def fill(self, day: int) -> int:
        """Give all duties of `day` anew; returns how many stay open."""
        self.given[:, day] = -1
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
        low, high = max(0, day - 7), min(len(self.days), day + 8)
        return [at for at in range(low, high) if at != day] or [day]

    def _move(self, duty: int, day: int, other: int, rng: np.random.Generator) -> None:
        before = self.given[:, other].copy()
        self.given[:, other] = -1
        could = np.flatnonzero(self.allowed(day)[:, duty] & (self.given[:, day] < 0) & (before >= 0))
        self.given[:, other] = before
        if len(could):
            self.given[int(rng.choice(could)), other] = -1
        self.fill(day)
        self.fill(other)

    def result(self) -> Roster:
        at = self.given >= 0
        nights, weekends = at & self.night[self.given], at & self.weekend[None, :]
        names = [person.name for person in self.people]
        given = {
            (names[who], self.days[day]): self.duties[self.given[who, day]].name
            for who, day in np.argwhere(at)
        }
        wished = [
            (person.name, day, what)
            for person in self.people
            for day, what in person.wishes.items()
            if day in set(self.days)
        ]
        return Roster(
            given,
            dict(zip(names, self.minutes(np.arange(len(self.days))).astype(int).tolist(), strict=True)),
            dict(zip(names, nights.sum(axis=1).tolist(), strict=True)),
            dict(zip(names, weekends.sum(axis=1).tolist(), strict=True)),
            len(wished),
            sum(given.get((who, day), OFF) == what for who, day, what in wished),
        )
