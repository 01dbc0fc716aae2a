"""The files of `madoguchi staffing roster`: people, shifts, needs, wishes, and what stands already."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from madoguchi.program.staffing.quantities import Unreadable, day_of, number, time_s
from madoguchi.program.staffing.reading import text_of
from madoguchi.program.staffing.words import _
from madoguchi.science.staffing.shifts.people import OFF, Contract, Duty, Person, Worked
from madoguchi.science.staffing.shifts.rules import clock_min

_IN_JAPANESE = {
    "名前": "name",
    "氏名": "name",
    "契約": "contract",
    "週の時間": "week_hours",
    "1日の時間": "day_hours",
    "連勤": "days_in_row",
    "勤務間隔": "rest_hours",
    "月の残業": "overtime_month_hours",
    "4週の起算日": "four_weeks_from",
    "特別条項": "special_clause",
    "年の残業": "overtime_year_hours",
    "年の起算月": "year_from_month",
    "三交替": "rotating",
    "スキル": "skills",
    "休み": "days_off",
    "日付": "day",
    "シフト": "duty",
    "人数": "people",
    "希望": "wish",
    "開始": "begin",
    "終了": "end",
    "休憩": "break",
}
"""Headings as Japanese centres write them."""
_NO_WORK = {"", "off", "休", "休み"}
_SAID = {
    **dict.fromkeys(("yes", "true", "1", "○", "有", "あり", "はい"), True),
    **dict.fromkeys(("no", "false", "0", "×", "無", "なし", "いいえ"), False),
}
_DUTY = re.compile(r"([^=]+)=(\d{1,2}:\d\d)-(\d{1,2}:\d\d)(?:/([^@]+))?(?:@(.+))?")
_HOURS = re.compile(r" \d\d:\d\d–\d\d:\d\d$")
_DAY_MIN = 1440
_NONE: frozenset[str] = frozenset()


_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Line:
    """A line of a file, by the names of its columns."""

    file: str
    number: int
    values: dict[str, str]

    def read(self, column: str, how: Callable[[str], _Value], default: _Value) -> _Value:
        """What stands in `column`, or `default` where nothing does. Raises Unreadable with the place."""
        text = self.values.get(column, "")
        if not text:
            return default
        try:
            return how(text)
        except Unreadable as error:
            place = _("{file}, line {number}, column {column}:").format(
                file=self.file, number=self.number, column=column
            )
            raise Unreadable(f"{place} {error}") from error


def lines(name: str, *needed: str) -> Iterator[Line]:
    """The lines of a CSV in UTF-8 or Shift_JIS (- is the standard input). Raises Unreadable."""
    reader = csv.DictReader(io.StringIO(text_of(name), newline=""))
    heads = [_IN_JAPANESE.get(head.strip(), head.strip()) for head in reader.fieldnames or []]
    if missing := [column for column in needed if column not in heads]:
        raise Unreadable(_("{file} has no column {column}.").format(file=name, column=missing[0]))
    for row in reader:
        found = dict(zip(heads, (str(text or "").strip() for text in row.values()), strict=False))
        line = Line(name, reader.line_num, found)
        for column in needed:
            if not found.get(column) and column != "wish":
                raise Unreadable(
                    _("{file}, line {number}: {column} is empty.").format(
                        file=name, number=line.number, column=column
                    )
                )
        yield line


def a_minute(text: str) -> int:
    """Minutes from midnight; hours after midnight count on: 25:30. Raises Unreadable.

    >>> a_minute("7:00"), a_minute("31:00")
    (420, 1860)
    """
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text.strip())
    if found is None:
        raise Unreadable(_("“{text}” is no time of day. Write for instance 9:00 or 25:30.").format(text=text))
    return 60 * int(found[1]) + int(found[2])


def some_minutes(text: str) -> int:
    """A length; a bare number is minutes.

    >>> some_minutes("45"), some_minutes("1h")
    (45, 60)
    """
    return int(text) if text.strip().isdigit() else round(time_s(text) / 60)


def duty(text: str) -> Duty:
    """`NAME=BEGIN-END[/BREAK][@SKILL]`. Raises Unreadable, WrongShift."""
    found = _DUTY.fullmatch(text)
    if found is None:
        raise Unreadable(_("“{text}” is no shift. Write for instance early=7:00-16:00/1h.").format(text=text))
    name, begin, end, rest, skill = found.groups()
    hours = _hours(a_minute(begin), a_minute(end))
    return Duty(name.strip(), *hours, some_minutes(rest) if rest else 0, skill.strip() if skill else "")


def _hours(begin: int, end: int) -> tuple[int, int]:
    return begin, end if end > begin else end + _DAY_MIN


def people(name: str, duties: Iterable[Duty]) -> list[Person]:
    """The people of a CSV; only `name` is needed. Raises Unreadable, WrongShift."""
    known = [one.name for one in duties]
    return [_person(line, known) for line in lines(name, "name")]


def _person(line: Line, known: list[str]) -> Person:
    usual = Contract()

    def hours(column: str) -> float:
        return float(line.read(column, number, getattr(usual, column)))

    agreed = line.read("duties", _names, _NONE)
    # A pattern's name stands for all shifts of that pattern that covering found.
    duties = {one for one in known if one in agreed or _HOURS.sub("", one) in agreed}
    if agreed and not duties:
        raise Unreadable(
            _("{file}, line {number}: no shift is named {duties}.").format(
                file=line.file, number=line.number, duties=", ".join(sorted(agreed))
            )
        )
    contract = Contract(
        line.values.get("contract") or usual.name,
        hours("week_hours"),
        hours("day_hours"),
        line.read("days_in_row", lambda text: int(number(text)), usual.days_in_row),
        hours("rest_hours"),
        frozenset(duties),
        hours("overtime_month_hours"),
        line.read("four_weeks_from", day_of, None),
        line.read("rotating", _yes, False),
        line.read("special_clause", _yes, False),
        line.read("overtime_year_hours", number, None),
        line.read("year_from_month", lambda text: int(number(text)), usual.year_from_month),
    )
    skills = line.read("skills", _names, _NONE)
    return Person(line.values["name"], contract, skills, line.read("days_off", _days, frozenset()))


def _yes(text: str) -> bool:
    if text.strip().lower() not in _SAID:
        raise Unreadable(_("“{text}” is neither yes nor no.").format(text=text))
    return _SAID[text.strip().lower()]


def _names(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in re.split("[;；、,]", text) if part.strip())


def _days(text: str) -> frozenset[date]:
    return frozenset(day_of(part) for part in _names(text))


def wishes(name: str) -> dict[str, dict[date, str]]:
    """Person → day → shift, or `OFF`."""
    found: dict[str, dict[date, str]] = {}
    for line in lines(name, "name", "day", "wish"):
        wish = line.values["wish"]
        day = line.read("day", day_of, date.min)
        found.setdefault(line.values["name"], {})[day] = OFF if wish.lower() in _NO_WORK else wish
    return found


def earlier(name: str) -> dict[tuple[str, date], Worked]:
    """Shifts that stand already; the roster that was written last month can be read as it is."""
    found = {}
    for line in lines(name, "name", "day", "begin", "end"):
        hours = _hours(line.read("begin", a_minute, 0), line.read("end", a_minute, 0))
        rest = line.read("break", some_minutes, 0)
        found[line.values["name"], line.read("day", day_of, date.min)] = Worked(*hours, rest)
    return found


def required(name: str) -> Counter[tuple[date, str]]:
    """(day, shift) → people."""
    need: Counter[tuple[date, str]] = Counter()
    for line in lines(name, "day", "duty", "people"):
        many = line.read("people", number, 0.0)
        if many != int(many) or many < 0:
            line.read("people", _no_people, 0)
        need[line.read("day", day_of, date.min), line.values["duty"]] += int(many)
    return need


def _no_people(text: str) -> int:
    raise Unreadable(_("“{text}” is no whole number of people.").format(text=text))


@dataclass(frozen=True)
class Covered:
    """What `staffing shifts --json` found, by day."""

    duties: list[Duty]
    need: Counter[tuple[date, str]]
    breaks: dict[tuple[date, str], list[str]]
    """The breaks of each person on that shift, as text."""


def covering(name: str, first: date | None) -> Covered:
    """The shifts of a covering, from midnight of `first`, or of the day that it names. Raises Unreadable."""
    try:
        told: dict[str, Any] = json.loads(text_of(name))
        begins = first or (date.fromisoformat(told["first"]) if "first" in told else None)
        read = [_covered(shift, begins) for shift in told["shifts"]] if begins else []
    except (ValueError, KeyError, TypeError) as error:
        text = _("{file} is not what staffing shifts --json writes.").format(file=name)
        raise Unreadable(text) from error
    if begins is None:
        raise Unreadable(_("Give --first: the day whose midnight the covering begins with."))
    duties = list(dict.fromkeys(one for one, _day, _breaks, _many in read))
    need: Counter[tuple[date, str]] = Counter()
    breaks: dict[tuple[date, str], list[str]] = {}
    for one, day, rests, many in read:
        need[day, one.name] += many
        breaks.setdefault((day, one.name), []).extend([rests] * many)
    return Covered(duties, need, breaks)


def _covered(shift: dict[str, Any], first: date) -> tuple[Duty, date, str, int]:
    start, end = (round(shift[key] / 60) for key in ("start", "end"))
    day, begin = divmod(start, _DAY_MIN)
    end -= day * _DAY_MIN
    rests = [[round(at / 60) - day * _DAY_MIN for at in rest] for rest in shift["breaks"]]
    said = " ".join("–".join(clock_min(at) for at in rest) for rest in rests)
    minutes = sum(until - since for since, until in rests)
    one = Duty(f"{shift['kind']} {clock_min(begin)}–{clock_min(end)}", begin, end, minutes)
    return one, first + timedelta(days=day), said, int(shift["people"])
