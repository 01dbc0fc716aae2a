"""The hard rules of rosters, by code, and a rule of one person on one day.

Messages are the English originals; whoever shows them translates `message` and fills in `fields()`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

MORE = "{names} and {n} more"
_SINGLY, _NAMED = 3, 5


class RuleCode(StrEnum):
    """What is kept, or broken."""

    NEED = "need"
    """So many people for a duty on a day."""
    ABLE = "need of people who can"
    """The same, where only some people have the skill and the contract for it."""
    TOO_LONG = "duty longer than contracts"
    """Nobody's contract has the hours a day that the duty takes."""
    ROOM = "room in a week"
    """More shifts are needed in a week than the people who can do them have room for."""
    DAY_OFF = "day off"
    SKILL = "skill"
    CONTRACT = "contract"
    """The duty is not one that was agreed upon."""
    DAY_HOURS = "hours a day"
    WEEK_HOURS = "hours a week"
    OVERTIME = "overtime a month"
    OVERTIME_MOST = "overtime of 100 hours"
    """The law's limit on a month, whatever was agreed."""
    OVERTIME_OFTEN = "months above 45 hours"
    """More than six in a year of the agreement."""
    OVERTIME_MEAN = "overtime over months"
    """More than 80 hours a month, as the mean of two to six months."""
    OVERTIME_YEAR = "overtime a year"
    WEEKLY = "day off each week"
    FOUR_WEEKS = "four days off in four weeks"
    WHOLE_DAY = "day off from midnight"
    """A day off is a day of the calendar: a night before it takes it away."""
    REST = "rest between shifts"
    IN_ROW = "days in a row"
    ONCE = "one duty a day"
    UNKNOWN = "unknown"
    """A person or duty that is not known."""


