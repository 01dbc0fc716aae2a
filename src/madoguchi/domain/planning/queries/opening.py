"""When the centre is open: its numbers' hours together, and when its days begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from django.db.models import Q

from madoguchi.domain.clients.models import Number
from madoguchi.domain.clients.queries import read_hours
from madoguchi.domain.ledger.models import Entry
from madoguchi.kit.calendar import DAY_MIN, OpeningHours, Period, SpecialDay, holiday_name
from madoguchi.kit.clock import business_day, business_day_start

_LATEST_BEGIN_MIN = 12 * 60
_SLOT_MIN = 30


def hours_of_clients() -> dict[int, list[OpeningHours | None]]:
    """The different hours of each client's numbers in use; None: a number that is always open."""
    found: dict[int, list[OpeningHours | None]] = {}
    read: dict[int, OpeningHours] = {}
    rows = Number.objects.filter(active=True, client__active=True).select_related("hours")
    for number in rows.order_by("pk"):
        of_client = found.setdefault(number.client_id, [])
        if number.hours is None:
            of_client.append(None)
            continue
        if number.hours.pk not in read:
            read[number.hours.pk] = read_hours(number.hours)
        if read[number.hours.pk] not in of_client:
            of_client.append(read[number.hours.pk])
    return found


def day_starts_min() -> int:
    """When a day at the centre begins: at midnight, or when the latest number of the day before closes.

    A centre open until 26:00 begins its days at 2:00, unless something of it opens before that.
    """
    starts = 0
    periods = [
        period
        for hours in hours_of_clients().values()
        for each in hours
        if each is not None and not each.always_open
        for week_day in each.weekly
        for period in week_day
    ]
    for period in periods:
        starts = max(starts, period.closes_min - DAY_MIN)
    starts = -(-starts // _SLOT_MIN) * _SLOT_MIN
    if starts > _LATEST_BEGIN_MIN or any(period.opens_min < starts for period in periods):
        return 0
    return starts


def hours_changed_on(after: date | None) -> dict[int, date]:
    """By client the day after the hours of any of its numbers were last changed, if that was since `after`.

    What is set before our own records begin is the setting up, and changes nothing.
    """
    if after is None:
        return {}
    entries = Entry.objects.filter(
        Q(subject="hours", detail__changes__has_any_keys=["weekly", "always_open", "closed_on_holidays"])
        | Q(subject="number", verb="changed_number", detail__changes__has_key="hours"),
        at__gte=business_day_start(after),
    )
    found: dict[int, date] = {}
    numbers = Number.objects.filter(active=True, client__active=True)
    clients = {
        "hours": [(str(number.hours_id), number.client_id) for number in numbers],
        "number": [(str(number.pk), number.client_id) for number in numbers],
    }
    for entry in entries.order_by("at", "pk"):
        for key, client_id in clients[entry.subject]:
            if key == entry.subject_id:
                found[client_id] = business_day(entry.at) + timedelta(days=1)
    return found


def together(
    hours: Iterable[OpeningHours | None], first: date, last: date, starts_min: int
) -> OpeningHours | None:
    """Hours in which any is open, exact from `first` to `last`, counted from when days begin.

    None where that cannot be told: nobody has hours, or some number is always open.
    """
    given = list(hours)
    every = [each for each in given if each is not None and not each.always_open]
    if not every or len(every) < len(given):
        return None
    weekly = tuple(_joined(period for each in every for period in each.weekly[day]) for day in range(7))
    special = []
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        days = [each.day(day) for each in every]
        periods = _joined(period for one in days for period in one.periods)
        if periods != weekly[day.weekday()]:
            name = next((one.name for one in days if one.name), "")
            special.append((day, SpecialDay(name, _shifted(periods, starts_min))))
    plain = OpeningHours(weekly=weekly, special_days=tuple(special), closed_on_holidays=False)
    return replace(plain, weekly=tuple(_shifted(periods, starts_min) for periods in weekly))


def is_day_off(hours: OpeningHours | None, day: date) -> bool:
    """A public holiday, or a weekday on which the company is closed."""
    if holiday_name(day) is not None:
        return True
    return hours is not None and bool(hours.weekly[day.weekday()]) and not hours.day(day).periods


def _joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    found: list[Period] = []
    for period in sorted(periods):
        if found and period.opens_min <= found[-1].closes_min:
            found[-1] = Period(found[-1].opens_min, max(found[-1].closes_min, period.closes_min))
        else:
            found.append(Period(*period))
    return tuple(found)


def _shifted(periods: tuple[Period, ...], starts_min: int) -> tuple[Period, ...]:
    if not starts_min:
        return periods
    return tuple(
        Period(max(0, opens - starts_min), closes - starts_min)
        for opens, closes in periods
        if closes > starts_min
    )
