"""Overtime of the months before counts for the limits on a year and on several months, by name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from madoguchi.domain.roster.actions import arranging, editing, making
from madoguchi.domain.roster.cells import Cell
from madoguchi.domain.roster.errors import RulesBroken, WrongContract
from madoguchi.domain.roster.models import Roster, Shift
from madoguchi.domain.roster.on_paper import broken, people_of
from madoguchi.domain.roster.overtime import overtime_before
from madoguchi.domain.roster.tests.a_team import Team, day, shift_type
from madoguchi.domain.roster.words import names_of
from madoguchi.kit.clock import now
from madoguchi.science.staffing.shifts.overtime import overtime_min
from madoguchi.science.staffing.shifts.people import Worked

pytestmark = [pytest.mark.action, pytest.mark.django_db]

SPECIAL = {"special_clause": True, "overtime_month_hours": 90, "day_hours": 13, "week_hours": 80}


@pytest.fixture
def team() -> Team:
    return Team()


def worked(team: Team, days: list[date], hours: int, stage: str = "published") -> None:
    """Days that 佐藤 worked, so many hours and one of break from eight o'clock on."""
    roster = Roster.objects.create(first=days[0], last=days[-1], stage=stage, made_at=now())
    Shift.objects.bulk_create(
        Shift(
            roster=roster,
            account=team.people[0],
            day=one,
            shift_type=team.early,
            begin_min=480,
            end_min=540 + 60 * hours,
            breaks=[[720, 750], [900, 930]],
        )
        for one in days
    )


def weekdays(month: int, count: int) -> list[date]:
    days = (date(2026, month, 1) + timedelta(days=at) for at in range(28))
    return [one for one in days if one.weekday() < 5][:count]


def test_the_database_adds_up_as_the_science_does(team: Team) -> None:
    days = [date(2026, 5, 31) + timedelta(days=at) for at in range(31) if at % 6]
    worked(team, days, 10)
    worked(team, weekdays(8, 12), 13)
    worked(team, weekdays(9, 5), 13, stage="draft")
    worked(team, [date(2025, 8, 4)], 13)
    read = [(one, Worked(480, 1140, 60)) for one in days]
    read += [(one, Worked(480, 1320, 60)) for one in weekdays(8, 12)]
    who = team.people[0].pk
    assert overtime_before([who], day(0)) == {who: dict(overtime_min(read))}
    assert overtime_before([team.people[1].pk], day(0)) == {}
    assert overtime_before([], day(0)) == {}


def test_only_who_agreed_to_overtime_brings_it_along(team: Team) -> None:
    worked(team, weekdays(8, 12), 13)
    roster = team.draft({})
    assert [dict(one.overtime_before) for one in people_of(roster, {})] == [{}] * 4
    arranging.set_contract(team.contract.pk, SPECIAL, acting_user=None)
    assert dict(people_of(roster, {})[0].overtime_before) == {date(2026, 8, 1): 12 * 300}


def test_the_year_is_told_in_words_and_may_be_waived_with_a_reason(team: Team) -> None:
    agreed = SPECIAL | {"overtime_year_hours": 62, "year_from_month": 8}
    arranging.set_contract(team.contract.pk, agreed, acting_user=None)
    worked(team, weekdays(8, 12), 13)
    long = shift_type("長番", "長", 8, 19, 12)
    roster = team.draft({0: (1,)}, what=long)
    assert broken(roster, {}) == [], "sixty hours and two"
    with pytest.raises(RulesBroken) as caught:
        change(team, roster, 2, long.pk)
    assert "佐藤 恵さんの8月からの1年の時間外労働が多すぎる" in caught.value.shown()
    change(team, roster, 2, long.pk, reason="事故対応")
    assert [one.code for one in broken(roster, {})] == ["overtime a year"]
    with pytest.raises(RulesBroken):
        change(team, roster, 3, long.pk)
    change(team, roster, 3, long.pk, reason="事故対応")
    assert making.publish(roster.pk, {}, acting_user=team.leader.pk)


def change(team: Team, roster: Roster, number: int, what: int, reason: str = "") -> None:
    editing.set_cell(
        roster.pk,
        team.people[0].pk,
        day(number),
        Cell(what),
        expected="",
        able={},
        reason=reason,
        acting_user=team.leader.pk,
    )


def test_the_mean_of_months_is_told_in_words(team: Team) -> None:
    arranging.set_contract(team.contract.pk, SPECIAL | {"day_hours": 16}, acting_user=None)
    worked(team, weekdays(10, 16), 16)
    Shift.objects.filter(day__month=10).update(end_min=1500)
    worked(team, weekdays(11, 10), 13)
    roster = making.open_roster(day(0), day(6), acting_user=None)
    long = shift_type("長番", "長", 8, 19, 12)
    making.place_shifts(roster, [(team.people[0].pk, day(at), long.pk, [[720, 780]]) for at in (1, 2)])
    assert (
        names_of(broken(roster, {})) == ["佐藤 恵さんの11月までの2〜6か月平均の時間外労働が80時間を超える"]
        or broken(roster, {}) == []
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"overtime_month_hours": 46},
        {"overtime_month_hours": 100, "special_clause": True},
        {"overtime_year_hours": 400},
        {"year_from_month": 0},
    ],
)
def test_a_contract_beyond_the_law_is_refused(team: Team, wrong: dict[str, float]) -> None:
    with pytest.raises(WrongContract):
        arranging.set_contract(team.contract.pk, wrong, acting_user=None)


def test_a_day_after_a_night_is_no_day_off_unless_shifts_rotate(team: Team) -> None:
    contract = {"days_in_row": 7, "rest_hours": 8}
    arranging.set_contract(team.contract.pk, contract, acting_user=None)
    night = shift_type("夜勤", "夜", 22, 31, 26)
    short = shift_type("短番", "短", 9, 13, 11)
    short.break_min = 0
    short.save()
    roster = team.draft({0: range(5)}, what=short)
    making.place_shifts(roster, [(team.people[0].pk, day(5), night.pk, [[1560, 1620]])])
    assert names_of(broken(roster, {})) == [
        "佐藤 恵さんは11/22(日)からの期間に暦日（0:00–24:00）の休日が足りない（夜勤明けは休日に数えない）"
    ]
    arranging.set_contract(team.contract.pk, {"rotating": True}, acting_user=None)
    assert broken(roster, {}) == []
