"""The only writer of clients, numbers, hours and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from madoguchi.domain.clients.errors import HoursInUse, ReasonGone, WrongHours
from madoguchi.domain.clients.models import Client, Hours, Number, Reason, SpecialDay
from madoguchi.domain.clients.models import Period as PeriodRow
from madoguchi.domain.clients.queries import forget_hours, number_key
from madoguchi.domain.ledger.actions import announce, note
from madoguchi.domain.ledger.changes import applied
from madoguchi.domain.trunks.queries import rules_of
from madoguchi.kit.calendar import Period, check_periods


@transaction.atomic
def create_client(values: Mapping[str, Any], *, acting_user: int | None) -> Client:
    """Take on a client; `values` are fields of `Client`. Raises ValidationError."""
    return _store_client(Client(), values, "created_client", acting_user)


@transaction.atomic
def change_client(client_id: int, values: Mapping[str, Any], *, acting_user: int | None) -> Client:
    """Change a client's fields. Raises ValidationError."""
    return _store_client(Client.objects.get(pk=client_id), values, "changed_client", acting_user)


@transaction.atomic
def create_number(values: Mapping[str, Any], *, acting_user: int | None) -> Number:
    """Add a number that customers call; `e164` may be written as people do. Raises ValidationError.

    Announces to control, whose switch lets visitors of the demonstration reach known numbers only.
    """
    return _store_number(Number(), values, "created_number", acting_user)


@transaction.atomic
def change_number(number_id: int, values: Mapping[str, Any], *, acting_user: int | None) -> Number:
    """Change a number; announces as `create_number` does. Raises ValidationError."""
    return _store_number(Number.objects.get(pk=number_id), values, "changed_number", acting_user)


@transaction.atomic
def create_hours(name: str, *, acting_user: int | None) -> Hours:
    """Make a set of opening hours, closed until its periods are set. Raises ValidationError."""
    hours = Hours()
    changes = applied(hours, {"name": name})
    hours.save()
    note("created_hours", "hours", hours.pk, acting_user=acting_user, changes=changes)
    return hours


@transaction.atomic
def change_hours(
    hours_id: int,
    values: Mapping[str, Any],
    *,
    weekly: Sequence[Sequence[Period]] | None = None,
    acting_user: int | None,
) -> Hours:
    """Change hours; `weekly` replaces the periods of Monday to Sunday. Raises ValidationError, WrongHours.

    Calls that arrive more than `queries.CACHE_S` later meet the new hours in every process.
    """
    hours = Hours.objects.select_for_update().get(pk=hours_id)
    changes = applied(hours, values)
    hours.save()
    if weekly is not None:
        changes["weekly"] = [None, _replace_periods(hours, weekly)]
    note("changed_hours", "hours", hours_id, acting_user=acting_user, changes=changes)
    forget_hours(hours_id)
    return hours


@transaction.atomic
def delete_hours(hours_id: int, *, acting_user: int | None) -> None:
    """Delete hours that no number uses. Raises HoursInUse."""
    hours = Hours.objects.select_for_update().get(pk=hours_id)
    numbers = [str(number) for number in hours.numbers.all()]
    if numbers:
        raise HoursInUse(numbers="、".join(numbers))
    note("deleted_hours", "hours", hours_id, acting_user=acting_user, name=hours.name)
    hours.delete()
    forget_hours(hours_id)


@transaction.atomic
def set_special_day(
    hours_id: int, on: date, name: str, periods: Sequence[Period], *, acting_user: int | None
) -> SpecialDay:
    """Make a date special, closed all day when `periods` is empty. Raises ValidationError, WrongHours."""
    _check(tuple(periods), on.isoformat())
    known = SpecialDay.objects.filter(hours_id=hours_id, date=on).first()
    day = known or SpecialDay(hours_id=hours_id, date=on)
    changes = applied(day, {"name": name, "periods": [list(period) for period in sorted(periods)]})
    day.save()
    note("set_special_day", "hours", hours_id, acting_user=acting_user, date=on.isoformat(), changes=changes)
    forget_hours(hours_id)
    return day


@transaction.atomic
def remove_special_day(special_day_id: int, *, acting_user: int | None) -> None:
    """Make a date usual again; nothing happens when it already is."""
    day = SpecialDay.objects.filter(pk=special_day_id).first()
    if day is None:
        return
    note("removed_special_day", "hours", day.hours_id, acting_user=acting_user, date=day.date.isoformat())
    day.delete()
    forget_hours(day.hours_id)


