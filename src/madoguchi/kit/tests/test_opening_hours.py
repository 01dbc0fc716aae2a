from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit import calendar
from madoguchi.kit.calendar import OpeningHours, Period, Reason, SpecialDay, next_opening, opening_at
from madoguchi.kit.clock import TOKYO
from madoguchi.kit.times_of_day import parse_periods

pytestmark = pytest.mark.pure


def hours(*days: str, **more: object) -> OpeningHours:
    """Hours from the texts of Monday to Sunday; days not given are closed."""
    weekly = tuple(parse_periods(text) for text in (*days, *[""] * (7 - len(days))))
    return OpeningHours(weekly=weekly, **more)  # type: ignore[arg-type]


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


OFFICE = hours(*["9:00-12:00,13:00-18:00"] * 5)
BAR = hours("", "", "", "", "18:00-26:00", "18:00-26:00")

# November 2026: the 20th is a Friday, Monday the 23rd is 勤労感謝の日.
TABLE = [
    (OFFICE, "2026-11-20 08:59", False, Reason.BEFORE_OPENING, "2026-11-20 09:00"),
    (OFFICE, "2026-11-20 09:00", True, Reason.USUAL_HOURS, "2026-11-20 12:00"),
    (OFFICE, "2026-11-20 11:59:59.999", True, Reason.USUAL_HOURS, "2026-11-20 12:00"),
    (OFFICE, "2026-11-20 12:00", False, Reason.BREAK, "2026-11-20 13:00"),
    (OFFICE, "2026-11-20 17:59", True, Reason.USUAL_HOURS, "2026-11-20 18:00"),
    (OFFICE, "2026-11-20 18:00", False, Reason.AFTER_CLOSING, "2026-11-24 09:00"),
    (OFFICE, "2026-11-21 10:00", False, Reason.DAY_OFF, "2026-11-24 09:00"),
    (OFFICE, "2026-11-23 10:00", False, Reason.HOLIDAY, "2026-11-24 09:00"),
    (BAR, "2026-11-20 17:00", False, Reason.BEFORE_OPENING, "2026-11-20 18:00"),
    (BAR, "2026-11-20 23:59", True, Reason.USUAL_HOURS, "2026-11-21 02:00"),
    (BAR, "2026-11-21 01:59", True, Reason.USUAL_HOURS, "2026-11-21 02:00"),
    (BAR, "2026-11-21 02:00", False, Reason.BEFORE_OPENING, "2026-11-21 18:00"),
    (BAR, "2026-11-22 01:00", True, Reason.USUAL_HOURS, "2026-11-22 02:00"),
    (BAR, "2026-11-22 02:00", False, Reason.DAY_OFF, "2026-11-27 18:00"),
]


@pytest.mark.parametrize(("when", "at", "is_open", "reason", "until"), TABLE)
def test_a_week_with_a_break_a_night_and_a_holiday(
    when: OpeningHours, at: str, is_open: bool, reason: Reason, until: str
) -> None:
    opening = opening_at(when, tokyo(at))
    assert (opening.is_open, opening.reason, opening.until) == (is_open, reason, tokyo(until))


def test_the_same_moment_is_read_the_same_in_any_zone() -> None:
    at = tokyo("2026-11-20 10:00")
    assert opening_at(OFFICE, at.astimezone(UTC)) == opening_at(OFFICE, at)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        opening_at(OFFICE, datetime(2026, 11, 20, 10, 0))  # noqa: DTZ001 - that is the point


def test_the_night_before_a_holiday_goes_on_after_midnight() -> None:
    # Sunday 22 November until 26:00; Monday is a holiday.
    sunday = hours("9:00-17:00", "", "", "", "", "", "18:00-26:00")
    assert opening_at(sunday, tokyo("2026-11-23 01:00")).is_open
    assert opening_at(sunday, tokyo("2026-11-23 10:00")).name == "勤労感謝の日"


def test_substitute_and_citizens_holidays_close_too() -> None:
    for day in ("2026-05-06", "2026-09-22"):
        assert opening_at(OFFICE, tokyo(f"{day} 10:00")).reason is Reason.HOLIDAY


def test_a_holiday_counts_only_where_the_centre_says_so() -> None:
    assert opening_at(hours("9:00-18:00", closed_on_holidays=False), tokyo("2026-11-23 10:00")).is_open


def test_a_day_of_the_company_stands_above_weekday_and_holiday() -> None:
    days = {
        date(2026, 11, 20): SpecialDay("創立記念日"),
        date(2026, 11, 23): SpecialDay("祝日特別営業", parse_periods("10:00-15:00")),
    }
    own = hours(*["9:00-18:00"] * 5, special_days=tuple(days.items()))
    closed = opening_at(own, tokyo("2026-11-20 10:00"))
    assert (closed.is_open, closed.reason, closed.name) == (False, Reason.COMPANY_DAY, "創立記念日")
    assert closed.until == tokyo("2026-11-23 10:00")
    special = opening_at(own, tokyo("2026-11-23 10:00"))
    assert (special.is_open, special.reason, special.name) == (True, Reason.SPECIAL_HOURS, "祝日特別営業")
    assert special.until == tokyo("2026-11-23 15:00")


