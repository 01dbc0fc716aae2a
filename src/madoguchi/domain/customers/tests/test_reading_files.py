"""Files of customers as they come: any encoding, headings of many systems, and hostile ones."""

import doctest
import io
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.domain.customers import birth_dates, import_file, import_headings
from madoguchi.domain.customers.errors import FileUnreadable, NumberNotWhole
from madoguchi.domain.customers.import_file import MOST_BYTES, MOST_ERRORS, Mistake, Row

pytestmark = pytest.mark.pure

PLAIN = (
    "顧客番号,氏名,フリガナ,電話番号,携帯,生年月日,色\n"
    "C-1,髙橋 花子,タカハシ ハナコ,03-1234-5678,09012345678,S55.1.2,赤\n"
)


@dataclass
class Whole:
    """A file, read to its end."""

    encoding: str
    columns: dict[str, str]
    rows: list[Row]
    mistakes: list[Mistake]
    mistaken_lines: int


def read(content: bytes) -> Whole:
    reading = import_file.read(io.BytesIO(content))
    rows = list(reading.rows)
    return Whole(reading.encoding, reading.columns, rows, reading.mistakes, reading.mistaken_lines)


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp932", "Shift_JIS"), ("utf-16", "UTF-16")],
)
def test_each_usual_encoding_is_read(encoding: str, named: str) -> None:
    reading = read(PLAIN.encode(encoding))
    row = reading.rows[0]
    assert (reading.encoding, row.name, row.line) == (named, "髙橋 花子", 2)
    assert [number.e164 for number in row.numbers] == ["+81312345678", "+819012345678"]
    assert str(row.birth_date) == "1980-01-02"
    assert reading.columns["色"] == ""


@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
def test_tabs_and_semicolons_part_cells_too(delimiter: str) -> None:
    reading = read(
        delimiter.join(["Name", "Phone"]).encode() + b"\n" + delimiter.join(["Ann", "0312345678"]).encode()
    )
    assert (reading.rows[0].name, len(reading.rows[0].numbers)) == ("Ann", 1)


def test_names_in_two_columns_become_one() -> None:
    row = read("姓,名,セイ,メイ\n鈴木,一郎,スズキ,イチロウ\n".encode()).rows[0]
    assert (row.name, row.name_kana) == ("鈴木 一郎", "スズキ イチロウ")


def test_a_zero_that_a_spreadsheet_ate_is_given_back() -> None:
    row = read('氏名,TEL\n鈴木,9012345678\n佐藤,"=""0312345678"""\n'.encode()).rows
    assert [each.numbers[0].e164 for each in row] == ["+819012345678", "+81312345678"]


def test_every_mistake_has_its_line() -> None:
    text = "氏名,電話,メール,生年月日\n,,a@b.jp,\n鈴木,あいう,,\n"
    text += "佐藤,,だめ,\n田中,,,2/30\n\n高橋,0312345678,,\n=SUM(A1),,,\n"
    reading = read(text.encode())
    assert [mistake.line for mistake in reading.mistakes] == [2, 3, 4, 5, 8]
    assert (len(reading.rows), reading.rows[0].line, reading.mistaken_lines) == (1, 7, 5)


def test_a_line_break_inside_a_cell_counts_as_a_line() -> None:
    reading = read('氏名,備考\n鈴木,"一\n二"\n,x\n'.encode())
    assert reading.rows[0].note == "一\n二"
    assert reading.mistakes[0].line == 4


def unreadable(content: bytes) -> FileUnreadable:
    with pytest.raises(FileUnreadable) as refusal:
        read(content)
    return refusal.value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n\n ",
        b"a" * (MOST_BYTES + 1),
        "氏名\n鈴\0木".encode(),
        b"PK\x03\x04 workbook",
        b"\x81\x00\xff\xfe\xfd",
        "色,形\n赤,丸\n".encode(),
        "氏名,電話\n".encode(),
        ",".join(["氏名"] * 1_000_000).encode(),
        ("氏名\n" + ",".join(["x"] * 1_000_000)).encode(),
        '氏名\n"never closed'.encode(),
        ('氏名\n"' + "x" * 200_000 + '"').encode(),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_a_file_that_is_none_is_refused_in_words(content: bytes) -> None:
    assert unreadable(content).data["why"]


def test_a_wrong_file_does_not_list_a_million_mistakes() -> None:
    reading = read(("氏名,電話\n" + ",\n,x\n" * 5000).encode())
    assert len(reading.mistakes) == MOST_ERRORS
    assert reading.mistaken_lines == 5000


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        reading = read("氏名,電話\n".encode() + content)
    except FileUnreadable:
        return
    assert all(row.line > 1 for row in reading.rows)


@pytest.mark.parametrize("module", [birth_dates, import_headings])
def test_the_worked_examples_are_right(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("text", ["2/30", "昭和99年13月1日", "", "1980-02-30", "80/1/2"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert birth_dates.read_birth_date(text) is None


def test_the_first_year_of_an_era_may_be_written_gannen() -> None:
    assert str(birth_dates.read_birth_date("令和元年5月1日")) == "2019-05-01"
    assert str(birth_dates.read_birth_date("19800102")) == "1980-01-02"


@pytest.mark.parametrize("text", ["1", "20269999", "1234"])
def test_a_number_without_its_area_code_is_told_as_in_the_form(text: str) -> None:
    reading = read(f"氏名,電話番号\n高橋 花子,{text}\n".encode())
    assert reading.rows == []
    assert [mistake.words for mistake in reading.mistakes] == [NumberNotWhole(number=text).shown()]
