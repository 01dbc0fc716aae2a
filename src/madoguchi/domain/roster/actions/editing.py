"""Single shifts, changed by hand, and whole tables brought in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from madoguchi.domain.ledger.actions import announce, note, step, write
from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.actions.making import locked, move, place_shifts
from madoguchi.domain.roster.actions.wishing import settle_day_off
from madoguchi.domain.roster.cells import NOTHING, Cell, cell_of, token_of
from madoguchi.domain.roster.errors import BreakTooShort, NotNow, ReasonMissing, RosterGone, RulesBroken
from madoguchi.domain.roster.models import Roster, Shift, ShiftType, Waiver
from madoguchi.domain.roster.on_paper import Able, Broken, broken, unexplained
from madoguchi.domain.roster.seal import seal_of
from madoguchi.domain.roster.states import OPEN, WORKED_BY, RosterEvent, RosterStage
from madoguchi.domain.roster.words import names_of
from madoguchi.kit.clock import now
from madoguchi.science.staffing.shifts.errors import WrongShift
from madoguchi.science.staffing.shifts.overtime import MEAN_OF, months_from
from madoguchi.science.staffing.shifts.people import month_of, sunday_of
from madoguchi.science.staffing.shifts.rules import RuleCode

SUBJECT = "shift"


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of a change of one cell."""

    done: bool
    """False: somebody else changed the cell since the page was read; nothing was written."""
    stands: str = NOTHING
    """The cell as it is now (a token of `cells`)."""
    broken: list[str] = field(default_factory=list)
    """Hard rules that are broken now and were not before, in words; each has the reason given."""


@transaction.atomic
def set_cell(
    roster_id: int,
    account_id: int,
    day: date,
    wanted: Cell,
    *,
    expected: str,
    able: Able,
    reason: str = "",
    acting_user: int | None,
) -> Edited:
    """Give one person another shift, another day off, or nothing on a day.

    1. Of two people at once the second is told so (`expected` is the cell as their page showed it).
    2. A published roster changes with a reason only. 3. Rules that are broken now, or broken more, need one,
    too; reasons of rules that are kept again are forgotten, so that none covers a later breach.
    Announces to the floor. Raises RosterGone, NotNow, ReasonMissing, RulesBroken, BreakTooShort.
    """
    roster, reason = locked(roster_id), reason.strip()[:200]
    if not roster.first <= day <= roster.last:
        raise RosterGone
    if roster.stage == RosterStage.MAKING:
        raise NotNow(stage=RosterStage.MAKING.label)
    stands = token_of(roster, account_id, day)
    if stands != expected:
        return Edited(False, stands)
    if roster.stage in WORKED_BY and not reason:
        raise ReasonMissing
    try:
        new, left = _changed(roster, (account_id, day), wanted, able, acting_user)
    except WrongShift as error:
        raise BreakTooShort from error
    said = names_of(new)
    if new and not reason:
        raise RulesBroken(rules="、".join(said), each=said)
    _forget(roster, left)
    _explain(roster, new, reason, acting_user)
    _write_down(roster, (account_id, day), (stands, wanted.token), reason=reason, by=acting_user)
    _move_on(roster, account_id, acting_user)
    return Edited(True, wanted.token, said)


@transaction.atomic
def explain(roster_id: int, found: Broken, reason: str, *, acting_user: int | None) -> None:
    """Say why a rule that a draft breaks is broken knowingly. Raises ReasonMissing."""
    roster = locked(roster_id)
    if not reason.strip():
        raise ReasonMissing
    _explain(roster, [found], reason.strip()[:200], acting_user)
    about = [found.code, found.account_id, str(found.day)]
    note("explained_breach", "roster", roster.pk, acting_user=acting_user, reason=reason, about=about)


@transaction.atomic
def take_in(roster_id: int, cells: Sequence[tuple[int, date, Cell]], *, acting_user: int | None) -> int:
    """Put a table that was planned elsewhere in the place of the draft's; returns the shifts taken in.

    What rules it breaks is shown, and asks for reasons when it is published. Raises NotNow once people work
    by it.
    """
    roster = locked(roster_id)
    if roster.stage not in OPEN:
        raise NotNow(stage=RosterStage(roster.stage).label)
    roster.shifts.all().delete()
    roster.waivers.all().delete()
    count = 0
    for account_id, day, wanted in cells:
        if roster.first <= day <= roster.last:
            _put(roster, account_id, day, wanted, acting_user)
            count += wanted.shift_type_id is not None
    if roster.stage != RosterStage.DRAFT:
        move(roster, RosterEvent.EDITED, by=acting_user)
    note("took_in_roster", "roster", roster.pk, acting_user=acting_user, shifts=count)
    return count


