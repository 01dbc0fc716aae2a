"""The history of calls, its file, and the page of one call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.queries.csv_out import rows_of
from madoguchi.domain.calls.queries.heard import heard_by
from madoguchi.domain.calls.queries.history import CallFilter, calls_of, count_up_to, page_of, visible
from madoguchi.domain.calls.queries.way import way_of
from madoguchi.domain.calls.states import Outcome
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.queries import notes_of
from madoguchi.domain.ledger.actions import note
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.queues.models import Queue
from madoguchi.kit.clock import business_day, now
from madoguchi.screens.parts.access import LISTENERS, account_of, role
from madoguchi.screens.parts.csv_answer import csv_answer
from madoguchi.screens.reports.access import access_of, may_hear, sees_all
from madoguchi.screens.reports.drawing import Drawing, waveform

MOST_COUNTED = 10_000


@role(*Role)
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """Calls of a filter, newest first. A figure's link leads here with the filter that it counts."""
    account = account_of(request)
    wanted = CallFilter.from_words(request.GET.dict())
    access = access_of(account)
    page = page_of(wanted, access, after=request.GET.get("after", ""))
    count = count_up_to(wanted, access, MOST_COUNTED)
    words = wanted.in_words()
    context = {
        "page": page,
        "wanted": wanted,
        "words": words,
        "narrowed": bool(words),
        "count": f"{count:,}" + ("+" if count == MOST_COUNTED else ""),
        "next": urlencode(words | {"after": page.after}) if page.after else "",
        "query": urlencode(words),
        "first": not request.GET.get("after"),
        "sees_all": sees_all(account),
        **_choices(wanted),
    }
    return render(request, "reports/calls.html", context)


@role(*LISTENERS)
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The same calls as a file for a spreadsheet; who took it is on record."""
    account = account_of(request)
    wanted = CallFilter.from_words(request.GET.dict())
    note("exported", "calls", urlencode(wanted.in_words())[:64], acting_user=account.pk)
    access = access_of(account)
    return csv_answer(request, lambda: rows_of(wanted, access), f"calls-{business_day(now())}")


@role(*Role)
@require_GET
def call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """One call: who, what became of it, its way as a line of time, its sound, what was written."""
    account = account_of(request)
    found = (
        visible(calls_of(CallFilter()).filter(pk=call_id), access_of(account))
        .select_related("customer__company", "client", "number", "agent__account", "contact__reason")
        .first()
    )
    if found is None:
        raise Http404
    note("viewed_call", "call", call_id, acting_user=account.pk)
    return render(request, "reports/call.html", _call_context(found, account))


def _call_context(found: Any, account: Account) -> dict[str, object]:
    way = way_of(found, now())
    rows = list(found.recordings.select_related("agent__account").order_by("requested_at"))
    heard = heard_by(each.pk for each in rows) if sees_all(account) else {}
    recordings = [
        {
            "row": each,
            "waveform": waveform(each.peaks) if each.peaks else None,
            "may_hear": may_hear(account, each),
            "heard": heard.get(each.pk, []),
        }
        for each in rows
    ]
    talked = (found.ended_at or now()) - found.answered_at if found.answered_at else None
    return {
        "call": found,
        "way": way,
        "drawing": (drawing := Drawing(way)),
        "lane_kinds": drawing.kinds,
        "recordings": recordings,
        "promises": list(Promise.objects.filter(call_id=found.pk).order_by("made_at")),
        "wrap_ups": list(found.wrap_ups.select_related("agent__account").order_by("began_at")),
        "notes": notes_of(found.contact_id),
        "talked": talked,
        "waited": found.waited,
        "sees_all": sees_all(account),
        "keeper": Account.objects.filter(pk=found.identity_checked_by).first(),
    }


def _choices(wanted: CallFilter) -> dict[str, object]:
    today = business_day(now())
    week = today - timedelta(days=6)
    month = today - timedelta(days=29)
    periods = [("today", today, today), ("week", week, today), ("month", month, today)]
    return {
        "outcomes": Outcome.choices,
        "queues": Queue.objects.all(),
        "agents": Agent.objects.select_related("account").order_by("account__name_kana", "account__name"),
        "clients": Client.objects.order_by("name"),
        "periods": [
            {
                "name": name,
                "query": urlencode(wanted.only(since=since, until=until).in_words()),
                "current": (wanted.since, wanted.until) == (since, until),
            }
            for name, since, until in periods
        ],
    }
