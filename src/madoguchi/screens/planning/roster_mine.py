"""One's own shifts, and what one wishes for the days to come: for everybody, on a telephone first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.domain.roster.actions import wishing
from madoguchi.domain.roster.models import DayOff, Roster, ShiftType, Wish
from madoguchi.domain.roster.queries import shifts_of
from madoguchi.domain.roster.states import WORKED_BY
from madoguchi.kit.calendar import holiday_name
from madoguchi.kit.clock import business_day, day_typed, now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of
from madoguchi.screens.planning.roster_drawing import hours_said

DAYS = 35


@login_required
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Five weeks from today: shifts where the roster is published, a wish where it is not."""
    me, today = account_of(request).pk, business_day(now())
    if request.method == "POST":
        return _wish(request, me, today)
    days = [today + timedelta(days=at) for at in range(DAYS)]
    return render(request, "planning/roster_mine.html", {"rows": _rows(me, days, today)} | _choices(today))


def _choices(today: date) -> dict[str, Any]:
    return {"today": today, "types": ShiftType.objects.filter(active=True)}


def _rows(me: int, days: list[date], today: date) -> list[dict[str, Any]]:
    """What is known of each day, and whether one may still wish for it."""
    shifts = shifts_of(me, days[0], days[-1])
    off = dict(
        DayOff.objects.filter(account_id=me, day__range=(days[0], days[-1])).values_list("day", "kind")
    )
    labels = dict(DayOff._meta.get_field("kind").choices or ())
    wishes = {
        one.day: one
        for one in Wish.objects.filter(account_id=me, day__range=(days[0], days[-1])).select_related(
            "shift_type"
        )
    }
    spans = list(Roster.objects.filter(stage__in=WORKED_BY, last__gte=today).values_list("first", "last"))
    rows = []
    for day in days:
        known = any(first <= day <= last for first, last in spans)
        one = shifts.get(day)
        rows.append(
            {
                "day": day,
                "holiday": holiday_name(day),
                "shift": one,
                "hours": hours_said(one) if one else "",
                "off": labels.get(off.get(day, ""), ""),
                "known": known,
                "wish": wishes.get(day),
                "open": not known and day > today,
            }
        )
    return rows


def _wish(request: HttpRequest, me: int, today: date) -> HttpResponse:
    """Write a wish down and answer with its day alone, so that nothing else on the page moves."""
    day, what = day_typed(request.POST.get("day", "")), request.POST.get("what", "")
    fits = what in (wishing.OFF, wishing.NONE) or (
        what.isdecimal() and len(what) < 10 and ShiftType.objects.filter(pk=int(what), active=True).exists()
    )
    if day is None or not fits:
        raise Http404
    error = ""
    try:
        wishing.wish(me, day, what, words=request.POST.get("note", "").strip(), acting_user=me)
    except MadoguchiError as refused:
        error = refused.shown()
    if "HX-Request" in request.headers:
        context = _choices(today) | {"row": _rows(me, [day], today)[0], "error": error, "saved": not error}
        return render(request, "planning/roster_mine_day.html", context, status=422 if error else 200)
    if error:
        messages.error(request, error)
    else:
        messages.success(request, _("Your wish is noted."))
    return redirect("planning-roster-mine")
