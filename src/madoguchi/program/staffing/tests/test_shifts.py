"""`madoguchi staffing shifts`: what is typed, what comes back, and what is refused."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madoguchi.program.main import program
from madoguchi.program.staffing import words
from madoguchi.program.staffing.tests.japanese import Japanese
from madoguchi.program.translations import merge
from madoguchi.science.staffing.shifts import errors
from madoguchi.science.staffing.shifts.rules import COVER_MESSAGES

pytestmark = pytest.mark.pure


def run(line: str) -> Result:
    return CliRunner().invoke(program, ["staffing", "shifts", *line.split()])


def test_the_cheapest_shifts_come_back() -> None:
    result = run("--need 0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,2,2,1 --pattern short=1h --json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["cost"], found["proven"]) == (6.0, True)
    assert sum(shift["people"] for shift in found["shifts"]) == 3
    assert all(here >= asked for here, asked in zip(found["present"], found["need"], strict=True))


def test_breaks_and_a_file_are_read(tmp_path: Path) -> None:
    file = tmp_path / "need.csv"
    file.write_text("time,need\n" + "".join(f"{at},1\n" for at in range(8)))
    result = run(f"--csv {file} --pattern day=4h/30min@1h-2h --pattern short=1h --limit day>=1")
    assert result.exit_code == 0, result.output
    assert "  day 1: 00:00–04:00 / 0" in result.stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--pattern a=1h", "--need"),
        ("--need 1,x --pattern a=1h", "x"),
        ("--need 1 --pattern a", "short=4h"),
        ("--need 1 --pattern a=20min", "20min"),
        ("--need 1 --pattern a=1h --limit b<=2", "b<=2"),
        ("--need 1 --pattern a=9h", "a"),
        ("--need 3 --pattern a=1h --limit a<=2", "- need day 1 00:00\n- a<=2"),
        ("--need 3 --pattern a=1h --seats 2", "- seats day 1 00:00"),
    ],
)
def test_what_cannot_be_is_refused_in_words(line: str, said: str) -> None:
    result = run(line)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_every_refusal_is_translated() -> None:
    known = {entry.message for entry in merge() if entry.translated[0]}
    assert {errors.WrongShift.message, errors.RulesClash.message, errors.NotFoundInTime.message} <= known
    assert set(COVER_MESSAGES.values()) - {"{name}"} <= known


def test_a_clash_is_said_in_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_catalogue", Japanese)
    result = run("--need 0,3 --pattern a=30min --limit a<=2")
    assert result.exit_code == 2
    assert "次の条件をすべて満たすシフトはありません:\n- 1日目 00:30 の必要人数\n- a<=2\n" in result.stderr
    assert " day " not in result.stderr
