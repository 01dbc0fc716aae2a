"""What the planner looks at: calls expected and calls that came, people needed and people planned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from madoguchi.domain.calls.queries.history import CallFilter
from madoguchi.domain.clients.models import Client
from madoguchi.domain.planning.models import Forecast, ForecastDay, Reforecast
from madoguchi.domain.planning.queries import required as staff
from madoguchi.domain.planning.queries.forecasts import (
    SLOT,
    SLOTS,
    again_on,
    day_begins,
    expected_before,
    expected_on,
    newest,
    reasons_of,
    seen_again,
    share_of,
)
from madoguchi.domain.planning.queries.grid import on_grid
from madoguchi.domain.planning.queries.handling import Basis, basis
from madoguchi.domain.planning.queries.opening import day_starts_min
from madoguchi.domain.planning.queries.required import Expected, Interval
from madoguchi.domain.planning.queries.volumes import calls_that_came, came, own_since
from madoguchi.domain.roster.queries import planned_by_interval
from madoguchi.kit.calendar import holiday_name
from madoguchi.kit.clock import business_day, now

_NINETY = 1.645
"""Standard deviations on each side that hold 90 of 100."""
_HARDLY = 1e-9


@dataclass(slots=True)
class Slot:
    """One half-hour."""

    begins: datetime
    minute: int
    """Since 0:00 of its day: 25:30 is 1530."""
    expected: float | None = None
    """All calls of a usual week: first calls, and those who call again."""
    low: float = 0.0
    high: float = 0.0
    redials: float = 0.0
    """Of `expected`: callers again whose call was lost before."""
    chasers: float = 0.0
    """Of `expected`: callers to whom we owe something."""
    came: float | None = None
    """All calls; None: not over yet, or not known."""
    came_redials: float = 0.0
    """Of `came`; 0 where a file brought the counts, which tells nothing of who called."""
    came_chasers: float = 0.0
    again: float | None = None
    """As today's morning makes expect; None before the first correction, and in the past."""
    need: Interval | None = None
    planned: float | None = None
    """On duty by the roster; None: there is none."""
    with_planned: Expected | None = None

    @property
    def gap(self) -> float | None:
        """People planned beyond those needed, in steps of a tenth; below 0: too few. None: no roster."""
        if self.planned is None or self.need is None:
            return None
        return round(self.planned - self.need.scheduled, 1)


@dataclass(slots=True)
class DayOutlook:
    """One day."""

    day: date
    begins: datetime
    slots: list[Slot] = field(default_factory=list)
    expected: float | None = None
    low: float = 0.0
    high: float = 0.0
    again: float | None = None
    again_low: float = 0.0
    again_high: float = 0.0
    again_until: datetime | None = None
    known_before: bool = True
    """The forecast was made before the first call of the day."""
    calls: CallFilter | None = None
    """The calls that came; None where files brought them, or a reason narrows them."""

    @property
    def holiday(self) -> str:
        """Name of a public holiday."""
        return holiday_name(self.day) or ""

    @property
    def came(self) -> float | None:
        """Calls that came so far; None: nothing known."""
        known = [slot.came for slot in self.slots if slot.came is not None]
        return sum(known) if known else None

    @property
    def over(self) -> bool:
        """Whether all of its half-hours have been."""
        return bool(self.slots) and all(slot.came is not None for slot in self.slots)

    @property
    def redials(self) -> float:
        """Callers again whose call was lost before, as usual; of `expected`."""
        return sum(slot.redials for slot in self.slots)

    @property
    def chasers(self) -> float:
        """Callers to whom we owe something, as usual; of `expected`."""
        return sum(slot.chasers for slot in self.slots)

    @property
    def came_redials(self) -> float:
        """Of `came`."""
        return sum(slot.came_redials for slot in self.slots)

    @property
    def came_chasers(self) -> float:
        """Of `came`."""
        return sum(slot.came_chasers for slot in self.slots)

    @property
    def called_again(self) -> float:
        """Redials and chasers, of `expected`."""
        return self.redials + self.chasers

    @property
    def came_again(self) -> float:
        """Redials and chasers, of `came`."""
        return self.came_redials + self.came_chasers

    @property
    def off_percent(self) -> float | None:
        """Forecast beyond what came, in percent of what came; None while it is not over."""
        if not self.over or self.expected is None or not self.came:
            return None
        return 100 * (self.expected - self.came) / self.came

    @property
    def needed_hours(self) -> float:
        """Of people on duty, breaks apart."""
        return sum(slot.need.scheduled for slot in self.slots if slot.need) / 2

    @property
    def most_people(self) -> int:
        """On duty in the busiest half-hour."""
        return max((slot.need.scheduled for slot in self.slots if slot.need), default=0)

    @property
    def planned_hours(self) -> float | None:
        """By the roster; None where there is none."""
        known = [slot.planned for slot in self.slots if slot.planned is not None]
        return sum(known) / 2 if known else None

    @property
    def short_slots(self) -> int:
        """Half-hours with too few people planned."""
        return sum(slot.gap is not None and slot.gap <= -0.5 for slot in self.slots)

    @property
    def with_planned(self) -> Expected | None:
        """What the day's callers meet with the people planned, weighted by calls."""
        rows = [
            (slot.with_planned, slot.again if slot.again is not None else slot.expected or 0.0)
            for slot in self.slots
            if slot.with_planned is not None
        ]
        calls = sum(weight for _, weight in rows)
        if calls <= 0:
            return None
        answered = sum(one.answer_rate * weight for one, weight in rows)
        return Expected(
            answered / calls,
            sum(one.in_time * weight for one, weight in rows) / calls,
            sum(one.wait_s * one.answer_rate * weight for one, weight in rows) / max(answered, 1e-9),
        )


