"""Small rosters against all that are possible: one is found whenever there is one, and a clash is a clash."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.staffing.shifts.check import breaches
from madoguchi.science.staffing.shifts.errors import LeftOpen, NotFoundInTime, RulesClash
from madoguchi.science.staffing.shifts.people import Contract, Duty, Need, Person
from madoguchi.science.staffing.shifts.roster import roster
from madoguchi.science.staffing.shifts.rules import Rule, RuleCode

pytestmark = pytest.mark.pure

SUNDAY = date(2026, 11, 22)
DAYS = [SUNDAY + timedelta(days=at) for at in range(3)]
EARLY = Duty("early", 7 * 60, 16 * 60, 60)
LATE = Duty("late", 13 * 60, 22 * 60, 60, skill="English")
DUTIES = [EARLY, LATE]
THIRTEEN_HOURS = [Person(f"P{at}", Contract(week_hours=13)) for at in range(2)]
UNEVEN = [Duty("five hours", 480, 780), Duty("four hours", 900, 1140)]
UNFAIR = {(DAYS[0], "five hours"): 2, (DAYS[1], "five hours"): 2, (DAYS[2], "four hours"): 1}
"""24 of 26 hours, but who does five hours twice has not four left."""
_Roster = dict[tuple[str, date], str]

contracts = st.builds(
    Contract,
    week_hours=st.sampled_from([16, 20, 40]),
    days_in_row=st.integers(1, 3),
    rest_hours=st.sampled_from([9, 11, 16]),
)
people = st.lists(
    st.builds(
        Person,
        st.just(""),
        contracts,
        st.sampled_from([frozenset[str](), frozenset({"English"})]),
        st.frozensets(st.sampled_from(DAYS), max_size=1),
    ),
    min_size=1,
    max_size=2,
)
needs = st.dictionaries(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(["early", "late"])),
    st.integers(1, 2),
    min_size=1,
    max_size=6,
)


def named(staff: Sequence[Person]) -> list[Person]:
    return [
        Person(f"P{at}", one.contract, one.skills, one.days_off, one.wishes) for at, one in enumerate(staff)
    ]


def every(staff: Sequence[Person]) -> Iterator[_Roster]:
    places = [(person.name, day) for person in staff for day in DAYS]
    for choice in product(("", "early", "late"), repeat=len(places)):
        yield {place: what for place, what in zip(places, choice, strict=True) if what}


def keeps(rule: Rule, one: _Roster, staff: Sequence[Person]) -> bool:
    """Whether `one` keeps the rule, read from its words alone."""
    if rule.code in {RuleCode.NEED, RuleCode.ABLE}:
        can = {person.name for person in staff if rule.duty == "early" or "English" in person.skills}
        return sum((who, rule.day) in one and one[who, rule.day] == rule.duty for who in can) >= rule.people
    person = next(person for person in staff if person.name == rule.person)
    mine = [one.get((person.name, day), "") for day in DAYS]
    if rule.code == RuleCode.DAY_OFF:
        return not one.get((person.name, rule.day))
    if rule.code == RuleCode.WEEK_HOURS:
        return 8 * sum(map(bool, mine)) <= person.contract.week_hours
    begins = {"early": 7, "late": 13}
    at = DAYS.index(rule.day)
    if rule.code == RuleCode.REST:
        after = mine[at + 1]
        free = 24 + begins.get(after, 99) - begins[rule.duty] - 9
        return mine[at] != rule.duty or not after or free >= person.contract.rest_hours
    assert rule.code == RuleCode.IN_ROW
    return not all(mine[at : at + person.contract.days_in_row + 1])


@settings(max_examples=25, deadline=None)
@given(people, needs)
def test_a_roster_is_found_or_its_clash_is_one(staff: list[Person], need: Need) -> None:
    staff = named(staff)
    fits = [one for one in every(staff) if not breaches(one, staff, DUTIES, need)]
    try:
        found = roster(staff, DUTIES, need, seconds=5)
    except RulesClash as error:
        assert not fits
        kept = list(error.clash)
        assert not any(all(keeps(rule, one, staff) for rule in kept) for one in every(staff))
        for left_out in kept:
            others = [rule for rule in kept if rule is not left_out]
            assert any(all(keeps(rule, one, staff) for rule in others) for one in every(staff))
    else:
        assert fits
        assert breaches(found.given, staff, DUTIES, need) == []


@settings(max_examples=15, deadline=None)
@given(people, needs)
def test_the_fullest_roster_is_as_full_as_any(staff: list[Person], need: Need) -> None:
    staff = named(staff)
    found = roster(staff, DUTIES, need, partial=True, seconds=5)
    assert {one.rule for one in breaches(found.given, staff, DUTIES, need)} <= {"need"}
    assert bool(found.left_open) == bool(found.clash)

    def left(one: _Roster) -> int:
        return sum(
            max(0, many - sum(who == day and what == duty for (_, who), what in one.items()))
            for (day, duty), many in need.items()
        )

    assert left(dict(found.given)) == sum(found.left_open.values())
    lawful = (one for one in every(staff) if not breaches(one, staff, DUTIES, {}))
    assert sum(found.left_open.values()) == min(left(one) for one in lawful)


def test_duties_that_fill_no_week_clash_by_name() -> None:
    six = Duty("six hours", 480, 840)
    week = [SUNDAY + timedelta(days=at) for at in range(7)]
    staff = [Person(who, Contract(days_in_row=7, week_hours=34)) for who in ("Sato", "Ito")]
    need = {(day, "six hours"): 2 if at < 4 else 1 for at, day in enumerate(week)}
    with pytest.raises(RulesClash) as caught:
        roster(staff, [six], need)
    assert {"hours a week of Sato from 2026-11-22", "hours a week of Ito from 2026-11-22"} <= set(
        caught.value.rules
    )


def test_a_clash_that_only_whole_people_have_is_named() -> None:
    with pytest.raises(RulesClash) as caught:
        roster(THIRTEEN_HOURS, UNEVEN, UNFAIR)
    assert {"hours a week of P0 from 2026-11-22", "hours a week of P1 from 2026-11-22"} <= set(
        caught.value.rules
    )
    assert len(caught.value.rules) == 5


def test_what_was_not_decided_in_time_is_said_by_name() -> None:
    with pytest.raises(NotFoundInTime) as caught:
        roster(THIRTEEN_HOURS, UNEVEN, UNFAIR, seconds=1e-6)
    assert isinstance(caught.value, LeftOpen)
    assert str(caught.value.data["left"]) == f"1 × four hours, {DAYS[2]}"
    found = roster(THIRTEEN_HOURS, UNEVEN, UNFAIR, seconds=1e-6, partial=True)
    assert dict(found.left_open) == {(DAYS[2], "four hours"): 1}
    assert found.clash == ()
