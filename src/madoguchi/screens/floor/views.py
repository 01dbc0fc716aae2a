"""The floor's pages and what a leader can do from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from madoguchi.domain.agents import actions as agents
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Matter, Presence
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.history import Access, CallFilter, page_of
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.people.models import Role
from madoguchi.domain.roster.queries import standing
from madoguchi.kit.clock import business_day, from_local, local, now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.floor import sections
from madoguchi.screens.parts.access import LISTENERS, account_of, role

LATEST = 5


@role(*LISTENERS)
@require_GET
def floor(request: HttpRequest) -> HttpResponse:
    """The whole floor on one screen."""
    return _page(request, wall=False)


@role(*LISTENERS)
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """The same for a screen on the wall: four figures and the waiting strip, legible from ten metres."""
    return _page(request, wall=True)


@role(*LISTENERS)
@require_GET
def person(request: HttpRequest, agent_id: int) -> HttpResponse:
    """One person: what they do, why the phone does not ring at them, their latest calls."""
    return _person(request, agent_id)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def set_presence(request: HttpRequest, agent_id: int) -> HttpResponse:
    """Set what somebody forgot to set; the person's desk shows it at once, and who did it is on record."""
    back = request.POST.get("back", "")
    try:
        agents.choose_presence(
            agent_id,
            request.POST.get("presence", ""),
            matter=request.POST.get("matter", ""),
            expected_back_at=_later_today(back) if back else None,
            acting_user=account_of(request).pk,
        )
    except Agent.DoesNotExist as error:
        raise Http404 from error
    except MadoguchiError as error:
        return _person(request, agent_id, error=error.shown(), status=422)
    return _person(request, agent_id)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def lift(request: HttpRequest, agent_id: int) -> HttpResponse:
    """Let the phone ring at somebody again before their cooling-off is over."""
    agents.lift_cooling_off(agent_id, acting_user=account_of(request).pk)
    return _person(request, agent_id)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def promise(request: HttpRequest, promise_id: int, verb: str) -> HttpResponse:
    """Take a promise, mark it kept, or withdraw it; the list is redrawn by push."""
    me = account_of(request).pk
    try:
        if verb == "take":
            cases.take(promise_id, me, acting_user=me)
        elif verb == "keep":
            cases.fulfil(promise_id, _call_id(request), acting_user=me)
        elif verb == "withdraw":
            cases.withdraw(promise_id, acting_user=me)
        else:
            raise Http404
    except MadoguchiError as error:
        return HttpResponse(error.shown(), status=error.status, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


def _page(request: HttpRequest, *, wall: bool) -> HttpResponse:
    context = {
        "wall": wall,
        "today": sections.today()["html"],
        "queues": sections.queues()["html"],
        "people": sections.people()["html"],
        "attention": sections.things_to_decide()["html"],
    }
    return render(request, "floor/floor.html", context)


def _person(request: HttpRequest, agent_id: int, *, error: str = "", status: int = 200) -> HttpResponse:
    agent = get_object_or_404(Agent.objects.select_related("account"), pk=agent_id)
    today = business_day(now())
    latest = page_of(CallFilter(since=today, agent_id=agent_id), Access(everything=True), size=LATEST)
    cools_off = agent.cooling_off_until is not None and agent.cooling_off_until > now()
    context = {
        "agent": agent,
        "cools_off": cools_off,
        "stands": standing([agent.account_id], now())[agent.account_id],
        "latest": latest.calls,
        "about": _about(agent),
        "today": today,
        "presences": Presence.choices,
        "matters": Matter.choices,
        "may_set": account_of(request).leads,
        "error": error,
    }
    return render(request, "floor/person.html", context, status=status)


def _about(agent: Agent) -> Call | None:
    """The call that the time off the phone is for."""
    if agent.matter_call_id is None:
        return None
    return Call.objects.select_related("customer").filter(pk=agent.matter_call_id).first()


def _later_today(text: str) -> datetime | None:
    """A time of day as it was typed (14:30): today's, or tomorrow's when it has passed."""
    try:
        typed = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - only the time of day is kept
    except ValueError:
        return None
    wall = local(now())
    at = from_local(datetime.combine(wall.date(), typed))
    return at if at > now() else at + timedelta(days=1)


def _call_id(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("call", ""))
    except ValueError:
        return None
