"""Forecasts out of the centre's own counts: what the worker makes of them.

Needs SciPy, which takes a second and memory to load: only the worker imports this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from madoguchi.domain.planning.knowing import Calendars, calendars_of
from madoguchi.domain.planning.models import ForecastDay
from madoguchi.domain.planning.queries.forecasts import SLOT, SLOTS, begin_of, day_begins, knows_again
from madoguchi.domain.planning.queries.opening import day_starts_min
from madoguchi.domain.planning.queries.volumes import Recorded, came, own_since, recorded
from madoguchi.science.staffing.forecast import back_test
from madoguchi.science.staffing.forecast.errors import TooFewDays
from madoguchi.science.staffing.forecast.groups import learn_all
from madoguchi.science.staffing.forecast.history import Group, History, total
from madoguchi.science.staffing.forecast.intraday import reforecast
from madoguchi.science.staffing.forecast.model import Forecast, Sureness
from madoguchi.science.staffing.forecast.reasons import shares_of
from madoguchi.science.staffing.forecast.shares import Shares

AHEAD_DAYS = 42
"""Six weeks: next month's roster is made before the month begins."""


@dataclass(frozen=True, slots=True)
class Made:
    """What is kept of a forecast: the columns of `Forecast` and of its days."""

    day_starts_min: int
    made_of: dict[str, Any] = field(default_factory=dict)
    back_test: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, Any] = field(default_factory=dict)
    days: list[ForecastDay] = field(default_factory=list)
    """Not saved yet; empty: there are too few days to learn from."""


def make(origin: date) -> Made:
    """Forecast the weeks from `origin` on from all that was known before it.

    The same counts give the same answer.
    """
    starts = day_starts_min()
    known = recorded(origin)
    own_days, file_days = known.known_days()
    made_of: dict[str, Any] = {"own_days": own_days, "file_days": file_days}
    parts = _histories(known)
    if not parts:
        return Made(starts, made_of)
    calendars = calendars_of(known, origin + timedelta(days=AHEAD_DAYS), starts)
    days = [origin + timedelta(days=ahead) for ahead in range(AHEAD_DAYS)]
    try:
        whole, found = learn_all(parts, calendars.whole, calendars.own).forecast(days)
    except TooFewDays:
        return Made(starts, made_of)
    rows = [*_rows(None, whole, starts)]
    for group, one in found.items():
        rows += _rows(_client(group), one, starts)
    sure = whole.sureness
    made_of |= {"since": known.first.isoformat()} | asdict(sure) | {"again": _again(known)}
    reasons = _reasons(known, calendars, days)
    made_of["reason_days"] = {key: _in_lists(one.by_day) for key, one in reasons.items() if one.by_day}
    shares = {key: _in_lists(one.by_slot) for key, one in reasons.items()}
    return Made(starts, made_of, _tested(parts, calendars), shares, rows)


