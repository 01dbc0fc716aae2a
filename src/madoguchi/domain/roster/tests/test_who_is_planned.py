"""Published shifts as others read them: by half-hour, by person, at a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madoguchi.domain.roster import queries
from madoguchi.domain.roster.actions import editing, wishing
from madoguchi.domain.roster.cells import Cell
from madoguchi.domain.roster.tests.a_team import Team, at, day, shift_type

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def team() -> Team:
    return Team()


def test_people_by_half_hour_leave_breaks_out(team: Team) -> None:
    team.published({0: [1], 1: [1]})
    found = queries.planned_by_interval(at(day(1), 7), at(day(1), 18))
    assert len(found) == 22
    assert {hour: found[at(day(1), hour)] for hour in (7.5, 8, 11.5, 12, 12.5, 13, 16.5, 17)} == {
        7.5: 0,
        8: 2,
        11.5: 2,
        12: 0,
        12.5: 0,
        13: 2,
        16.5: 2,
        17: 0,
    }


def test_a_part_of_a_half_hour_counts_as_its_part(team: Team) -> None:
    roster = team.draft({})
    hours = Cell(team.early.pk, (495, 855), ())
    editing.set_cell(
        roster.pk, team.people[0].pk, day(1), hours, expected="", able={}, acting_user=team.leader.pk
    )
    roster.stage = "published"
    roster.save()
    found = queries.planned_by_interval(at(day(1), 8), at(day(1), 15))
    assert [found[at(day(1), hour)] for hour in (8, 8.5, 14)] == [0.5, 1, 0.5]
    assert sum(found.values()) == 12


def test_a_draft_is_nobodys_plan_and_days_without_a_roster_are_unknown(team: Team) -> None:
    team.draft({0: [1]})
    assert queries.planned_by_interval(at(day(1), 0), at(day(2), 0)) == {}
    assert queries.planned_stretches(day(1)) == {}
    assert not queries.has_roster(day(1))


def test_stretches_of_a_day_are_hours_without_breaks(team: Team) -> None:
    team.published({0: [1], 1: [2]})
    own = ((at(day(1), 8), at(day(1), 12)), (at(day(1), 13), at(day(1), 17)))
    assert queries.planned_stretches(day(1)) == {team.people[0].pk: own}


def test_who_left_is_no_longer_planned(team: Team) -> None:
    team.published({0: [1]})
    team.people[0].is_active = False
    team.people[0].save()
    assert queries.planned_stretches(day(1)) == {}
    assert set(queries.planned_by_interval(at(day(1), 8), at(day(1), 17)).values()) == {0.0}


def test_a_night_belongs_to_the_day_on_which_it_begins(team: Team) -> None:
    night = shift_type("夜勤", "夜", 22, 31, 26)
    team.published({0: [1]}, night)
    found = queries.planned_by_interval(at(day(2), 0), at(day(2), 8))
    assert sum(found.values()) == 12
    assert queries.standing([team.people[0].pk], at(day(2), 3))[team.people[0].pk].today is not None


def test_how_the_roster_sees_people_at_a_moment(team: Team) -> None:
    team.published({0: [1, 2], 1: [2]})
    wishing.settle_day_off(team.people[2].pk, day(1), "paid", acting_user=None)
    own, other, off = (person.pk for person in team.people[:3])
    found = queries.standing([own, other, off], at(day(1), 7))
    assert found[own].next is not None
    assert found[own].today == found[own].next
    coming = found[other].next
    assert coming is not None
    assert (found[other].today, coming.begin) == (None, at(day(2), 8))
    assert (found[off].off, found[off].known) == ("paid", True)
    evening = queries.standing([own], at(day(1), 20))[own]
    assert evening.today is not None
    assert evening.next is not None
    assert (evening.today.end, evening.next.day) == (at(day(1), 17), day(2))


def test_ones_own_week(team: Team) -> None:
    team.published({0: [1, 3]})
    found = queries.shifts_of(team.people[0].pk, day(0), day(6))
    assert {one: found[one].mark for one in found} == {day(1): "早", day(3): "早"}
    assert found[day(1)].end - found[day(1)].begin == timedelta(hours=9)
