"""A day off is a day of the calendar: nights that end on it take it away; 24 hours on end may do."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.staffing.shifts.check import Given, breaches
from madoguchi.science.staffing.shifts.errors import RulesClash
from madoguchi.science.staffing.shifts.people import Contract, Duty, Person, Worked
from madoguchi.science.staffing.shifts.roster import roster

pytestmark = pytest.mark.pure

SUNDAY = date(2026, 11, 22)
EARLY = Duty("early", 7 * 60, 12 * 60)
LATE = Duty("late", 13 * 60, 18 * 60)
NIGHT = Duty("night", 60, 6 * 60)
"""After midnight: reaches into no other day."""
OVER = Duty("over", 22 * 60, 27 * 60)
"""Over midnight; seven of five hours are no more than a week's hours."""
DUTIES = [EARLY, LATE, OVER]
ROTATING = Contract("三交替", days_in_row=9, rest_hours=0, rotating=True)
STRICT = Contract(days_in_row=9, rest_hours=0)


def day(number: int) -> date:
    return SUNDAY + timedelta(days=number)


def said(contract: Contract, work: dict[int, str], earlier: dict[int, Worked] | None = None) -> list[str]:
    stands = {("Sato", day(at)): shift for at, shift in (earlier or {}).items()}
    shifts: Given = {("Sato", day(at)): what for at, what in work.items()}
    found = breaches(shifts, [Person("Sato", contract)], [*DUTIES, NIGHT], {}, stands)
    return [f"{one.rule} {one.day}" for one in found]


WEEK = dict.fromkeys(range(6), "early")
LOST = f"day off from midnight {SUNDAY}"


@pytest.mark.parametrize(
    ("contract", "work", "told"),
    [
        (STRICT, WEEK, []),
        (STRICT, WEEK | {5: "over"}, [LOST]),
        (STRICT, WEEK | {5: "night"}, []),
        (STRICT, {-1: "over"} | dict.fromkeys(range(1, 7), "early"), [LOST]),
        (STRICT, dict.fromkeys(range(7), "early"), [f"day off each week {SUNDAY}"]),
        (STRICT, dict.fromkeys(range(5), "over"), []),
        (ROTATING, WEEK | {5: "over"}, []),
        (ROTATING, WEEK | {5: "over", 7: "early"}, []),
        (ROTATING, {at: "early" for at in range(7) if at != 3} | {2: "over"}, []),
        (ROTATING, {at: "night" for at in range(7) if at != 3} | {2: "over"}, [LOST]),
    ],
)
def test_a_night_takes_the_day_off_that_it_ends_on(
    contract: Contract, work: dict[int, str], told: list[str]
) -> None:
    assert said(contract, work) == told


def test_a_night_of_the_week_before_counts() -> None:
    week = dict.fromkeys(range(1, 7), "early")
    assert said(STRICT, week, {-1: Worked(22 * 60, 27 * 60)}) == [LOST]
    assert said(STRICT, week, {-1: Worked(18 * 60, 24 * 60)}) == []


def test_what_earlier_shifts_took_is_not_told_of_the_new_ones() -> None:
    stands = dict.fromkeys(range(1, 7), Worked(480, 840)) | {-1: Worked(22 * 60, 27 * 60)}
    assert said(STRICT, {8: "early"}, stands) == []


def test_four_days_off_in_four_weeks_are_whole_days() -> None:
    contract = Contract("四週四休", days_in_row=30, rest_hours=0, four_weeks_from=SUNDAY)
    nights = dict.fromkeys(range(24), "over")
    assert said(contract, nights) == [LOST], "24 nights leave three whole days"
    assert said(contract, dict.fromkeys(range(23), "over")) == []


def test_a_day_off_that_clashes_with_a_night_is_named() -> None:
    need = {(day(at), "early"): 1 for at in range(1, 7)} | {(day(-1), "over"): 1}
    with pytest.raises(RulesClash) as caught:
        roster([Person("Sato", STRICT)], DUTIES, need)
    assert f"day off from midnight to midnight of Sato from {SUNDAY}" in caught.value.rules
    assert len(caught.value.rules) == 8
    assert len(roster([Person("Sato", ROTATING)], DUTIES, need).given) == 7


contracts = st.sampled_from(
    [STRICT, ROTATING, Contract("四週四休", days_in_row=40, rest_hours=0, four_weeks_from=day(-25))]
)
needs = st.dictionaries(
    st.tuples(st.integers(0, 7), st.sampled_from(["early", "over"])), st.just(1), min_size=6, max_size=10
)
shifts = st.dictionaries(st.integers(-6, 9), st.sampled_from([EARLY, OVER]), max_size=6)


@settings(max_examples=30, deadline=None)
@given(contracts, needs, shifts)
def test_one_is_found_whenever_there_is_one(
    contract: Contract, asked: dict[tuple[int, str], int], stood: dict[int, Duty]
) -> None:
    people = [Person("Sato", contract)]
    need = {(day(at), what): many for (at, what), many in asked.items()}
    stands: dict[tuple[str, date], Worked | Duty] = {("Sato", day(at)): one for at, one in stood.items()}
    days = sorted({on for on, _ in need})
    every = (
        {("Sato", on): what for on, what in zip(days, choice, strict=True) if what}
        for choice in product(("", "early", "over"), repeat=len(days))
    )
    full = [one for one in every if len(one) == len(need)]
    fits = [one for one in full if not breaches(one, people, DUTIES, need, stands)]
    try:
        found = roster(people, DUTIES, need, earlier=stands, seconds=5)
    except RulesClash:
        assert not fits
    else:
        assert breaches(found.given, people, DUTIES, need, stands) == []


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 3), st.booleans())
def test_nights_of_a_team_leave_everybody_their_days_off(nights: int, rotating: bool) -> None:
    night = Duty("long night", 22 * 60, 31 * 60, 60)
    people = [Person(f"P{at}", Contract(rotating=rotating)) for at in range(12)]
    need = {
        (day(at), what): many for at in range(28) for what, many in (("long night", nights), ("early", 2))
    }
    found = roster(people, [*DUTIES, night], need)
    assert breaches(found.given, people, [*DUTIES, night], need) == []
