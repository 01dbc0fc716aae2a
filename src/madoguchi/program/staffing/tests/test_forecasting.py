"""`madoguchi staffing forecast` from a CSV, as a planner types it."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madoguchi.program.staffing import staffing

pytestmark = pytest.mark.pure

FIRST = date(2026, 9, 28)


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """Five weeks up to 30 October, as Excel writes them in Japan: 11 and 6 calls a half-hour until noon."""
    lines = ["日時,着信数,用件"]
    for row in range(35):
        day = FIRST + timedelta(days=row)
        if day.weekday() < 5 and day != date(2026, 10, 12):
            for slot in range(18, 24):
                at = datetime(day.year, day.month, day.day, slot // 2, 30 * (slot % 2))  # noqa: DTZ001
                lines += [
                    f"{at:%Y/%m/%d %H:%M},{10 + slot % 3},修理",
                    f"{at:%Y/%m/%d %H:%M},{5 + row % 3},注文",
                ]
    file = tmp_path / "counts.csv"
    file.write_bytes("\r\n".join(lines).encode("cp932"))
    return file


def asked(*arguments: str) -> Result:
    return CliRunner().invoke(staffing, ["forecast", *arguments])


def test_a_csv_goes_in_and_a_csv_comes_out(counts: Path) -> None:
    done = asked("--csv", str(counts), "--days", "7")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["reason"] for row in rows} == {"修理", "注文"}
    # Tuesday 3 November is 文化の日, and this centre was closed on the holiday before.
    assert {row["at"][:10] for row in rows} == {f"2026-11-0{day}" for day in (2, 4, 5, 6)}
    assert all(float(row["low"]) <= float(row["calls"]) <= float(row["high"]) for row in rows)
    monday = sum(float(row["calls"]) for row in rows if row["at"].startswith("2026-11-02"))
    assert monday == pytest.approx(6 * (11 + 6), rel=0.1)
    assert "WAPE" in done.stderr


def test_json_tells_how_sure_it_is(counts: Path) -> None:
    answer = json.loads(asked("--csv", str(counts), "--days", "7", "--json").stdout)
    assert answer["sureness"]["days"] == 24
    assert answer["sureness"]["few"] is True
    assert answer["back_test"]["forecast"]["wape"] < 0.2
    assert answer["days"][0]["day"] == "2026-10-31"


def test_an_event_raises_its_days(counts: Path) -> None:
    plain, more = (
        json.loads(asked("--csv", str(counts), "--no-back-test", "--json", *event).stdout)["days"]
        for event in ([], ["--event", "mailing=2026-11-04..2026-11-05*1.5"])
    )
    assert more[4]["calls"] / plain[4]["calls"] == pytest.approx(1.5, rel=0.03)
    assert more[2]["calls"] == pytest.approx(plain[2]["calls"], rel=0.03)


def test_this_morning_stands_as_it_was_counted(counts: Path) -> None:
    answer = json.loads(
        asked("--csv", str(counts), "--today", "2026-10-30", "--no-back-test", "--json").stdout
    )
    assert [day["day"] for day in answer["days"]] == ["2026-10-30"]
    assert answer["days"][0]["low"] == answer["days"][0]["calls"]


def test_an_event_of_part_of_a_day_raises_its_half_hours(counts: Path) -> None:
    plain, more = (
        json.loads(asked("--csv", str(counts), "--no-back-test", "--json", *event).stdout)["intervals"]
        for event in ([], ["--event", "TV=2026-11-04@9:00-10:00*2"])
    )
    ratio = {
        row["at"]: row["calls"] / usual["calls"]
        for row, usual in zip(more, plain, strict=True)
        if row["at"].startswith("2026-11-04") and row["reason"] == "修理"
    }
    assert ratio["2026-11-04 09:30"] == pytest.approx(2, rel=0.03)
    assert ratio["2026-11-04 10:00"] == pytest.approx(1, rel=0.03)


def test_hours_say_when_it_is_open(counts: Path) -> None:
    hours = ["--hours", "月-木=9:00-10:30", "--hours", "fri=9:00-12:00", "--closed", "2026-11-05"]
    done = asked("--csv", str(counts), "--days", "7", "--no-back-test", *hours)
    times: dict[str, set[str]] = {}
    for row in csv.DictReader(io.StringIO(done.stdout)):
        times.setdefault(row["at"][:10], set()).add(row["at"][11:])
    assert sorted(times) == ["2026-11-02", "2026-11-04", "2026-11-06"]
    assert max(times["2026-11-04"]) == "10:00"
    assert max(times["2026-11-06"]) == "11:30"


def test_each_group_is_tried_on_the_past(counts: Path) -> None:
    done = asked("--csv", str(counts), "--days", "7", "--json")
    groups = json.loads(done.stdout)["back_test_groups"]
    assert {group["reason"] for group in groups} == {"修理", "注文"}
    assert all(group["forecast"]["wape"] < 0.4 for group in groups)
    assert "修理: " in asked("--csv", str(counts), "--days", "7").stderr


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--hours", "9:00-18:00"], "holds no times"),
        (["--hours", "fri-mon=9:00-18:00"], "holds no times"),
        (["--hours", "mon=18:00-9:00"], "holds no times"),
        (["--hours", "mon=9:00-12:00", "--hours", "daily=10:00-11:00"], "overlap"),
        (["--event", "TV=2026-11-04@12:00-9:00"], "holds no times"),
        (["--event", "sale"], "is no event"),
        (["--event", "sale=2026-11-05..2026-11-04"], "must not lie before"),
        (["--today", "soon"], "is no day"),
        (["--today", "2026-09-28"], "No line lies before"),
        (["--today", "2026-10-07"], "at least 10 days"),
        (["--pay-day", "40"], "1 to 31"),
        (["--interval", "7min"], "does not begin an interval"),
        (["--confidence", "100%"], "between 0 and 1"),
    ],
)
def test_what_cannot_be_is_refused(counts: Path, more: list[str], told: str) -> None:
    done = asked("--csv", str(counts), *more)
    assert done.exit_code == 2
    assert told in done.stderr
