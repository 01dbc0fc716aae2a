"""From people needed by half-hour to a roster of named people, by a worker that may die."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.domain.agents.models import Agent, AgentSkill, Skill
from madoguchi.domain.planning.actions import rostering as actions
from madoguchi.domain.planning.errors import NoForecast, NothingToFill
from madoguchi.domain.planning.jobs import make_roster
from madoguchi.domain.planning.queries import rostering as reads
from madoguchi.domain.planning.queries.rostering import able
from madoguchi.domain.planning.rostering import CAPACITY, UNCOVERED, make
from madoguchi.domain.roster.actions import arranging, making, wishing
from madoguchi.domain.roster.models import Roster, Shift, Term
from madoguchi.domain.roster.on_paper import broken
from madoguchi.domain.roster.queries import planned_by_interval
from madoguchi.domain.roster.sheet import Sheet, sheet_of
from madoguchi.domain.roster.states import RosterStage
from madoguchi.domain.roster.tests.a_team import Team, at, contract, day
from madoguchi.domain.roster.words import clash_of
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def team() -> Team:
    return Team()


def line(many: float, since: int = 8, until: int = 22) -> list[float]:
    """So many people from one hour to another."""
    return [many if 2 * since <= place < 2 * until else 0 for place in range(48)]


def asked(team: Team, need: dict[int, list[float]]) -> Roster:
    roster = making.open_roster(day(0), day(6), acting_user=team.leader.pk)
    making.set_required(
        roster.pk, {str(day(number)): hours for number, hours in need.items()}, acting_user=None
    )
    roster.refresh_from_db()
    return roster


def run(roster: Roster, *, allow_short: bool = False) -> Roster:
    actions.ask(roster.pk, allow_short=allow_short, acting_user=None)
    make_roster(roster.pk)
    roster.refresh_from_db()
    return roster


def test_needed_hours_are_covered_and_no_rule_is_broken(team: Team) -> None:
    off = team.people[0].pk
    wishing.settle_day_off(off, day(1), "paid", acting_user=None)
    weekdays = {number: line(1, 8, 17) for number in range(1, 6)}
    for number in range(1, 6):
        weekdays[number][24:28] = [0] * 4
    roster = run(asked(team, weekdays))
    assert roster.stage == RosterStage.DRAFT
    assert broken(roster, able()) == []
    assert not Shift.objects.filter(account_id=off, day=day(1)).exists()
    assert actions.publish(roster.pk, acting_user=team.leader.pk)
    there = planned_by_interval(at(day(0), 0), at(day(7), 0))
    for number, hours in weekdays.items():
        for place, many in enumerate(hours):
            assert there[at(day(number), place / 2)] >= many


def test_breaks_are_spread_so_that_somebody_stays(team: Team) -> None:
    roster = run(asked(team, {1: line(1, 8, 17)}))
    begins = Counter(row.breaks[0][0] for row in roster.shifts.filter(shift_type=team.early))
    assert roster.stage == RosterStage.DRAFT
    assert len(begins) >= 2 or roster.shifts.filter(shift_type=team.late).exists()


def test_too_few_people_clash_by_name(team: Team) -> None:
    wishing.settle_day_off(team.people[0].pk, day(2), "paid", acting_user=None)
    roster = run(asked(team, {2: line(4, 9, 12)}))
    assert roster.stage == RosterStage.CLASH
    words = [said.words for said in clash_of(roster.clash)]
    assert "佐藤 恵さんの11/24(火)の休み" in words
    assert "11/24(火)の早番に4人" in words
    assert all(said.loosen for said in clash_of(roster.clash))


def test_people_missing_are_told_where_they_may_be(team: Team) -> None:
    roster = run(asked(team, {number: line(3, 8, 22) for number in range(7)}), allow_short=True)
    assert roster.stage == RosterStage.DRAFT
    assert broken(roster, able()) == []
    assert roster.shifts.count() >= 18, "everybody is used as far as the law lets them"
    assert shortage(roster) > 0


def shortage(roster: Roster) -> float:
    """People missing over all half-hours, by the same sums that the page shows."""
    there = planned_of(sheet_of(roster.first, roster.last, drafts=True))
    need = [many for day_ in sorted(roster.required) for many in roster.required[day_]]
    lacks: list[float] = [max(0.0, want - have) for want, have in zip(need, there, strict=True)]
    return sum(lacks)


def planned_of(sheet: Sheet) -> list[float]:
    return [many for day_ in sheet.days for many in sheet.planned[day_]]


def test_a_week_that_nobody_could_fill_is_said_in_one_sentence(team: Team) -> None:
    roster = run(asked(team, {number: line(4, 8, 22) for number in range(7)}))
    assert [rule["code"] for rule in roster.clash] == [CAPACITY]
    assert roster.clash[0]["able"] == 20
    assert "入れるのは最大20シフト" in clash_of(roster.clash)[0].words


def test_an_hour_that_no_shift_reaches_is_named(team: Team) -> None:
    roster = run(asked(team, {1: line(1, 6, 9)}))
    assert roster.clash == [{"code": UNCOVERED, "day": str(day(1)), "since": 12, "until": 16}]
    assert clash_of(roster.clash)[0].words == "11/23(月)の6:00–8:00に入れるシフトがない"


def test_a_least_number_of_people_with_a_skill_is_kept(team: Team) -> None:
    english = Skill.objects.create(name="英語")
    agent = Agent.objects.create(
        account=team.people[2], endpoint="op-x", presence_since=now(), activity_since=now(), idle_since=now()
    )
    AgentSkill.objects.create(agent=agent, skill=english)
    arranging.set_shift_type(team.late.pk, {"skill_id": english.pk, "least": 1}, acting_user=None)
    roster = run(asked(team, {1: line(1, 8, 12)}))
    assert roster.stage == RosterStage.DRAFT
    assert [row.account_id for row in roster.shifts.filter(shift_type=team.late)] == [team.people[2].pk]


def test_a_skill_that_nobody_has_clashes(team: Team) -> None:
    arranging.set_shift_type(team.late.pk, {"skill_id": 99, "least": 1}, acting_user=None)
    roster = run(asked(team, {1: line(1, 8, 12)}))
    assert [rule["code"] for rule in roster.clash] == ["need of people who can"]


def test_shifts_of_the_week_before_count(team: Team) -> None:
    team.published({who: range(1, 6) for who in range(4)}, team.late)
    later = making.open_roster(day(7), day(13), acting_user=None)
    making.set_required(later.pk, {str(day(7)): line(4, 9, 12)}, acting_user=None)
    run(later)
    later.refresh_from_db()
    assert later.stage == RosterStage.DRAFT, "after a day off they may work again"
    assert broken(later, able()) == []


def test_wishes_are_kept_where_nothing_stands_against_them(team: Team) -> None:
    roster = asked(team, {5: line(2, 8, 12)})
    for person in team.people[:2]:
        person.wishes.create(day=day(5), shift_type=None, made_at=now())
    run(roster)
    assert {row.account_id for row in roster.shifts.all()} <= {person.pk for person in team.people[2:]}


def test_asking_sends_one_worker_and_of_nothing_none(team: Team) -> None:
    roster = asked(team, {1: line(1)})
    for _ in range(2):
        actions.ask(roster.pk, allow_short=False, acting_user=None)
    assert jobs() == 1
    Roster.objects.update(stage="draft", required={})
    with pytest.raises(NothingToFill):
        actions.ask(roster.pk, allow_short=False, acting_user=None)
    with pytest.raises(NoForecast):
        actions.use_forecast(roster.pk, acting_user=None)


def test_nobody_under_a_contract_is_nothing_to_fill(team: Team) -> None:
    roster = asked(team, {1: line(1)})
    Term.objects.all().delete()
    with pytest.raises(NothingToFill):
        actions.ask(roster.pk, allow_short=True, acting_user=None)


def test_a_dead_worker_is_followed_by_others_and_at_last_said_to_have_failed(team: Team) -> None:
    roster = asked(team, {1: line(1)})
    actions.ask(roster.pk, allow_short=False, acting_user=None)
    assert actions.carry_on() == 0, "it may still be at it"
    for sent in (1, 1, 1, 0):
        Roster.objects.update(asked_at=now() - actions.STALE_AFTER - timedelta(seconds=1))
        assert actions.carry_on() == sent
    roster.refresh_from_db()
    assert roster.stage == RosterStage.FAILED
    assert jobs() == 4
    make_roster(roster.pk)
    assert not Shift.objects.exists(), "a worker that comes back too late changes nothing"


def test_somebody_who_left_is_given_nothing(team: Team) -> None:
    roster = asked(team, {1: line(1, 8, 12)})
    for person in team.people[:3]:
        person.is_active = False
        person.save()
    run(roster)
    assert [row.account_id for row in roster.shifts.all()] == [team.people[3].pk]


def test_contracts_of_few_hours_are_kept(team: Team) -> None:
    few = contract("週20時間", week_hours=20)
    for person in team.people[:3]:
        arranging.set_term(person.pk, few.pk, acting_user=None)
    roster = run(asked(team, {number: line(2, 9, 12) for number in range(1, 6)}), allow_short=True)
    counts = Counter(roster.shifts.values_list("account_id", flat=True))
    assert all(counts[person.pk] <= 2 for person in team.people[:3])
    assert make(roster).short == roster.short, "the same needs, the same answer"


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="planning.roster").count()


def test_a_week_made_without_a_need_shows_that_of_the_newest_forecast(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.draft({0: [1]})
    newest = {day(0).isoformat(): line(2)}
    monkeypatch.setattr(reads, "required_of", lambda first, last: newest)
    sheet = reads.sheet_with_need(day(0), day(6), drafts=True)
    assert sheet.required == {day(0): line(2)}
    making.set_required(sheet.rosters[0].pk, {day(0).isoformat(): line(1)}, acting_user=None)
    assert reads.sheet_with_need(day(0), day(6), drafts=True).required == {day(0): line(1)}
