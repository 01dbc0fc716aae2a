"""Calls that came, by half-hour, client and reason: our own records, and before them the files brought.

Counted is who wanted a person: every inbound call but those out of hours and those that ended in the menu
(left, failed or served there). Who met a full queue, gave up or was called back is in it. A day is counted
from one source only: files up to the day before `own_since`, our own records from then on.

Learned are first calls (`Recorded`): redials and chasers (`again`) follow from how the centre does.

Mail is not counted: contacts are calls in and calls out. The simulator takes it as work that can wait
(`simulation.centre.Mail`: mails an hour, time to write one), but of no mail is on record when it came, for
which client, and from when until when it was answered. On record is only the time that people said they spent
on mail (`time_spent`); planning runs it again as work that calls left behind (`known.to_run_again`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db.models import Count, DateTimeField, F, Func, Max, Min, QuerySet, Value

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.history import FOR_A_PERSON, CallFilter
from madoguchi.domain.clients.models import Reason
from madoguchi.domain.planning.models import PlanningEvent, Volume
from madoguchi.domain.planning.queries.again import Came, Usual, chasers, redials, usual
from madoguchi.domain.planning.queries.forecasts import SLOT, SLOTS, day_begins
from madoguchi.domain.planning.queries.handling import goal
from madoguchi.domain.planning.queries.opening import day_starts_min
from madoguchi.kit.clock import business_day
from madoguchi.science.staffing.forecast.history import LEARNED_DAYS

Floats = np.ndarray
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_Place = tuple[datetime, int | None, int | None]
"""Half-hour, client, reason."""


class Cell(NamedTuple):
    """Calls of one half-hour about one reason for one client; NaN: nobody counted."""

    at: datetime
    client_id: int | None
    reason: str
    """Name of the topmost reason; empty: not known."""
    calls: float
    redials: float = 0.0
    """Of `calls`; 0 where a file brought them: it tells nothing of who called."""
    chasers: float = 0.0

    @property
    def first(self) -> float:
        """Calls that neither a lost call nor a debt of ours had caused."""
        return self.calls - self.redials - self.chasers


@dataclass(frozen=True, slots=True)
class Recorded:
    """First calls of some days: a row a day from `first` on, a column a half-hour; NaN where nobody counted.

    Files count redials and chasers too: as many as usual are taken off their counts.
    """

    first: date
    days: int
    own_since: date | None
    """From here on they are our own."""
    by: dict[tuple[int | None, str], Floats] = field(default_factory=dict)
    """By client and reason."""
    again: dict[int | None, Usual] = field(default_factory=dict)
    """By client, and of all calls (None): empty where we have no records of our own."""

    def of_clients(self) -> dict[int | None, Floats]:
        """All reasons of a client together."""
        found: dict[int | None, Floats] = {}
        for (client_id, _), calls in self.by.items():
            found[client_id] = found[client_id] + calls if client_id in found else calls
        return found

    def known_days(self) -> tuple[int, int]:
        """Days with a call: our own, and those out of files."""
        if not self.by:
            return 0, 0
        some = np.nansum([np.nansum(calls, axis=1) for calls in self.by.values()], axis=0) > 0
        own = self.days if self.own_since is None else max(0, (self.own_since - self.first).days)
        return int(some[own:].sum()), int(some[:own].sum())


def own_since() -> date | None:
    """The day from which our own records count: as it was set, else the day after the first call."""
    typed = goal().own_since
    if typed is not None:
        return typed
    first = Call.objects.filter(FOR_A_PERSON).aggregate(at=Min("arrived_at"))["at"]
    return business_day(first) + timedelta(days=1) if first else None


def recorded(origin: date) -> Recorded:
    """All that is known of the days before `origin`, at most three years."""
    starts = day_starts_min()
    earliest = origin - timedelta(days=LEARNED_DAYS)
    since = own_since()
    own_first = max(since, earliest) if since else origin
    begin, own_begin, end = (day_begins(day, starts) for day in (earliest, own_first, origin))
    brought = list(brought_cells(begin, min(own_begin, end)))
    ours = list(own_cells(own_begin, end)) if own_first < origin else []
    firsts = [_day(min(cell.at for cell in brought), starts)] if brought else []
    firsts += [own_first] if own_first < origin else []
    if not firsts:
        return Recorded(origin, 0, since)
    first = min(firsts)
    found = Recorded(first, (origin - first).days, since if since and since < origin else None)
    _place(found, [*brought, *ours], starts)
    _share_out(found)
    found.again.update(usual(_by_week(ours, end)))
    _take_off_again(found)
    _leave_out_outages(found, starts)
    return found


def came(since: datetime, until: datetime) -> list[Cell]:
    """Our own calls of some time, and what files say of the time before these."""
    starts, mine = day_starts_min(), own_since()
    border = day_begins(mine, starts) if mine else until
    return [
        *brought_cells(since, min(until, border)),
        *own_cells(max(since, border), until),
    ]


def own_cells(since: datetime, until: datetime) -> Iterator[Cell]:
    """Our own calls from `since` up to `until`, by half-hour."""
    if since >= until:
        return
    roots, (again, chasing) = _roots(), _came_again(since, until)
    slot = Func(
        Value(SLOT), F("arrived_at"), Value(_EPOCH), function="date_bin", output_field=DateTimeField()
    )
    rows: QuerySet[Call, tuple[datetime, int | None, int | None, int]] = (
        Call.objects.filter(FOR_A_PERSON, arrived_at__gte=since, arrived_at__lt=until)
        .annotate(slot=slot)
        .values_list("slot", "client_id", "contact__reason_id")
        .annotate(number=Count("pk"))
        .order_by()
    )
    for at, client_id, reason_id, number in rows:
        place = (at, client_id, reason_id)
        reason = roots.get(reason_id or 0, "")
        yield Cell(at, client_id, reason, float(number), float(again[place]), float(chasing[place]))


def _came_again(since: datetime, until: datetime) -> tuple[Counter[_Place], Counter[_Place]]:
    """Redials, and chasers that are none, by place."""
    again = redials(since, until)
    chasing = [one for key, one in chasers(since, until).items() if key not in again]
    first, second = (
        Counter(
            (_EPOCH + (one.at - _EPOCH) // SLOT * SLOT, one.client_id, one.reason_id)
            for one in calls
            if one.for_a_person
        )
        for calls in (again.values(), chasing)
    )
    return first, second


def brought_cells(since: datetime, until: datetime) -> Iterator[Cell]:
    """What files say of the time from `since` up to `until`."""
    rows = Volume.objects.filter(at__gte=since, at__lt=until, file__taken_at__isnull=False)
    for at, client_id, reason, calls in rows.values_list("at", "client_id", "reason", "calls"):
        yield Cell(at, client_id, reason, float("nan") if calls is None else float(calls))


def last_brought() -> datetime | None:
    """The last half-hour that files know."""
    found: datetime | None = Volume.objects.aggregate(at=Max("at"))["at"]
    return found


def calls_that_came(day: date, client_id: int | None = None) -> CallFilter:
    """The calls behind the figure of a day."""
    return CallFilter(since=day, until=day, client_id=client_id, for_a_person=True)


def _roots() -> dict[int, str]:
    """Reason → name of the topmost reason above it."""
    rows = {row.pk: row for row in Reason.objects.all()}
    found = {}
    for key, row in rows.items():
        seen = {key}
        while row.parent_id in rows and row.parent_id not in seen:
            row = rows[row.parent_id]
            seen.add(row.pk)
        found[key] = row.name
    return found


def _day(at: datetime, starts_min: int) -> date:
    return business_day(at - timedelta(minutes=starts_min))


def _place(found: Recorded, cells: list[Cell], starts_min: int) -> None:
    """Put counts into days: what is not mentioned on a day that is known had no call."""
    begin = day_begins(found.first, starts_min)
    own = found.days if found.own_since is None else max(0, (found.own_since - found.first).days)
    mentioned: dict[int | None, set[int]] = {}
    for cell in cells:
        mentioned.setdefault(cell.client_id, set()).add((cell.at - begin) // timedelta(days=1))
    for cell in cells:
        key = (cell.client_id, cell.reason)
        if key not in found.by:
            calls = np.full((found.days, SLOTS), np.nan)
            calls[sorted(mentioned[cell.client_id])] = 0.0
            calls[own:] = 0.0
            found.by[key] = calls
        row, rest = divmod(cell.at - begin, timedelta(days=1))
        found.by[key][row, rest // SLOT] += cell.first


def _share_out(found: Recorded) -> None:
    """Give counts that name no client to the clients, in proportion to their calls: the sum stays.

    A file of a whole centre's calls would otherwise look like a client that ended when ours began.
    """
    named: dict[int, float] = {}
    for (client_id, _), calls in found.by.items():
        if client_id is not None:
            named[client_id] = named.get(client_id, 0.0) + float(np.nansum(calls))
    every = sum(named.values())
    if every <= 0:
        return
    for reason in [reason for client_id, reason in found.by if client_id is None]:
        unnamed = found.by.pop((None, reason))
        known = np.isfinite(unnamed)
        for client_id, own in named.items():
            calls = found.by.setdefault((client_id, reason), np.full(unnamed.shape, np.nan))
            part = np.nan_to_num(calls) + np.nan_to_num(unnamed) * (own / every)
            calls[known] = part[known]
    _know_alike(found)


def _know_alike(found: Recorded) -> None:
    """A half-hour that is known for one reason of a client is known for all of them."""
    for client_id in {client_id for client_id, _ in found.by}:
        own = [calls for (client, _), calls in found.by.items() if client == client_id]
        known = np.any([np.isfinite(calls) for calls in own], axis=0)
        for calls in own:
            calls[known & ~np.isfinite(calls)] = 0.0


def _by_week(cells: list[Cell], end: datetime) -> Iterator[Came]:
    week = timedelta(days=7)
    for cell in cells:
        back = -((cell.at - end) // week) - 1
        yield Came(back, cell.client_id, cell.first, cell.redials, cell.chasers)


def _take_off_again(found: Recorded) -> None:
    """Leave of what files counted what first calls usually are among the calls, as our records tell."""
    own = found.days if found.own_since is None else max(0, (found.own_since - found.first).days)
    for (client_id, _), calls in found.by.items():
        usual = found.again.get(client_id) or found.again.get(None) or Usual()
        calls[:own] /= usual.times


def _leave_out_outages(found: Recorded, starts_min: int) -> None:
    for event in PlanningEvent.objects.filter(kind=PlanningEvent.Kind.OUTAGE):
        first = max(0, (event.first - found.first).days)
        last = min(found.days, (event.last - found.first).days + 1)
        part = part_of(event, starts_min)
        since, until = (part[0] // 30, -(-part[1] // 30)) if part else (0, SLOTS)
        for (client_id, _), calls in found.by.items():
            if event.client_id is None or event.client_id == client_id:
                calls[first:last, since:until] = np.nan


def part_of(event: PlanningEvent, starts_min: int) -> tuple[int, int] | None:
    """Minutes of the day at the centre that an event fills; None: the whole day."""
    if event.from_min is None or event.to_min is None:
        return None
    day_min = 24 * 60
    since, until = (min(max(minute - starts_min, 0), day_min) for minute in (event.from_min, event.to_min))
    return (since, until) if since < until else (0, 1)
