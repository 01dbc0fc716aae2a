from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kit import clock

pytestmark = pytest.mark.pure

# Wall times without a zone are what this file is about.
# ruff: noqa: DTZ001

instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
day_starts = st.times().map(lambda t: t.replace(second=0, microsecond=0))


def test_now_is_aware_and_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_an_evening_in_utc_is_the_next_morning_in_tokyo() -> None:
    # Pain 17: a contact of the first working hour of April must not count for March.
    at = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert clock.local(at).isoformat() == "2026-04-01T08:30:00+09:00"
    assert clock.business_day(at) == date(2026, 4, 1)


def test_a_business_day_from_five_keeps_the_night_with_the_day_before() -> None:
    night = clock.from_local(datetime(2026, 4, 1, 2, 0))
    assert clock.business_day(night, starts=time(5)) == date(2026, 3, 31)
    assert clock.business_day(night + timedelta(hours=3), starts=time(5)) == date(2026, 4, 1)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        clock.local(datetime(2026, 4, 1))


def test_an_aware_time_keeps_its_instant_on_the_way_from_the_edge() -> None:
    at = datetime(2026, 4, 1, 9, 0, tzinfo=clock.TOKYO)
    assert clock.from_local(at) == at
    assert clock.from_local(at).tzinfo is UTC


@given(instants, day_starts)
def test_every_instant_lies_within_the_bounds_of_its_business_day(at: datetime, starts: time) -> None:
    begin, end = clock.business_day_bounds(clock.business_day(at, starts=starts), starts=starts)
    assert begin <= at < end
    assert end - begin == timedelta(days=1)


@given(instants)
def test_there_and_back_is_the_same_instant(at: datetime) -> None:
    assert clock.from_local(clock.local(at)) == at
    assert clock.from_local(clock.local(at).replace(tzinfo=None)) == at
