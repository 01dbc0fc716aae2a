"""Reading a CSV file of customers: bytes in, rows and errors by line out, one after the other. No database.

Whatever the file's size, no more of it is held than one line.

Such files come out of Excel, of shop systems and of older telephone systems: UTF-8 with or without a mark,
UTF-16, Shift_JIS; with commas, tabs or semicolons; with headings in Japanese or English. What cannot be taken
in is named with its line, and nothing is guessed silently.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import chain
from typing import IO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from madoguchi.domain.customers.birth_dates import read_birth_date
from madoguchi.domain.customers.errors import FileUnreadable, NumberNotWhole
from madoguchi.domain.customers.import_headings import heading_of
from madoguchi.kit.phone_numbers import Bare, PhoneNumber, TrunkRules, parse
from madoguchi.kit.spreadsheets import plain_cell

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_LINE = 500_000
"""Letters of one line, with the line breaks in its cells; what is longer has lost a quotation mark."""
MOST_ERRORS = 200
"""Errors shown; a file with more is the wrong file."""
TOLD_EVERY = 5000
_BLOCK = 1 << 16
LONGEST = {
    "name": 80,
    "name_kana": 120,
    "company": 120,
    "department": 80,
    "postal_code": 8,
    "address": 200,
    "email": 254,
    "external_id": 60,
    "note": 4000,
    "important": 200,
}

# A spreadsheet that took a number for a number dropped its leading 0.
_LOST_ZERO = TrunkRules(bare=Bare.SIGNIFICANT)
_FORMULA = re.compile(r"[=@]|[+-](?![\d(（])|\t|\r")


@dataclass(slots=True)
class Row:
    """One customer as a file tells them; empty text: the file says nothing of it."""

    line: int
    name: str = ""
    name_kana: str = ""
    company: str = ""
    department: str = ""
    postal_code: str = ""
    address: str = ""
    email: str = ""
    external_id: str = ""
    note: str = ""
    important: str = ""
    birth_date: date | None = None
    numbers: list[PhoneNumber] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in one line, in words for the person who holds the file."""

    line: int
    words: str


@dataclass(slots=True)
class Reading:
    """A file that is being read: what is counted here is whole when `rows` has come to its end."""

    encoding: str
    columns: dict[str, str]
    """Heading as in the file → the field it fills, in the file's order; '' for a column that is left out."""
    rows: Iterator[Row] = field(default_factory=lambda: iter(()))
    """Once; raises FileUnreadable at a line that is no CSV, or at the end of a file without customers."""
    good_lines: int = 0
    mistakes: list[Mistake] = field(default_factory=list)
    mistaken_lines: int = 0
    """How many lines are left out; `mistakes` lists at most `MOST_ERRORS` of what is wrong."""


TEXT_FIELDS = [each.name for each in fields(Row) if each.name not in {"line", "birth_date", "numbers"}]


def read(content: IO[bytes], *, passed: Callable[[int], None] = lambda _lines: None) -> Reading:
    """Begin to read a file. Raises `FileUnreadable` when nothing of it can be taken in.

    `passed` is told now and then how many lines are read.
    """
    encoding, name = encoding_of(content)
    content.seek(0)
    lines = _lines(io.TextIOWrapper(content, encoding, newline=""))
    headings = _headings(lines)
    reading = Reading(name, {heading.strip(): heading_of(heading) for heading in headings})
    targets = [heading_of(heading) for heading in headings]
    if not {"name", "name_kana", "family_name", "company"} & set(targets):
        raise FileUnreadable(why=_("the first line names no column for the name (氏名, フリガナ or 会社名)."))
    reading.rows = _rows(reading, targets, lines, passed)
    return reading


def _rows(
    reading: Reading,
    targets: list[str],
    lines: Iterator[tuple[int, list[str]]],
    passed: Callable[[int], None],
) -> Iterator[Row]:
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if reading.good_lines + reading.mistaken_lines >= MOST_ROWS:
            raise FileUnreadable(why=_("it has more than {most} lines.").format(most=f"{MOST_ROWS:,}"))
        row, wrong = _row(line, targets, cells)
        if wrong:
            reading.mistaken_lines += 1
            room = MOST_ERRORS - len(reading.mistakes)
            reading.mistakes += [Mistake(line, words) for words in wrong[: max(room, 0)]]
        else:
            reading.good_lines += 1
            yield row
        if line % TOLD_EVERY == 0:
            passed(line)
    if not reading.good_lines and not reading.mistakes:
        raise FileUnreadable(why=_("it has a line of headings but no customers."))


def blocks(content: IO[bytes]) -> Iterator[bytes]:
    """The whole file from its beginning, in pieces."""
    content.seek(0)
    while block := content.read(_BLOCK):
        yield block


