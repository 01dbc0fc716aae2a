"""The roster while it is made: people × days, and what may still be given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.shifts.overtime import known_min, limits
from madoguchi.science.staffing.shifts.people import (
    LEGAL_DAY_MIN,
    LEGAL_WEEK_MIN,
    OFF,
    Duty,
    Earlier,
    Need,
    Person,
    Worked,
    month_of,
    sunday_of,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Whole = NDArray[np.int64]

_HOURS, _NIGHTS, _WEEKENDS, _WISH = 10.0, 3.0, 2.0, 4.0
"""What unevenness and unkept wishes cost, against each other."""
_NEVER = 10**6
"""Minute of a day at which nothing begins."""
LOOK_DAYS = 45
"""A month, and the week in which it began; no rule looks further."""


class Table:
    """People × days; −1 is a day without work, other numbers are places in `shapes`.

    The days reach as far before and after the planned ones as shifts stand there already. The shapes of those
    shifts follow the duties; nobody can be given them.
    """

    def __init__(
        self, people: Sequence[Person], duties: Sequence[Duty], need: Need, earlier: Earlier
    ) -> None:
        self.people, self.duties = people, duties
        first, last = min(day for day, _ in need), max(day for day, _ in need)
        stands = within_sight(people, earlier, first, last)
        begin = min([first, *(day for _, day in stands)])
        end = max([last, *(day for _, day in stands)])
        self.days = [begin + timedelta(days=at) for at in range((end - begin).days + 1)]
        self.planned = np.arange((first - begin).days, (last - begin).days + 1)
        self._know_duties(need, stands.values())
        self.given = np.full((len(people), len(self.days)), -1)
        names = {person.name: at for at, person in enumerate(people)}
        place = {shape: len(duties) + at for at, shape in enumerate(self.shapes[len(duties) :])}
        for (who, day), shift in stands.items():
            self.given[names[who], (day - begin).days] = place[shift]
        self.fixed = self.given >= 0
        self._know_people()
        self._know_calendar()
        self._know_overtime(stands)

    def _know_duties(self, need: Need, stands: Iterable[Worked]) -> None:
        wanted = [[need.get((day, duty.name), 0) for duty in self.duties] for day in self.days]
        self.asked = np.array(wanted)
        self.shapes: list[Duty | Worked] = [*self.duties, *dict.fromkeys(stands)]
        self.work = np.array([shape.work_min for shape in self.shapes])
        self.night = np.array([shape.is_night for shape in self.shapes])
        begin = np.array([shape.begin_min for shape in self.shapes])
        end = np.array([shape.end_min for shape in self.shapes])
        self.gap = begin[None, :] - end[:, None]
        self.begin, self.over = begin, end - 1440

    def _know_people(self) -> None:
        contracts = [person.contract for person in self.people]
        self.can = np.array([[person.can(duty) for duty in self.duties] for person in self.people])
        self.free = np.array([[day not in person.days_off for day in self.days] for person in self.people])
        self.free &= ~self.fixed
        self.week_min = np.array([contract.week_min for contract in contracts])
        self.rest_min = np.array([60 * contract.rest_hours for contract in contracts])
        self.in_row = np.array([contract.days_in_row for contract in contracts])
        self.over_min = np.array([60 * contract.overtime_month_hours for contract in contracts])
        self.wish = np.zeros((len(self.days), len(self.people), len(self.duties)))
        names = {duty.name: at for at, duty in enumerate(self.duties)}
        place = {day: at for at, day in enumerate(self.days)}
        for who, person in enumerate(self.people):
            for day, what in person.wishes.items():
                if day in place and what == OFF:
                    self.wish[place[day], who] = _WISH
                elif day in place and what in names:
                    self.wish[place[day], who, names[what]] = -_WISH

    def _know_calendar(self) -> None:
        sundays = np.array([sunday_of(day).toordinal() for day in self.days])
        self.same_week = sundays[:, None] == sundays[None, :]
        self.weekend = np.array([day.weekday() >= 5 for day in self.days])
        self.month = np.array([month_of(day).toordinal() for day in self.days])
        saturdays = [date.fromordinal(int(sunday) + 6) for sunday in sundays]
        self.month_of_week = np.array([month_of(day).toordinal() for day in saturdays])
        self.week = np.unique(sundays, return_inverse=True)[1]
        kinds = list(dict.fromkeys(person.contract.four_weeks_from for person in self.people))
        one = {person.contract.four_weeks_from: person.contract for person in self.people}
        periods = [[one[kind].rest_period(day) for day in self.days] for kind in kinds]
        self.period = np.array([[day.toordinal() for day, _ in line] for line in periods])
        self.most_days = np.array([line[0][1] for line in periods])
        self.longest = 28 if any(kinds) else 7
        self.rotating = np.array([person.contract.rotating for person in self.people])
        self.kind = np.array([kinds.index(person.contract.four_weeks_from) for person in self.people])

    def _know_overtime(self, stands: Mapping[tuple[str, date], Worked]) -> None:
        """Months that planned days add to → minutes that they may have together, by person."""
        planned = {*self.month[self.planned].tolist(), *self.month_of_week[self.planned].tolist()}
        self.months = sorted(int(month) for month in planned)
        months = [date.fromordinal(month) for month in self.months]
        self.over_left: dict[tuple[int, ...], Floats] = {}
        mine: dict[str, dict[date, Worked]] = {}
        for (name, day), shift in stands.items():
            mine.setdefault(name, {})[day] = shift
        for who, person in enumerate(self.people):
            if not person.contract.overtime_month_hours:
                continue
            known = known_min(person, mine.get(person.name, {}), self.days[self.planned[0]])
            for limit in limits(person.contract, months, known):
                key = tuple(month.toordinal() for month in limit.months)
                left = self.over_left.setdefault(key, np.full(len(self.people), np.inf))
                left[who] = min(left[who], limit.left_min)
        for left in self.over_left.values():
            left[self.over_min == 0] = 0.0

    def minutes(self, days: Bools) -> Floats:
        """Paid minutes a person on `days`."""
        given = self.given[:, days]
        return np.asarray(np.where(given >= 0, self.work[given], 0).sum(axis=1), dtype=np.float64)

    def allowed(self, day: int) -> Bools:
        """People × duties: what may be given on `day`, the other days being as they are."""
        others = self.same_week[day].copy()
        others[day] = False
        left = self.week_min - self.minutes(others)
        may = self.can & (self.work[None, : len(self.duties)] <= left[:, None])
        row = self._run(day, -1) + 1 + self._run(day, +1) <= self.in_row
        may &= (self.free[:, day] & row)[:, None] & self._rested(day)
        if self.over_min.any():
            may &= self._overtime(day)
        # A long night may reach far into the next day, so that the day after that is near as well.
        for apart in (1, 2):
            may &= self._far_enough(day, day - apart, self.gap + 1440 * apart)
            may &= self._far_enough(day, day + apart, self.gap.T + 1440 * apart)
        return np.asarray(may, dtype=np.bool_)

    def _far_enough(self, day: int, near: int, gap: Whole) -> Bools:
        if not 0 <= near < len(self.days):
            return np.ones((1, 1), dtype=np.bool_)
        works = self.given[:, near]
        enough = gap[works][:, : len(self.duties)] >= self.rest_min[:, None]
        return np.asarray(enough | (works < 0)[:, None], dtype=np.bool_)

    def _rested(self, day: int) -> Bools:
        """People × duties: whether days off are left when it is given on `day`, too."""
        if (self.over <= 0).all():
            same = self.period == self.period[:, day][:, None]
            same[:, day] = False
            worked = np.count_nonzero((self.given >= 0) & same[self.kind], axis=1)
            return np.asarray(worked < self.most_days[self.kind], dtype=np.bool_)[:, None]
        may = np.empty((len(self.people), len(self.duties)), dtype=np.bool_)
        for duty in range(len(self.duties)):
            may[:, duty] = self._rested_with(day, duty)
        return may

    def _rested_with(self, day: int, duty: int) -> Bools:
        """The same for one duty, where shifts may reach into days off (`days_off`)."""
        begin = max(0, day - self.longest - 3)
        near = slice(begin, min(len(self.days), day + self.longest + 4))
        given = self.given[:, near].copy()
        given[:, day - begin] = duty
        at_work = given >= 0
        nothing = np.zeros((len(self.people), 1))
        over = np.where(at_work, self.over[given], 0)
        until = np.hstack([nothing, over])
        until[:, 2:] = np.maximum(until[:, 2:], over[:, :-1] - 1440)
        begins = np.hstack([np.where(at_work, self.begin[given], _NEVER), nothing + _NEVER])
        early = (begins[:, 1:] < until[:, :-1]) | (until[:, :-1] > 1440)
        lost = at_work | np.where(self.rotating[:, None], early, until[:, :-1] > 0)
        may = np.ones(len(self.people), dtype=np.bool_)
        for other in range(max(0, day - 1), min(len(self.days), day + 2)):
            same = (self.period[:, near] == self.period[:, other][:, None])[self.kind]
            counts = np.count_nonzero(lost & same, axis=1)
            # Another period is touched only by reaching into it, or by ending 24 hours on end in it.
            after = other > day and self.over[duty] > 0
            ended = self.rotating & (other < day) & (self.begin[duty] < until[:, other - begin])
            touched = same[:, day - begin] | ended | after
            may &= (counts <= self.most_days[self.kind]) | ~touched
        return may

    def _overtime(self, day: int) -> Bools:
        """People × duties: whether the overtime that a duty on `day` adds is agreed upon."""
        at = self.given >= 0
        at[:, day] = False
        minutes = np.where(at, self.work[self.given], 0)
        over = np.maximum(0, minutes - LEGAL_DAY_MIN)
        weeks = np.zeros((self.week[-1] + 1, len(self.people)))
        np.add.at(weeks, self.week, (minutes - over).T)
        week_over = np.maximum(0, weeks - LEGAL_WEEK_MIN)
        ends_in = np.zeros(len(weeks), dtype=np.int64)
        ends_in[self.week] = self.month_of_week
        work = self.work[: len(self.duties)]
        new_over = np.maximum(0, work - LEGAL_DAY_MIN)
        mine = weeks[self.week[day]]
        new_week = np.maximum(0, mine[:, None] + (work - new_over)[None, :] - LEGAL_WEEK_MIN)
        new_week = new_week - week_over[self.week[day]][:, None]
        may = np.ones((len(self.people), len(work)), dtype=np.bool_)
        before = {
            month: over[:, self.month == month].sum(axis=1) + week_over[ends_in == month].sum(axis=0)
            for month in self.months
        }
        here, there = int(self.month[day]), int(self.month_of_week[day])
        for months, left in self.over_left.items():
            adds = new_over[None, :] * (here in months) + new_week * (there in months)
            already = sum((before[month] for month in months), np.zeros(len(self.people)))
            may &= (adds == 0) | (already[:, None] + adds <= left[:, None])
        return may

    def _run(self, day: int, step: int) -> Whole:
        """Days in a row that each person works right before (−1) or after (+1) `day`."""
        run, going = np.zeros(len(self.people), dtype=np.int64), np.ones(len(self.people), bool)
        at = day + step
        while 0 <= at < len(self.days) and going.any():
            going &= self.given[:, at] >= 0
            run += going
            at += step
        return run

    def dear(self, day: int) -> Floats:
        """People × duties: what it costs to give it, in evenness over the planned days and in wishes."""
        others = np.zeros(len(self.days), dtype=np.bool_)
        others[self.planned] = True
        others[day] = False
        weeks = len(self.planned) / 7
        share = self.minutes(others) / (self.week_min * weeks)
        week = self.minutes(others & self.same_week[day]) / self.week_min
        given = self.given[:, others]
        nights = np.count_nonzero((given >= 0) & self.night[given], axis=1)
        weekends = np.count_nonzero(given[:, self.weekend[others]] >= 0, axis=1)
        evenly = _HOURS * (share + 0.3 * week) + _WEEKENDS * self.weekend[day] * weekends / weeks
        night = self.night[None, : len(self.duties)]
        return np.asarray(evenly[:, None] + _NIGHTS * night * (nights / weeks)[:, None] + self.wish[day])


def within_sight(
    people: Sequence[Person], earlier: Earlier, first: date, last: date
) -> dict[tuple[str, date], Worked]:
    """The shifts of these people that a rule between `first` and `last` can see, as bare hours."""
    known = {person.name for person in people}
    look = timedelta(days=LOOK_DAYS)
    return {
        (who, day): Worked(shift.begin_min, shift.end_min, shift.break_min)
        for (who, day), shift in earlier.items()
        if who in known and first - look <= day <= last + look
    }
