"""The page 「シフト」: a week of everybody, the people needed above it, and one day hour by hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.planning.actions import rostering as actions
from madoguchi.domain.planning.queries.adherence import kept_on
from madoguchi.domain.planning.queries.rostering import able, sheet_with_need
from madoguchi.domain.roster.actions import editing, making
from madoguchi.domain.roster.errors import FileRefused
from madoguchi.domain.roster.files import MOST_BYTES, read_required, read_table, table_of
from madoguchi.domain.roster.models import Roster, ShiftType, Term
from madoguchi.domain.roster.on_paper import Broken, broken, unexplained
from madoguchi.domain.roster.sheet import Line, Sheet, Square, sheet_of
from madoguchi.domain.roster.states import OPEN, WORKED_BY, RosterStage
from madoguchi.domain.roster.words import clash_of, names_of
from madoguchi.kit.calendar import holiday_name
from madoguchi.kit.clock import business_day, business_day_start, day_typed, now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.science.staffing.shifts.people import sunday_of
from madoguchi.screens.parts.access import account_of, role
from madoguchi.screens.parts.csv_answer import csv_answer
from madoguchi.screens.planning.roster_drawing import bars_of, strip_of, top_of, window_of

WEEK = 7


@login_required
@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    """A week; who does not lead sees what is published, and cannot change it."""
    leads = account_of(request).leads
    today = business_day(now())
    day = day_typed(request.GET.get("day", "")) or today
    first = sunday_of(day)
    sheet = sheet_with_need(first, first + timedelta(days=WEEK - 1), drafts=leads)
    lead = next((one for one in sheet.rosters if one.stage not in WORKED_BY), None) or sheet.roster_on(day)
    top = top_of(sheet)
    context = {
        "leads": leads,
        "sheet": sheet,
        "days": [
            (one, holiday_name(one), strip_of(sheet.planned[one], sheet.required.get(one), top))
            for one in sheet.days
        ],
        "day": day,
        "today": today,
        "first": first,
        "before": first - timedelta(days=WEEK),
        "after": first + timedelta(days=WEEK),
        "roster": lead,
        "types": ShiftType.objects.filter(active=True),
        "ready": Term.objects.filter(account__is_active=True).exists(),
    }
    context |= {"lines": _lines(sheet, set())}
    context |= _of_roster(lead, sheet) if lead is not None and leads else {}
    context |= _of_day(sheet, day, today, leads=leads)
    return render(request, "planning/roster.html", context)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def open_week(request: HttpRequest) -> HttpResponse:
    """Begin a draft of some days: `weeks` from a Sunday on, or as far as they are free."""
    first = day_typed(request.POST.get("first", "")) or business_day(now())
    weeks = 4 if request.POST.get("weeks") == "4" else 1
    try:
        last = first + timedelta(days=WEEK * weeks - 1)
        actions.open_days(first, last, acting_user=account_of(request).pk)
    except MadoguchiError as error:
        messages.error(request, error.shown())
    return _back(first)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def act(request: HttpRequest, roster_id: int, verb: str) -> HttpResponse:
    """One step of a roster: make, publish, discard, take the forecast's need, take in a file, explain."""
    me = account_of(request).pk
    row = _roster(roster_id)
    try:
        if verb == "make":
            short = "allow_short" in request.POST
            actions.ask(roster_id, allow_short=short, acting_user=me)
        elif verb == "publish":
            actions.publish(roster_id, acting_user=me)
            messages.success(request, _("Published. Everybody sees their shifts now."))
        elif verb == "discard":
            making.discard(roster_id, acting_user=me)
        elif verb == "forecast":
            actions.use_forecast(roster_id, acting_user=me)
        elif verb == "needed":
            making.set_required(roster_id, read_required(_file(request), _days(row)), acting_user=me)
        elif verb == "table":
            cells = read_table(_file(request), _people(), list(ShiftType.objects.all()), _days(row))
            count = editing.take_in(roster_id, cells, acting_user=me)
            messages.success(request, _("{n} shifts were taken in.").format(n=count))
        elif verb == "explain":
            editing.explain(roster_id, _broken(request), request.POST.get("reason", ""), acting_user=me)
        else:
            raise Http404
    except MadoguchiError as error:
        messages.error(request, error.shown())
    return _back(day_typed(request.POST.get("day", "")) or row.first)


