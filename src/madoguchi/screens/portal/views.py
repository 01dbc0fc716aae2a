"""`/portal/`: the visitor chooses who to be and whom to call, and calls from the browser."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from madoguchi.domain.clients.models import Number
from madoguchi.domain.clients.queries import number_key, opening
from madoguchi.domain.people.actions import use_allowance
from madoguchi.gate.tickets import ticket
from madoguchi.kit.clock import now
from madoguchi.kit.phone_numbers import PLAIN, display
from madoguchi.screens.portal.visitors import VISITORS, WITHHELD, numbers, visitor

ENDPOINT = "visitor"
"""Name of the visitors' phone in the switch's configuration; its calls reach demonstration numbers only."""
SIP_DOMAIN = "madoguchi"
MINUTE = timedelta(minutes=1)
CALLS_A_MINUTE = 6
"""From one address; a person who tries things out needs fewer."""


@require_GET
@never_cache
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    """The page: whom to be, whom to call, and the telephone."""
    _only_in_the_demonstration()
    at, rows = now(), list(numbers())
    chosen = _chosen(rows, request.GET.get("number", ""))
    me = visitor(request.GET.get("as", ""))
    context = {
        "rows": [(row, _dialled(row), opening(row, at)) for row in rows],
        "chosen": chosen,
        "dialled": _dialled(chosen) if chosen else "",
        "shown": display(chosen.e164) if chosen else "",
        "opening": opening(chosen, at) if chosen else None,
        "visitors": VISITORS,
        "me": me,
        "withheld": WITHHELD,
        "source": f"/portal/ticket?{urlencode({'as': me.number})}",
    }
    return render(request, "portal/page.html", context)


@require_POST
@never_cache
def one_call(request: HttpRequest) -> JsonResponse:
    """Credentials for one call: a ticket through the gate that lives a minute, and whom to dial.

    Only numbers of the demonstration; at most CALLS_A_MINUTE from one address.
    """
    _only_in_the_demonstration()
    chosen = next((row for row in numbers() if row.e164 == _asked_for(request)), None)
    if chosen is None:
        return _refused(
            "not_a_demonstration_number", _("Only numbers of the demonstration can be called."), 422
        )
    if not _may_call(request):
        return _refused("too_many_calls", _("That was many calls. Please wait a minute."), 429)
    me = visitor(request.GET.get("as", ""))
    holder = f"visitor:{request.META.get('REMOTE_ADDR', '')}"
    return JsonResponse(
        {
            "uri": f"sip:{ENDPOINT}@{SIP_DOMAIN}",
            "authorization_user": ENDPOINT,
            "password": settings.INSTALLATION.secrets.visitor_password,
            "ws_url": f"/ws?{urlencode({'ticket': ticket(holder, ENDPOINT)})}",
            "ice_servers": [],
            "target": f"sip:{_dialled(chosen)}@{SIP_DOMAIN}",
            "headers": [f"X-Visitor-Number: {me.number}"],
        }
    )


def _only_in_the_demonstration() -> None:
    if not settings.INSTALLATION.demo or settings.INSTALLATION.public:
        raise Http404


def _chosen(rows: list[Number], text: str) -> Number | None:
    return next((row for row in rows if _dialled(row) == text), rows[0] if rows else None)


def _dialled(row: Number) -> str:
    """As the switch's dialplan has it: a national number without hyphens."""
    return row.e164.replace("+81", "0", 1)


def _asked_for(request: HttpRequest) -> str:
    try:
        given: Any = json.loads(request.body or b"{}")
    except ValueError:
        return ""
    return number_key(str(given.get("number", "")), PLAIN) if isinstance(given, dict) else ""


def _may_call(request: HttpRequest) -> bool:
    address = request.META.get("REMOTE_ADDR", "")
    return use_allowance("visitor_call", address, at_most=CALLS_A_MINUTE, within=MINUTE, at=now())


def _refused(code: str, message: str, status: int) -> JsonResponse:
    body = {"code": code, "message": message, "error": {"code": code, "message": message}}
    return JsonResponse(body, status=status)
