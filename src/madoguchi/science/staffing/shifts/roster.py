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
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from scipy.optimize import linear_sum_assignment

from madoguchi.science.staffing.errors import NotPositive
from madoguchi.science.staffing.shifts.errors import LeftOpen, RulesClash, WrongShift
from madoguchi.science.staffing.shifts.people import OFF, Duty, Earlier, Need, Person
from madoguchi.science.staffing.shifts.rows import Question
from madoguchi.science.staffing.shifts.rules import Rule
from madoguchi.science.staffing.shifts.scarcity import (
    COLUMNS_A_S,
    NO_CLASH,
    Clash,
    clashing,
    clashing_in_a_day,
)
from madoguchi.science.staffing.shifts.table import Table, Whole
from madoguchi.science.staffing.shifts.undivided import fullest
from madoguchi.science.staffing.shifts.wishes import around, keep_more

_FORBIDDEN = 1e6
_SWEEPS = 3
_FOR_PROOFS, _FOR_BEST = 0.6, 0.3
"""Shares of the time: kept for proofs and the fullest roster, and of it for the fullest roster alone."""
_BEFORE_EVENNESS = 25.0
"""How much more a wish weighs once it is kept than while days are filled."""
_KEPT = 0.95
"""Share of the time after which nothing is begun; what is under way then ends a little late."""
_MUCH = 0.02
"""Share of the need that is open above which it is likelier that rules clash than that a place was missed."""
_MOST_CHOICES = 20_000
"""People × duties × days that are given anew at once."""


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
    wishes_possible: int
    """Those that skill, contract and days off let be, each by itself."""
    left_open: Mapping[tuple[date, str], int] = field(default_factory=dict)
    """(day, duty) → people still missing; empty unless `partial` was asked for."""
    clash: tuple[Rule, ...] = ()
    """Why nothing fuller is possible, where that was found: rules that no roster keeps together."""
    clash_is_least: bool = True
    """Whether none of them could be left out; False: the time was over before all were tried."""


def roster(
    people: Sequence[Person],
    duties: Sequence[Duty],
    need: Need,
    *,
    earlier: Earlier | None = None,
    partial: bool = False,
    seconds: float = 10.0,
    seed: int = 1,
) -> Roster:
    """A roster that breaks no hard rule: need, skills, contracts, days off, hours, rest, days in a row.

    `earlier`: shifts that stand already, above all those of the weeks before. Rest, days in a row, hours a
    week, days off and overtime a month count them; they meet no need. Hours (as shares of the contract),
    nights and weekends are spread evenly, wishes are kept, as far as the hard rules let it be. The same seed
    gives the same roster, as long as the time suffices for all weeks.

    Where not all needs can be met: RulesClash with rules that clash, the fewest where there was time to show
    it, or LeftOpen with what stays open when no clash was found in `seconds`. `partial` gives the fullest
    roster found instead of raising: `left_open` and `clash` then say the same.

    `seconds`: wall time, with all models written down in it. One day that clashes is named in any time.

    >>> early, monday = Duty("early", 480, 1020, 60), date(2026, 11, 30)
    >>> found = roster([Person("Sato", days_off=frozenset({monday})), Person("Ito")], [early],
    ...                {(monday, "early"): 1})
    >>> dict(found.given)
    {('Ito', datetime.date(2026, 11, 30)): 'early'}
    """
    if not people or not duties or not need:
        raise NotPositive(name="need", value=0)
    _refuse_confusion(people, duties, need)
    question = Question(people, duties, need, earlier or {})
    found = _best(question, partial, seconds, seed)
    if partial or not found.left_open:
        return found
    left = "; ".join(f"{many} × {what}, {day}" for (day, what), many in found.left_open.items())
    raise LeftOpen(left=left)


def _best(question: Question, partial: bool, seconds: float, seed: int) -> Roster:
    ends = time.monotonic() + _KEPT * seconds
    table = _Filling(question)
    for _ in range(_SWEEPS):
        for day in table.planned:
            table.fill(int(day))
    for_proofs, for_best = ends - _FOR_PROOFS * seconds, ends - _FOR_BEST * seconds
    clash = clashing_in_a_day(question, _alone(question, table), for_proofs) if table.open else NO_CLASH
    if not clash and sum(table.left_open().values()) > _MUCH * sum(question.need.values()):
        clash = clashing(question, table.left_open(), for_best)
    if not clash or partial:
        table.repair(np.random.default_rng(seed), for_best if clash else for_proofs)
    if not table.open:
        table.gladden(question, ends)
        return table.result()
    clash = clash or clashing(question, table.left_open(), for_best)
    if clash and not partial:
        raise RulesClash.of(clash.rules, clash.least)
    table.improve(question, ends)
    table.gladden(question, ends)
    return table.result(clash)


