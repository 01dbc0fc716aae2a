"""The desk: one page that never navigates, and the few addresses that it speaks with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from madoguchi.domain.agents import actions as agents
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Matter, Presence
from madoguchi.domain.calls.actions.restoring import drop_dead_line
from madoguchi.domain.calls.queries.drafts import drafts_of
from madoguchi.domain.customers.queries import search as search_customers
from madoguchi.domain.people.models import Role
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.roster.queries import absence_words, standing
from madoguchi.gate.tickets import ticket
from madoguchi.kit.clock import now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.desk import asked as reading
from madoguchi.screens.desk.errors import DeskElsewhere, NoSuchVerb
from madoguchi.screens.desk.sections import numbers_to_show
from madoguchi.screens.desk.verbs import VERBS
from madoguchi.screens.parts.access import account_of, at_the_phone

FOUND_AT_MOST = 12
SIP_DOMAIN = "madoguchi"
DESK_LIVES = timedelta(seconds=8)
"""A desk beats every 2 s; after so many missed beats another may take its place unasked."""


def home(request: HttpRequest) -> HttpResponse:
    """`/`: everybody to their own screen."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    account = account_of(request)
    if account.role == Role.QUALITY:
        return redirect("/calls/")
    return redirect("/desk/" if account.role == Role.OPERATOR else "/floor/")


@at_the_phone
@never_cache
@ensure_csrf_cookie
@require_GET
def desk(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The page. Everything in it that changes comes over the push channel."""
    context = {
        "agent": agent,
        "presences": Presence.choices,
        "matters": Matter.choices,
        "numbers": numbers_to_show(),
    }
    return render(request, "desk/desk.html", context)


Answering = Callable[..., JsonResponse]


def telling_errors(view: Answering) -> Answering:
    """An error of a verb comes back as `{"error": {"code", "message"}}` with its status."""

    @wraps(view)
    def told(*args: Any, **kwargs: Any) -> JsonResponse:
        try:
            return view(*args, **kwargs)
        except MadoguchiError as error:
            return refused(error)

    return told


@at_the_phone
@require_POST
@telling_errors
def do(request: HttpRequest, agent: Agent, name: str) -> JsonResponse:
    """One verb."""
    verb = VERBS.get(name)
    if verb is None:
        raise NoSuchVerb
    told = verb(reading.read(request, agent))
    return JsonResponse({"ok": True, **(told or {})})


def refused(error: MadoguchiError) -> JsonResponse:
    """An error in the form that the page reads."""
    message = error.shown()
    body = {"code": error.code, "message": message, "error": {"code": error.code, "message": message}}
    return JsonResponse(body, status=error.status)


@at_the_phone
@never_cache
@require_GET
def drafts(request: HttpRequest, agent: Agent) -> JsonResponse:
    """What this person has half typed in the forms beside a call."""
    try:
        call_id = UUID(request.GET.get("call_id", ""))
    except ValueError:
        return JsonResponse({"forms": {}})
    return JsonResponse({"forms": drafts_of(call_id, agent.account_id)})


@at_the_phone
@never_cache
@require_GET
def phone(request: HttpRequest, agent: Agent) -> JsonResponse:
    """What the browser's telephone needs to register, with a ticket for one connection through the gate."""
    try:
        password = agent.sip_secret
    except MadoguchiError as error:
        return refused(error)
    return JsonResponse(
        {
            "uri": f"sip:{agent.endpoint}@{SIP_DOMAIN}",
            "authorization_user": agent.endpoint,
            "password": password,
            # The gate relays it on the page's own origin.
            "ws_url": f"/ws?{urlencode({'ticket': ticket(agent.account_id, agent.endpoint)})}",
            "ice_servers": [],
        }
    )


@at_the_phone
@require_POST
@telling_errors
def beat(request: HttpRequest, agent: Agent) -> JsonResponse:
    """The page is alive. `active` is false when another one took over."""
    asked = reading.read(request, agent)
    active = agents.beat(
        agent.pk,
        asked.id("desk"),
        microphone_ok=asked.flag("microphone_ok"),
        phone_registered=asked.flag("phone_registered"),
    )
    return JsonResponse({"active": active})


@at_the_phone
@require_POST
@telling_errors
def take_over(request: HttpRequest, agent: Agent) -> JsonResponse:
    """This page becomes the person's one desk; without `force` only when no other one is alive."""
    asked = reading.read(request, agent)
    token = asked.id("desk")
    if not asked.flag("force") and _another_desk_lives(agent, token):
        raise DeskElsewhere
    if agent.desk_token != token or agent.desk_beat_at is None:
        agents.take_desk(agent.pk, token, acting_user=agent.account_id)
    # A page claims the desk when it begins: whatever line the one before it had, nobody listens to it now.
    drop_dead_line(agent.pk)
    return JsonResponse({"active": True})


def _another_desk_lives(agent: Agent, token: UUID) -> bool:
    beat_at = agent.desk_beat_at
    return agent.desk_token not in (None, token) and beat_at is not None and now() - beat_at < DESK_LIVES


@at_the_phone
@require_GET
def search(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Customers by name, kana, company or part of a number, as a fragment."""
    found = search_customers(request.GET.get("q", "")[:80], most=FOUND_AT_MOST)
    call_id = _uuid(request.GET.get("call_id", ""))
    return render(request, "desk/found.html", {"found": found, "call_id": call_id})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@at_the_phone
@require_GET
def people(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Whom to ask or to transfer to: who is free first, of them supervisors first; then the queues."""
    others = Agent.objects.select_related("account").filter(account__is_active=True).exclude(pk=agent.pk)
    free = sorted(
        others,
        key=lambda one: (
            not one.phone_reachable or one.activity != "idle",
            one.account.role not in {Role.SUPERVISOR, Role.ADMINISTRATOR},
            one.presence != Presence.AVAILABLE,
            one.account.name_kana or one.account.name,
        ),
    )
    waiting = Count("visits", filter=Q(visits__left_at__isnull=True))
    queues = Queue.objects.filter(active=True).select_related("client").annotate(waiting=waiting)
    at = now()
    stands = standing([one.account_id for one in free if one.presence != Presence.AVAILABLE], at)
    told = [
        (
            one,
            absence_words(
                one.presence,
                stands[one.account_id],
                at,
                since=one.presence_since,
                back_at=one.expected_back_at,
            )
            if one.account_id in stands
            else "",
        )
        for one in free
    ]
    return render(request, "desk/people.html", {"people": told, "queues": queues})
