"""A roster from an empty draft to the one that people work by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from madoguchi.domain.ledger.actions import announce, step, write
from madoguchi.domain.roster.errors import DaysTaken, NotNow, RosterGone, Unexplained, WrongDays
from madoguchi.domain.roster.models import Roster, Shift, ShiftType
from madoguchi.domain.roster.on_paper import Able, broken, unexplained
from madoguchi.domain.roster.seal import seal_of
from madoguchi.domain.roster.states import OPEN, ROSTER, WORKED_BY, RosterEvent, RosterStage
from madoguchi.domain.roster.words import names_of
from madoguchi.kit.clock import may_be_meant
from madoguchi.kit.clock import now as clock_now

MOST_DAYS = 31
Placed = tuple[int, date, int, Sequence[Sequence[int]]]
"""Account, day, shift type, breaks in minutes."""


@transaction.atomic
def open_roster(first: date, last: date, *, acting_user: int | None) -> Roster:
    """Begin an empty draft for some days; the one that has exactly these days is given back.

    Raises WrongDays, DaysTaken.
    """
    meant = may_be_meant(first) and may_be_meant(last)
    if not meant or not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise WrongDays
    same = Roster.objects.filter(first=first, last=last).exclude(stage=RosterStage.DISCARDED).first()
    if same is not None:
        return same
    at = clock_now()
    try:
        with transaction.atomic():
            roster = Roster.objects.create(first=first, last=last, by=acting_user, made_at=at)
    except IntegrityError as error:
        raise DaysTaken from error
    write([step(ROSTER.name, roster.pk, "", roster.stage, event="opened", at=at, by=acting_user)])
    return roster


@transaction.atomic
def set_required(roster_id: int, required: Mapping[str, Sequence[float]], *, acting_user: int | None) -> None:
    """Keep how many people the calls ask for, day → 48 half-hours; also of a published roster."""
    roster = locked(roster_id)
    days = {(roster.first + timedelta(days=at)).isoformat() for at in range(_length(roster))}
    roster.required = {
        day: [max(0.0, round(float(one), 2)) for one in line][:48]
        for day, line in required.items()
        if day in days
    }
    roster.save(update_fields=["required"])


@transaction.atomic
def begin_making(roster_id: int, *, allow_short: bool, acting_user: int | None) -> bool:
    """Say that a worker is at it. False: one is already. Raises NotNow once it is published."""
    roster = locked(roster_id)
    if roster.stage == RosterStage.MAKING:
        return False
    move(
        roster,
        RosterEvent.ASKED,
        by=acting_user,
        asked_at=clock_now(),
        tries=0,
        allow_short=allow_short,
        clash=[],
        short=[],
    )
    return True


@transaction.atomic
def made(
    roster_id: int, placed: Sequence[Placed], need: Sequence[Sequence[Any]], short: Sequence[Sequence[Any]]
) -> None:
    """Write down what a worker found. Of two workers at once the second changes nothing."""
    roster = locked(roster_id)
    if not ROSTER.allows(roster.stage, RosterEvent.MADE):
        return
    roster.shifts.all().delete()
    roster.waivers.all().delete()
    place_shifts(roster, placed)
    move(roster, RosterEvent.MADE, need=list(need), short=list(short), clash=[])


@transaction.atomic
def clashed(roster_id: int, rules: Sequence[Mapping[str, Any]], need: Sequence[Sequence[Any]]) -> None:
    """Write down which rules contradict each other. Empty: none was found in time, and none is proven."""
    roster = locked(roster_id)
    if ROSTER.allows(roster.stage, RosterEvent.CLASHED):
        move(roster, RosterEvent.CLASHED, clash=list(rules), need=list(need))


@transaction.atomic
def another_try(roster_id: int, limit: datetime, most: int) -> bool:
    """Whether another worker is to be sent for one silent since `limit`; after `most` it has failed."""
    roster = locked(roster_id)
    if roster.stage != RosterStage.MAKING or (roster.asked_at and roster.asked_at >= limit):
        return False
    if roster.tries >= most:
        move(roster, RosterEvent.FAILED)
        return False
    roster.asked_at, roster.tries = clock_now(), roster.tries + 1
    roster.save(update_fields=["asked_at", "tries"])
    return True


@transaction.atomic
def publish(roster_id: int, able: Able, *, acting_user: int | None) -> bool:
    """Let people work by it. False: they do already. Raises Unexplained while a broken rule has no reason."""
    roster = locked(roster_id)
    if roster.stage in WORKED_BY:
        return False
    if roster.stage != RosterStage.DRAFT:
        raise NotNow(stage=RosterStage(roster.stage).label)
    left = unexplained(roster, broken(roster, able))
    if left:
        raise Unexplained(count=len(left), rules="、".join(names_of(left[:5])))
    move(roster, RosterEvent.PUBLISHED, by=acting_user, cause=seal_of(roster.pk), published_at=clock_now())
    announce(("floor", "people"))
    return True


@transaction.atomic
def discard(roster_id: int, *, acting_user: int | None) -> None:
    """Give a draft up; its days are free for another one. Raises NotNow once people work by it."""
    roster = locked(roster_id)
    if roster.stage not in OPEN:
        raise NotNow(stage=RosterStage(roster.stage).label)
    move(roster, RosterEvent.DISCARDED, by=acting_user)


def locked(roster_id: int) -> Roster:
    """The roster, held until the transaction ends, as whoever changes its shifts must. Raises RosterGone."""
    roster = Roster.objects.select_for_update().filter(pk=roster_id).first()
    if roster is None or roster.stage == RosterStage.DISCARDED:
        raise RosterGone
    return roster


def move(
    roster: Roster,
    event: RosterEvent,
    *,
    by: int | None = None,
    cause: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """One step of a locked roster. Raises NotNow where the table refuses it."""
    old = roster.stage
    if not ROSTER.allows(old, event):
        raise NotNow(stage=RosterStage(old).label)
    roster.stage = ROSTER.next_state(old, event)
    for name, value in fields.items():
        setattr(roster, name, value)
    roster.save()
    taken = step(ROSTER.name, roster.pk, old, roster.stage, event=event, at=clock_now(), by=by, cause=cause)
    write([taken])


def place_shifts(roster: Roster, placed: Sequence[Placed]) -> None:
    """Store shifts at the hours of their types."""
    types = ShiftType.objects.in_bulk()
    Shift.objects.bulk_create(
        Shift(
            roster=roster,
            account_id=who,
            day=day,
            shift_type_id=what,
            begin_min=types[what].begin_min,
            end_min=types[what].end_min,
            breaks=[list(one) for one in breaks],
        )
        for who, day, what, breaks in placed
    )


def _length(roster: Roster) -> int:
    return (roster.last - roster.first).days + 1
