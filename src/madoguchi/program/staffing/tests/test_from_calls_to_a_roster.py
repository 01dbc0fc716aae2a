"""From last month's calls to next week's roster: each command reads what the one before wrote."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madoguchi.program.staffing import staffing
from madoguchi.program.staffing.needs import of_file
from madoguchi.program.staffing.quantities import Unreadable

pytestmark = pytest.mark.pure

LAST = date(2026, 11, 21)


def ran(*words: str) -> Result:
    found = CliRunner().invoke(staffing, list(words))
    assert found.exit_code == 0, found.output
    return found


def last_month(file: Path) -> None:
    """Five weeks from Monday to Saturday, 9 to 18 o'clock, as a Japanese system saves them."""
    rows = ["日付,時刻,着信数"]
    for back in range(34, -1, -1):
        day = LAST - timedelta(days=back)
        if day.weekday() != 6:
            busy = 15 if day.weekday() == 0 else 12
            rows += [
                f"{day:%Y/%m/%d},{slot // 2}:{30 * (slot % 2):02},{busy + slot % 3}" for slot in range(18, 36)
            ]
    file.write_bytes("\r\n".join(rows).encode("cp932"))


def test_from_last_months_file_to_next_weeks_roster(tmp_path: Path) -> None:
    calls, ahead, staff, plan, people, roster = (
        tmp_path / name for name in ("last.csv", "next.csv", "staff.csv", "plan.json", "people.csv", "r.csv")
    )
    last_month(calls)
    names = [f"社員{number}" for number in range(16)]
    people.write_bytes(("名前,週の時間\r\n" + "\r\n".join(f"{name},40" for name in names)).encode("cp932"))
    ran("forecast", "--csv", str(calls), "--days", "7", "--output", str(ahead))
    goal = ("--target", "80%", "--within", "20s", "--shrinkage", "15%")
    ran(
        "erlang-a",
        "--csv",
        str(ahead),
        "--handle",
        "4min",
        "--patience",
        "3min",
        *goal,
        "--output",
        str(staff),
    )
    ran_plan = ran(
        "shifts", "--csv", str(staff), "--pattern", "full=9h/1h@3h-5h", "--pattern", "part=5h", "--json"
    )
    plan.write_text(ran_plan.stdout)
    told = json.loads(ran_plan.stdout)
    first = date.fromisoformat(told["first"])
    assert first > LAST
    assert all(there >= need for there, need in zip(told["present"], told["need"], strict=True))
    ran("roster", "--people", str(people), "--covering", str(plan), "--output", str(roster))
    with roster.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["name"] for row in rows} <= set(names)
    assert min(row["day"] for row in rows) == first.isoformat()
    assert len(rows) == sum(shift["people"] for shift in told["shifts"])


def needs(tmp_path: Path, text: str) -> tuple[list[int], date | None]:
    file = tmp_path / "need.csv"
    file.write_text(text, encoding="utf-8")
    return of_file(str(file))


def test_lines_stand_in_their_half_hours_and_add_up(tmp_path: Path) -> None:
    text = "at,need\n2026-11-24 01:30,2\n2026/11/24 00:30,1\n2026-11-24 01:30,3\n"
    assert needs(tmp_path, text) == ([0, 1, 0, 5], date(2026, 11, 24))


def test_people_on_the_roster_go_before_people_at_work(tmp_path: Path) -> None:
    assert needs(tmp_path, "agents,scheduled\n3,4\n2,3.0\n") == ([4, 3], None)


@pytest.mark.parametrize(
    "text",
    [
        "at,need\n2026-11-24 01:15,2\n",
        "at,need\nmorning,2\n",
        "at,need\n2026-11-24 01:30+09:00,2\n",
        "at,need\n2024-11-24 01:30,2\n2026-11-24 01:30,2\n",
        "need\n2.5\n",
        "need\n-1\n",
        "people\n3\n",
        "need\n",
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unreadable):
        needs(tmp_path, text)
