"""One cell at a time: who was first, why, and which rules it breaks."""

from __future__ import annotations

from functools import partial

import pytest

from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.ledger.tests.side_by_side import side_by_side
from madoguchi.domain.roster.actions import editing, wishing
from madoguchi.domain.roster.cells import Cell, cell_of, read
from madoguchi.domain.roster.errors import (
    BreakTooShort,
    NotNow,
    ReasonMissing,
    RosterGone,
    RulesBroken,
    WishesOfOthers,
    WishTooLate,
)
from madoguchi.domain.roster.models import DayOff, Roster, Shift, Waiver, Wish
from madoguchi.domain.roster.on_paper import broken
from madoguchi.domain.roster.tests.a_team import Team, contract, day
from madoguchi.kit.clock import business_day, now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def team() -> Team:
    return Team()


def put(team: Team, roster: Roster, number: int, wanted: Cell, **told: str) -> editing.Edited:
    given = {"expected": "", "reason": ""} | told
    return editing.set_cell(
        roster.pk,
        team.people[0].pk,
        day(number),
        wanted,
        expected=given["expected"],
        reason=given["reason"],
        able={},
        acting_user=team.leader.pk,
    )


def test_a_shift_is_given_changed_and_taken(team: Team) -> None:
    roster = team.draft({})
    early, late = str(team.early.pk), str(team.late.pk)
    assert put(team, roster, 1, Cell(team.early.pk)) == editing.Edited(True, early)
    assert put(team, roster, 1, Cell(team.late.pk), expected=early).stands == late
    assert put(team, roster, 1, Cell(off="paid"), expected=late).stands == "off:paid"
    assert (Shift.objects.count(), DayOff.objects.get().kind) == (0, "paid")
    assert put(team, roster, 1, Cell(), expected="off:paid").done
    assert not DayOff.objects.exists()
    steps = Transition.objects.filter(subject="shift").order_by("pk").values_list("old", "new", "by")
    assert list(steps) == [
        ("", early, team.leader.pk),
        (early, late, team.leader.pk),
        (late, "off:paid", team.leader.pk),
        ("off:paid", "", team.leader.pk),
    ]


def test_who_comes_second_is_told_what_stands(team: Team) -> None:
    roster = team.draft({})
    put(team, roster, 1, Cell(team.early.pk))
    second = put(team, roster, 1, Cell(team.late.pk))
    assert second == editing.Edited(False, str(team.early.pk))
    assert Shift.objects.get().shift_type == team.early


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_second(team: Team) -> None:
    roster = team.draft({})
    wanted = [Cell(duty.pk) for duty in (team.early, team.late)]
    both = side_by_side(*(partial(put, team, roster, 1, cell) for cell in wanted))
    assert sorted(edited.done for edited in both) == [False, True]
    assert Transition.objects.filter(subject="shift").count() == 1


def test_a_new_breach_needs_a_reason_and_keeps_it(team: Team) -> None:
    roster = team.draft({0: [1]}, team.late)
    with pytest.raises(RulesBroken) as caught:
        put(team, roster, 2, Cell(team.early.pk))
    assert "佐藤 恵さんの11/24(火)のシフトまでの休息が短い" in caught.value.shown()
    assert Shift.objects.count() == 1, "nothing was written"
    edited = put(team, roster, 2, Cell(team.early.pk), reason="本人と合意")
    assert edited.done
    assert edited.broken
    assert Waiver.objects.get().reason == "本人と合意"


def test_an_old_breach_does_not_stand_in_the_way_of_another_change(team: Team) -> None:
    roster = team.draft({0: [1, 2, 3, 4, 5, 6], 1: []})
    assert broken(roster, {})
    assert put(team, roster, 6, Cell(), expected=str(team.early.pk)).done


def test_a_rule_that_is_broken_more_needs_a_reason_again(team: Team) -> None:
    roster = team.draft({0: [0, 1, 3, 4, 5]})
    put(team, roster, 6, Cell(team.early.pk), reason="本人と合意")
    early = str(team.early.pk)
    assert put(team, roster, 5, Cell(), expected=early).done, "less work needs none"
    assert not Waiver.objects.exists(), "a reason does not outlive its breach"
    put(team, roster, 5, Cell(team.early.pk), reason="やはり必要")
    longer = Cell(team.early.pk, (480, 1080), ((720, 780),))
    with pytest.raises(RulesBroken) as caught:
        put(team, roster, 6, longer, expected=early)
    assert "週の労働時間" in caught.value.shown()


