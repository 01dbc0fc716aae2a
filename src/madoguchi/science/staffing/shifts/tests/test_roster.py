"""Rosters of named people: hard rules are kept, clashes explained, planted breaches seen."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.staffing.errors import NotPositive
from madoguchi.science.staffing.shifts.check import breaches
from madoguchi.science.staffing.shifts.errors import RulesClash, WrongShift
from madoguchi.science.staffing.shifts.people import OFF, Contract, Duty, Person
from madoguchi.science.staffing.shifts.roster import roster

pytestmark = pytest.mark.pure

SUNDAY = date(2026, 11, 22)
EARLY = Duty("early", 7 * 60, 16 * 60, 60)
LATE = Duty("late", 13 * 60, 22 * 60, 60)
NIGHT = Duty("night", 22 * 60, 31 * 60, 60)
ENGLISH = Duty("English", 9 * 60, 18 * 60, 60, skill="English")
DUTIES = [EARLY, LATE, NIGHT, ENGLISH]


def day(number: int) -> date:
    return SUNDAY + timedelta(days=number)


def staff(count: int, contract: Contract | None = None) -> list[Person]:
    return [
        Person(
            f"P{who:02d}",
            contract or Contract(),
            frozenset({"English"} if who % 3 == 0 else ()),
            frozenset({day((5 * who) % 14)}),
            {day((3 * who + 1) % 14): OFF, day((7 * who + 2) % 14): "late"},
        )
        for who in range(count)
    ]


@settings(max_examples=15, deadline=None)
@given(st.integers(12, 20), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2), st.integers(0, 1))
def test_no_hard_rule_is_broken(count: int, early: int, late: int, night: int, english: int) -> None:
    people = staff(count)
    asked = dict(zip(("early", "late", "night", "English"), (early, late, night, english), strict=True))
    need = {(day(at), what): many for at in range(14) for what, many in asked.items()}
    found = roster(people, DUTIES, need)
    assert breaches(found.given, people, DUTIES, need) == []
    assert sum(found.minutes.values()) == 480 * len(found.given)
    assert 0 <= found.wishes_kept <= found.wishes


def test_the_same_seed_gives_the_same_roster() -> None:
    need = {(day(at), what): 2 for at in range(7) for what in ("early", "night")}
    first, second = (roster(staff(14), DUTIES, need, seed=3) for _ in range(2))
    assert dict(first.given) == dict(second.given)


def test_hours_and_nights_are_spread_evenly() -> None:
    people = [Person(f"P{who}") for who in range(12)]
    need = {(day(at), what): 2 for at in range(28) for what in ("early", "night")}
    found = roster(people, DUTIES, need)
    assert breaches(found.given, people, DUTIES, need) == []
    assert max(found.minutes.values()) - min(found.minutes.values()) <= 3 * 480
    assert max(found.nights.values()) - min(found.nights.values()) <= 3


def test_a_wish_that_nothing_stands_against_is_kept() -> None:
    people = [Person("Sato", wishes={day(0): OFF}), Person("Ito", wishes={day(1): OFF})]
    found = roster(people, [EARLY], {(day(0), "early"): 1, (day(1), "early"): 1})
    assert dict(found.given) == {("Ito", day(0)): "early", ("Sato", day(1)): "early"}
    assert found.wishes_kept == found.wishes == 2


def test_days_off_that_clash_with_a_need_are_named() -> None:
    people = [Person("Sato", days_off=frozenset({day(1)})), Person("Ito"), Person("Abe")]
    with pytest.raises(RulesClash) as caught:
        roster(people, [EARLY], {(day(0), "early"): 1, (day(1), "early"): 3})
    assert set(caught.value.rules) >= {f"need 3 × early on {day(1)}", f"day off of Sato on {day(1)}"}
    assert len(caught.value.rules) == 2


def test_a_skill_that_nobody_has_is_named() -> None:
    with pytest.raises(RulesClash) as caught:
        roster([Person("Sato")], DUTIES, {(day(0), "English"): 1})
    assert caught.value.rules == (f"need 1 × English on {day(0)}, which 0 people can do",)


def test_a_week_with_too_many_hours_is_named() -> None:
    with pytest.raises(RulesClash) as caught:
        roster([Person("Sato")], [EARLY], {(day(at), "early"): 1 for at in range(7)})
    assert any("of Sato from" in rule for rule in caught.value.rules)


def test_rest_that_clashes_is_named() -> None:
    with pytest.raises(RulesClash) as caught:
        roster([Person("Sato")], DUTIES, {(day(0), "late"): 1, (day(1), "early"): 1})
    assert f"rest of Sato after late on {day(0)}" in caught.value.rules


@pytest.mark.parametrize(
    ("given_", "rule"),
    [
        ({("Sato", day(2)): "early"}, "day off"),
        ({("Sato", day(3)): "English"}, "skill"),
        ({("Ito", day(3)): "early"}, "contract"),
        ({("Sato", day(3)): "late", ("Sato", day(4)): "early"}, "rest between shifts"),
        ({("Sato", day(at)): "early" for at in (0, 1, 3, 4, 5, 6)}, "hours a week"),
        ({("Abe", day(at)): "early" for at in range(6)}, "hours a day"),
        ({("Kato", day(at)): "short" for at in range(7)}, "day off each week"),
        ({("Kato", day(at)): "short" for at in range(4, 11)}, "days in a row"),
        ({("Nobody", day(0)): "early"}, "unknown"),
        ({("Sato", day(0)): "nothing"}, "unknown"),
    ],
)
def test_a_planted_breach_is_seen(given_: dict[tuple[str, date], str], rule: str) -> None:
    people = [
        Person("Sato", days_off=frozenset({day(2)})),
        Person("Ito", Contract(duties=frozenset({"late"}))),
        Person("Abe", Contract(day_hours=6)),
        Person("Kato"),
    ]
    duties = [*DUTIES, Duty("short", 600, 840)]
    assert rule in {breach.rule for breach in breaches(given_, people, duties, {})}


def test_too_few_people_are_seen() -> None:
    seen = breaches({("P00", day(1)): "early"}, staff(2), DUTIES, {(day(1), "early"): 2})
    assert [breach.rule for breach in seen] == ["need"]


@pytest.mark.parametrize(
    ("begin", "end", "rest"), [(540, 1080, 30), (540, 540, 0), (1500, 1600, 0), (0, 60, 60)]
)
def test_an_unlawful_or_impossible_duty_is_refused(begin: int, end: int, rest: int) -> None:
    with pytest.raises(WrongShift):
        Duty("wrong", begin, end, rest)


def test_a_need_for_an_unknown_duty_is_refused() -> None:
    with pytest.raises(WrongShift):
        roster([Person("Sato")], DUTIES, {(day(0), "erly"): 1})


def test_two_people_of_one_name_are_refused() -> None:
    with pytest.raises(WrongShift):
        roster([Person("Sato"), Person("Sato")], DUTIES, {(day(0), "early"): 1})


def test_a_roster_of_nothing_is_refused() -> None:
    with pytest.raises(NotPositive):
        roster([], DUTIES, {(day(0), "early"): 1})
