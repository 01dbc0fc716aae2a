import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit.calendar import LATEST_MIN, Period
from madoguchi.kit.times_of_day import (
    NotATimeError,
    format_minutes,
    format_periods,
    parse_periods,
    parse_time,
)

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("0:00", 0),
        ("9:00", 540),
        ("09:30", 570),
        ("26:00", 1560),
        ("48:00", 2880),
        ("２６：００", 1560),
        (" 9 : 00 ", 540),
        ("0930", 570),
        ("930", 570),
        ("9時", 540),
        ("9時半", 570),
        ("9時5分", 545),
        ("25時", 1500),
        ("午前9時", 540),
        ("午後6時半", 1110),
        ("午後0時", 720),
        ("午後6:30", 1110),
        ("正午", 720),
    ],
)
def test_times_are_read_as_people_write_them(text: str, minute: int) -> None:
    assert parse_time(text) == minute


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "9:",
        "9:5",
        "9:60",
        "48:01",
        "-1:00",
        "9時30",
        "9半",
        "午後13時",
        "009:00",
        "正午過ぎ",
        "九時",
        "9" * 999,
    ],
)
def test_what_is_no_time_is_refused_with_a_word_on_how_to_write_it(text: str) -> None:
    with pytest.raises(NotATimeError, match="write it like"):
        parse_time(text)


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        assert 0 <= parse_time(text) <= LATEST_MIN
    except NotATimeError as error:
        assert error.text == text


@given(st.integers(0, LATEST_MIN))
def test_minutes_written_are_read_back(minute: int) -> None:
    assert parse_time(format_minutes(minute)) == minute


@pytest.mark.parametrize("minute", [-1, LATEST_MIN + 1])
def test_minutes_outside_a_business_day_are_not_written(minute: int) -> None:
    with pytest.raises(ValueError, match="business day"):
        format_minutes(minute)


@pytest.mark.parametrize(
    "text",
    [
        "9:00-12:00,13:00-26:00",
        "13:00〜26:00、9:00～12:00",
        "9時から12時まで、13時から26時まで",
        "9:00ー12:00\n13:00–26:00",
    ],
)
def test_lists_of_periods_are_read_and_put_in_order(text: str) -> None:
    assert parse_periods(text) == (Period(540, 720), Period(780, 1560))


def test_no_text_is_no_period() -> None:
    assert parse_periods("") == ()
    assert format_periods(()) == ""


@pytest.mark.parametrize(
    "text", ["9:00", "9:00-", "9:00-12:00-13:00", "18:00-9:00", "9:00-12:00,11:00-13:00"]
)
def test_lists_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no time of day|no stretch of time|overlap"):
        parse_periods(text)


def test_periods_written_are_read_back() -> None:
    periods = (Period(540, 720), Period(780, 1560))
    assert parse_periods(format_periods(periods)) == periods
