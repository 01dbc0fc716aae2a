"""Who works: duties, contracts, people with skills, days off and wishes.

Law: 8 hours a day and 40 a week (労働基準法 32条), a day off each week (35条), breaks of 45 minutes above 6
hours and 60 above 8 (34条). Weeks run from Sunday to Saturday (昭和63年1月1日 基発1号, where house rules say
nothing else). 11 hours of rest between shifts are what 労働時間等設定改善法 2条 asks employers to strive for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from madoguchi.science.staffing.shifts.errors import WrongShift
from madoguchi.science.staffing.shifts.types import least_break_min

Need = Mapping[tuple[date, str], int]
"""(day, name of the duty) → people."""
OFF = ""
"""The wish not to work."""
_DAY_MIN = 1440
_NIGHT_BEGINS_MIN, _NIGHT_ENDS_MIN = 22 * 60, 29 * 60


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
        return self.end_min > _NIGHT_BEGINS_MIN or self.begin_min < _NIGHT_ENDS_MIN - _DAY_MIN


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


@dataclass(frozen=True, slots=True)
class Person:
    """A named person. `wishes`: day → duty, or `OFF`; kept where nothing harder stands against them."""

    name: str
    contract: Contract = field(default_factory=Contract)
    skills: frozenset[str] = frozenset()
    days_off: frozenset[date] = frozenset()
    wishes: Mapping[date, str] = field(default_factory=dict)

    def can(self, duty: Duty) -> bool:
        """By skill and contract.

        >>> Person("Sato").can(Duty("English desk", 540, 840, skill="English"))
        False
        """
        agreed = not self.contract.duties or duty.name in self.contract.duties
        skilled = not duty.skill or duty.skill in self.skills
        return agreed and skilled and duty.work_min <= 60 * self.contract.day_hours


def week_of(day: date) -> int:
    """A number that the days from Sunday to Saturday share.

    >>> week_of(date(2026, 11, 22)) == week_of(date(2026, 11, 28)) == week_of(date(2026, 11, 29)) - 1
    True
    """
    return day.toordinal() // 7