def _alone(question: Question, table: _Filling) -> dict[tuple[date, str], int]:
    """(day, duty) → people missing on the open days of `table`, even if nobody worked on any other day."""
    empty = _Filling(question)
    nobody = empty.given.copy()
    lacking: dict[tuple[date, str], int] = {}
    for day in sorted(table.open):
        empty.fill(day)
        lacking |= empty.left_open()
        empty.given[:], empty.open = nobody, {}
    return lacking


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

    def __init__(self, question: Question) -> None:
        super().__init__(question.people, question.duties, question.need, question.earlier)
        self.slots = [np.repeat(np.arange(len(self.duties)), asked) for asked in self.asked]
        self.open: dict[int, list[int]] = {}
        self.by_name = {person.name: person for person in question.people}

    def fill(self, day: int) -> int:
        """Give all duties of `day` anew; returns how many stay open."""
        self.given[~self.fixed[:, day], day] = -1
        slots = self.slots[day]
        cost = np.where(self.allowed(day), self.dear(day), _FORBIDDEN)[:, slots]
        who, which = linear_sum_assignment(cost)
        good = cost[who, which] < _FORBIDDEN
        self.given[who[good], day] = slots[which[good]]
        return self._note(day)

    def left_open(self) -> dict[tuple[date, str], int]:
        """(day, duty) → people missing."""
        return {
            (self.days[day], self.duties[duty].name): int(self._missing(day)[duty])
            for day in sorted(self.open)
            for duty in self.open[day]
        }

    def _note(self, day: int) -> int:
        """Remember what is open on `day`; returns how much."""
        missing = self._missing(day)
        self.open.pop(day, None)
        if missing.any():
            self.open[day] = [int(duty) for duty in np.flatnonzero(missing)]
        return int(missing.sum())

    def _missing(self, day: int) -> Whole:
        given = self.given[~self.fixed[:, day], day]
        there = np.bincount(given[given >= 0], minlength=len(self.duties))
        return np.asarray(np.maximum(0, self.asked[day] - there), dtype=np.int64)

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

    def improve(self, question: Question, ends: float) -> None:
        """Give whole weeks around open days anew, exactly; then the whole, where that is small enough."""
        for length in (7, len(self.planned)):
            for day in list(self.open):
                if day not in self.open:
                    continue
                middle = int(np.searchsorted(self.planned, day))
                first = max(0, min(middle - length // 2, len(self.planned) - length))
                window = self.planned[first : first + length]
                choices = len(window) * self.can.sum()
                if choices <= _MOST_CHOICES and time.monotonic() + choices / COLUMNS_A_S < ends:
                    self._anew(question, window, ends)

    def gladden(self, question: Question, ends: float) -> None:
        """Keep more wishes, then spread the rest evenly anew without losing one."""
        if not keep_more(self, question, ends):
            return
        self.wish *= _BEFORE_EVENNESS
        for _ in range(_SWEEPS):
            for day in self.planned:
                self._evenly(int(day))

    def _anew(self, question: Question, window: Whole, ends: float) -> None:
        days = {self.days[day]: int(day) for day in window}
        found = fullest(around(self, question, window), ends)
        if found is None or found.open >= sum(int(self._missing(day).sum()) for day in days.values()):
            return
        places = {duty.name: at for at, duty in enumerate(self.duties)}
        for day in days.values():
            self.given[~self.fixed[:, day], day] = -1
        for (who, when), what in found.given.items():
            self.given[who, days[when]] = places[what]
        for day in days.values():
            self._note(day)
            self._evenly(day)

    def _evenly(self, day: int) -> None:
        """Give a day anew for evenness, unless more would stay open."""
        before, missing = self.given[:, day].copy(), int(self._missing(day).sum())
        if self.fill(day) > missing:
            self.given[:, day] = before
            self._note(day)

    def _in_vain(self, wished: tuple[str, date, str]) -> bool:
        """Whether somebody wishes for a shift on a day off, or for one that they cannot do."""
        name, day, what = wished
        if what == OFF:
            return False
        person = self.by_name[name]
        duty = next((one for one in self.duties if one.name == what), None)
        return duty is None or day in person.days_off or not person.can(duty)

    def result(self, clash: Clash = NO_CLASH) -> Roster:
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
            len(wished) - sum(map(self._in_vain, wished)),
            self.left_open(),
            clash.rules,
            clash.least,
        )