@transaction.atomic
def add_reason(
    name: str, *, client_id: int | None = None, parent_id: int | None = None, acting_user: int | None
) -> Reason:
    """Add a reason at the end of its branch; a branch belongs to the client of its parent.

    Raises ValidationError, ReasonGone.
    """
    parent = _reason(parent_id) if parent_id is not None else None
    client = parent.client_id if parent else client_id
    last = _siblings(parent_id, client).aggregate(last=Max("position"))["last"] or 0
    reason = Reason(client_id=client, parent=parent, position=last + 1)
    applied(reason, {"name": name.strip()})
    reason.save()
    note("added_reason", "reason", reason.pk, acting_user=acting_user, name=reason.name)
    return reason


@transaction.atomic
def change_reason(reason_id: int, values: Mapping[str, Any], *, acting_user: int | None) -> Reason:
    """Rename a reason, or take it (and what is below it) out of use. Raises ValidationError, ReasonGone."""
    reason = _reason(reason_id)
    changes = applied(reason, values)
    reason.save()
    note("changed_reason", "reason", reason_id, acting_user=acting_user, changes=changes)
    return reason


@transaction.atomic
def move_reason(reason_id: int, by: int, *, acting_user: int | None) -> None:
    """Move a reason among its siblings: -1 one up, 1 one down; at the end it stays. Raises ReasonGone."""
    reason = _reason(reason_id)
    siblings = list(_siblings(reason.parent_id, reason.client_id).select_for_update())
    place = [row.pk for row in siblings].index(reason_id)
    siblings.insert(min(max(place + by, 0), len(siblings) - 1), siblings.pop(place))
    for position, row in enumerate(siblings, start=1):
        row.position = position
    Reason.objects.bulk_update(siblings, ["position"])
    note("moved_reason", "reason", reason_id, acting_user=acting_user, by=by)


@transaction.atomic
def remove_reason(reason_id: int, *, acting_user: int | None) -> None:
    """Delete a reason and what is below it; contacts that carry it keep their words but lose the reason.

    Where history must keep it, take it out of use instead (`change_reason`). Raises ReasonGone.
    """
    reason = _reason(reason_id)
    note("removed_reason", "reason", reason_id, acting_user=acting_user, name=reason.name)
    reason.delete()


def _store_client(client: Client, values: Mapping[str, Any], verb: str, acting_user: int | None) -> Client:
    changes = applied(client, values)
    for name in ("greeting", "greeting_after_wait"):
        _check_greeting(name, getattr(client, name))
    client.save()
    note(verb, "client", client.pk, acting_user=acting_user, changes=changes)
    announce(("control", "settings"))
    return client


def _check_greeting(name: str, text: str) -> None:
    try:
        text.format(client="", menu="", operator="")
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise ValidationError(
            {name: _("Only {client}, {menu} and {operator} may stand in braces.")}
        ) from error


def _store_number(number: Number, values: Mapping[str, Any], verb: str, acting_user: int | None) -> Number:
    given = dict(values)
    if "e164" in given:
        trunk = given.get("trunk", number.trunk)
        key = number_key(given["e164"], rules_of(trunk))
        if not key:
            raise ValidationError({"e164": _("This is no telephone number. Write it like 03-1234-5678.")})
        given["e164"] = key
    changes = applied(number, given)
    number.save()
    note(verb, "number", number.pk, acting_user=acting_user, changes=changes)
    announce(("control", "configuration"))
    return number


def _replace_periods(hours: Hours, weekly: Sequence[Sequence[Period]]) -> list[list[list[int]]]:
    for name, periods in zip(WEEKDAYS.values(), weekly, strict=True):
        _check(tuple(periods), str(name))
    hours.periods.all().delete()
    PeriodRow.objects.bulk_create(
        PeriodRow(hours=hours, weekday=weekday, opens_min=opens, closes_min=closes)
        for weekday, periods in enumerate(weekly)
        for opens, closes in sorted(periods)
    )
    return [[list(period) for period in sorted(periods)] for periods in weekly]


def _check(periods: tuple[Period, ...], day: str) -> None:
    try:
        check_periods(periods)
    except ValueError as error:
        raise WrongHours(day=day, reason=str(error)) from error


def _siblings(parent_id: int | None, client_id: int | None) -> QuerySet[Reason]:
    rows = Reason.objects.filter(parent_id=parent_id) if parent_id else Reason.objects.filter(parent=None)
    return rows.filter(client_id=client_id) if client_id else rows.filter(client=None)


def _reason(reason_id: int) -> Reason:
    found = Reason.objects.filter(pk=reason_id).first()
    if found is None:
        raise ReasonGone
    return found