def test_the_turn_of_the_year_is_bridged() -> None:
    days = {date(2026, 12, 29) + timedelta(days=n): SpecialDay("年末年始") for n in range(6)}
    own = hours(*["9:00-18:00"] * 5, special_days=tuple(days.items()))
    closed = opening_at(own, tokyo("2026-12-28 18:00"))
    assert closed.until == tokyo("2027-01-04 09:00")
    assert opening_at(own, tokyo("2027-01-01 00:00")).name == "年末年始"


def test_a_night_over_the_turn_of_the_year_belongs_to_the_old_year() -> None:
    own = hours("", "", "", "22:00-29:00")
    assert opening_at(own, tokyo("2027-01-01 04:59")).is_open  # from Thursday 31 December
    assert not opening_at(own, tokyo("2027-01-01 05:00")).is_open


def test_periods_that_touch_over_midnight_are_one_stretch() -> None:
    own = hours("9:00-24:00", "0:00-6:00")
    assert opening_at(own, tokyo("2026-11-16 20:00")).until == tokyo("2026-11-17 06:00")


def test_a_late_period_of_yesterday_may_begin_after_one_of_today() -> None:
    own = hours("30:00-31:00", "5:00-5:30")
    assert opening_at(own, tokyo("2026-11-17 05:10")).until == tokyo("2026-11-17 05:30")
    assert opening_at(own, tokyo("2026-11-17 05:40")).until == tokyo("2026-11-17 06:00")
    assert opening_at(own, tokyo("2026-11-17 06:10")).is_open


def test_hours_round_the_clock_never_change() -> None:
    for own in (OpeningHours(always_open=True), hours(*["0:00-24:00"] * 7, closed_on_holidays=False)):
        opening = opening_at(own, tokyo("2026-11-23 03:00"))
        assert (opening.is_open, opening.until) == (True, None)


def test_hours_that_never_open_say_so() -> None:
    opening = opening_at(OpeningHours(), tokyo("2026-11-24 10:00"))
    assert (opening.is_open, opening.reason, opening.until) == (False, Reason.DAY_OFF, None)
    assert next_opening(OpeningHours(), tokyo("2026-11-24 10:00")) is None


def test_the_next_opening_is_now_while_it_is_open() -> None:
    assert next_opening(OFFICE, tokyo("2026-11-20 10:30")) == tokyo("2026-11-20 10:30")
    assert next_opening(OFFICE, tokyo("2026-11-20 20:00")) == tokyo("2026-11-24 09:00")


@pytest.mark.parametrize(
    "periods", [((540, 600), (599, 700)), ((600, 600),), ((700, 600),), ((-1, 5),), ((0, 2881),)]
)
def test_periods_that_cannot_be_are_refused(periods: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match=r"overlap|no stretch"):
        OpeningHours(weekly=(tuple(Period(*p) for p in periods), *[()] * 6))


def test_a_week_of_six_days_is_refused() -> None:
    with pytest.raises(ValueError, match="seven weekdays"):
        OpeningHours(weekly=((),) * 6)


@st.composite
def day_periods(draw: st.DrawFn) -> tuple[Period, ...]:
    marks = sorted(draw(st.sets(st.integers(0, 96).map(lambda n: n * 30), max_size=6)))
    return tuple(Period(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False))


weeks = st.tuples(*[day_periods()] * 7)
specials = st.dictionaries(
    st.dates(date(2026, 12, 20), date(2027, 1, 12)),
    st.builds(SpecialDay, st.just("特別"), day_periods()),
    max_size=6,
)
any_hours = st.builds(OpeningHours, weekly=weeks, special_days=specials, closed_on_holidays=st.booleans())
moments = st.integers(0, 20 * 1440).map(lambda n: tokyo("2026-12-22 00:00") + timedelta(minutes=n))


def plainly_open(own: OpeningHours, at: datetime) -> bool:
    """The rule said again without cleverness: does a period of today or yesterday cover `at`?"""
    minute = at.hour * 60 + at.minute
    today, yesterday = own.day(at.date()), own.day(at.date() - timedelta(days=1))
    return any(a <= minute < b for a, b in today.periods) or any(
        a <= minute + 1440 < b for a, b in yesterday.periods
    )


@given(any_hours, moments)
def test_open_is_what_a_period_of_today_or_yesterday_covers(own: OpeningHours, at: datetime) -> None:
    assert opening_at(own, at).is_open == plainly_open(own, at)


@given(any_hours, moments)
def test_nothing_changes_until_the_moment_named_and_then_it_does(own: OpeningHours, at: datetime) -> None:
    opening = opening_at(own, at)
    if opening.until is None:
        return
    assert opening.until > at
    between = at + (opening.until - at) / 2
    assert plainly_open(own, between) == opening.is_open
    assert plainly_open(
        own, opening.until - timedelta(minutes=1)
    ) == opening.is_open or opening.until - at < timedelta(minutes=1)
    assert plainly_open(own, opening.until) != opening.is_open


def test_asking_is_quick_even_round_the_clock() -> None:
    # 400 days are walked; the name of each holiday is worked out once.
    own = hours(*["0:00-24:00"] * 7)
    opening_at(own, tokyo("2026-11-24 03:00"))
    misses = calendar.holiday_name.cache_info().misses
    opening_at(own, tokyo("2026-11-24 04:00"))
    assert calendar.holiday_name.cache_info().misses == misses
