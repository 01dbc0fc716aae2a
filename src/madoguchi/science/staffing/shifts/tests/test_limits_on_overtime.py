"""36協定: a month, a year, six months above 45 hours, the mean of several months."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.staffing.shifts.check import breaches
from madoguchi.science.staffing.shifts.errors import NotFoundInTime, RulesClash, WrongShift
from madoguchi.science.staffing.shifts.overtime import MEAN_OF, months_from, year_of
from madoguchi.science.staffing.shifts.people import Contract, Duty, Person, Worked, month_of
from madoguchi.science.staffing.shifts.roster import roster

pytestmark = pytest.mark.pure

MONDAY = date(2026, 11, 30)
TWELVE = Duty("twelve", 8 * 60, 21 * 60, 60)
"""Four hours of overtime a day."""
EIGHT = Duty("eight", 8 * 60, 17 * 60, 60)
DUTIES = [TWELVE, EIGHT]
ORDINARY = Contract("36", week_hours=80, day_hours=12, overtime_month_hours=45)
SPECIAL = Contract("特別条項", week_hours=80, day_hours=12, overtime_month_hours=99, special_clause=True)
NOVEMBER, DECEMBER, JANUARY = (date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1))


def hours(**before: int) -> dict[date, int]:
    """Overtime of the months before, in hours: `m4=30` is April."""
    return {date(2026 if int(name[1:]) > 1 else 2027, int(name[1:]), 1): 60 * h for name, h in before.items()}


def workdays(first: date, count: int) -> list[date]:
    """So many days from Monday to Friday."""
    days = (first + timedelta(days=at) for at in range(2 * count))
    return [one for one in days if one.weekday() < 5][:count]


def told(contract: Contract, before: dict[date, int], days: int) -> list[str]:
    """What so many twelve-hour days of December break: four hours of overtime each."""
    person = Person("Sato", contract, overtime_before=before)
    work = {("Sato", one): "twelve" for one in workdays(DECEMBER, days)}
    return [f"{one.rule} {one.day}" for one in breaches(work, [person], DUTIES, {})]


YEAR = f"overtime a year {date(2026, 4, 1)}"
OFTEN = dict.fromkeys(("m4", "m5", "m6", "m7", "m8"), 46)


@pytest.mark.parametrize(
    ("contract", "before", "days", "rules"),
    [
        (ORDINARY, {}, 11, []),
        (ORDINARY, {}, 12, [f"overtime a month {DECEMBER}"]),
        (ORDINARY, hours(m4=45, m5=45, m6=45, m7=45, m8=45, m9=45, m10=45, m11=1), 11, []),
        (ORDINARY, hours(m4=45, m5=45, m6=45, m7=45, m8=45, m9=45, m10=45, m11=2), 11, [YEAR]),
        (ORDINARY, {date(2026, 3, 1): 360 * 60}, 11, []),
        (SPECIAL, {}, 20, []),
        (SPECIAL, hours(m11=80), 20, []),
        (SPECIAL, hours(m11=81), 20, [f"overtime over months {DECEMBER}"]),
        (SPECIAL, hours(m7=84, m8=84, m9=84, m10=84, m11=84), 15, []),
        (SPECIAL, hours(m7=85, m8=85, m9=84, m10=84, m11=84), 15, [f"overtime over months {DECEMBER}"]),
        (SPECIAL, hours(**OFTEN), 12, []),
        (SPECIAL, hours(**OFTEN, m9=46), 12, [f"months above 45 hours {DECEMBER}"]),
        (SPECIAL, hours(**OFTEN, m9=46), 11, []),
        (SPECIAL, dict.fromkeys(months_from(date(2026, 4, 1), 7), 97 * 60), 11, [YEAR]),
    ],
)
def test_a_limit_is_broken_by_the_hour_above_it(
    contract: Contract, before: dict[date, int], days: int, rules: list[str]
) -> None:
    seen = told(contract, before, days)
    assert [one for one in rules if one not in seen] == []
    if YEAR not in rules:
        assert seen == rules


def test_a_hundred_hours_are_told_beside_what_was_agreed() -> None:
    person = Person("Sato", ORDINARY)
    work = {("Sato", one): "twelve" for one in workdays(DECEMBER, 23)}
    stands = {("Sato", date(2026, 12, 5 + 7 * week)): EIGHT for week in range(3)}
    seen = {one.rule for one in breaches(work, [person], DUTIES, {}, stands)}
    assert {"overtime a month", "overtime of 100 hours"} <= seen


def test_what_was_worked_before_is_not_told_of_a_month_without_overtime() -> None:
    person = Person("Sato", SPECIAL, overtime_before=hours(m10=99, m11=99))
    work = {("Sato", one): "eight" for one in workdays(DECEMBER, 5)}
    assert breaches(work, [person], DUTIES, {}) == []


@pytest.mark.parametrize(
    ("contract", "before", "clash"),
    [
        (ORDINARY, hours(m4=90, m5=90, m6=90, m7=89), "overtime of Sato in the year from 2026-04-01"),
        (SPECIAL, hours(m11=159), "80 hours of overtime of Sato as the mean of the months up to 2026-12-01"),
        (
            SPECIAL,
            hours(**OFTEN, m9=46),
            "six months above 45 hours of overtime a year of Sato, month from 2026-12-01",
        ),
    ],
)
def test_a_limit_that_clashes_is_named(contract: Contract, before: dict[date, int], clash: str) -> None:
    need = {(one, "twelve"): 1 for one in workdays(DECEMBER, 12)}
    with pytest.raises(RulesClash) as caught:
        roster([Person("Sato", contract, overtime_before=before)], DUTIES, need)
    assert clash in caught.value.rules
    rested = Person("Sato", SPECIAL)
    assert len(roster([rested], DUTIES, need).given) == 12


def test_months_that_are_not_brought_along_are_read_from_the_shifts() -> None:
    stands: dict[tuple[str, date], Worked | Duty] = {
        ("Sato", one): Worked(480, 1380, 60) for one in workdays(date(2026, 11, 2), 20)
    }
    need = {(one, "twelve"): 1 for one in workdays(DECEMBER, 11)}
    with pytest.raises(RulesClash) as caught:
        roster([Person("Sato", SPECIAL)], DUTIES, need, earlier=stands)
    assert any("mean of the months" in rule for rule in caught.value.rules)
    brought = Person("Sato", SPECIAL, overtime_before={NOVEMBER: 0})
    assert len(roster([brought], DUTIES, need, earlier=stands).given) == 11


@pytest.mark.parametrize(
    "wrong",
    [
        {"overtime_month_hours": 46},
        {"overtime_month_hours": 100, "special_clause": True},
        {"overtime_year_hours": 361},
        {"overtime_year_hours": 721, "special_clause": True},
        {"year_from_month": 13},
    ],
)
def test_an_agreement_that_the_law_does_not_allow_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(WrongShift):
        Contract(**wrong)  # type: ignore[arg-type]


agreements = st.sampled_from(
    [ORDINARY, SPECIAL, Contract("k", 80, 12, overtime_month_hours=30, overtime_year_hours=100)]
)
worked_before = st.dictionaries(
    st.sampled_from(months_from(date(2026, 4, 1), 7)), st.integers(0, 99 * 60), max_size=7
)


@settings(max_examples=10, deadline=None)
@given(agreements, worked_before, st.integers(1, 3))
def test_no_limit_is_broken_whatever_was_before(
    contract: Contract, before: dict[date, int], many: int
) -> None:
    people = [
        Person(f"P{at}", contract if at < 3 else Contract(), overtime_before=before if at else {})
        for at in range(5)
    ]
    need = {(MONDAY + timedelta(days=at), "twelve"): many for at in range(28) if at % 7 < 5}
    found = roster(people, DUTIES, need, seconds=1, partial=True)
    assert {one.rule for one in breaches(found.given, people, DUTIES, need)} <= {"need"}
    for person in people:
        _stays_within(person, found.given)


def _stays_within(person: Person, work: object) -> None:
    """Counted anew, without the library: four hours a twelve-hour day, and none in weeks of five days."""
    assert isinstance(work, dict)
    months = Counter(person.overtime_before)
    weeks: Counter[int] = Counter()
    for who, day in work:
        if who == person.name:
            months[month_of(day)] += 240
            weeks[(day - MONDAY).days // 7] += 1
    assert max(weeks.values(), default=0) <= 5
    added = {month for month in (NOVEMBER, DECEMBER) if months[month] > person.overtime_before.get(month, 0)}
    for month in added:
        assert months[month] <= 60 * person.contract.overtime_month_hours
        year = months_from(year_of(person.contract, month), 12)
        assert sum(months[one] for one in year) <= person.contract.overtime_year_min
        assert months[month] <= 45 * 60 or sum(months[one] > 45 * 60 for one in year) <= 6
        for count in MEAN_OF:
            assert sum(months[one] for one in months_from(month, -count)) <= 80 * 60 * count


def test_a_clash_or_time_is_told_of_a_team_that_has_none_left() -> None:
    people = [Person(f"P{at}", ORDINARY, overtime_before=hours(m4=359)) for at in range(6)]
    need = {(one, "twelve"): 2 for one in workdays(DECEMBER, 10)}
    with pytest.raises((RulesClash, NotFoundInTime)):
        roster(people, DUTIES, need, seconds=3)
