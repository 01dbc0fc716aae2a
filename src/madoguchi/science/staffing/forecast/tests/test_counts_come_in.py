"""Counts are read, sorted and checked; what is wrong is named with its place."""

import math
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_list_of_calls_is_counted_line_by_line() -> None:
    found = sheet.look("着信日時,発信者\n2026/11/24 9:31:07,090\n2026/11/24 9:44:50,080\n")
    assert found.each_is_a_call
    assert [line.counted.calls for line in found.lines] == [1.0, 1.0]
    assert found.lines[1].counted.at == datetime(2026, 11, 24, 9, 44, 50)  # noqa: DTZ001
    with pytest.raises(errors.NoColumn):
        sheet.read("着信日時\n2026/11/24 9:31:07\n")


def test_counts_under_an_unknown_title_are_not_taken_for_a_list_of_calls() -> None:
    lines = "".join(f"2026/11/24 {hour}:00,{hour}\n" for hour in range(9, 18))
    with pytest.raises(errors.NoColumn, match="calls"):
        sheet.look(f"日時,ごうけい\n{lines}")


def test_a_table_of_days_by_times_with_a_heading_and_totals_is_read() -> None:
    lines = (
        "着信レポート",
        "",
        "日付,9:00～,9:30～,10:00～,合計",
        "2026年11月24日(火),3,,5件,8",
        "合計,3,0,5,8",
    )
    text = "\n".join(lines)
    found = sheet.look(text)
    assert not found.problems
    assert [(line.counted.at.hour, line.counted.at.minute) for line in found.lines] == [
        (9, 0),
        (9, 30),
        (10, 0),
    ]
    assert found.lines[2].counted.calls == 5.0
    assert math.isnan(found.lines[1].counted.calls)


def test_all_that_is_wrong_is_told_by_line_and_the_rest_is_read() -> None:
    found = sheet.look("at,calls\n2026-11-24 09:00,3\nsoon,4\n2026-11-24 10:00,-1\n2026/11/24,5\n")
    assert [line.place for line in found.lines] == [2]
    assert [(problem.code, problem.data) for problem in found.problems] == [
        ("forecast_not_a_time", {"value": "soon", "line": 3}),
        ("forecast_not_a_count", {"value": "-1", "where": "line 4"}),
        ("forecast_not_a_time", {"value": "2026/11/24", "line": 5}),
    ]


def test_hours_past_midnight_belong_to_the_night_before() -> None:
    found = sheet.read("日付,時刻,呼数\n2026/11/24,25:30,2\n20261124,9:00,1\n")
    assert [count.at.replace(tzinfo=None) for count in found] == [
        datetime(2026, 11, 25, 1, 30),  # noqa: DTZ001
        datetime(2026, 11, 24, 9, 0),  # noqa: DTZ001
    ]


@pytest.mark.parametrize(
    "text", ['日時,呼数\n"' + "x" * 200_000, "日時,呼数\n\0,3\n", "日時\t呼数\n2026/1/5 9:00\t3\n"]
)
def test_any_file_is_read_or_refused(text: str) -> None:
    found = sheet.look(text)
    assert found.lines or found.problems


_CELLS = st.one_of(
    st.sampled_from(
        ["日時", "日付", "着信数", "9:00", "9:30～", "10時台", "合計", "2026/11/24", "2026-11-24 25:30", "-1"]
    ),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=12),
)


@given(st.lists(st.lists(_CELLS, max_size=6), max_size=8))
def test_whatever_a_file_holds_it_is_read_or_refused_in_words(rows: list[list[str]]) -> None:
    try:
        found = sheet.look("\n".join(",".join(cells) for cells in rows))
    except StaffingError as refused:
        assert refused.message.format(**dict.fromkeys(refused.data, "…")).count("{") == 0, "a word is missing"
        return
    assert all(math.isnan(line.counted.calls) or 0 <= line.counted.calls < math.inf for line in found.lines)
    assert all(problem.data for problem in found.problems)
