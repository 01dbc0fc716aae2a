"""From an empty draft to a roster that people work by: each step a row, none of them twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.roster.actions import editing, making
from madoguchi.domain.roster.errors import (
    DaysTaken,
    NotNow,
    ReasonMissing,
    RosterGone,
    Unexplained,
    WrongDays,
)
from madoguchi.domain.roster.models import Roster, Shift
from madoguchi.domain.roster.on_paper import broken, unexplained
from madoguchi.domain.roster.states import ROSTER, RosterEvent, RosterStage
from madoguchi.domain.roster.tests.a_team import Team, day
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def team() -> Team:
    return Team()


def test_opening_the_same_days_twice_gives_one_roster(team: Team) -> None:
    first = making.open_roster(day(0), day(6), acting_user=team.leader.pk)
    assert making.open_roster(day(0), day(6), acting_user=None) == first
    with pytest.raises(DaysTaken):
        making.open_roster(day(6), day(12), acting_user=None)


@pytest.mark.parametrize(("first", "last"), [(3, 2), (0, 31)])
def test_only_1_to_31_days_are_one_roster(first: int, last: int) -> None:
    with pytest.raises(WrongDays):
        making.open_roster(day(first), day(last), acting_user=None)


def test_days_of_a_discarded_roster_are_free_again(team: Team) -> None:
    roster = team.draft({0: [1]})
    making.discard(roster.pk, acting_user=team.leader.pk)
    assert making.open_roster(day(1), day(5), acting_user=None) != roster
    with pytest.raises(RosterGone):
        making.publish(roster.pk, {}, acting_user=None)


def test_publishing_twice_is_one_step(team: Team) -> None:
    roster = team.draft({0: [1, 2], 1: [3]})
    assert making.publish(roster.pk, {}, acting_user=team.leader.pk)
    assert not making.publish(roster.pk, {}, acting_user=team.leader.pk)
    steps = Transition.objects.filter(subject="roster").order_by("pk").values_list("old", "new", "by")
    assert list(steps) == [("", "draft", team.leader.pk), ("draft", "published", team.leader.pk)]


def test_a_published_roster_is_not_discarded_nor_made_anew(team: Team) -> None:
    roster = team.published({0: [1]})
    for verb in (
        lambda: making.discard(roster.pk, acting_user=None),
        lambda: making.begin_making(roster.pk, allow_short=False, acting_user=None),
        lambda: editing.take_in(roster.pk, [], acting_user=None),
    ):
        with pytest.raises(NotNow):
            verb()
    assert Shift.objects.count() == 1


def test_a_broken_rule_keeps_it_from_being_published_until_it_has_a_reason(team: Team) -> None:
    roster = team.draft({0: range(7)})
    with pytest.raises(Unexplained) as caught:
        making.publish(roster.pk, {}, acting_user=team.leader.pk)
    assert "佐藤 恵" in caught.value.shown()
    for one in broken(roster, {}):
        with pytest.raises(ReasonMissing):
            editing.explain(roster.pk, one, "  ", acting_user=team.leader.pk)
        editing.explain(roster.pk, one, "本人の希望", acting_user=team.leader.pk)
    assert making.publish(roster.pk, {}, acting_user=team.leader.pk)
    assert {waiver.by for waiver in roster.waivers.all()} == {team.leader.pk}


def test_whoever_left_meanwhile_keeps_it_from_being_published(team: Team) -> None:
    roster = team.draft({0: [1]})
    team.people[0].is_active = False
    team.people[0].save()
    with pytest.raises(Unexplained) as caught:
        making.publish(roster.pk, {}, acting_user=team.leader.pk)
    assert "利用停止" in caught.value.shown()


def test_of_two_workers_the_second_changes_nothing(team: Team) -> None:
    roster = team.draft({0: [1]})
    assert making.begin_making(roster.pk, allow_short=False, acting_user=None)
    assert not making.begin_making(roster.pk, allow_short=False, acting_user=None)
    placed = [(team.people[1].pk, day(2), team.late.pk, [[1020, 1080]])]
    making.made(roster.pk, placed, [["2026-11-24", team.late.pk, 1]], [])
    making.made(roster.pk, [], [], [])
    making.clashed(roster.pk, [], [])
    roster.refresh_from_db()
    assert roster.stage == RosterStage.DRAFT
    assert [(row.account_id, row.day) for row in roster.shifts.all()] == [(team.people[1].pk, day(2))]


def test_a_silent_worker_is_followed_by_others_and_at_last_given_up(team: Team) -> None:
    roster = team.draft({})
    making.begin_making(roster.pk, allow_short=False, acting_user=None)
    assert not making.another_try(roster.pk, now() - timedelta(minutes=1), 2), "it may still be at it"
    assert [making.another_try(roster.pk, now() + timedelta(1), 2) for _ in range(3)] == [True, True, False]
    assert Roster.objects.get().stage == RosterStage.FAILED


def test_every_event_leads_somewhere() -> None:
    assert {event for _, event, _ in ROSTER.arrows()} == set(RosterEvent)
    assert {new for *_, new in ROSTER.arrows()} == set(RosterStage)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    worked=st.dictionaries(st.integers(0, 3), st.lists(st.integers(0, 6), unique=True), max_size=4),
    explained=st.integers(0, 3),
)
def test_no_published_roster_has_a_broken_rule_without_a_reason(
    team: Team, worked: dict[int, list[int]], explained: int
) -> None:
    Roster.objects.all().delete()
    roster = team.draft(worked)
    for one in broken(roster, {})[:explained]:
        editing.explain(roster.pk, one, "やむを得ない", acting_user=None)
    try:
        making.publish(roster.pk, {}, acting_user=None)
    except Unexplained:
        roster.refresh_from_db()
        assert roster.stage == RosterStage.DRAFT
        assert unexplained(roster, broken(roster, {}))
    else:
        assert not unexplained(roster, broken(roster, {}))
