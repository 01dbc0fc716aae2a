"""Who works: duties, contracts, people with skills, days off and wishes.

Law: 8 hours a day and 40 a week (労働基準法 32条), a day off each week (35条), breaks of 45 minutes above 6
hours and 60 above 8 (34条). Weeks run from Sunday to Saturday (昭和63年1月1日 基発1号, where house rules say
nothing else). 11 hours of rest between shifts are what 労働時間等設定改善法 2条 asks employers to strive for.
Overtime needs an agreement (36条, 36協定) and is what exceeds 8 hours in a day, and 40 in a week without what
the days already counted; a day's counts in the month of the day, a week's in the month of its Saturday. What
a day off is: `days_off`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from madoguchi.science.staffing.shifts.errors import WrongShift
from madoguchi.science.staffing.shifts.types import least_break_min

Need = Mapping[tuple[date, str], int]
"""(day, name of the duty) → people."""
OFF = ""
"""The wish not to work."""
LEGAL_DAY_MIN, LEGAL_WEEK_MIN = 480, 2400
_DAY_MIN = 1440
_NIGHT_BEGINS_MIN, _NIGHT_ENDS_MIN = 22 * 60, 29 * 60
_OVERTIME_LAW_HOURS, _ORDINARY_HOURS = 100.0, 45.0
_YEAR_HOURS, _SPECIAL_YEAR_HOURS = 360.0, 720.0


@dataclass(frozen=True, slots=True)
class Duty:
    """A shift as it is rostered: minutes from midnight; one that ends after midnight ends above 1,440."""

    name: str
    begin_min: int
    end_min: int
    break_min: int = 0
    skill: str = ""
    """Who lacks it cannot do this duty; empty: anyone can."""

    def __post_init__(self) -> None:
        if not 0 <= self.begin_min < _DAY_MIN or not 0 < self.end_min - self.begin_min <= _DAY_MIN:
            raise WrongShift(name=self.name, why="it begins or ends at an impossible time")
        if not 0 <= self.break_min < self.end_min - self.begin_min:
            raise WrongShift(name=self.name, why="its break does not fit into it")
        if self.break_min < least_break_min(self.work_min):
            raise WrongShift(name=self.name, why="its break is shorter than the law asks")

    @property
    def work_min(self) -> int:
        """Paid minutes.

        >>> Duty("early", 8 * 60, 17 * 60, 60).work_min
        480
        """
        return self.end_min - self.begin_min - self.break_min

    @property
    def is_night(self) -> bool:
        """Whether any of it lies between 22:00 and 05:00."""
        return _at_night(self.begin_min, self.end_min)


@dataclass(frozen=True, slots=True)
class Worked:
    """A shift that stands already, as it was worked or promised; minutes as in `Duty`.

    Unlike a duty it may break a rule: what was worked was worked, and counts.
    """

    begin_min: int
    end_min: int
    break_min: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.begin_min < _DAY_MIN or not 0 < self.end_min - self.begin_min <= 2 * _DAY_MIN:
            raise WrongShift(name="earlier", why="it begins or ends at an impossible time")
        if not 0 <= self.break_min < self.end_min - self.begin_min:
            raise WrongShift(name="earlier", why="its break does not fit into it")

    @property
    def work_min(self) -> int:
        """Minutes at work."""
        return self.end_min - self.begin_min - self.break_min

    @property
    def is_night(self) -> bool:
        """As of a duty."""
        return _at_night(self.begin_min, self.end_min)


Earlier = Mapping[tuple[str, date], Worked | Duty]
"""(person, day) → the shift that stands already, before, within or after the planned days; meets no need."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What may be asked of a person; the defaults are the law without an agreement on overtime."""

    name: str = "full time"
    week_hours: float = 40.0
    day_hours: float = 8.0
    days_in_row: int = 6
    rest_hours: float = 11.0
    duties: frozenset[str] = frozenset()
    """Duties agreed upon; empty: any."""
    overtime_month_hours: float = 0.0
    """Overtime agreed upon (36協定), in a calendar month; above 45 only with a special clause. Without it
    nobody works more than 8 hours a day and 40 a week, whatever `day_hours` and `week_hours` say."""
    four_weeks_from: date | None = None
    """Four days off in each four weeks from this day on, instead of one each week (労働基準法 35条2項)."""
    rotating: bool = False
    """Three shifts that follow each other by a fixed rule of the house (三交替制): 24 hours on end are a day
    off, whenever they begin."""
    special_clause: bool = False
    """Whether the agreement has one (特別条項): what the law then allows is told in `overtime`."""
    overtime_year_hours: float | None = None
    """Overtime agreed upon for a year of the agreement; None: what the law allows, 360 or 720 hours."""
    year_from_month: int = 4
    """Month (1–12) in which a year of the agreement begins (起算月)."""

    def __post_init__(self) -> None:
        if not 0 <= self.overtime_month_hours < _OVERTIME_LAW_HOURS:
            raise WrongShift(name=self.name, why="the law allows less than 100 hours of overtime a month")
        if self.overtime_month_hours > _ORDINARY_HOURS and not self.special_clause:
            raise WrongShift(
                name=self.name, why="more than 45 hours of overtime a month need a special clause"
            )
        if not 0 <= 60 * (self.overtime_year_hours or 0) <= self._year_law_min:
            raise WrongShift(name=self.name, why="the law allows 360 hours of overtime a year, 720 by clause")
        if not 1 <= self.year_from_month <= 12:
            raise WrongShift(name=self.name, why="a year begins with a month from 1 to 12")

    @property
    def _year_law_min(self) -> float:
        return 60 * (_SPECIAL_YEAR_HOURS if self.special_clause else _YEAR_HOURS)

    @property
    def overtime_year_min(self) -> float:
        """The most overtime in a year of the agreement, in minutes."""
        agreed = self.overtime_year_hours
        return self._year_law_min if agreed is None else 60 * agreed

    @property
    def day_min(self) -> float:
        """The longest working day, in minutes."""
        agreed = 60 * self.day_hours
        return agreed if self.overtime_month_hours else min(agreed, LEGAL_DAY_MIN)

    @property
    def week_min(self) -> float:
        """The longest working week, in minutes."""
        agreed = 60 * self.week_hours
        return agreed if self.overtime_month_hours else min(agreed, LEGAL_WEEK_MIN)

    def rest_period(self, day: date) -> tuple[date, int]:
        """The first day of the time in which `day` counts for days off, and most days at work in it.

        >>> Contract().rest_period(date(2026, 11, 24))
        (datetime.date(2026, 11, 22), 6)
        >>> Contract(four_weeks_from=date(2026, 11, 1)).rest_period(date(2026, 11, 30))
        (datetime.date(2026, 11, 29), 24)
        """
        if self.four_weeks_from is None:
            return sunday_of(day), 6
        return day - timedelta(days=(day - self.four_weeks_from).days % 28), 24


