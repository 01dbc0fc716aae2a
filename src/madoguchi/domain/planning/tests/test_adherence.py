"""Planned against actual: late, early, away, and the share kept, up to now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.ledger.actions import step, write
from madoguchi.domain.planning.queries.adherence import compared, kept_on
from madoguchi.domain.roster.queries import Stretch
from madoguchi.domain.roster.tests.a_team import Team, at, day

pytestmark = [pytest.mark.action]

MORNING, AFTERNOON = (at(day(1), 8), at(day(1), 12)), (at(day(1), 13), at(day(1), 17))
PLAN = [MORNING, AFTERNOON]
EVENING = at(day(1), 20)


def there(*hours: tuple[float, float]) -> list[Stretch]:
    return [(at(day(1), begin), at(day(1), end)) for begin, end in hours]


def test_who_keeps_the_roster_keeps_all_of_it() -> None:
    kept = compared(1, PLAN, there((7.5, 12), (13, 17.5)), EVENING)
    assert (kept.percent, kept.late_s, kept.early_s, kept.away_s) == (100, 0, 0, 0)


def test_late_early_and_away_are_told_apart_and_add_up() -> None:
    kept = compared(1, PLAN, there((8.5, 10), (11, 12), (13, 16.5)), EVENING)
    assert (kept.late_s, kept.away_s, kept.early_s) == (1800, 3600, 1800)
    assert kept.planned_s == kept.there_s + kept.late_s + kept.away_s + kept.early_s


def test_a_break_taken_at_the_planned_time_costs_nothing_and_another_does() -> None:
    assert compared(1, PLAN, there((8, 12), (13, 17)), EVENING).percent == 100
    moved = compared(1, PLAN, there((8, 13), (14, 17)), EVENING)
    assert moved.away_s == 3600


def test_who_never_came_is_late_all_day() -> None:
    kept = compared(1, PLAN, [], EVENING)
    assert (kept.percent, kept.late_s) == (0, 8 * 3600)


def test_time_to_come_does_not_count() -> None:
    kept = compared(1, PLAN, there((8, 10)), at(day(1), 10))
    assert (kept.percent, kept.planned_s, kept.early_s) == (100, 7200, 0)
    assert compared(1, PLAN, [], at(day(1), 7)).percent is None


def test_half_hours_tell_their_own_share() -> None:
    kept = compared(1, PLAN, there((8.25, 12)), at(day(1), 9))
    assert kept.intervals == {at(day(1), 8): 0.5, at(day(1), 8.5): 1.0}


@given(st.lists(st.tuples(st.integers(0, 95), st.integers(1, 12)), max_size=8), st.integers(0, 96))
def test_the_parts_always_add_up(spells: list[tuple[int, int]], quarter: int) -> None:
    begin, actual, last = at(day(1), 0), [], 0
    for start, length in sorted(spells):
        first = max(start, last)
        if first >= 96:
            break
        last = min(96, first + length)
        actual.append((_at(begin, first), _at(begin, last)))
    kept = compared(1, PLAN, actual, _at(begin, quarter))
    total = kept.there_s + kept.late_s + kept.early_s + kept.away_s
    assert total == pytest.approx(kept.planned_s)
    assert min(kept.there_s, kept.late_s, kept.early_s, kept.away_s) >= 0
    assert all(0 <= share <= 1 for share in kept.intervals.values())


def _at(begin: datetime, quarter: int) -> datetime:
    return begin + timedelta(minutes=15 * quarter)


@pytest.mark.django_db
def test_presence_of_the_day_is_read_from_the_ledger() -> None:
    team = Team()
    team.published({0: [1], 1: [1]})
    agents = [
        Agent.objects.create(
            account=person,
            endpoint=f"op-{person.pk}",
            presence_since=EVENING,
            activity_since=EVENING,
            idle_since=EVENING,
        )
        for person in team.people[:2]
    ]
    own = (
        ("available", 8.5),
        ("other_work", 9),
        ("break", 12),
        ("available", 13),
        ("gone_home", 17),
    )
    old = ""
    for new, hour in own:
        write([step("presence", agents[0].pk, old, new, event="chose", at=at(day(1), hour))])
        old = new
    found = kept_on(day(1), EVENING)
    assert found[team.people[0].pk].late_s == 1800
    assert found[team.people[0].pk].away_s == 0
    assert found[team.people[1].pk].percent == 0
    assert kept_on(day(2), EVENING) == {}
