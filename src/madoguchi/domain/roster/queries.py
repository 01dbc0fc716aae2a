"""Reads of rosters that people work by: who is planned when, and how somebody's day looks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from madoguchi.domain.roster.absence import sentence
from madoguchi.domain.roster.models import DayOff, Roster, Shift
from madoguchi.domain.roster.states import WORKED_BY
from madoguchi.kit.clock import business_day, business_day_start

INTERVAL = timedelta(minutes=30)
AHEAD = timedelta(days=31)
"""How far somebody's next shift is looked for."""
_REACH = timedelta(days=2)
"""A shift belongs to the day on which it begins, and may end on the next."""
_EARLY = timedelta(minutes=15)
"""Who goes so much before their break is on it."""
ON_BREAK = frozenset({"break", "away"})
"""Presences (agents/states.py) from which one is back when the roster's break ends."""
Stretch = tuple[datetime, datetime]
"""Begin, and end excluded, UTC."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One person's shift of one day, in UTC."""

    account_id: int
    day: date
    name: str
    mark: str
    begin: datetime
    end: datetime
    breaks: tuple[Stretch, ...]

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Time at work, breaks taken out."""
        found, since = [], self.begin
        for begin, end in self.breaks:
            if begin > since:
                found.append((since, begin))
            since = max(since, end)
        return (*found, (since, self.end)) if since < self.end else tuple(found)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the roster sees somebody at a moment."""

    known: bool
    """Whether a roster that people work by has this day."""
    today: Planned | None
    """The shift of this moment, or of today; None: no work today."""
    off: str
    """Code of `OffKind`, when today is a settled day off."""
    next: Planned | None
    """The first shift that begins after this moment."""


def planned(since: datetime, until: datetime, account_ids: Collection[int] | None = None) -> list[Planned]:
    """Shifts that people who are still with us work by, and that touch the time, by begin."""
    days = business_day(since) - _REACH, business_day(until)
    rows = _worked_by().filter(day__range=days)
    if account_ids is not None:
        rows = rows.filter(account_id__in=account_ids)
    found = [as_planned(row) for row in rows]
    return sorted(
        (one for one in found if one.begin < until and one.end > since),
        key=lambda one: (one.begin, one.account_id),
    )


def planned_by_interval(since: datetime, until: datetime) -> dict[datetime, float]:
    """Begin of each half-hour → people on duty in it, breaks left out; a part counts as its part.

    Half-hours follow each other from `since` on; those without anybody are there with 0. Time without a
    published roster is left out: it is unknown, not nobody.
    """
    found: dict[datetime, float] = {}
    at, days = since, _known_days(business_day(since), business_day(until))
    while at < until:
        if business_day(at) in days:
            found[at] = 0.0
        at += INTERVAL
    for one in planned(since, until):
        for begin, end in one.stretches:
            first = since + max(0, (begin - since) // INTERVAL) * INTERVAL
            while first < min(end, until):
                if first in found:
                    found[first] += (min(end, first + INTERVAL) - max(begin, first)) / INTERVAL
                first += INTERVAL
    return found


def planned_stretches(day: date) -> dict[int, tuple[Stretch, ...]]:
    """Account → time at work in shifts that begin on `day`, breaks taken out; who is off is not there."""
    rows = _worked_by().filter(day=day)
    return {one.account_id: one.stretches for one in map(as_planned, rows)}


def has_roster(day: date) -> bool:
    """Whether people work by a roster on `day`: without one nobody is late, and nobody is off."""
    return day in _known_days(day, day)


def standing(account_ids: Iterable[int], at: datetime) -> dict[int, Standing]:
    """How the roster sees these people at a moment: three reads, however many they are."""
    wanted, day = set(account_ids), business_day(at)
    if not wanted:
        return {}
    known = has_roster(day)
    off = dict(DayOff.objects.filter(account__in=wanted, day=day).values_list("account_id", "kind"))
    found = {who: Standing(known, None, off.get(who, ""), None) for who in wanted}
    for one in planned(at - timedelta(days=2), at + AHEAD, wanted):
        before = found[one.account_id]
        now = one.begin <= at < one.end
        if now or (one.day == day and (before.today is None or before.today.end <= at)):
            before = Standing(known, one, before.off, before.next)
        if one.begin > at and before.next is None:
            before = Standing(known, before.today, before.off, one)
        found[one.account_id] = before
    return found


def absence_words(
    presence: str,
    stands: Standing,
    at: datetime,
    *,
    since: datetime | None = None,
    back_at: datetime | None = None,
) -> str:
    """What is said to a customer of somebody who is not there; empty when they are (`absence.sentence`).

    `since`: when they chose the presence: who went home before their shift is late, which customers are not
    told. `back_at`: when they said they are back; without it a break of the roster tells.
    """
    today, coming = stands.today, stands.next
    worked = today is not None and today.begin <= at
    late = today is not None and since is not None and since < today.begin <= at < today.end
    if presence == "gone_home" and late:
        return sentence("away", at=at)
    off = "" if today is not None or not stands.known else stands.off or "off"
    if back_at is None and presence in ON_BREAK and today is not None:
        back_at = _break_end(today, at)
    return sentence(
        presence,
        at=at,
        back_at=back_at,
        begins_at=coming.begin if coming else None,
        off=off,
        worked_today=worked,
    )


def break_ends_at(account_id: int, at: datetime) -> datetime | None:
    """End of the break that the roster gives somebody now, or within a quarter of an hour; None: no break."""
    mine = planned(at, at + _EARLY, [account_id])
    return next((end for one in mine if (end := _break_end(one, at)) is not None), None)


def next_break(one: Planned, at: datetime) -> Stretch | None:
    """The break of a shift that has not ended yet."""
    return next((each for each in one.breaks if each[1] > at), None)


def shifts_of(account_id: int, first: date, last: date) -> dict[date, Planned]:
    """One person's shifts by day."""
    rows = _worked_by().filter(account_id=account_id, day__range=(first, last))
    return {row.day: as_planned(row) for row in rows}


def as_planned(row: Shift) -> Planned:
    """A shift with its minutes as instants."""
    midnight = business_day_start(row.day)

    def at(minute: int) -> datetime:
        return midnight + timedelta(minutes=minute)

    return Planned(
        row.account_id,
        row.day,
        row.shift_type.name,
        row.shift_type.mark,
        at(row.begin_min),
        at(row.end_min),
        tuple((at(begin), at(end)) for begin, end in row.breaks),
    )


def _break_end(one: Planned, at: datetime) -> datetime | None:
    return next((end for begin, end in one.breaks if begin - _EARLY <= at < end), None)


def _worked_by() -> QuerySet[Shift]:
    rows = Shift.objects.filter(roster__stage__in=WORKED_BY, account__is_active=True)
    return rows.select_related("shift_type")


def _known_days(first: date, last: date) -> set[date]:
    spans = Roster.objects.filter(stage__in=WORKED_BY, first__lte=last, last__gte=first)
    found: set[date] = set()
    for begin, end in spans.values_list("first", "last"):
        found |= {begin + timedelta(days=at) for at in range((end - begin).days + 1)}
    return {day for day in found if first <= day <= last}
