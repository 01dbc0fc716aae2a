"""The page 「なぜ応答できなかったか」: the lost calls of a past day, booked to causes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from madoguchi.domain.calls.queries.history import CallFilter
from madoguchi.domain.people.models import Role
from madoguchi.domain.planning.actions import explaining as actions
from madoguchi.domain.planning.models import CauseReport
from madoguchi.domain.planning.queries.reports import lost_by_day, report_of
from madoguchi.domain.planning.states import ReportStage
from madoguchi.kit.clock import business_day, day_typed, now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of, role
from madoguchi.screens.planning.why_words import CAUSES, MEASURES, REFUSALS, Words

DAYS = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """One cause: whole percents that add up to 100, calls that add up to the lost, and its interval."""

    code: str
    words: Words
    percent: int
    calls: int
    low: int
    high: int
    width: float
    """Of the bar, and of its interval below, in percent of the picture."""
    hours: tuple[int, ...] = ()
    """From and until which hour half of its calls or more were lost; empty: not told."""

    @property
    def when(self) -> str:
        """The hours in words, or nothing."""
        if not self.hours:
            return ""
        since, until = self.hours
        return pgettext("hours of a day", "{since}–{until} h").format(since=since, until=until)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_GET
def why(request: HttpRequest) -> HttpResponse:
    """Why calls of one day were lost: the report, the way to it, or why there is none."""
    yesterday = business_day(now()) - timedelta(days=1)
    day = day_typed(request.GET.get("day", "")) or yesterday
    report = report_of(day)
    recent = lost_by_day(yesterday, DAYS)
    of_day = next((each for each in recent if each.day == day), None) or lost_by_day(day, 1)[0]
    bars = bars_of(report.bookings, report.lost + report.engaged) if report else []
    context = {
        "day": day,
        "latest": yesterday,
        "recent": recent,
        "of_day": of_day,
        "calls_query": _words(of_day.calls),
        "report": report,
        "working": report is not None and report.stage == ReportStage.WORKING,
        "silent": report is not None and now() - report.beat_at > actions.STALE_AFTER,
        "refusal": REFUSALS.get(report.refusal, "") if report else "",
        "changed": report is not None and report.stage == ReportStage.DONE and report.lost != of_day.lost,
        "sentence": sentence_of(bars) if bars else "",
        "bars": [
            (bar, _words(of_day.between(*bar.hours)) if bar.when else "") for bar in bars if bar.percent
        ],
        "booked": report.lost + report.engaged if report else 0,
        "rest": [bar.words.name for bar in bars if not bar.percent],
        "measures": measures_of(report.reproduced) if report else [],
        "usual": _usual(report),
    }
    return render(request, "planning/why.html", context)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Send a worker to find out; the page waits for it."""
    day = day_typed(request.POST.get("day", "")) or business_day(now())
    try:
        actions.ask_why(day, acting_user=account_of(request).pk)
    except MadoguchiError as error:
        messages.error(request, error.shown())
    return redirect(f"{reverse('planning-why')}?{urlencode({'day': day.isoformat()})}")


def bars_of(bookings: Sequence[Mapping[str, Any]], lost: int) -> list[Bar]:
    """The causes, largest first, in whole percents and calls that add up."""
    shares = [float(row["share"]) for row in bookings]
    percents, calls = whole(shares, 100), whole(shares, lost)
    return [
        Bar(
            str(row["cause"]),
            CAUSES[str(row["cause"])],
            percent,
            count,
            round(100 * row["low"]),
            round(100 * row["high"]),
            round(100 * share, 1),
            tuple(row.get("hours", ())),
        )
        for row, share, percent, count in zip(bookings, shares, percents, calls, strict=True)
    ]


def whole(shares: Sequence[float], of: int) -> list[int]:
    """Whole numbers near `of` times each share that add up to `of`: the largest remainders are rounded up.

    >>> whole([0.5, 0.335, 0.165], 100)
    [50, 34, 16]
    """
    parts = [max(0.0, share) * of for share in shares]
    found = [math.floor(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda place: found[place] - parts[place])
    for place in order[: max(0, of - sum(found))]:
        found[place] += 1
    return found


def sentence_of(bars: Sequence[Bar]) -> str:
    """What comes after "of the 57 calls lost…", the largest causes by name."""
    first = pgettext("why", "about {calls} ({percent} %) are due to “{cause}”")
    other = pgettext("why", "about {calls} ({percent} %) to “{cause}”")
    largest = [bar for bar in bars if bar.code != "chance" and bar.percent >= 10][:2]
    if not largest:
        return _("no single cause stands out: most were lost by chance.")
    said = pgettext("why", " and ").join(
        part.format(calls=bar.calls, percent=bar.percent, cause=bar.words.name)
        for part, bar in zip((first, other), largest, strict=False)
    )
    return pgettext("why", "{causes}.").format(causes=said)


def measures_of(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The day beside the day run again, in the units of each measure."""
    found = []
    for row in rows:
        name, unit = MEASURES[row["measure"]]
        said = {key: _said(float(row[key]), unit) for key in ("past", "mean", "low", "high")}
        found.append({"name": name, "holds": row["holds"], **said})
    return found


def _usual(report: CauseReport | None) -> bool:
    rows = report.reproduced if report else []
    return all(row["holds"] for row in rows if row["measure"] == "lost")


def _words(calls: CallFilter) -> str:
    return urlencode(calls.in_words())


def _said(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * min(max(value, 0.0), 1.0):.1f}%"
    if unit == "seconds":
        return pgettext("why", "{n} s").format(n=round(max(value, 0.0)))
    return str(round(max(value, 0.0)))