@login_required
@require_GET
def csv(request: HttpRequest) -> StreamingHttpResponse:
    """A week, or the days of a roster, as a table for Excel; what is not published only for who leads."""
    first = sunday_of(day_typed(request.GET.get("day", "")) or business_day(now()))
    last, drafts = first + timedelta(days=WEEK - 1), account_of(request).leads
    row = Roster.objects.filter(pk=_number(request.GET.get("roster", ""))).first()
    if row is not None:
        first, last = row.first, row.last

    def rows() -> Iterator[Sequence[str]]:
        return table_of(sheet_of(first, last, drafts=drafts))

    return csv_answer(request, rows, f"shift-{first}")


def _of_roster(row: Roster, sheet: Sheet) -> dict[str, Any]:
    """What a roster itself has to say: what clashes, what is broken, what is missing."""
    found = broken(row, able())
    left = set(unexplained(row, found))
    reasons = {(one.code, one.account_id, one.day): one for one in row.waivers.all()}
    told = [
        (one, words, one in left, reasons.get((one.code, one.account_id, one.day)))
        for one, words in zip(found, names_of(found), strict=True)
    ]
    names = {one.pk: one.name for one in ShiftType.objects.all()}
    return {
        "working": row.stage == RosterStage.MAKING,
        "silent": row.asked_at is not None and now() - row.asked_at > actions.STALE_AFTER,
        "may_edit": row.stage in OPEN,
        "published": row.stage in WORKED_BY,
        "filled": row.shifts.exists(),
        "clash": _clash(row) if row.stage == RosterStage.CLASH else [],
        "broken": sorted(told, key=lambda one: not one[2]),
        "unexplained": len(left),
        "lines": _lines(sheet, {(one.account_id, one.day) for one in found}),
        "short": [(date.fromisoformat(day), names.get(what, ""), many) for day, what, many in row.short],
    }


def _clash(row: Roster) -> list[tuple[str, list[str]]]:
    """What would loosen the clash, each with its rules: the same advice is given once, not week by week."""
    found: dict[str, list[str]] = {}
    for said in clash_of(row.clash):
        found.setdefault(said.loosen, []).append(said.words)
    return list(found.items())


def _lines(sheet: Sheet, marked: set[tuple[int, date]]) -> list[tuple[Line, list[tuple[Square, bool]]]]:
    """Each person with their squares, and whether a rule that names the day is broken there."""
    return [
        (line, [(one, (line.account.pk, one.day) in marked) for one in line.squares]) for line in sheet.lines
    ]


def _of_day(sheet: Sheet, day: date, today: date, *, leads: bool) -> dict[str, Any]:
    """One day hour by hour; how the plan is kept is for who leads."""
    at = now()
    row = sheet.roster_on(day)
    kept = kept_on(day, at) if leads and day <= today and row and row.stage in WORKED_BY else {}
    minute = round((at - business_day_start(day)).total_seconds() / 60)
    bars = bars_of(sheet, day, kept, minute)
    begin, end = window_of(bars)
    return {
        "bars": bars,
        "kept": bool(kept),
        "window": (begin, end - begin),
        "hours": [(60 * hour, hour) for hour in range(begin // 60, end // 60 + 1, 2)],
        "minute": minute if begin <= minute <= end else None,
        "off": [
            (line, square)
            for line in sheet.lines
            for square in line.squares
            if square.day == day and square.shift is None
        ],
    }


def _back(day: date) -> HttpResponse:
    return redirect(f"{reverse('planning-roster')}?{urlencode({'day': day.isoformat()})}")


def _roster(roster_id: int) -> Roster:
    row = Roster.objects.filter(pk=roster_id).first()
    if row is None:
        raise Http404
    return row


def _days(row: Roster) -> list[date]:
    return [row.first + timedelta(days=at) for at in range((row.last - row.first).days + 1)]


def _people() -> dict[str, int]:
    """Names as a file may write them; whose name two people share goes by the log-in name."""
    rows = Account.objects.filter(is_active=True).values_list("pk", "name", "username")
    names = [name for _pk, name, _user in rows]
    found = {user: pk for pk, _name, user in rows}
    return found | {name: pk for pk, name, _user in rows if name and names.count(name) == 1}


def _file(request: HttpRequest) -> bytes:
    upload = request.FILES.get("file")
    if upload is None:
        raise FileRefused(mistakes=_("Please choose a file."))
    raw: bytes = upload.read(MOST_BYTES + 1)
    return raw


def _broken(request: HttpRequest) -> Broken:
    day = day_typed(request.POST.get("on", ""))
    if day is None:
        raise Http404
    return Broken(request.POST.get("code", "")[:40], _number(request.POST.get("who", "")), day)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
