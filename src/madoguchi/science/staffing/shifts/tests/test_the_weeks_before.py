"""What stands already counts: rest, days in a row, hours, days off and overtime of the weeks before."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.staffing.shifts.check import breaches
from madoguchi.science.staffing.shifts.errors import NotFoundInTime, RulesClash, WrongShift
from madoguchi.science.staffing.shifts.people import Contract, Duty, Person, Worked
from madoguchi.science.staffing.shifts.roster import roster

pytestmark = pytest.mark.pure

SUNDAY = date(2026, 11, 22)
EARLY = Duty("early", 7 * 60, 16 * 60, 60)
LATE = Duty("late", 13 * 60, 22 * 60, 60)
NIGHT = Duty("night", 22 * 60, 31 * 60, 60)
LONG = Duty("long", 8 * 60, 19 * 60, 60)
SHORT = Duty("short", 9 * 60, 13 * 60)
DUTIES = [EARLY, LATE, NIGHT, LONG, SHORT]
AGREED = Contract("36", week_hours=60, day_hours=10, overtime_month_hours=10)


def day(number: int) -> date:
    return SUNDAY + timedelta(days=number)


def one_early(person: Person, earlier: dict[tuple[str, date], Duty | Worked], what: str = "early") -> bool:
    """Whether the one shift is given and breaks no rule; raises RulesClash where it cannot be given."""
    made = dict(roster([person], DUTIES, {(day(0), what): 1}, earlier=earlier).given)
    return made == {(person.name, day(0)): what} and not breaches(made, [person], DUTIES, {}, earlier)


@pytest.mark.parametrize(
    ("stands", "contract", "clash"),
    [
        ({-1: NIGHT}, Contract(), "rest of Sato after 22:00–31:00 on 2026-11-21"),
        ({1: Worked(60, 600)}, Contract(rest_hours=11), "rest of Sato after early on 2026-11-22"),
        ({-2: Worked(1400, 3400)}, Contract(), "rest of Sato after 23:20–56:40 on 2026-11-20"),
        (dict.fromkeys(range(-6, 0), SHORT), Contract(), "days in a row of Sato from 2026-11-16"),
        (dict.fromkeys(range(2, 7), LATE), Contract(), "hours a week of Sato from 2026-11-22"),
        (
            dict.fromkeys(range(1, 7), SHORT),
            Contract(days_in_row=9),
            "day off each week of Sato from 2026-11-22",
        ),
        (
            dict.fromkeys(range(-24, 0), SHORT),
            Contract(days_in_row=30, four_weeks_from=day(-25)),
            "four days off in four weeks of Sato from 2026-10-28",
        ),
        ({0: SHORT}, Contract(), "one duty a day of Sato on 2026-11-22"),
    ],
)
def test_a_shift_that_stands_clashes_by_name(
    stands: dict[int, Duty | Worked], contract: Contract, clash: str
) -> None:
    person = Person("Sato", contract)
    earlier = {("Sato", day(at)): shift for at, shift in stands.items()}
    with pytest.raises(RulesClash) as caught:
        one_early(person, earlier)
    assert clash in caught.value.rules
    assert len(caught.value.clash) == 2
    assert breaches({("Sato", day(0)): "early"}, [person], DUTIES, {}, earlier)


def test_four_weeks_with_a_day_off_more_are_no_clash() -> None:
    contract = Contract(days_in_row=30, four_weeks_from=day(-25))
    stands: dict[tuple[str, date], Duty | Worked] = {("Sato", day(at)): SHORT for at in range(-23, 0)}
    assert one_early(Person("Sato", contract), stands)


def test_overtime_of_the_month_is_used_up() -> None:
    person = Person("Sato", AGREED)
    ten = {("Sato", day(at)): LONG for at in (-11, -10, -9, -8, -7)}
    assert one_early(person, dict(ten))
    with pytest.raises(RulesClash) as caught:
        one_early(person, dict(ten), "long")
    assert caught.value.rules[-1] == "overtime of Sato in the month from 2026-11-01"
    given_ = {("Sato", day(0)): "long"}
    assert [one.rule for one in breaches(given_, [person], DUTIES, {}, dict(ten))] == ["overtime a month"]
    assert breaches(given_, [person], DUTIES, {}) == []


def test_a_week_above_forty_hours_is_overtime_too() -> None:
    six = {("Sato", day(at)): "early" for at in range(6)}
    need = {(day(at), "early"): 1 for at in range(6)}
    found = roster([Person("Sato", AGREED)], DUTIES, need)
    assert dict(found.given) == six
    little = Person("Sato", Contract("36", week_hours=60, overtime_month_hours=7))
    with pytest.raises(RulesClash) as caught:
        roster([little], DUTIES, need)
    assert "overtime of Sato in the month from 2026-11-01" in caught.value.rules
    assert [one.rule for one in breaches(six, [little], DUTIES, {})] == ["overtime a month"]


def test_without_an_agreement_the_law_stands() -> None:
    greedy = Person("Sato", Contract("no agreement", week_hours=60, day_hours=12))
    assert not greedy.can(LONG)
    with pytest.raises(RulesClash):
        roster([greedy], DUTIES, {(day(at), "early"): 1 for at in range(6)})


def test_an_agreement_beyond_the_law_is_refused() -> None:
    with pytest.raises(WrongShift):
        Contract(overtime_month_hours=100)


@pytest.mark.parametrize(("begin", "end", "rest"), [(-1, 60, 0), (0, 0, 0), (60, 120, 60)])
def test_an_impossible_shift_that_stands_is_refused(begin: int, end: int, rest: int) -> None:
    with pytest.raises(WrongShift):
        Worked(begin, end, rest)


def test_shifts_of_strangers_and_of_long_ago_do_not_matter() -> None:
    stands: dict[tuple[str, date], Duty | Worked] = {
        ("Nobody", day(-1)): NIGHT,
        ("Sato", day(-300)): NIGHT,
    }
    assert one_early(Person("Sato"), stands)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from([f"P{who}" for who in range(9)]), st.integers(-14, 12)),
        st.sampled_from(DUTIES),
        max_size=60,
    ),
    st.sampled_from([Contract(), AGREED, Contract(days_in_row=12, four_weeks_from=day(-20))]),
    st.integers(1, 2),
)
def test_no_hard_rule_is_broken_after_any_weeks_before(
    stood: dict[tuple[str, int], Duty], contract: Contract, count: int
) -> None:
    people = [Person(f"P{who}", contract if who % 2 else Contract()) for who in range(9)]
    earlier: dict[tuple[str, date], Duty | Worked] = {
        (who, day(at)): duty for (who, at), duty in stood.items()
    }
    need = {(day(at), duty.name): count for at in range(7) for duty in (EARLY, NIGHT)}
    try:
        found = roster(people, DUTIES, need, earlier=earlier, seconds=2)
    except (RulesClash, NotFoundInTime):
        return
    assert breaches(found.given, people, DUTIES, need, earlier) == []