@dataclass(frozen=True, slots=True)
class Outlook:
    """Some days as the planner sees them."""

    days: list[DayOutlook]
    forecast: Forecast | None
    """The newest."""
    known: Basis
    clients: list[Client]
    """Those that the newest forecast knows."""
    reasons: list[str]
    """Of the client in question."""
    reason: str
    """The one asked for; empty where the client has none of that name."""
    own_since: date | None
    today: date


def outlook(since: date, until: date, *, client_id: int | None = None, reason: str = "") -> Outlook:
    """The days from `since` to `until`, for all clients or one, all reasons or one.

    Days that are over, and today, are shown with the forecast that was known before they began. A reason
    has no staff of its own: who takes one call takes the next.
    """
    starts, at = day_starts_min(), now()
    today = business_day(at - timedelta(minutes=starts))
    forecast, known = newest(), basis(today)
    clients = list(Client.objects.filter(pk__in={row.client_id for row in _known_clients(forecast)}))
    reasons = reasons_of(forecast, client_id or _only(clients)) if forecast else []
    reason = reason if reason in reasons else ""
    rows = _forecasts(since, until, today)
    corrected = seen_again([row for row in rows if row.day == today])
    rows, corrected = on_grid(rows, corrected, starts)
    days = [
        _day(since + timedelta(days=ahead), rows, corrected, (client_id, reason), starts)
        for ahead in range((until - since).days + 1)
    ]
    mine = own_since()
    _add_what_came(days, at, (client_id, reason), mine)
    for day in days:
        _add_what_came_to_again(day)
    if not reason:
        for day in days:
            _add_staff(day, rows, known, (client_id, corrected))
        if client_id is None:
            _add_planned(days, known)
    return Outlook(days, forecast, known, clients, reasons, reason, mine, today)


def _forecasts(since: date, until: date, today: date) -> list[ForecastDay]:
    """What was known before days that have begun, the newest of those to come; a day more at each end.

    The neighbours hold parts of the days asked for where days began at another time when they were forecast.
    """
    since, until = since - timedelta(days=1), until + timedelta(days=1)
    begun = expected_before(since, min(until, today)) if since <= today else []
    if since <= today <= until and not any(row.day == today for row in begun):
        begun += expected_on(today, today)
    coming = max(since, today + timedelta(days=1))
    return begun + (expected_on(coming, until) if coming <= until else [])


def _known_clients(forecast: Forecast | None) -> list[ForecastDay]:
    if forecast is None:
        return []
    return list(forecast.days.filter(day=forecast.origin, client__isnull=False).only("client_id"))


def _only(clients: Sequence[Client]) -> int | None:
    return clients[0].pk if len(clients) == 1 else None


def _day(
    day: date,
    rows: Sequence[ForecastDay],
    again: Mapping[int, Reforecast],
    narrowed: tuple[int | None, str],
    starts_min: int,
) -> DayOutlook:
    client_id, reason = narrowed
    begins = day_begins(day, starts_min)
    found = DayOutlook(day, begins)
    found.slots = [Slot(begins + place * SLOT, starts_min + 30 * place) for place in range(SLOTS)]
    row = next((one for one in rows if one.day == day and one.client_id == client_id), None)
    if row is None:
        return found
    shares = share_of(row, reason) if reason else None
    first, low, high = _narrowed(row, shares)
    redials, chasers = (each if shares is None else each * shares for each in again_on(row, rows))
    times = 1.0 + (redials + chasers) / np.maximum(first, _HARDLY)
    for place, slot in enumerate(found.slots):
        slot.redials, slot.chasers = float(redials[place]), float(chasers[place])
        slot.expected = first[place] + slot.redials + slot.chasers
        slot.low, slot.high = (float(each[place] * times[place]) for each in (low, high))
    found.expected = sum(slot.expected or 0.0 for slot in found.slots)
    of_day = found.expected / max(sum(first), _HARDLY)
    found.low, found.high = (each * of_day for each in (row.day_low, row.day_high))
    if shares is not None:
        found.low, found.high = _within(found.expected, row.day_variance)
    found.known_before = row.forecast.made_at is not None and row.forecast.made_at < row.opens_at
    if row.pk in again and shares is None:
        _see_again(found, again[row.pk], times, of_day)
    return found