def encoding_of(content: IO[bytes]) -> tuple[str, str]:
    """Python's and our name of a text file's encoding. Raises `FileUnreadable`."""
    if content.seek(0, io.SEEK_END) > MOST_BYTES:
        raise FileUnreadable(why=_("it is larger than {most} MB.").format(most=MOST_BYTES // 1024 // 1024))
    if not any(block.strip() for block in blocks(content)):
        raise FileUnreadable(why=_("it is empty."))
    content.seek(0)
    start = content.read(4)
    if start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise FileUnreadable(why=_("it is an Excel workbook. Please save it as CSV first."))
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    named = next((name for mark, name in marks.items() if start.startswith(mark)), None)
    # cp932 accepts much that is no Shift_JIS at all, UTF-8 nearly nothing but itself: the strict one first.
    for encoding in [named] if named else ["utf-8", "cp932"]:
        if _is_text_in(encoding, content):
            return encoding, {"utf-8-sig": "UTF-8", "cp932": "Shift_JIS"}.get(encoding, encoding.upper())
    raise FileUnreadable(why=_("it is neither UTF-8 nor Shift_JIS text."))


def _is_text_in(encoding: str, content: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    holds_nul = False
    try:
        for block in chain(blocks(content), [b""]):
            holds_nul |= "\0" in decoder.decode(block, final=not block)
    except UnicodeDecodeError:
        return False
    if holds_nul:
        raise FileUnreadable(why=_("it holds NUL bytes, as no text file does."))
    return True


class _Pieces:
    """Lines of a text for the CSV reader, which asks for more until its own line, a record, is whole."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.length = 0
        """Letters given out for the record under way."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        piece = self._text.readline(LONGEST_LINE + 1 - self.length)
        self.length += len(piece)
        if self.length > LONGEST_LINE:
            raise csv.Error(_("longer than {most} letters").format(most=f"{LONGEST_LINE:,}"))
        if not piece:
            raise StopIteration
        return piece


def _lines(text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    """Cells of each line with its number in the file, where a quoted line break counts too."""
    first = text.readline(LONGEST_LINE)
    delimiter = max("\t;,", key=first.count)
    text.seek(0)
    pieces = _Pieces(text)
    reader = csv.reader(pieces, delimiter=delimiter, strict=True)
    before = 0
    while True:
        pieces.length = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            words = _("line {line} is not CSV ({error}).")
            raise FileUnreadable(why=words.format(line=before + 1, error=error)) from error
        if len(cells) > MOST_COLUMNS:
            words = _("line {line} has more than {most} columns.")
            raise FileUnreadable(why=words.format(line=before + 1, most=MOST_COLUMNS))
        yield before + 1, cells
        before = reader.line_num


def _headings(lines: Iterator[tuple[int, list[str]]]) -> list[str]:
    for _line, cells in lines:
        if any(cell.strip() for cell in cells):
            return cells
    raise FileUnreadable(why=_("it is empty."))


def _row(line: int, targets: list[str], cells: list[str]) -> tuple[Row, list[str]]:
    row, wrong = Row(line), []
    if len(cells) > len(targets) and any(cell.strip() for cell in cells[len(targets) :]):
        wrong.append(_("has more cells than there are headings."))
    parts: dict[str, str] = {}
    meant: set[str] = set()
    for target, cell in zip(targets, cells, strict=False):
        bare = _bare(cell)
        value = plain_cell(bare)
        if value != bare:
            meant.add(value)
        if not target or not value:
            continue
        if target == "number":
            wrong += _add_number(row, value)
        elif target == "birth_date":
            row.birth_date = read_birth_date(value)
            if row.birth_date is None:
                wrong.append(_("“{value}” is no date.").format(value=value[:40]))
        else:
            parts[target] = value
    _fill(row, parts)
    return row, wrong + _wrong_texts(row, meant)


def _bare(cell: str) -> str:
    """The cell without blanks, and without the ="…" by which systems keep Excel from eating a 0."""
    value = cell.strip().strip("\u3000\ufeff")
    kept = re.fullmatch(r'="([^"]*)"', value)
    return kept.group(1).strip() if kept else value


def _add_number(row: Row, value: str) -> list[str]:
    number = parse(value)
    if number.e164 is None:
        number = parse(value, _LOST_ZERO)
    if number.e164 is None and number.is_known:
        return [NumberNotWhole(number=value[:40]).shown()]
    if number.e164 is None:
        return [_("“{value}” is no telephone number.").format(value=value[:40])]
    if number.e164 not in {known.e164 for known in row.numbers}:
        row.numbers.append(number)
    return []


def _fill(row: Row, parts: dict[str, str]) -> None:
    for name in TEXT_FIELDS:
        if name in parts:
            setattr(row, name, parts[name])
    row.name = row.name or " ".join(filter(None, [parts.get("family_name"), parts.get("given_name")]))
    kana = " ".join(filter(None, [parts.get("family_kana"), parts.get("given_kana")]))
    row.name_kana = row.name_kana or kana


def _wrong_texts(row: Row, meant: set[str]) -> list[str]:
    """What is wrong with the texts; `meant` are those that somebody marked as no formula."""
    wrong = []
    for name in TEXT_FIELDS:
        value = getattr(row, name)
        if len(value) > LONGEST[name]:
            words = _("{field} is longer than {most} characters.")
            wrong.append(words.format(field=name, most=LONGEST[name]))
        if name != "note" and value not in meant and _FORMULA.match(value):
            wrong.append(_("“{value}” looks like a formula, not like text.").format(value=value[:40]))
    if not (row.name or row.name_kana or row.company):
        wrong.append(_("has neither a name nor a company."))
    if row.email:
        try:
            validate_email(row.email)
        except ValidationError:
            wrong.append(_("“{value}” is no e-mail address.").format(value=row.email[:40]))
    return wrong
