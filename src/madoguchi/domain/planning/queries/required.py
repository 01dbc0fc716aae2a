"""How many people each half-hour needs, and what so many people would give the callers.

Counted is what comes by itself, first calls and the usual chasers. Redials are no demand of their own: there
are as many as the people asked about would lose, few where the goal is met, more where too few are planned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

import numpy as np

from madoguchi.domain.planning.models import ForecastDay
from madoguchi.domain.planning.queries.forecasts import (
    SLOT,
    again_on,
    begin_of,
    expected_on,
    knows_again,
)
from madoguchi.domain.planning.queries.handling import Basis, basis
from madoguchi.kit.clock import business_day, now
from madoguchi.science.staffing import erlang_a, least, orbit

SLOT_S = SLOT.total_seconds()
_STEP = 0.02
_FEWEST_CALLS = 0.02
"""In a half-hour: fewer are what a smooth profile leaves where hardly anybody ever calls."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One half-hour and the staff it needs."""

    begins: datetime
    """Aware, UTC."""
    ends: datetime
    calls: float
    """First calls and chasers expected; between `low` and `high` in 90 of 100 half-hours."""
    low: float
    high: float
    handle_s: float
    """Mean talk and wrap-up, weighted by what calls come."""
    people: int
    """At the phone at least, so that the goal is met; 0 where nobody is expected to call."""
    scheduled: int
    """On duty and not on a break, by the roster, at least: `people` ÷ (1 − shrinkage)."""
    chasers: float = 0.0
    """Of `calls`."""
    redials: float = 0.0
    """Beside `calls`: of those whom `people` would lose."""
    redial: float = 0.0
    """Share of the lost who redial, as counted here."""

    @property
    def load(self) -> float:
        """In Erlang, redials included."""
        return (self.calls + self.redials) * self.handle_s / SLOT_S


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
    _, chasers = again_on(day, days)
    # A forecast that learned redials as calls must not get them twice.
    redial = known.redial if knows_again(day.forecast) else 0.0
    found = []
    for place, (first, chasing) in enumerate(zip(day.calls, chasers.tolist(), strict=True)):
        calls, times = first + chasing, (first + chasing) / first if first > 0 else 1.0
        began = begin + place * SLOT
        empty = Interval(
            began, began + SLOT, calls, day.low[place] * times, day.high[place] * times,
            float(handle_s[place]), 0, 0, chasing, redial=redial,
        )  # fmt: skip
        found.append(_staffed(empty, known))
    return found


def for_calls(need: Interval, first: float, known: Basis) -> Interval:
    """The same half-hour with other first calls than were forecast: a day seen again from its morning."""
    forecast = need.calls - need.chasers
    times = first / forecast if forecast > 0 else 0.0
    chasers = need.chasers * times
    return _staffed(replace(need, calls=first + chasers, chasers=chasers), known)


def _staffed(need: Interval, known: Basis) -> Interval:
    redials = redials_of(need.calls, need.handle_s, replace(known, redial=need.redial))
    people = people_for(need.calls + redials, need.handle_s, known)
    return replace(need, people=people, scheduled=scheduled_for(people, known), redials=redials)


def redials_of(calls: float, handle_s: float, known: Basis) -> float:
    """Redials in a half-hour whose staff meets the goal for `calls`.

    Who gives up among the redials redials too. The people whom the redials add would lose a little less.
    """
    if calls < _FEWEST_CALLS or not known.redial:
        return 0.0
    people = people_for(calls, handle_s, known)
    # In steps of 2 %, so that much of what was counted once can be used again.
    about = math.exp(_STEP * round(math.log(calls) / _STEP))
    left = 1.0 - _with(people, about, handle_s, replace(known, redial=0.0)).answer_rate
    again = known.redial * left
    return calls * again / (1.0 - again)


def people_for(calls: float, handle_s: float, known: Basis) -> int:
    """The fewest at the phone who meet the goal in a half-hour with so many calls, redials included."""
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
    """What callers meet with `people` at the phone; of 2.4 the third is there 40 % of the time.

    `calls` without redials: those of whom so many people lose come on top.
    """
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


def met_with(need: Interval, people: float, known: Basis) -> Expected:
    """The same for a half-hour at hand."""
    return expected_with(people, need.calls, need.handle_s, replace(known, redial=need.redial))


def _with(people: int, calls: float, handle_s: float, known: Basis) -> Expected:
    if people <= 0:
        return Expected(0.0, 0.0, 0.0)
    handle_s = round(handle_s, 1)
    return _expected(
        people,
        round(max(calls, _FEWEST_CALLS), 2) * handle_s / SLOT_S,
        handle_s=handle_s,
        patience_s=round(known.patience.seconds, 1),
        within_s=known.goal.within_s,
        redial=round(known.redial, 2),
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
def _expected(
    people: int, load: float, *, handle_s: float, patience_s: float, within_s: int, redial: float
) -> Expected:
    if redial:
        centre = orbit.Centre(people, load, handle_s, patience_s, redial=redial)
        known = orbit.fixed_point(centre)
        found, queue = known.measures, known.queue
    else:
        queue = erlang_a.queue(people, load, handle_s=handle_s, patience_s=patience_s)
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
