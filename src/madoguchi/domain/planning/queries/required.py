"""How many people each half-hour needs, and what so many people would give the callers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

import numpy as np

from madoguchi.domain.planning.models import ForecastDay
from madoguchi.domain.planning.queries.forecasts import SLOT, begin_of, expected_on
from madoguchi.domain.planning.queries.handling import Basis, basis
from madoguchi.kit.clock import business_day, now
from madoguchi.science.staffing import erlang_a, least

SLOT_S = SLOT.total_seconds()
_FEWEST_CALLS = 0.02
"""In a half-hour: fewer are what a smooth profile leaves where hardly anybody ever calls."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One half-hour and the staff it needs."""

    begins: datetime
    """Aware, UTC."""
    ends: datetime
    calls: float
    """Expected; between `low` and `high` in 90 of 100 half-hours."""
    low: float
    high: float
    handle_s: float
    """Mean talk and wrap-up, weighted by what calls come."""
    people: int
    """At the phone at least, so that the goal is met; 0 where nobody is expected to call."""
    scheduled: int
    """On duty and not on a break, by the roster, at least: `people` ÷ (1 − shrinkage)."""

    @property
    def load(self) -> float:
        """In Erlang."""
        return self.calls * self.handle_s / SLOT_S


@dataclass(frozen=True, slots=True)
class Expected:
    """What callers would meet with so many people at the phone."""

    answer_rate: float
    """Share of callers who reach somebody (0–1)."""
    in_time: float
    """Share of callers answered within the goal's seconds."""
    wait_s: float
    """Mean wait of those answered."""


def required(since: date, until: date, *, client_id: int | None = None) -> list[Interval]:
    """The staff that each half-hour of some days needs, by the newest forecasts; both days included.

    One `Interval` a half-hour, in order of time, 48 a day; closed half-hours stand with 0 people. Days
    without a forecast are missing: an empty list means that there is none yet. A day begins at midnight, or
    at 2:00 where the centre is open until 26:00. `scheduled` is what a roster must cover with people on duty
    and not on a break: it holds meetings, training and sickness (the shrinkage), not breaks.
    `client_id`: only that client's calls, as if a team of its own took them; None: one team for all.
    """
    days = expected_on(since, until)
    return of_days(days, basis(business_day(now())), client_id=client_id)


def of_days(days: Sequence[ForecastDay], known: Basis, *, client_id: int | None = None) -> list[Interval]:
    """The same for forecasts at hand."""
    return [each for day in days if day.client_id == client_id for each in of_day(day, days, known)]


def of_day(day: ForecastDay, days: Sequence[ForecastDay], known: Basis) -> list[Interval]:
    """One day; `days` holds its clients' parts, by whose calls the handling time is weighted."""
    begin, handle_s = begin_of(day), _handle_s(day, days, known)
    found = []
    for place, calls in enumerate(day.calls):
        seconds = float(handle_s[place])
        need = people_for(calls, seconds, known)
        found.append(
            Interval(
                begin + place * SLOT,
                begin + (place + 1) * SLOT,
                calls,
                day.low[place],
                day.high[place],
                seconds,
                need,
                scheduled_for(need, known),
            )
        )
    return found


def for_calls(need: Interval, calls: float, known: Basis) -> Interval:
    """The same half-hour with other calls than were forecast: a day seen again from its morning."""
    people = people_for(calls, need.handle_s, known)
    return replace(need, calls=calls, people=people, scheduled=scheduled_for(people, known))


def people_for(calls: float, handle_s: float, known: Basis) -> int:
    """The fewest at the phone who meet the goal in a half-hour with so many calls."""
    if calls < _FEWEST_CALLS:
        return 0
    goal = known.goal
    needed = _least(
        # Two calls in a hundred half-hours change nobody's roster, and what was counted once is kept.
        round(calls, 2),
        round(handle_s, 1),
        round(known.patience.seconds, 1),
        (goal.answer_percent, goal.within_s, goal.max_occupancy_percent),
    )
    return max(needed, goal.least_people)


def scheduled_for(people: int, known: Basis) -> int:
    """How many must be on the roster so that `people` are at the phone."""
    return int(least.scheduled(people, known.goal.shrinkage_percent / 100))


def at_the_phone(scheduled: float, known: Basis) -> float:
    """How many of those on duty are at the phone, on average."""
    return scheduled * (100 - known.goal.shrinkage_percent) / 100


def expected_with(people: float, calls: float, handle_s: float, known: Basis) -> Expected:
    """What callers meet with `people` at the phone; of 2.4 the third is there 40 % of the time."""
    whole = math.floor(people + 1e-9)
    more = people - whole
    with_whole = _with(whole, calls, handle_s, known)
    if more < _HARDLY:
        return with_whole
    with_one_more = _with(whole + 1, calls, handle_s, known)
    rate, in_time = (
        (1 - more) * few + more * many
        for few, many in (
            (with_whole.answer_rate, with_one_more.answer_rate),
            (with_whole.in_time, with_one_more.in_time),
        )
    )
    waits = (1 - more) * with_whole.wait_s * with_whole.answer_rate
    waits += more * with_one_more.wait_s * with_one_more.answer_rate
    return Expected(rate, in_time, waits / max(rate, 1e-9))


_HARDLY = 0.01


def _with(people: int, calls: float, handle_s: float, known: Basis) -> Expected:
    if people <= 0:
        return Expected(0.0, 0.0, 0.0)
    return _expected(
        people,
        round(max(calls, _FEWEST_CALLS), 2),
        round(handle_s, 1),
        round(known.patience.seconds, 1),
        known.goal.within_s,
    )


@lru_cache(maxsize=20_000)
def _least(calls: float, handle_s: float, patience_s: float, goal: tuple[int, int, int]) -> int:
    answer_percent, within_s, max_occupancy_percent = goal
    load = calls * handle_s / SLOT_S
    people = int(
        erlang_a.agents_for(
            load, handle_s=handle_s, patience_s=patience_s, share=answer_percent / 100, within_s=within_s
        )
    )
    most = max_occupancy_percent / 100
    # Nobody is busier than all the load makes them; how much less, by those who give up, takes long to tell.
    while load / people > most and _occupancy(people, load, handle_s, patience_s) > most:
        people += 1
    return people


def _occupancy(people: int, load: float, handle_s: float, patience_s: float) -> float:
    queue = erlang_a.queue(people, load, handle_s=handle_s, patience_s=patience_s)
    return float(queue.measures().occupancy)


@lru_cache(maxsize=20_000)
def _expected(people: int, calls: float, handle_s: float, patience_s: float, within_s: int) -> Expected:
    queue = erlang_a.queue(people, calls * handle_s / SLOT_S, handle_s=handle_s, patience_s=patience_s)
    found = queue.measures()
    return Expected(
        1.0 - float(found.abandon_probability),
        float(queue.within(within_s).service_level_a),
        float(found.mean_wait_served_s),
    )


def _handle_s(day: ForecastDay, days: Sequence[ForecastDay], known: Basis) -> np.ndarray:
    if day.client_id is not None:
        return np.full(len(day.calls), known.handle_s(day.client_id))
    parts = [each for each in days if each.day == day.day and each.client_id is not None]
    if not parts:
        return np.full(len(day.calls), known.everybody.seconds)
    calls = np.array([part.calls for part in parts])
    seconds = np.array([known.handle_s(part.client_id) for part in parts])
    total = calls.sum(axis=0)
    return np.where(total > 1e-9, seconds @ calls / np.maximum(total, 1e-9), known.everybody.seconds)
