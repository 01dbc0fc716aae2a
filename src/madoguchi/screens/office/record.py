"""What was put on record: who changed or looked at what, and who logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from madoguchi.domain.calls.models import Recording
from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.ledger.queries import Wanted, entries
from madoguchi.domain.people.models import Account, Role
from madoguchi.kit.clock import day_typed
from madoguchi.screens.office.record_words import ABOUT, DONE
from madoguchi.screens.parts.access import role

PAGES = {
    "account": "person",
    "client": "client",
    "number": "number",
    "hours": "hours-page",
    "flow": "flow",
    "queue": "queue",
    "trunk": "trunk",
}
"""Where in the office a thing is looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is read."""

    entry: Entry
    who: str
    what: str
    of: str
    href: str
    """Where the thing is looked at; empty where it has no page of its own."""


@role(Role.ADMINISTRATOR)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Entries of a person, a kind of thing or a day, newest first."""
    asked = request.GET
    wanted = Wanted(
        by=_number(asked.get("by", "")),
        subject=asked["about"] if asked.get("about") in ABOUT else "",
        day=day_typed(asked.get("day", "")),
        before=_number(asked.get("before", "")),
    )
    found, older = entries(wanted)
    kept = {name: asked[name] for name in ("by", "about", "day") if asked.get(name)}
    context = {
        "lines": _lines(found),
        "older": urlencode(kept | {"before": older}) if older else "",
        "wanted": wanted,
        "people": Account.objects.order_by("name_kana", "name"),
        "subjects": ABOUT.items(),
    }
    return render(request, "office/record.html", context)


def _lines(found: list[Entry]) -> list[Line]:
    names = _names(found)
    calls = _calls_of_recordings(found)
    return [
        Line(entry, _who(entry, names), str(DONE.get(entry.verb, entry.verb)), *_thing(entry, names, calls))
        for entry in found
    ]


def _who(entry: Entry, names: dict[int, str]) -> str:
    if entry.verb == "log_in_refused":
        return names.get(_number(entry.subject_id) or 0, pgettext("on record", "nobody who is known"))
    return names.get(entry.by or 0, pgettext("on record", "the system"))


def _thing(entry: Entry, names: dict[int, str], calls: dict[str, UUID]) -> tuple[str, str]:
    """What it was done to, and its page."""
    if entry.subject == "call":
        return str(ABOUT["call"]), reverse("call", args=[entry.subject_id])
    if entry.subject == "recording" and entry.subject_id in calls:
        return str(ABOUT["recording"]), reverse("call", args=[calls[entry.subject_id]])
    if entry.subject == "customer":
        return f"#{entry.subject_id}", reverse("customer", args=[entry.subject_id])
    name = entry.detail.get("name")
    if entry.subject == "account":
        name = names.get(_number(entry.subject_id) or 0)
    shown = name if isinstance(name, str) else f"#{entry.subject_id}" if entry.subject in PAGES else ""
    gone = entry.verb.startswith(("deleted_", "removed_")) or not _number(entry.subject_id)
    return shown, "" if gone or not shown else _page_of(entry)


def _page_of(entry: Entry) -> str:
    page = PAGES.get(entry.subject)
    return reverse(f"office:{page}", args=[entry.subject_id]) if page else ""


def _names(found: list[Entry]) -> dict[int, str]:
    doers = {entry.by for entry in found}
    done_to = {_number(entry.subject_id) for entry in found if entry.subject == "account"}
    ids = [one for one in doers | done_to if one is not None]
    return dict(Account.objects.filter(pk__in=ids).values_list("pk", "name"))


def _calls_of_recordings(found: list[Entry]) -> dict[str, UUID]:
    ids = [entry.subject_id for entry in found if entry.subject == "recording"]
    rows: Any = Recording.objects.filter(pk__in=ids).values_list("pk", "call_id") if ids else []
    return {str(recording_id): call_id for recording_id, call_id in rows}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
