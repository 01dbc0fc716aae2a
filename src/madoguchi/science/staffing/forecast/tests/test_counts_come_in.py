"""Counts are read, sorted and checked; what is wrong is named with its place."""

import math
from datetime import UTC, date, datetime

import numpy as np
import pytest

from madoguchi.science.staffing.errors import StaffingError
from madoguchi.science.staffing.forecast import errors, sheet
from madoguchi.science.staffing.forecast.history import Count, Group, History, histories, total

pytestmark = pytest.mark.pure


def test_instants_are_counted_on_the_clock_of_tokyo() -> None:
    found = histories([Count(datetime(2026, 11, 1, 15, 30, tzinfo=UTC), 4)])[Group()]
    assert found.first == date(2026, 11, 2)
    assert found.calls[0, 1] == 4.0


def test_a_group_without_a_line_had_no_call_and_an_empty_cell_is_unknown() -> None:
    text = "at,calls,client\n2026-11-02 09:00,3,A\n2026-11-02 09:30,5,B\n2026-11-02 10:00,,B\n"
    found = histories(sheet.read(text))
    a, b = found[Group("", "A")].calls[0], found[Group("", "B")].calls[0]
    assert a[18:20].tolist() == [3.0, 0.0]
    assert b[18:20].tolist() == [0.0, 5.0]
    assert math.isnan(b[20])
    assert math.isnan(total(found).calls[0, 20])


@pytest.mark.parametrize(
    "when", ["2026/11/24 9:30", "2026-11-24T00:30Z", "2026年11月24日 9時30分", "２０２６-11-24 09:30~10:00"]
)
def test_times_are_read_as_people_write_them(when: str) -> None:
    assert sheet.read(f"日時,呼数\n{when},7\n")[0].at.replace(tzinfo=None) == datetime(2026, 11, 24, 9, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", errors.NoColumn),
        ("at,reason\n", errors.NoColumn),
        ("calls\n3\n", errors.NoColumn),
        ("at,calls\nsoon,3\n", errors.NotATime),
        ("at,calls\n2026-02-30 09:00,3\n", errors.NotATime),
        ("at,calls\n2026-11-24 09:00,-3\n", errors.NotACount),
        ("at,calls\n2026-11-24 09:00,nan\n", errors.NotACount),
        ("at,calls\n2026-11-24 09:00,many\n", errors.NotACount),
        ("at,calls\n2026-11-24 09:10,3\n", errors.NotAnInterval),
        ("at,calls\n2026-11-24 09:00,3\n2026-11-24 09:00,3\n", errors.CountedTwice),
        ("at,calls\n", errors.TooFewDays),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, expected: type[StaffingError]) -> None:
    with pytest.raises(expected) as refused:
        histories(sheet.read(text))
    assert "{" not in refused.value.shown()


def test_negative_and_infinite_counts_are_refused() -> None:
    for wrong in (-1.0, np.inf):
        calls = np.zeros((3, 48))
        calls[1, 20] = wrong
        with pytest.raises(errors.NotACount, match="2026-11-03 10:00"):
            History(date(2026, 11, 2), calls)
