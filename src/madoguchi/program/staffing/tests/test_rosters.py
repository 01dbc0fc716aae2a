"""`madoguchi staffing roster`: files in, a roster out, and what is refused, in words."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madoguchi.program.main import program
from madoguchi.program.staffing import words
from madoguchi.program.staffing.tests.japanese import Japanese
from madoguchi.program.translations import merge
from madoguchi.science.staffing.shifts import errors
from madoguchi.science.staffing.shifts.rules import MESSAGES

pytestmark = pytest.mark.pure

PEOPLE = "name,skills,days_off,week_hours\nSato,English,2026-11-30,\nIto,,2026/11/30,24\nAbe,English;chat,,\n"
REQUIRED = "day,duty,people\n2026-11-29,early,1\n2026-11-29,desk,1\n2026-11-30,early,1\n"
DUTIES = ["--duty", "early=7:00-16:00/1h", "--duty", "desk=9:00-18:00/1h@English"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "required.csv").write_text(REQUIRED)
    return tmp_path


def run(*line: str) -> Result:
    return CliRunner().invoke(program, ["staffing", *line])


def roster(*more: str) -> Result:
    return run("roster", "--people", "people.csv", "--required", "required.csv", *DUTIES, *more)


def test_a_roster_comes_back_as_a_csv(folder: Path) -> None:
    (folder / "wishes.csv").write_text("name,day,wish\nAbe,2026-11-30,early\nIto,2026-11-30,early\n")
    result = roster("--wishes", "wishes.csv")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["day"], row["duty"]) for row in rows] == [
        ("2026-11-29", "desk"),
        ("2026-11-29", "early"),
        ("2026-11-30", "early"),
    ]
    assert rows[0]["name"] in {"Sato", "Abe"}
    assert (rows[2]["name"], rows[2]["begin"], rows[2]["end"], rows[2]["break"]) == (
        "Abe",
        "07:00",
        "16:00",
        "60",
    )
    assert "3 shifts for 3 people" in result.stderr
    assert "1 of 2 wishes kept" in result.stderr
    assert "1 wishes stand against a day off" in result.stderr


def test_what_was_written_is_read_as_earlier(folder: Path) -> None:
    (folder / "people.csv").write_text("name\nSato\n")
    (folder / "required.csv").write_text("day,duty,people\n2026-11-28,night,1\n")
    night = ["--duty", "night=22:00-7:00/60", "--duty", "early=7:00-16:00/1h"]
    files = ["--people", "people.csv", "--required", "required.csv", *night]
    assert run("roster", *files, "--output", "last.csv", "--json").exit_code == 0
    (folder / "required.csv").write_text("day,duty,people\n2026-11-29,early,1\n")
    assert run("roster", *files).exit_code == 0
    result = run("roster", *files, "--earlier", "last.csv", "--json")
    assert result.exit_code == 2
    assert "- rest of Sato after 22:00–31:00 on 2026-11-28" in result.stderr
    assert [rule["rule"] for rule in json.loads(result.stdout)["clash"]] == ["need", "rest between shifts"]


def test_a_year_of_earlier_shifts_counts_for_overtime(folder: Path) -> None:
    (folder / "people.csv").write_text(
        "名前,1日の時間,週の時間,月の残業,特別条項,年の残業,年の起算月,三交替\nSato,12,60,60,有,100,1,なし\n"
    )
    (folder / "required.csv").write_text("day,duty,people\n2026-11-30,long,1\n")
    weeks = [f"2026-{month:02d}-{at:02d}" for month in (1, 2, 3) for at in range(9, 14)]
    worked = "".join(f"Sato,{on},8:00,24:00,1h\n" for on in weeks)
    (folder / "earlier.csv").write_text(f"name,day,begin,end,break\n{worked}")
    files = ["--people", "people.csv", "--required", "required.csv", "--duty", "long=8:00-18:00/1h"]
    assert run("roster", *files).exit_code == 0
    result = run("roster", *files, "--earlier", "earlier.csv")
    assert result.exit_code == 2
    assert "- overtime of Sato in the year from 2026-01-01" in result.stderr


def test_a_clash_of_many_is_said_in_japanese_and_in_few_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "people.csv").write_text(
        "name,days_off,week_hours\n" + "".join(f"P{at},2026-11-29,8\n" for at in range(9))
    )
    (folder / "required.csv").write_text(
        "day,duty,people\n" + "".join(f"2026-12-0{at},early,3\n" for at in range(1, 6))
    )
    monkeypatch.setattr(words, "_catalogue", Japanese)
    result = run(
        "roster", "--people", "people.csv", "--required", "required.csv", "--duty", "early=7:00-16:00/1h"
    )
    assert result.exit_code == 2
    assert "次の条件をすべて満たすシフト表はありません" in result.stderr
    assert "- 2026-12-01 – 2026-12-05 の「early」に 15 人" in result.stderr
    assert "- 3名のほかP0, P1, P2, P3, P4 さんの" in result.stderr
    assert result.stderr.count("\n- ") == 2


def test_a_covering_becomes_a_roster(folder: Path) -> None:
    line = f"--need {','.join(['0'] * 18 + ['2'] * 18)} --pattern long=9h/1h@3h-5h --pattern short=2h --json"
    (folder / "plan.json").write_text(run("shifts", *line.split()).stdout)
    (folder / "people.csv").write_text("名前,契約\n" + "".join(f"P{at},c\n" for at in range(6)), "cp932")
    plan = ["--covering", "plan.json", "--first", "2026-12-01"]
    result = run("roster", "--people", "people.csv", *plan, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    long = [row for row in found["roster"] if row["duty"].startswith("long")]
    assert long
    assert all(row["breaks"] and row["break"] == 60 for row in long)
    assert found["left_open"] == []
    assert sum(one["hours"] for one in found["people"]) >= 18


def test_people_missing_are_told_where_they_may_be(folder: Path) -> None:
    (folder / "people.csv").write_text(PEOPLE.replace("2026/11/30", ""))
    (folder / "required.csv").write_text(REQUIRED + "2026-11-30,desk,2\n")
    result = roster("--partial", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["left_open"] == [{"day": "2026-11-30", "duty": "desk", "people": 1}]
    assert {rule["rule"] for rule in found["clash"]} == {"need of people who can", "day off"}
    assert "Left open: 1 × desk on 2026-11-30" in result.stderr


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("people.csv", "who\nSato\n", "no column name"),
        ("people.csv", "name,days_off\nSato,2026-13-01\n", "line 2, column days_off: “2026-13-01”"),
        ("people.csv", "name,duties\nSato,erly\n", "no shift is named erly"),
        ("people.csv", "name,overtime_month_hours\nSato,120\n", "100 hours"),
        ("people.csv", "name,overtime_month_hours\nSato,60\n", "special clause"),
        ("people.csv", "name,special_clause\nSato,perhaps\n", "“perhaps” is neither yes nor no"),
        ("people.csv", "name,year_from_month\nSato,13\n", "1 to 12"),
        ("people.csv", "name\nSato\nSato\n", "more than once"),
        ("required.csv", "day,duty,people\n2026-11-29,early,1.5\n", "1.5"),
        ("required.csv", "day,duty,people\n2026-11-29,erly,1\n", "erly"),
        ("required.csv", "day,duty,people\n,early,1\n", "line 2: day is empty"),
        ("wishes.csv", "name,day,wish\nWho,2026-11-29,off\n", "Who"),
        ("wishes.csv", "name,day,wish\nSato,2026-11-29,erly\n", "erly"),
        ("earlier.csv", "name,day,begin,end\nSato,2026-11-28,9,17:00\n", "column begin: “9”"),
        ("plan.json", "{}", "staffing shifts --json"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(folder: Path, file: str, text: str, said: str) -> None:
    (folder / file).write_text(text)
    more = {"wishes.csv": ["--wishes", file], "earlier.csv": ["--earlier", file]}.get(file, [])
    if file == "plan.json":
        result = run("roster", "--people", "people.csv", "--covering", file, "--first", "2026-11-29")
    else:
        result = roster(*more)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--required"),
        (["--required", "required.csv"], "--duty"),
        (["--required", "required.csv", "--duty", "early"], "early=7:00-16:00/1h"),
        (["--required", "required.csv", "--duty", "early=7:00-16:00"], "shorter than the law"),
        (["--covering", "required.csv"], "is not what staffing shifts --json writes"),
        (["--covering", "timeless.json"], "--first"),
    ],
)
def test_what_is_missing_is_said(folder: Path, words: list[str], said: str) -> None:
    (folder / "timeless.json").write_text('{"shifts": []}')
    result = run("roster", "--people", "people.csv", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_every_rule_is_translated() -> None:
    known = {entry.message for entry in merge() if entry.translated[0]}
    assert set(MESSAGES.values()) | {errors.LeftOpen.message} <= known
