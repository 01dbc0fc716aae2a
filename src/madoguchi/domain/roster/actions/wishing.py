"""Wishes that people have, and days off that are settled."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from madoguchi.domain.ledger.actions import note
from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.errors import WishesOfOthers, WishTooLate
from madoguchi.domain.roster.models import DayOff, Roster, ShiftType, Wish
from madoguchi.domain.roster.states import WORKED_BY, OffKind
from madoguchi.kit.clock import business_day, now

OFF = "off"
NONE = ""


@transaction.atomic
def wish(account_id: int, day: date, what: str, *, words: str = "", acting_user: int) -> None:
    """Write down what somebody would like on a day: the id of a shift type, `OFF`, or `NONE`: no wish.

    The last word holds. Raises WishTooLate once people work by the day's roster, WishesOfOthers when an
    operator writes for somebody else.
    """
    if acting_user != account_id and not Account.objects.get(pk=acting_user).leads:
        raise WishesOfOthers
    taken = Roster.objects.filter(stage__in=WORKED_BY, first__lte=day, last__gte=day).exists()
    if taken or day <= business_day(now()):
        raise WishTooLate
    if what == NONE:
        Wish.objects.filter(account_id=account_id, day=day).delete()
    else:
        wanted = None if what == OFF else ShiftType.objects.get(pk=int(what), active=True)
        Wish.objects.update_or_create(
            account_id=account_id,
            day=day,
            defaults={"shift_type": wanted, "note": words[:80], "made_at": now()},
        )
    note("wished", "account", account_id, acting_user=acting_user, day=day.isoformat(), what=what)


@transaction.atomic
def settle_day_off(account_id: int, day: date, kind: str, *, acting_user: int | None) -> None:
    """Settle that somebody does not work on a day, or (empty `kind`) that they may again.

    A shift that stands on that day is not taken away: that is a change of the roster (`editing.set_cell`).
    """
    before = DayOff.objects.filter(account_id=account_id, day=day).first()
    if kind:
        DayOff.objects.update_or_create(
            account_id=account_id,
            day=day,
            defaults={"kind": OffKind(kind), "by": acting_user, "made_at": now()},
        )
    elif before is not None:
        before.delete()
    old = before.kind if before else ""
    if old != kind:
        change = [old, kind]
        note("settled_day_off", "account", account_id, acting_user=acting_user, day=str(day), kind=change)
