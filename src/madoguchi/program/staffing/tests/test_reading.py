"""Files as they come: from Excel, from elsewhere, from a pipe; and days as they are typed."""

import io
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from madoguchi.program.staffing import staffing
from madoguchi.program.staffing.quantities import Unreadable, day_of
from madoguchi.program.staffing.reading import text_of

pytestmark = pytest.mark.pure

TEXT = "名前,休み\r\n髙橋①,休\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_both_encodings_are_read_and_no_mark_stays_before_the_first_column(
    encoding: str, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(TEXT.encode(encoding))
    assert text_of(str(file)) == TEXT


def test_what_is_neither_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"name\n\x81\n")
    with pytest.raises(Unreadable, match="neither UTF-8 nor Shift_JIS"):
        text_of(str(file))


def test_a_dash_is_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(TEXT.encode("cp932"))))
    assert text_of("-") == TEXT


@pytest.mark.parametrize(
    ("model", "heading"),
    [
        ("erlang-c --handle 3min --agents 9", "時刻,着信数"),
        ("shifts --pattern short=1h", "時刻,need"),
        ("offered-load --handle 3min", "時刻,着信数"),
    ],
)
def test_every_command_reads_what_excel_saves_in_japan(model: str, heading: str) -> None:
    lines = f"{heading}\n9時,1\n9時半,1\n".encode("cp932")
    result = CliRunner().invoke(staffing, [*model.split(), "--csv", "-"], input=lines)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("text", ["2026-11-04", "2026/11/04", "2026-11-4", " 2026/11/4 ", "20261104"])
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert day_of(text) == date(2026, 11, 4)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "2026-2-30", "2026-11", "11-4"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="is no day"):
        day_of(text)
