"""What a forecast knows beside the counts: hours, days off and events, of the whole and of each client."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial

import numpy as np

from madoguchi.domain.planning.models import PlanningEvent
from madoguchi.domain.planning.queries.opening import (
    hours_changed_on,
    hours_of_clients,
    is_day_off,
    together,
)
from madoguchi.domain.planning.queries.volumes import Recorded, part_of
from madoguchi.kit.calendar import OpeningHours
from madoguchi.science.staffing.forecast.days import Calendar, Event
from madoguchi.science.staffing.forecast.history import Group

_SHARE_DAYS = 56


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendar of all calls together, and those of the clients."""

    whole: Calendar
    own: dict[Group, Calendar] = field(default_factory=dict)


def calendars_of(known: Recorded, until: date, starts_min: int) -> Calendars:
    """Calendars that hold from the first recorded day up to `until`."""
    hours = hours_of_clients()
    clients = known.of_clients()
    shares = _shares(clients)
    given = [each for client_id in clients for each in hours.get(client_id or 0, [None])]
    events = list(PlanningEvent.objects.exclude(kind=PlanningEvent.Kind.OUTAGE))
    typed = [
        _event(event, starts_min, share=1.0 if event.client_id is None else shares.get(event.client_id, 0.0))
        for event in events
    ]
    changed = hours_changed_on(known.own_since)
    last = max(changed.values(), default=None)
    whole = _calendar(together(given, known.first, until, starts_min), typed, last)
    own = {}
    for client_id in clients:
        if client_id is None:
            continue
        mine = [
            _event(event, starts_min)
            for event in events
            if event.client_id is None or event.client_id == client_id
        ]
        opened = together(hours.get(client_id, [None]), known.first, until, starts_min)
        own[Group(client=str(client_id))] = _calendar(opened, mine, changed.get(client_id))
    return Calendars(whole, own)


def _calendar(hours: OpeningHours | None, events: list[Event], since: date | None) -> Calendar:
    holidays = partial(is_day_off, hours)
    return Calendar(hours=hours, is_holiday=holidays, events=tuple(events), hours_since=since)


def _event(event: PlanningEvent, starts_min: int, *, share: float = 1.0) -> Event:
    """What was typed in; of a client's event the whole feels the client's share."""
    times = None if event.percent is None else 1.0 + share * event.percent / 100
    # What is learned of a client's event says nothing of another client's with the same name.
    name = event.name if event.client_id is None else f"{event.name}\n{event.client_id}"
    return Event(
        name,
        event.first,
        event.last,
        times,
        before=event.before_days,
        after=event.after_days,
        part=part_of(event, starts_min),
    )


def _shares(clients: dict[int | None, np.ndarray]) -> dict[int, float]:
    calls = {client_id: float(np.nansum(each[-_SHARE_DAYS:])) for client_id, each in clients.items()}
    every = sum(calls.values())
    return {
        client_id: each / every for client_id, each in calls.items() if client_id is not None and every > 0
    }
