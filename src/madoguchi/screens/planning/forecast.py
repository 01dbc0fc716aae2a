"""The page 「予測と必要人数」: calls to come, people needed for them, people planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from madoguchi.domain.people.models import Role
from madoguchi.domain.planning.actions import forecasting as actions
from madoguchi.domain.planning.forecasting import AHEAD_DAYS
from madoguchi.domain.planning.queries.forecasts import last_asked
from madoguchi.domain.planning.queries.outlook import DayOutlook, Outlook, Slot, outlook
from madoguchi.domain.planning.queries.required import Interval, required
from madoguchi.domain.planning.states import ForecastStage
from madoguchi.kit.clock import business_day, day_typed, local, now
from madoguchi.science.staffing.shifts.people import sunday_of
from madoguchi.screens.parts.access import account_of, role
from madoguchi.screens.parts.csv_answer import csv_answer
from madoguchi.screens.planning import forecast_drawing, forecast_words

WEEK = timedelta(days=6)
ENOUGH_DAYS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    since: date
    until: date
    client_id: int | None
    reason: str

    @property
    def one_day(self) -> bool:
        """A day, not a week."""
        return self.since == self.until

    def words(self, **changed: str) -> str:
        """As the parameters of an address."""
        given = {
            "day" if self.one_day else "week": self.since.isoformat(),
            "client": str(self.client_id or ""),
            "reason": self.reason,
        } | changed
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of a day."""

    slot: Slot
    time: str
    gap: str
    calls: str
    """The parameters of the calls that came; empty where nothing can be opened."""


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_GET
def forecast(request: HttpRequest) -> HttpResponse:
    """A week or a day: calls expected and come, people needed and planned."""
    asked = _asked(request)
    # Before what it made: one that is ready between the two is shown, never an old one as the last word.
    last = last_asked()
    found = outlook(asked.since, asked.until, client_id=asked.client_id, reason=asked.reason)
    frame = forecast_drawing.frame_of(found.days)
    staffed = any(slot.need for day in found.days for slot in day.slots)
    context: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "last": last,
        "working": last is not None and last.stage == ForecastStage.WORKING,
        "silent": last is not None and now() - last.beat_at > actions.STALE_AFTER,
        "sureness": forecast_words.sureness(found.forecast, asked.client_id) if found.forecast else [],
        "handling": forecast_words.handling(found.known, asked.client_id),
        "patience": forecast_words.patience(found.known),
        "goal": found.known.goal,
        "calls_picture": forecast_drawing.calls_of(found.days, frame) if frame else None,
        "people_picture": forecast_drawing.people_of(found.days, frame) if frame and staffed else None,
        "rostered": any(day.planned_hours is not None for day in found.days),
        "too_far": _too_far(found),
        "ahead_days": AHEAD_DAYS,
        "any_came": any(day.came for day in found.days),
        "day": found.days[0] if asked.one_day else None,
        "rows": _rows(found.days[0], frame) if asked.one_day and frame else [],
        "enough_days": ENOUGH_DAYS,
        **_ways(asked, found),
    }
    context |= _progress(last)
    return render(request, "planning/forecast.html", context)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Send a worker to make a forecast now."""
    last = last_asked()
    if last is None or last.stage != ForecastStage.WORKING:
        actions.ask_forecast(acting_user=account_of(request).pk)
    return redirect(f"{reverse('planning-forecast')}?{_asked(request).words()}")


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The staff needed by half-hour, for a roster made elsewhere."""
    asked = _asked(request)
    intervals = required(asked.since, asked.until, client_id=asked.client_id)
    if not intervals:
        messages.error(request, _("There is no forecast for these days yet."))
        return redirect(f"{reverse('planning-forecast')}?{asked.words()}")
    return csv_answer(request, lambda: _lines(intervals), f"required-{asked.since}")


def _too_far(found: Outlook) -> bool:
    """Whether the days lie beyond what the newest forecast reaches."""
    reached = found.today + timedelta(days=AHEAD_DAYS)
    return found.days[0].day >= reached and all(day.expected is None for day in found.days)


def _lines(intervals: Sequence[Interval]) -> Iterator[Sequence[str]]:
    yield [
        _("Date"),
        pgettext("csv", "Time"),
        _("Calls expected"),
        pgettext("csv", "At least"),
        pgettext("csv", "At most"),
        _("Mean talk and wrap-up (s)"),
        _("Needed at the phone"),
        _("Needed on duty"),
    ]
    for each in intervals:
        wall = local(each.begins)
        yield [
            f"{wall:%Y-%m-%d}", f"{wall:%H:%M}", f"{each.calls:.1f}", f"{each.low:g}", f"{each.high:g}",
            f"{each.handle_s:.0f}", str(each.people), str(each.scheduled),
        ]  # fmt: skip


def _rows(day: DayOutlook, frame: forecast_drawing.Frame) -> list[Row]:
    rows = []
    for slot in day.slots[frame.first : frame.last]:
        calls = ""
        if day.calls is not None and slot.came:
            calls = urlencode(day.calls.only(from_min=slot.minute, to_min=slot.minute + 30).in_words())
        time = f"{slot.minute // 60}:{slot.minute % 60:02}"
        rows.append(Row(slot, time, forecast_drawing.gap_of(slot), calls))
    return rows


def _ways(asked: Asked, found: Outlook) -> dict[str, Any]:
    step = timedelta(days=1 if asked.one_day else 7)
    key = "day" if asked.one_day else "week"
    this_week = sunday_of(found.today)
    return {
        "before": asked.words(**{key: (asked.since - step).isoformat()}),
        "after": asked.words(**{key: (asked.since + step).isoformat()}),
        "here": asked.words(),
        "as_week": asked.words(day="", week=asked.since.isoformat()),
        "this_week": asked.words(day="", week=this_week.isoformat()),
        "next_week": asked.words(day="", week=(this_week + timedelta(days=7)).isoformat()),
        "is_this_week": not asked.one_day and asked.since == this_week,
        "is_next_week": not asked.one_day and asked.since == this_week + timedelta(days=7),
        "days": [(day, asked.words(week="", day=day.day.isoformat()), _calls(day)) for day in found.days],
    }


def _calls(day: DayOutlook) -> str:
    return urlencode(day.calls.in_words()) if day.calls is not None and day.came else ""


def _progress(last: Any) -> dict[str, Any]:
    """How far the centre is from its first forecast."""
    made = last.made_of if last is not None else {}
    days = int(made.get("own_days", 0)) + int(made.get("file_days", 0))
    return {
        "too_few": last is not None and last.stage == ForecastStage.TOO_FEW,
        "failed": last is not None and last.stage == ForecastStage.FAILED,
        "known_days": days,
        "progress": min(days, ENOUGH_DAYS),
    }


def _asked(request: HttpRequest) -> Asked:
    given = request.GET if request.method == "GET" else request.POST
    client = given.get("client", "")
    client_id = int(client) if client.isascii() and client.isdecimal() and len(client) < 10 else None
    reason = given.get("reason", "")[:80].replace("\0", "")
    day = day_typed(given.get("day", ""))
    if day is not None:
        return Asked(day, day, client_id, reason)
    # From Sunday on, as the roster's and the law's week: the two pages are read side by side.
    first = sunday_of(day_typed(given.get("week", "")) or business_day(now()))
    return Asked(first, first + WEEK, client_id, reason)
