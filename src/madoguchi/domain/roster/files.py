"""Rosters and needs as files of a spreadsheet: bytes in, cells out, and back. No database.

Centres plan in Excel: a line a person, a column a day, a mark in the cell. UTF-8 or Shift_JIS. What is not
understood is named with its place, and then nothing of the file is taken in.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from madoguchi.domain.roster.cells import OFF_MARKS, Cell, clock
from madoguchi.domain.roster.errors import FileRefused
from madoguchi.domain.roster.models import ShiftType
from madoguchi.domain.roster.sheet import Sheet, Square
from madoguchi.domain.roster.states import OffKind
from madoguchi.kit.spreadsheets import plain_cell, safe_cell
from madoguchi.kit.text_files import decoded

MOST_BYTES = 2 * 1024 * 1024
_MOST_SAID = 5
_DAY = re.compile(r"(?:(\d{4})[-/年])?(\d{1,2})[-/月](\d{1,2})日?")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})[-~](\d{1,2}):(\d{2})")
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?時?")
_OFF_WORDS = {
    "休": OffKind.REST,
    "公休": OffKind.REST,
    "公": OffKind.REST,
    "有給": OffKind.PAID,
    "有": OffKind.PAID,
    "年休": OffKind.PAID,
    "特休": OffKind.SPECIAL,
    "特別休暇": OffKind.SPECIAL,
    "代休": OffKind.COMPENSATORY,
    "代": OffKind.COMPENSATORY,
    "振休": OffKind.COMPENSATORY,
    "欠勤": OffKind.ABSENT,
    "欠": OffKind.ABSENT,
}


def read_table(
    raw: bytes, people: Mapping[str, int], types: Sequence[ShiftType], days: Sequence[date]
) -> list[tuple[int, date, Cell]]:
    """The cells of a table with names at the left and days at the top. Raises FileRefused.

    `people`: name and log-in name → account. Columns that are no day of `days` are left out.
    """
    lines = _lines(raw)
    known = {_plain(name): account for name, account in people.items()}
    marks = {_plain(word): one for one in types for word in (one.mark, one.name)}
    head = next((at for at, line in enumerate(lines) if _columns(line, days)), None)
    if head is None:
        raise FileRefused(mistakes=_("No line with the days of this roster was found."))
    columns = _columns(lines[head], days)
    found: list[tuple[int, date, Cell]] = []
    mistakes: list[str] = []
    for number, line in enumerate(lines[head + 1 :], start=head + 2):
        names = [known[_plain(cell)] for cell in line[: min(columns)] if _plain(cell) in known]
        if not any(line):
            continue
        if not names:
            mistakes.append(_("Line {line}: nobody is called “{name}”.").format(line=number, name=line[0]))
            continue
        for place, day in columns.items():
            text = line[place] if place < len(line) else ""
            cell = _cell(text, marks)
            if cell is None:
                words = _("Line {line}, {day}: “{text}” is neither a shift nor a day off.")
                said = date_format(day, "n/j")
                mistakes.append(words.format(line=number, day=said, text=text))
            else:
                found.append((names[0], day, cell))
    _refuse(mistakes)
    return found


def read_required(raw: bytes, days: Sequence[date]) -> dict[str, list[float]]:
    """Lines of day, time, people → day → people in each half-hour. Raises FileRefused.

    What is not in the file is 0; lines of other days, and the headings, are left out.
    """
    found: dict[str, list[float]] = {}
    mistakes: list[str] = []
    for number, line in enumerate(_lines(raw), start=1):
        if not any(line):
            continue
        day = _day(line[0], days)
        time = _TIME.fullmatch(_plain(line[1])) if len(line) > 2 else None
        many = _number(line[2]) if len(line) > 2 else None
        if number == 1 and day is None:
            continue
        if time is None or many is None or int(time[1]) > 23 or int(time[2] or 0) not in (0, 30):
            mistakes.append(_("Line {line}: a day, a half-hour and a number are needed.").format(line=number))
        elif day is not None:
            line_of = found.setdefault(str(day), [0.0] * 48)
            line_of[2 * int(time[1]) + int(time[2] or 0) // 30] = many
    if not found and not mistakes:
        mistakes.append(_("The file has none of the days of this roster."))
    _refuse(mistakes)
    return found


def table_of(sheet: Sheet) -> Iterator[list[str]]:
    """The sheet as lines of such a file, headings first."""
    yield [_("Name"), _("Log-in name"), *(str(day) for day in sheet.days)]
    for line in sheet.lines:
        squares = [safe_cell(text_of(square)) for square in line.squares]
        yield [safe_cell(line.account.name), safe_cell(line.account.username), *squares]


def text_of(square: Square) -> str:
    """One cell of the file: 早, 早 8:30-15:00(12:00-12:45), 休."""
    if square.shift is None:
        return OFF_MARKS[OffKind(square.off)] if square.off else ""
    mark = square.shift.shift_type.mark
    if not square.other_hours:
        return mark
    breaks = "".join(f"({clock(begin)}-{clock(end)})" for begin, end in square.shift.breaks)
    return f"{mark} {clock(square.shift.begin_min)}-{clock(square.shift.end_min)}{breaks}"


def _lines(raw: bytes) -> list[list[str]]:
    if len(raw) > MOST_BYTES:
        raise FileRefused(mistakes=_("It is larger than 2 MB."))
    text = decoded(raw)
    if text is None:
        raise FileRefused(mistakes=_("It is neither UTF-8 nor Shift_JIS."))
    mark = "\t" if text.split("\n", 1)[0].count("\t") else ","
    return [
        [plain_cell(cell.strip()) for cell in line] for line in csv.reader(io.StringIO(text), delimiter=mark)
    ]


def _columns(line: Sequence[str], days: Sequence[date]) -> dict[int, date]:
    found = {place: _day(cell, days) for place, cell in enumerate(line) if place}
    return {place: day for place, day in found.items() if day is not None}


def _day(text: str, days: Sequence[date]) -> date | None:
    """The day of `days` that is meant; without a year the one that fits."""
    found = _DAY.match(_plain(text))
    if found is None:
        return None
    year, month, number = (int(part) if part else None for part in found.groups())
    fits = (day for day in days if (day.month, day.day) == (month, number) and year in (None, day.year))
    return next(fits, None)


def _cell(text: str, marks: Mapping[str, ShiftType]) -> Cell | None:
    plain = _plain(text)
    if plain in ("", "-", "/"):
        return Cell()
    if plain in _OFF_WORDS:
        return Cell(off=_OFF_WORDS[plain])
    if plain in marks:
        return Cell(marks[plain].pk)
    stretches = [_stretch(found) for found in _HOURS.finditer(plain)]
    word = _HOURS.sub("", plain).replace("()", "").strip("()、,")
    one = marks.get(word)
    if not stretches or (word and one is None):
        return None
    if one is None:
        one = next((kind for kind in marks.values() if (kind.begin_min, kind.end_min) == stretches[0]), None)
        return Cell(one.pk) if one else None
    return Cell(one.pk, stretches[0], tuple(stretches[1:]))


def _stretch(found: re.Match[str]) -> tuple[int, int]:
    hours = [int(part) for part in found.groups()]
    begin, end = 60 * hours[0] + hours[1], 60 * hours[2] + hours[3]
    return begin, end if end > begin else end + 1440


def _number(text: str) -> float | None:
    try:
        many = float(_plain(text))
    except ValueError:
        return None
    return many if 0 <= many <= 10_000 else None


def _plain(text: Any) -> str:
    """Without spaces, in one width: 佐藤　恵 and 佐藤 恵 are one."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(text))).replace("〜", "~").replace("–", "-")


def _refuse(mistakes: Sequence[str]) -> None:
    if mistakes:
        more = len(mistakes) - _MOST_SAID
        said = [*mistakes[:_MOST_SAID], *([_("and {n} more").format(n=more)] if more > 0 else [])]
        raise FileRefused(mistakes=" ".join(said))
