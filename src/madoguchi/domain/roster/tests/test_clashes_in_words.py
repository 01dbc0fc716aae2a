"""Rules that clash, as a supervisor reads them: few by name, the same of many people in one line."""

from __future__ import annotations

from typing import Any

import pytest

from madoguchi.domain.roster.tests.a_team import NAMES, Team, account, day
from madoguchi.domain.roster.words import CLASHING, LOOSEN, clash_of
from madoguchi.science.staffing.shifts.rules import RuleCode

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def rule(code: RuleCode, number: int = 0, account_id: int | None = None, **more: Any) -> dict[str, Any]:
    return {"code": code.value, "day": day(number).isoformat(), "account": account_id, **more}


def test_the_same_rule_of_many_people_is_one_line() -> None:
    team = Team()
    people = [*team.people, *(account(f"人{at}") for at in range(4))]
    said = clash_of([rule(RuleCode.WEEK_HOURS, 0, one.pk) for one in people])
    names = "、".join([*NAMES, "人0"])
    assert [one.words for one in said] == [f"3名のほか{names}さんの週の労働時間の上限（11/22(日)からの週）"]


def test_a_duty_needed_on_many_days_is_one_line_with_their_sum() -> None:
    team = Team()
    needs = [rule(RuleCode.NEED, at, shift_type=team.early.pk, people=3) for at in range(5)]
    assert [one.words for one in clash_of(needs)] == ["11/22(日)–11/26(木)の早番に15人"]


def test_a_week_without_room_names_its_duties() -> None:
    team = Team()
    both = [team.early.pk, team.late.pk]
    said = clash_of([rule(RuleCode.ROOM, shift_type=None, shift_types=both, people=40, able=20)])
    assert said[0].words == (
        "11/22(日)の週:早番、遅番に計40シフト必要、週の労働時間と休みから入れるのは最大20シフト"
    )


def test_every_rule_that_can_clash_has_words_and_a_way_out() -> None:
    assert {code.value for code in RuleCode} - {"unknown"} <= set(CLASHING)
    assert set(CLASHING) == set(LOOSEN)
