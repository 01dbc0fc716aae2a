"""One's own shifts, and what one wishes for the days to come: for everybody, on a telephone first."""

from __future__ import annotations

from datetime import timedelta

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
    me = account_of(request).pk
    if request.method == "POST":
        _wish(request, me)
        return redirect("planning-roster-mine")
    today = business_day(now())
    days = [today + timedelta(days=at) for at in range(DAYS)]
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
    context = {"rows": rows, "today": today, "types": ShiftType.objects.filter(active=True)}
    return render(request, "planning/roster_mine.html", context)


def _wish(request: HttpRequest, me: int) -> None:
    day, what = day_typed(request.POST.get("day", "")), request.POST.get("what", "")
    fits = what in (wishing.OFF, wishing.NONE) or (
        what.isdecimal() and len(what) < 10 and ShiftType.objects.filter(pk=int(what), active=True).exists()
    )
    if day is None or not fits:
        raise Http404
    try:
        wishing.wish(me, day, what, words=request.POST.get("note", ""), acting_user=me)
        messages.success(request, _("Your wish is noted."))
    except MadoguchiError as error:
        messages.error(request, error.shown())
