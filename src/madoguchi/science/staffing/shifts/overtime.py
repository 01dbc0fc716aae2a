"""How much overtime there may be: the agreement (36協定), and the law above it.

| limit | with the ordinary agreement | with its special clause (特別条項) |
|---|---|---|
| a month | 45 hours | as agreed, below 100, above 45 in six months a year at most |
| a year of the agreement | 360 hours | 720 hours |
| the mean of any 2 to 6 months | | 80 hours |

Work on a day off counts in the month's 100 and the mean's 80 by law; here it counts as overtime in all of
them, so that none is ever counted too low.

Source: 労働基準法 36条 3項–6項.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from madoguchi.science.staffing.shifts.people import (
    LEGAL_DAY_MIN,
    LEGAL_WEEK_MIN,
    Contract,
    Duty,
    Person,
    Worked,
    month_of,
    sunday_of,
)
from madoguchi.science.staffing.shifts.rules import RuleCode

ORDINARY_MONTH_MIN = 45 * 60
BELOW_MONTH_MIN = 100 * 60
MEAN_MONTH_MIN = 80 * 60
MEAN_OF = range(2, 7)
"""Months on end."""
MOST_OFTEN = 6
"""Months a year above the ordinary limit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What some months together may have, after what the months around them had already."""

    code: RuleCode
    day: date
    """As a breach names it: first day of the month, or of the year."""
    months: tuple[date, ...]
    """First days of months that are planned."""
    left_min: float


def overtime_min(work: Iterable[tuple[date, Duty | Worked]]) -> Counter[date]:
    """Minutes above 8 hours a day, and above 40 a week without those, by month.

    >>> long = Worked(540, 1140, 60)
    >>> overtime_min([(date(2026, 11, day), long) for day in (23, 24, 25, 26, 27, 28)])
    Counter({datetime.date(2026, 11, 1): 840})
    """
    over: Counter[date] = Counter()
    weeks: Counter[date] = Counter()
    for day, shift in work:
        over[month_of(day)] += max(0, shift.work_min - LEGAL_DAY_MIN)
        weeks[sunday_of(day)] += min(shift.work_min, LEGAL_DAY_MIN)
    for sunday, minutes in weeks.items():
        over[month_of(sunday + timedelta(days=6))] += max(0, minutes - LEGAL_WEEK_MIN)
    return +over


def known_min(person: Person, stands: Mapping[date, Duty | Worked], first: date) -> Counter[date]:
    """Month → overtime that is there already, when the planned days begin on `first`.

    Of the months before, what the person brings along counts; what it lacks is read from the shifts.
    """
    return before_month(person, overtime_min(stands.items()), month_of(first))


def before_month(person: Person, found: Counter[date], month: date) -> Counter[date]:
    """`found` with what the person brings along of the months before `month`."""
    brought = {one: minutes for one, minutes in person.overtime_before.items() if one < month}
    return Counter({**found, **brought})


def year_of(contract: Contract, month: date) -> date:
    """First day of the year of the agreement.

    >>> year_of(Contract(), date(2027, 3, 1)).isoformat()
    '2026-04-01'
    """
    begins = contract.year_from_month
    return date(month.year - (month.month < begins), begins, 1)


def months_from(month: date, count: int) -> list[date]:
    """So many months from `month` on; before it and up to it where `count` is negative.

    >>> [one.month for one in months_from(date(2026, 11, 1), 3)], [
    ...     one.month for one in months_from(date(2026, 1, 1), -3)
    ... ]
    ([11, 12, 1], [11, 12, 1])
    """
    at = 12 * month.year + month.month - 1
    places = range(at, at + count) if count > 0 else range(at + count + 1, at + 1)
    return [date(place // 12, place % 12 + 1, 1) for place in places]


def limits(contract: Contract, months: Sequence[date], known: Mapping[date, int]) -> Iterator[Limit]:
    """The limits on overtime in the planned `months`, in order; `known`: month → minutes that stand already.

    What stands in the planned months themselves is not taken off `left_min`.
    """

    def together(code: RuleCode, day: date, span: Sequence[date], most_min: float) -> Limit:
        inside = tuple(one for one in span if one in months)
        return Limit(
            code, day, inside, most_min - sum(known.get(one, 0) for one in span if one not in months)
        )

    for month in months:
        yield _month(contract, month, months, known)
    for year in dict.fromkeys(year_of(contract, month) for month in months):
        span = months_from(year, 12)
        yield together(RuleCode.OVERTIME_YEAR, year, span, contract.overtime_year_min)
    # What stands after the planned months has its means, too.
    for last in sorted({*months, *(one for one in known if one > months[0])}):
        for span in (months_from(last, -count) for count in MEAN_OF):
            if not set(span).isdisjoint(months):
                yield together(RuleCode.OVERTIME_MEAN, last, span, MEAN_MONTH_MIN * len(span))


def _month(contract: Contract, month: date, months: Sequence[date], known: Mapping[date, int]) -> Limit:
    agreed = 60 * contract.overtime_month_hours
    if agreed > ORDINARY_MONTH_MIN:
        year = months_from(year_of(contract, month), 12)
        above = sum(known.get(one, 0) > ORDINARY_MONTH_MIN for one in year if one not in months)
        # Of planned months the first may be above; whether they will be is not known yet.
        above += sum(one in year for one in months if one < month)
        if above >= MOST_OFTEN:
            return Limit(RuleCode.OVERTIME_OFTEN, month, (month,), ORDINARY_MONTH_MIN)
    return Limit(RuleCode.OVERTIME, month, (month,), agreed)