MESSAGES: Mapping[RuleCode, str] = MappingProxyType(
    {
        RuleCode.NEED: "need {people} × {duty} on {day}",
        RuleCode.ABLE: "need {people} × {duty} on {day}, which {able} people can do",
        RuleCode.TOO_LONG: "{duty} is longer than the hours a day of {people} people who could do it",
        RuleCode.ROOM: (
            "{people} shifts ({duty}) in the week of {day}: hours a week and days off leave room for {able}"
        ),
        RuleCode.DAY_OFF: "day off of {person} on {day}",
        RuleCode.SKILL: "skill of {person} for {duty} on {day}",
        RuleCode.CONTRACT: "contract of {person} without {duty} on {day}",
        RuleCode.DAY_HOURS: "hours a day of {person} on {day}",
        RuleCode.WEEK_HOURS: "hours a week of {person} from {day}",
        RuleCode.OVERTIME: "overtime of {person} in the month from {day}",
        RuleCode.OVERTIME_MOST: "less than 100 hours of overtime of {person} in the month from {day}",
        RuleCode.OVERTIME_OFTEN: "six months above 45 hours of overtime a year of {person}, month from {day}",
        RuleCode.OVERTIME_MEAN: "80 hours of overtime of {person} as the mean of the months up to {day}",
        RuleCode.OVERTIME_YEAR: "overtime of {person} in the year from {day}",
        RuleCode.WEEKLY: "day off each week of {person} from {day}",
        RuleCode.FOUR_WEEKS: "four days off in four weeks of {person} from {day}",
        RuleCode.WHOLE_DAY: "day off from midnight to midnight of {person} from {day}",
        RuleCode.REST: "rest of {person} after {duty} on {day}",
        RuleCode.IN_ROW: "days in a row of {person} from {day}",
        RuleCode.ONCE: "one duty a day of {person} on {day}",
        RuleCode.UNKNOWN: "unknown person {person} or duty {duty} on {day}",
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a person (or of a duty, then `person` is empty) on a day or from it on."""

    code: RuleCode
    day: date
    person: str = ""
    duty: str = ""
    people: int = 0
    """How many a duty needs."""
    able: int = 0
    """How many have skill and contract for it."""
    hours: tuple[int, int] | None = None
    """Minutes of the day from and to which a shift that stands already is worked; it has no duty."""

    @property
    def message(self) -> str:
        """To be translated, then filled with `fields()`."""
        return MESSAGES[self.code]

    def fields(self) -> dict[str, Any]:
        """What stands between the braces of `message`."""
        worked = "–".join(clock_min(minute) for minute in self.hours) if self.hours else ""
        return {
            "day": self.day,
            "person": self.person,
            "duty": self.duty or worked,
            "people": self.people,
            "able": self.able,
        }

    def __str__(self) -> str:
        """In English.

        >>> str(Rule(RuleCode.DAY_OFF, date(2026, 12, 1), "Sato"))
        'day off of Sato on 2026-12-01'
        """
        return self.message.format(**self.fields())


_Told = TypeVar("_Told")


def bundles(told: Iterable[_Told], kind: Callable[[_Told], Hashable]) -> list[list[_Told]]:
    """What is said at once: of more than three of a kind nobody reads each.

    >>> bundles("aaaabb", lambda one: one)
    [['a', 'a', 'a', 'a'], ['b'], ['b']]
    """
    kinds: dict[Hashable, list[_Told]] = {}
    for one in told:
        kinds.setdefault(kind(one), []).append(one)
    found: list[list[_Told]] = []
    for many in kinds.values():
        found += [many] if len(many) > _SINGLY else [[one] for one in many]
    return found


def bundled(rules: Iterable[Rule]) -> list[tuple[Rule, ...]]:
    """Rules that are said in one line each: the same one of several people, the same duty on several days."""
    return [tuple(one) for one in bundles(rules, lambda rule: (rule.code, rule.fields()["duty"]))]


def fields_of(rules: Sequence[Rule], more: str = MORE) -> dict[str, Any]:
    """What stands between the braces of their message; `more`: the words where not all are named.

    >>> days = [Rule(RuleCode.NEED, date(2026, 12, at), duty="early", people=2) for at in (1, 2, 3)]
    >>> days[0].message.format(**fields_of(days))
    'need 6 × early on 2026-12-01 – 2026-12-03'
    """
    first = rules[0].fields()
    days = sorted(rule.day for rule in rules)
    names = list(dict.fromkeys(rule.person for rule in rules if rule.person))
    said = ", ".join(names[:_NAMED])
    if len(names) > _NAMED:
        said = more.format(names=said, n=len(names) - _NAMED)
    return first | {
        "day": days[0] if days[0] == days[-1] else f"{days[0]} – {days[-1]}",
        "person": said,
        "people": sum(rule.people for rule in rules),
    }


def clock_min(minute: int) -> str:
    """Minute of a day as a time; what lies after midnight counts on.

    >>> clock_min(25 * 60 + 30)
    '25:30'
    """
    return f"{minute // 60:02d}:{minute % 60:02d}"


COVER_MESSAGES: Mapping[str, str] = MappingProxyType(
    {"need": "need day {day} {clock}", "seats": "seats day {day} {clock}", "limit": "{name}"}
)


@dataclass(frozen=True, slots=True)
class CoverRule:
    """One rule of a covering: people needed or seats in a half-hour, or a limit by its name."""

    kind: str
    """need, seats or limit."""
    half_hour: int = 0
    """From midnight of the first day on."""
    name: str = ""

    @property
    def message(self) -> str:
        """To be translated, then filled with `fields()`."""
        return COVER_MESSAGES[self.kind]

    def fields(self) -> dict[str, Any]:
        """What stands between the braces of `message`."""
        day, minute = divmod(30 * self.half_hour, 1440)
        return {"day": day + 1, "clock": clock_min(minute), "name": self.name}

    def __str__(self) -> str:
        """In English.

        >>> str(CoverRule("need", 50))
        'need day 2 01:00'
        """
        return self.message.format(**self.fields())
