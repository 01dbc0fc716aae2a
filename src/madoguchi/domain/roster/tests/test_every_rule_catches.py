"""Each rule of `verify` for rosters names what it is for: a lie planted past every action is found.

The lies are told in SQL, as a bug in the actions or a hand in the database would tell them.
"""

from __future__ import annotations

import pytest
from django.db import connection

from madoguchi.domain.ledger.tests.lies import Lie, plant
from madoguchi.domain.ledger.violations import Violation
from madoguchi.domain.roster import invariants
from madoguchi.domain.roster.actions import editing, making
from madoguchi.domain.roster.cells import Cell
from madoguchi.domain.roster.models import Roster, Shift, Waiver
from madoguchi.domain.roster.tests.a_team import Team, at, day
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


STAGE = "stages_are_the_last_step"
SEALED = "published_shifts_are_sealed"
MONDAYS = "WHERE day = '2026-11-23'"
NEXT = (
    "INSERT INTO roster_roster"
    " (first, last, stage, made_at, tries, required, allow_short, need, clash, short)"
    " VALUES ('2026-11-28', '2026-12-04', 'draft', now(), 0, '{}', false, '[]', '[]', '[]');"
    "INSERT INTO ledger_transition (subject, subject_id, old, new, event, at, cause)"
    " SELECT 'roster', id::text, '', 'draft', 'opened', now(), '{}' FROM roster_roster WHERE stage = 'draft'"
)

LIES = (
    Lie(STAGE, "is draft, the ledger says changed", "UPDATE roster_roster SET stage = 'draft'"),
    Lie(STAGE, "the ledger says nothing", "DELETE FROM ledger_transition WHERE subject = 'roster'"),
    Lie(STAGE, "lacks a moment", "UPDATE roster_roster SET published_at = NULL"),
    Lie(SEALED, "without a step", f"UPDATE roster_shift SET end_min = end_min + 30 {MONDAYS}"),
    Lie(SEALED, "without a step", f"UPDATE roster_shift SET breaks = '[[780, 840]]' {MONDAYS}"),
    Lie(SEALED, "without a step", f"DELETE FROM roster_shift {MONDAYS}"),
    Lie(
        SEALED,
        "without a step",
        "INSERT INTO roster_shift (roster_id, account_id, day, shift_type_id, begin_min, end_min, breaks)"
        " SELECT roster_id, account_id, '2026-11-28', shift_type_id, begin_min, end_min, breaks"
        f" FROM roster_shift {MONDAYS} ON CONFLICT DO NOTHING",
    ),
    Lie(
        "nobody_works_two_shifts_at_once",
        "on 2026-11-24",
        f"UPDATE roster_shift SET begin_min = 1320, end_min = 1980, breaks = '[[1500, 1560]]' {MONDAYS}",
    ),
    Lie(
        "nobody_works_two_shifts_at_once",
        "on 2026-11-23",
        "INSERT INTO roster_shift (roster_id, account_id, day, shift_type_id, begin_min, end_min, breaks)"
        " SELECT roster_id, account_id, day, shift_type_id, begin_min + 60, end_min, breaks"
        f" FROM roster_shift {MONDAYS}",
        "ALTER TABLE roster_shift DROP CONSTRAINT one_shift_a_day",
    ),
    Lie(
        "a_day_has_one_roster",
        "shares days with roster",
        NEXT,
        "ALTER TABLE roster_roster DROP CONSTRAINT one_roster_a_day",
    ),
    Lie(
        "a_day_has_one_roster",
        "outside its roster",
        f"UPDATE roster_shift SET day = '2026-12-10' {MONDAYS}",
    ),
    *(
        Lie(
            "planned_time_is_the_same_everywhere",
            words,
            f"UPDATE roster_shift SET breaks = '{breaks}' {MONDAYS}",
        )
        for breaks, words in (
            ("[[720, 780], [750, 810]]", "420 minutes are paid, presence is told of 450"),
            ("[[420, 480]]", "480 minutes are paid, presence is told of 540"),
            ("[[1020, 1080]]", "480 minutes are paid, presence is told of 540"),
        )
    ),
    Lie("broken_rules_have_a_reason", "without a reason", "UPDATE roster_waiver SET reason = ' '"),
    Lie(
        "nothing_is_made_for_ever",
        "more than an hour",
        "UPDATE roster_roster SET stage = 'making', asked_at = '2026-11-22 00:00+09'",
    ),
)


@pytest.fixture
def roster() -> Roster:
    """A published week, changed once since, with a rule that is broken for a reason."""
    team = Team()
    made = team.published({0: range(1, 6), 1: (0, 1, 2)})
    for number in (0, 6):
        editing.set_cell(
            made.pk,
            team.people[0].pk,
            day(number),
            Cell(team.early.pk),
            expected="",
            able={},
            reason="応援",
            acting_user=team.leader.pk,
        )
    assert Waiver.objects.exists()
    made.refresh_from_db()
    return made


def found() -> list[Violation]:
    return list(invariants.violations(at(day(0), 0), at(day(8), 0)))


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_planted_lie_is_named_by_its_rule(roster: Roster, lie: Lie) -> None:
    assert found() == []
    plant(lie)
    told = [one for one in found() if one.rule == lie.rule]
    assert any(lie.words in one.words for one in told), [one.words for one in told]
    assert all(one.ids for one in told)


def test_no_rule_is_without_a_lie() -> None:
    assert {check.__name__ for check in invariants.CHECKS} == {lie.rule for lie in LIES}


def test_what_the_actions_do_breaks_nothing(roster: Roster) -> None:
    other = making.open_roster(day(7), day(13), acting_user=None)
    assert making.begin_making(other.pk, allow_short=True, acting_user=None)
    Roster.objects.filter(pk=other.pk).update(asked_at=now())
    assert list(invariants.violations(at(day(0), 0), now())) == []
    making.made(other.pk, [], [], [])
    making.discard(other.pk, acting_user=None)
    assert found() == []


def test_an_overlap_that_a_leader_gave_a_reason_for_is_passed_over() -> None:
    team = Team()
    made = team.published({0: (1, 2)})
    night = Cell(team.late.pk, (1320, 1980), ((1500, 1560),))
    put = {"expected": str(team.early.pk), "able": {}, "acting_user": team.leader.pk}
    editing.set_cell(made.pk, team.people[0].pk, day(1), night, reason="人手不足", **put)  # type: ignore[arg-type]
    assert found() == []
    Waiver.objects.filter(code="rest between shifts").delete()
    assert [one.rule for one in found()] == ["nobody_works_two_shifts_at_once"]


def test_rosters_of_before_there_were_seals_are_passed_over(roster: Roster) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_transition SET cause = cause - 'seal' WHERE subject = 'roster'")
    Shift.objects.filter(day=day(1)).update(end_min=1050)
    assert found() == []