def _move_on(roster: Roster, account_id: int, by: int | None) -> None:
    if roster.stage in WORKED_BY:
        move(roster, RosterEvent.CHANGED, by=by, cause={"account": account_id} | seal_of(roster.pk))
        announce(("floor", "people"))
    elif roster.stage != RosterStage.DRAFT:
        move(roster, RosterEvent.EDITED, by=by)


def _changed(
    roster: Roster, where: tuple[int, date], wanted: Cell, able: Able, by: int | None
) -> tuple[list[Broken], list[Broken]]:
    """Puts the cell; what is broken now and was not, or is broken more, and all that is broken."""
    account_id, day = where
    before, worked = set(broken(roster, able)), _minutes(roster, account_id, day)
    _put(roster, account_id, day, wanted, by)
    after = broken(roster, able)
    longer = _minutes(roster, account_id, day) > worked
    new = [
        one
        for one in after
        if one not in before or (longer and one.account_id == account_id and _sums_up(one, day))
    ]
    return new, after


def _sums_up(one: Broken, day: date) -> bool:
    """Whether it is a rule about a sum of hours in which `day` counts."""
    if one.code == RuleCode.WEEK_HOURS:
        return sunday_of(day) == one.day
    if one.code == RuleCode.OVERTIME_YEAR:
        return month_of(day) in months_from(one.day, 12)
    if one.code == RuleCode.OVERTIME_MEAN:
        return month_of(day) in months_from(one.day, -MEAN_OF[-1])
    monthly = {RuleCode.OVERTIME, RuleCode.OVERTIME_MOST, RuleCode.OVERTIME_OFTEN}
    return one.code in monthly and month_of(day) == one.day


def _minutes(roster: Roster, account_id: int, day: date) -> int:
    row = Shift.objects.filter(roster=roster, account_id=account_id, day=day).first()
    return row.end_min - row.begin_min - sum(end - begin for begin, end in row.breaks) if row else 0


def _forget(roster: Roster, left: Sequence[Broken]) -> None:
    standing = {(one.code, one.account_id, one.day) for one in left}
    for waiver in roster.waivers.all():
        if (waiver.code, waiver.account_id, waiver.day) not in standing:
            waiver.delete()


def _put(roster: Roster, account_id: int, day: date, wanted: Cell, by: int | None) -> None:
    Account.objects.get(pk=account_id)
    Shift.objects.filter(roster=roster, account_id=account_id, day=day).delete()
    # A day off ends where a shift is given by hand, only if it is not a settled one: that is a broken rule.
    if wanted.off or wanted == Cell():
        settle_day_off(account_id, day, wanted.off, acting_user=by)
    if wanted.shift_type_id is None:
        return
    one = ShiftType.objects.get(pk=wanted.shift_type_id)
    if wanted.hours is None:
        place_shifts(roster, [(account_id, day, one.pk, cell_of(one).breaks)])
        return
    begin, end = wanted.hours
    inside = all(begin <= first < last <= end for first, last in wanted.breaks)
    if not 0 <= begin < 1440 or not begin < end <= 2880 or not inside:
        raise BreakTooShort
    Shift.objects.create(
        roster=roster,
        account_id=account_id,
        day=day,
        shift_type=one,
        begin_min=begin,
        end_min=end,
        breaks=[list(pair) for pair in wanted.breaks],
    )


def _explain(roster: Roster, found: Sequence[Broken], reason: str, by: int | None) -> None:
    for one in unexplained(roster, list(found)):
        Waiver.objects.create(
            roster=roster,
            code=one.code,
            account_id=one.account_id,
            day=one.day,
            reason=reason,
            by=by,
            at=now(),
        )


def _write_down(
    roster: Roster, where: tuple[int, date], change: tuple[str, str], *, reason: str, by: int | None
) -> None:
    account_id, day = where
    taken = step(
        SUBJECT,
        f"{roster.pk}:{account_id}:{day}",
        change[0][:24],
        change[1][:24],
        event="set",
        at=now(),
        by=by,
        cause={"from": change[0], "to": change[1], "reason": reason, "stage": roster.stage},
    )
    write([taken])