def again(days: list[ForecastDay], until: datetime) -> list[dict[str, Any]] | None:
    """One day (all clients first, then each) with its rest corrected by the first calls up to `until`.

    The columns of `Reforecast`, one for each of `days`. None where nothing is known of the day yet.
    """
    begin, since = begin_of(days[0]), own_since()
    slots = min(SLOTS, (until - begin) // SLOT)
    if slots <= 0 or since is None or since > days[0].day:
        return None
    counted: dict[int | None, np.ndarray] = {day.client_id: np.zeros(slots) for day in days}
    for cell in came(begin, begin + slots * SLOT):
        place = (cell.at - begin) // SLOT
        calls = cell.first if knows_again(days[0].forecast) else cell.calls
        counted[None][place] += calls
        if cell.client_id is not None and cell.client_id in counted:
            counted[cell.client_id][place] += calls
    found = [reforecast(_as_forecast(day), day.day, counted[day.client_id]) for day in days]
    whole = found[0].calls[0]
    parts = np.sum([one.calls[0] for one in found[1:]], axis=0) if len(found) > 1 else whole
    # The clients' rest makes up the whole's, as it did when the day was forecast.
    times = np.where((np.arange(SLOTS) >= slots) & (parts > 1e-9), whole / np.maximum(parts, 1e-9), 1.0)
    return [_columns(one, np.ones(SLOTS) if place == 0 else times) for place, one in enumerate(found)]


def _columns(one: Forecast, times: np.ndarray) -> dict[str, Any]:
    return {
        "calls": [round(each, 3) for each in (one.calls[0] * times).tolist()],
        "low": one.low[0].tolist(),
        "high": one.high[0].tolist(),
        "day_low": float(one.day_low[0]),
        "day_high": float(one.day_high[0]),
    }


def _as_forecast(day: ForecastDay) -> Forecast:
    return Forecast(
        (day.day,),
        np.array([day.calls]),
        np.array([day.low]),
        np.array([day.high]),
        0.9,
        Sureness(0, 0.0, 0.0, few=False),
        day_low=np.array([day.day_low]),
        day_high=np.array([day.day_high]),
        day_variance=np.array([day.day_variance]),
        own_variance=np.array([day.own_variance]),
    )


def _again(known: Recorded) -> dict[str, list[float]]:
    return {
        "" if client_id is None else str(client_id): [round(usual.redials, 4), round(usual.chasers, 4)]
        for client_id, usual in known.again.items()
    }


def _histories(known: Recorded) -> dict[Group, History]:
    """A history a client with any call."""
    return {
        Group(client=_key(client_id)): History(known.first, calls)
        for client_id, calls in known.of_clients().items()
        if np.nansum(calls) > 0
    }


def _key(client_id: int | None) -> str:
    return "0" if client_id is None else str(client_id)


def _client(group: Group) -> int | None:
    return int(group.client)


def _rows(client_id: int | None, one: Forecast, starts_min: int) -> list[ForecastDay]:
    if client_id == 0:
        # Calls that name no client are part of the whole only.
        return []
    rows = []
    for place, day in enumerate(one.days):
        calls = one.calls[place]
        some = np.flatnonzero(calls > 0)
        opens = day_begins(day, starts_min) + int(some[0] if len(some) else 0) * SLOT
        rows.append(
            ForecastDay(
                day=day,
                client_id=client_id,
                opens_at=opens,
                calls=[round(each, 3) for each in calls.tolist()],
                low=one.low[place].tolist(),
                high=one.high[place].tolist(),
                day_low=float(one.day_low[place]),
                day_high=float(one.day_high[place]),
                day_variance=float(one.day_variance[place]),
                own_variance=[round(each, 6) for each in one.own_variance[place].tolist()],
            )
        )
    return rows


def _tested(parts: Mapping[Group, History], calendars: Calendars) -> dict[str, Any]:
    """How good such forecasts would have been in the last weeks: all calls, then each client's."""
    series = {"": (total(parts), calendars.whole)}
    if len(parts) > 1:
        series |= {
            group.client: (history, calendars.own.get(group, calendars.whole))
            for group, history in parts.items()
        }
    found: dict[str, Any] = {}
    for key, (history, calendar) in series.items():
        try:
            report = back_test.report(history, calendar)
        except TooFewDays:
            continue
        found[key] = {
            "weeks": len(report.origins),
            "wape": report.forecast.wape,
            "bias": report.forecast.bias,
            "day_wape": report.forecast.day_wape,
            "naive": report.seasonal_naive.wape,
            "last_twelve": report.last_twelve.wape,
            "coverage": report.coverage,
        }
    return found


def _reasons(known: Recorded, calendars: Calendars, days: list[date]) -> dict[str, Shares]:
    """Shares of the reasons among a client's calls."""
    found = {}
    for client_id in {client_id for client_id, _ in known.by}:
        parts = {
            reason: History(known.first, calls)
            for (client, reason), calls in known.by.items()
            if client == client_id and reason
        }
        key = _key(client_id)
        shares = shares_of(parts, calendars.own.get(Group(client=key), calendars.whole), days)
        if shares.by_slot:
            found[key] = shares
    return found


def _in_lists(lines: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    return {name: [round(each, 4) for each in line.tolist()] for name, line in lines.items()}
