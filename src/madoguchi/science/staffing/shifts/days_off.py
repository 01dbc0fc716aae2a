"""What a day off is: a day of the calendar, from midnight to midnight, without work.

A night that ends on Sunday morning leaves no day off on that Sunday, although no shift begins then. Where
three shifts follow each other by a fixed rule of the house, 24 hours on end are a day off as well: then a day
without a begin is one, if the next shift begins no earlier on the day after than the last one ended on it.

Source: 労働基準法 35条; 昭和23年4月5日 基発535号 (暦日); 昭和63年3月14日 基発150号 (交替制: 継続24時間).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from madoguchi.science.staffing.shifts.people import Contract, Duty, Worked
from madoguchi.science.staffing.shifts.rules import Rule, RuleCode

DAY_MIN = 1440
_ONE = timedelta(days=1)
_Columns = Mapping[date, Sequence[tuple[int, Duty]]]
_Row = tuple[Rule | None, float, list[tuple[int, float]]]
"""A rule, or None for what a choice means; its limit; (column, value)."""


def taken(work: Iterable[tuple[date, Duty | Worked]], rotating: bool) -> set[date]:
    """Days that are no days off.

    >>> night = Duty("night", 22 * 60, 31 * 60, 60)
    >>> [day.day for day in sorted(taken([(date(2026, 11, 28), night)], rotating=False))]
    [28, 29]
    >>> [day.day for day in sorted(taken([(date(2026, 11, 28), night)], rotating=True))]
    [28]
    """
    begins: dict[date, int] = {}
    rests: dict[date, int] = {}
    for day, shift in work:
        begins[day] = min(begins.get(day, shift.begin_min), shift.begin_min)
        over, after = shift.end_min - DAY_MIN, day + _ONE
        while over > 0:
            rests[after] = max(rests.get(after, 0), over)
            over, after = over - DAY_MIN, after + _ONE
    found = set(begins)
    for day, until in rests.items():
        early = day + _ONE in begins and begins[day + _ONE] < until
        if not rotating or early or until > DAY_MIN:
            found.add(day)
    return found


class Freedom:
    """The days off of a person as rows: one choice a day that could be one."""

    def __init__(self, contract: Contract, given: _Columns, stands: Mapping[date, Duty | Worked]) -> None:
        self.contract, self.given, self.stands = contract, given, stands
        self.stood = taken(stands.items(), contract.rotating)

    def matters(self) -> bool:
        """Whether any shift reaches into the next day; else days without a begin are days off."""
        new = any(duty.end_min > DAY_MIN for some in self.given.values() for _, duty in some)
        return new or any(shift.end_min > DAY_MIN for shift in self.stands.values())

    def rows(self, name: str, width: int) -> tuple[list[_Row], int]:
        """The rows, and the columns with those of the days off, which begin at `width`."""
        found: list[_Row] = []
        near = {day + apart * _ONE for day in self.given for apart in (-1, 0, 1)}
        for first, length, need in sorted({self._period(day) for day in near}):
            columns = []
            for day in (first + at * _ONE for at in range(length)):
                limits = self._limits(day)
                if day in self.stood:
                    continue
                if not limits:
                    need -= 1
                    continue
                columns.append((width, -1.0))
                found += [(None, most, [(width, 1.0), *terms]) for most, terms in limits]
                width += 1
            # What stands already may break the rule: then nothing more is added to it.
            if (due := min(need, len(columns))) > 0:
                found.append((Rule(RuleCode.WHOLE_DAY, first, name), -float(due), columns))
        return found, width

    def _period(self, day: date) -> tuple[date, int, int]:
        """First day, days, and days off that are due in them."""
        first, most = self.contract.rest_period(day)
        length = 28 if self.contract.four_weeks_from else 7
        return first, length, length - most

    def _limits(self, day: date) -> list[tuple[float, list[tuple[int, float]]]]:
        """What would take the day: rows of which a day off is one more term."""
        found = []
        if begins := [(column, 1.0) for column, _ in self.given.get(day, ())]:
            found.append((1.0, begins))
        before, after = self.given.get(day - _ONE, ()), self.given.get(day + _ONE, ())
        over = [(column, duty.end_min - DAY_MIN) for column, duty in before if duty.end_min > DAY_MIN]
        if not self.contract.rotating:
            return [*found, (1.0, [(column, 1.0) for column, _ in over])] if over else found
        for column, until in over:
            early = [(later, 1.0) for later, duty in after if duty.begin_min < until]
            if day + _ONE in self.stands and self.stands[day + _ONE].begin_min < until:
                found.append((1.0, [(column, 1.0)]))
            elif early:
                found.append((2.0, [(column, 1.0), *early]))
        stood = max((self._reach(day - apart * _ONE, apart) for apart in (1, 2)), default=0)
        if early := [(column, 1.0) for column, duty in after if duty.begin_min < stood]:
            found.append((1.0, early))
        return found

    def _reach(self, day: date, apart: int) -> int:
        """Minutes that what stands on `day` reaches into the day so many days later."""
        return self.stands[day].end_min - apart * DAY_MIN if day in self.stands else 0