def _see_again(found: DayOutlook, corrected: Reforecast, times: np.ndarray, of_day: float) -> None:
    """Correct the rest of a day; what came so far is not in it yet (`_add_what_came_to_again`)."""
    found.again_until, found.again = corrected.until, 0.0
    for place, slot in enumerate(found.slots):
        if slot.begins >= corrected.until:
            slot.again = float(corrected.calls[place] * times[place])
            found.again += slot.again
    middle = sum(corrected.calls)
    found.again_low, found.again_high = (
        (each - middle) * of_day for each in (corrected.day_low, corrected.day_high)
    )


def _add_what_came_to_again(day: DayOutlook) -> None:
    if day.again is None or day.again_until is None:
        return
    day.again += sum(slot.came or 0.0 for slot in day.slots if slot.begins < day.again_until)
    day.again_low, day.again_high = day.again + day.again_low, day.again + day.again_high


def _narrowed(row: ForecastDay, shares: np.ndarray | None) -> tuple[list[float], list[float], list[float]]:
    if shares is None:
        return row.calls, row.low, row.high
    calls = [call * share for call, share in zip(row.calls, shares.tolist(), strict=True)]
    within = [
        _within(call, row.day_variance + own) for call, own in zip(calls, row.own_variance, strict=True)
    ]
    return calls, [each[0] for each in within], [each[1] for each in within]


def _within(calls: float, variance: float) -> tuple[float, float]:
    """About where the truth lies; `variance` of the mean, relative."""
    away = _NINETY * math.sqrt(calls + calls**2 * variance)
    return max(0.0, math.floor(calls - away)), float(math.ceil(calls + away)) if calls > 0 else 0.0


def _add_what_came(
    days: Sequence[DayOutlook], at: datetime, narrowed: tuple[int | None, str], mine: date | None
) -> None:
    client_id, reason = narrowed
    begin, end = days[0].begins, min(days[-1].begins + timedelta(days=1), at)
    cells = came(begin, end) if begin < end else []
    counts: dict[datetime, np.ndarray] = {}
    known_days = {(cell.at - begin) // timedelta(days=1) for cell in cells}
    for cell in cells:
        if (client_id is None or cell.client_id == client_id) and (not reason or cell.reason == reason):
            counts.setdefault(cell.at, np.zeros(3))[:] += (cell.calls, cell.redials, cell.chasers)
    for place, day in enumerate(days):
        own = mine is not None and day.day >= mine
        if not own and place not in known_days:
            continue
        for slot in day.slots:
            number, redials, chasers = counts.get(slot.begins, np.zeros(3)).tolist()
            if slot.begins + SLOT <= at and not math.isnan(number):
                slot.came, slot.came_redials, slot.came_chasers = number, redials, chasers
        if own and not reason:
            day.calls = calls_that_came(day.day, client_id)


def _add_staff(
    day: DayOutlook,
    rows: Sequence[ForecastDay],
    known: Basis,
    narrowed: tuple[int | None, Mapping[int, Reforecast]],
) -> None:
    client_id, corrected = narrowed
    row = next((one for one in rows if one.day == day.day and one.client_id == client_id), None)
    if row is None or day.expected is None:
        return
    for place, (slot, need) in enumerate(zip(day.slots, staff.of_day(row, rows, known), strict=True)):
        slot.need = need
        if slot.again is not None:
            slot.need = staff.for_calls(need, corrected[row.pk].calls[place], known)


def _add_planned(days: Sequence[DayOutlook], known: Basis) -> None:
    planned = planned_by_interval(days[0].begins, days[-1].begins + timedelta(days=1))
    for day in days:
        for slot in day.slots:
            if slot.begins not in planned:
                continue
            slot.planned = planned[slot.begins]
            if slot.need is not None and slot.need.people > 0:
                there = staff.at_the_phone(slot.planned, known)
                slot.with_planned = staff.met_with(slot.need, there, known)
