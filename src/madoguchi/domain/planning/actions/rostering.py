"""Rosters made by the machine, changed and published with everybody's skills at hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from madoguchi.domain.ledger.orders import order
from madoguchi.domain.planning.errors import NoForecast, NothingToFill
from madoguchi.domain.planning.queries.rostering import able, required_of
from madoguchi.domain.roster.actions import editing, making
from madoguchi.domain.roster.cells import Cell
from madoguchi.domain.roster.models import Roster, ShiftType, Term
from madoguchi.domain.roster.states import RosterStage
from madoguchi.kit.clock import now

if TYPE_CHECKING:
    from madoguchi.domain.planning.rostering import Made

STALE_AFTER = timedelta(minutes=3)
"""So long without a roster, and another worker is sent; both searches together take twenty seconds."""
MOST_TRIES = 3


@transaction.atomic
def open_days(first: date, last: date, *, acting_user: int | None) -> Roster:
    """Begin a draft, with the people that the newest forecast asks for where there is one.

    Raises WrongDays, DaysTaken.
    """
    roster = making.open_roster(first, last, acting_user=acting_user)
    if not roster.required:
        making.set_required(roster.pk, required_of(first, last), acting_user=acting_user)
    return roster


@transaction.atomic
def use_forecast(roster_id: int, *, acting_user: int | None) -> None:
    """Take the needed people anew from the newest forecast. Raises RosterGone, NoForecast."""
    roster = making.locked(roster_id)
    found = required_of(roster.first, roster.last)
    if not found:
        raise NoForecast
    making.set_required(roster_id, found, acting_user=acting_user)


@transaction.atomic
def ask(roster_id: int, *, allow_short: bool, acting_user: int | None) -> None:
    """Send a worker to make the roster; one that is at it already goes on.

    Raises RosterGone, NotNow, and NothingToFill where nobody has a contract, there is no way to work, or
    neither a need nor a least number of people is known.
    """
    roster = making.locked(roster_id)
    types = ShiftType.objects.filter(active=True)
    asked = any(any(line) for line in roster.required.values()) or types.filter(least__gt=0).exists()
    if not asked or not types.exists() or not Term.objects.filter(account__is_active=True).exists():
        raise NothingToFill
    if making.begin_making(roster_id, allow_short=allow_short, acting_user=acting_user):
        _send_worker(roster_id)


def answer(roster_id: int, found: Made) -> None:
    """Write down what a worker found. Of two workers at once the second changes nothing."""
    if found.clash is None:
        making.made(roster_id, found.placed, found.need, found.short)
    else:
        making.clashed(roster_id, found.clash, found.need)


def carry_on() -> int:
    """Send another worker wherever one gave no answer for long; give up after some. How many were sent."""
    limit = now() - STALE_AFTER
    stale = Roster.objects.filter(stage=RosterStage.MAKING, asked_at__lt=limit)
    sent = 0
    for roster_id in list(stale.values_list("pk", flat=True)):
        with transaction.atomic():
            if making.another_try(roster_id, limit, MOST_TRIES):
                _send_worker(roster_id)
                sent += 1
    return sent


def change_cell(
    roster_id: int,
    where: tuple[int, date],
    wanted: Cell,
    *,
    expected: str,
    reason: str,
    acting_user: int | None,
) -> editing.Edited:
    """Change what one person does on one day; see `roster.actions.editing.set_cell`."""
    return editing.set_cell(
        roster_id,
        *where,
        wanted,
        expected=expected,
        able=able(),
        reason=reason,
        acting_user=acting_user,
    )


def publish(roster_id: int, *, acting_user: int | None) -> bool:
    """Let people work by a roster; see `roster.actions.making.publish`."""
    return making.publish(roster_id, able(), acting_user=acting_user)


def _send_worker(roster_id: int) -> None:
    order("planning.roster", queue="planning", roster_id=roster_id)