@dataclass(frozen=True, slots=True)
class Person:
    """A named person. `wishes`: day → duty, or `OFF`; kept where nothing harder stands against them."""

    name: str
    contract: Contract = field(default_factory=Contract)
    skills: frozenset[str] = frozenset()
    days_off: frozenset[date] = frozenset()
    wishes: Mapping[date, str] = field(default_factory=dict)
    overtime_before: Mapping[date, int] = field(default_factory=dict)
    """First day of a month → minutes of overtime, of the months before the planned days: for the limits on a
    year and on several months. What lacks is read from the shifts that stand."""

    def can(self, duty: Duty) -> bool:
        """By skill and contract.

        >>> Person("Sato").can(Duty("English desk", 540, 840, skill="English"))
        False
        """
        return self.could(duty) and duty.work_min <= self.contract.day_min

    def could(self, duty: Duty) -> bool:
        """By skill and the duties agreed upon, whatever hours a day are."""
        agreed = not self.contract.duties or duty.name in self.contract.duties
        return agreed and (not duty.skill or duty.skill in self.skills)


def _at_night(begin_min: int, end_min: int) -> bool:
    return end_min > _NIGHT_BEGINS_MIN or begin_min < _NIGHT_ENDS_MIN - _DAY_MIN


def sunday_of(day: date) -> date:
    """The first day of its week.

    >>> sunday_of(date(2026, 11, 28)).isoformat(), sunday_of(date(2026, 11, 29)).isoformat()
    ('2026-11-22', '2026-11-29')
    """
    return day - timedelta(days=(day.weekday() + 1) % 7)


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)