def test_a_settled_day_off_is_a_rule(team: Team) -> None:
    roster = team.draft({})
    wishing.settle_day_off(team.people[0].pk, day(3), "paid", acting_user=team.leader.pk)
    with pytest.raises(RulesBroken):
        put(team, roster, 3, Cell(team.early.pk), expected="off:paid")


def test_a_published_shift_changes_with_a_reason_only(team: Team) -> None:
    roster = team.published({0: [1]})
    with pytest.raises(ReasonMissing):
        put(team, roster, 1, Cell(off="absent"), expected=str(team.early.pk))
    put(team, roster, 1, Cell(off="absent"), expected=str(team.early.pk), reason="体調不良")
    roster.refresh_from_db()
    step = Transition.objects.filter(subject="shift").latest("pk")
    assert roster.stage == "changed"
    assert (step.by, step.cause["reason"], step.cause["stage"]) == (team.leader.pk, "体調不良", "published")


def test_other_hours_are_kept_and_checked(team: Team) -> None:
    roster = team.draft({})
    short = Cell(team.early.pk, (480, 900), ((720, 765),))
    assert put(team, roster, 1, short).done
    assert read(put(team, roster, 1, Cell(), expected="").stands) == short
    for wrong in (
        Cell(team.early.pk, (480, 1020), ((720, 730),)),
        Cell(team.early.pk, (480, 1020), ((300, 360),)),
        Cell(team.early.pk, (1020, 480)),
    ):
        with pytest.raises(BreakTooShort):
            put(team, roster, 2, wrong)


def test_other_hours_count_for_the_rules(team: Team) -> None:
    team.contract.overtime_month_hours = 0
    roster = team.draft({})
    with pytest.raises(RulesBroken) as caught:
        put(team, roster, 1, Cell(team.early.pk, (480, 1140), ((720, 780),)))
    assert "労働時間が長すぎる" in caught.value.shown()


def test_cells_outside_the_days_or_while_the_machine_is_at_it_are_refused(team: Team) -> None:
    roster = team.draft({})
    with pytest.raises(RosterGone):
        put(team, roster, 7, Cell(team.early.pk))
    Roster.objects.update(stage="making")
    with pytest.raises(NotNow):
        put(team, roster, 1, Cell(team.early.pk))


def test_a_table_takes_the_place_of_the_draft(team: Team) -> None:
    roster = team.draft({0: [1]})
    cells = [
        (team.people[1].pk, day(1), Cell(team.late.pk)),
        (team.people[1].pk, day(2), Cell(off="rest")),
        (team.people[1].pk, day(9), Cell(team.late.pk)),
    ]
    assert editing.take_in(roster.pk, cells, acting_user=team.leader.pk) == 1
    assert [row.account_id for row in Shift.objects.all()] == [team.people[1].pk]


def test_wishes_are_ones_own_until_the_roster_is_published(team: Team) -> None:
    own, other, leader = team.people[0].pk, team.people[1].pk, team.leader.pk
    later = business_day(now()).replace(year=2099)
    wishing.wish(own, later, wishing.OFF, words="通院", acting_user=own)
    wishing.wish(own, later, str(team.late.pk), acting_user=leader)
    assert Wish.objects.get().shift_type == team.late
    with pytest.raises(WishesOfOthers):
        wishing.wish(own, later, wishing.OFF, acting_user=other)
    wishing.wish(own, later, wishing.NONE, acting_user=own)
    assert not Wish.objects.exists()
    with pytest.raises(WishTooLate):
        wishing.wish(own, business_day(now()), wishing.OFF, acting_user=own)
    team.published({})
    with pytest.raises(WishTooLate):
        wishing.wish(own, day(6), wishing.OFF, acting_user=own)


def test_a_contract_holds_for_its_shifts(team: Team) -> None:
    mornings = contract("午前", week_hours=20)
    mornings.shift_types.set([team.late])
    team.people[0].term.contract = mornings
    team.people[0].term.save()
    with pytest.raises(RulesBroken) as caught:
        put(team, team.draft({}), 1, Cell(team.early.pk))
    assert "契約" in caught.value.shown()


def test_a_token_says_all_that_a_cell_can_be(team: Team) -> None:
    for cell in (Cell(), Cell(off="rest"), Cell(3), cell_of(team.early)):
        assert read(cell.token) == cell
    assert [read(wrong) for wrong in ("off:", "x", "3@1", "3@1-2-3", "-1")] == [None] * 5
