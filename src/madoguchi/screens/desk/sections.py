"""The sections of the desk, each one JSON state with the drawn fragment in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions.wrapping import unread_points
from madoguchi.domain.calls.models import Call, Offer, QueueVisit, WrapUp
from madoguchi.domain.calls.states import OfferStage
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.queries import call_backs, owed_by
from madoguchi.domain.cases.states import PromiseStage
from madoguchi.domain.clients.models import Number, Reason
from madoguchi.domain.contacts.models import Handling, Mark, Note, Reception
from madoguchi.domain.people.models import Account
from madoguchi.domain.queues.models import Membership
from madoguchi.domain.story.journey import Given, Journey
from madoguchi.kit.clock import business_day, business_day_start, now
from madoguchi.live.registry import section
from madoguchi.screens.desk.in_front import (
    consult_of,
    in_front,
    muted_at_switch,
    open_wrap_up,
    story_of,
    unanswered_of,
)
from madoguchi.screens.desk.words import caller_words, who

State = dict[str, Any]
CALLS_SHOWN = 40
KEYPAD = "123456789*0#"


def _drawn(name: str, context: Mapping[str, Any]) -> str:
    return render_to_string(f"desk/{name}.html", dict(context))


@section("desk", "me")
def me(agent_id: int) -> State:
    """Presence, activity, cooling-off and telephone."""
    agent = in_front(agent_id).agent
    return {
        "presence": agent.presence,
        "activity": agent.activity,
        "call_id": agent.activity_call_id,
        "phone": agent.phone,
        "reachable": agent.phone_reachable,
        # The page itself sees when it is over: nothing happens then that would be told.
        "cooling_until": agent.cooling_off_until,
        "html": _drawn("me", {"agent": agent}),
    }


@section("desk", "offer")
def offer(agent_id: int) -> State:
    """The ring at this person, if any."""
    front = in_front(agent_id)
    ring, call = front.offer, front.call
    if ring is None or call is None:
        return {"id": None}
    words = who(call)
    return {
        "id": ring.pk,
        "call_id": call.pk,
        "purpose": ring.purpose,
        # The desk answers these by itself: the person has asked for them, or was talking a moment ago.
        "answers_itself": ring.purpose in {Offer.Purpose.OUTBOUND, Offer.Purpose.RESTORE},
        "who": words,
        "detail": ring.visit.queue.name if ring.visit else "",
        "html": _drawn("offer", {"offer": ring, "call": call, "who": words, "caller": caller_words(call)}),
    }


@section("desk", "call")
def call(agent_id: int) -> State:
    """The call that this person has, has just had, or is asked about."""
    front = in_front(agent_id)
    current = front.call
    if current is None or front.offer is not None:
        return {"id": None}
    context = {
        "agent": front.agent,
        "call": current,
        "mine": front.mine,
        "ended": front.ended,
        "given_away": front.given_away,
        "restoring": front.restoring,
        "consult": consult_of(current),
        "muted": muted_at_switch(front.agent, current),
        "keypad": KEYPAD,
        "who": who(current),
        "caller": caller_words(current),
    }
    return {
        "id": current.pk,
        "phase": current.phase,
        "ended": front.ended,
        "mine": front.mine,
        "restoring": front.restoring,
        "who": who(current),
        "html": _drawn("call", context),
    }


@section("desk", "story")
def story(agent_id: int) -> State:
    """The customer's story, from the first ring until the wrap-up has ended."""
    front = in_front(agent_id)
    told = story_of(front)
    if told is None or front.call is None:
        return {"call_id": None}
    checked_by = front.call.identity_checked_by
    context = {
        "story": told,
        "unanswered": unanswered_of(told),
        "call": front.call,
        "caller": caller_words(front.call),
        "checked_by": Account.objects.filter(pk=checked_by).first() if checked_by else None,
        "mine": front.mine,
        "ringing": front.offer is not None,
        "greets": front.greets,
    }
    return {"call_id": front.call.pk, "unread": told.unread, "html": _drawn("story", context)}


@section("desk", "wrap_up")
def wrap_up(agent_id: int) -> State:
    """What is to be written of the call: a draft while they talk, the wrap-up itself afterwards."""
    row = open_wrap_up(agent_id)
    front = in_front(agent_id)
    current = row.call if row else front.call
    if current is None or (row is None and not (front.mine and front.offer is None and not front.ended)):
        return {"call_id": None, "id": None}
    account_id = front.agent.account_id
    context = {
        "wrap_up": row,
        "call": current,
        "reasons": _reasons(current.client_id),
        "handlings": Handling.choices,
        "receptions": Reception.choices,
        "mark_choices": Mark.choices,
        "promise_kinds": Promise.Kind.choices,
        "unread": len(unread_points(current, account_id)) if row else 0,
    }
    return {
        "id": row.pk if row else None,
        "call_id": current.pk,
        "unread": context["unread"],
        "written": _written(current, account_id),
        "head": _drawn("wrap_up_head", context),
        "html": _drawn("wrap_up", context),
    }


def _written(current: Call, account_id: int) -> State:
    """What stands of this person's writing. Not in the drawn form: that is drawn once for each call."""
    note = Note.objects.filter(contact=current.contact_id, account_id=account_id).first()
    contact = current.contact
    return {
        "summary": note.text if note else "",
        "version": note.version if note else 0,
        "reason_id": str(contact.reason_id or ""),
        "handling": contact.handling,
        "reception": contact.reception,
        "marks": contact.marks,
    }


def _reasons(client_id: int | None) -> list[tuple[str, list[tuple[int, str]]]]:
    """The tree of reasons as (group, choices): a branch with twigs is a group, a lone leaf stands in ""."""
    rows = [one for one in Reason.objects.filter(active=True) if one.client_id in (None, client_id)]
    parents = {one.parent_id for one in rows if one.parent_id}
    by_id = {one.pk: one for one in rows}
    groups: dict[str, list[tuple[int, str]]] = {}
    for one in rows:
        if one.pk in parents:
            groups.setdefault(one.name, [])
        else:
            parent = by_id.get(one.parent_id or 0)
            groups.setdefault(parent.name if parent else "", []).append((one.pk, one.name))
    return [(name, choices) for name, choices in groups.items() if choices]


Waiting = tuple[list[tuple[int, datetime]], dict[int, set[int]]]


def _everything_waiting() -> Waiting:
    """All who wait, and who serves which queue: the same for every desk."""
    visits = QueueVisit.objects.filter(left_at__isnull=True).values_list("queue_id", "enqueued_at")
    serves: dict[int, set[int]] = {}
    for agent_id, queue_id in Membership.objects.values_list("agent_id", "queue_id"):
        serves.setdefault(agent_id, set()).add(queue_id)
    return list(visits), serves


@section("desk", "waiting", shared=_everything_waiting, urgent=False)
def waiting(agent_id: int, everything: Waiting) -> State:
    """How many wait in this person's queues, and since when the first of them."""
    visits, serves = everything
    mine = [at for queue_id, at in visits if queue_id in serves.get(agent_id, ())]
    context = {"count": len(mine), "oldest": min(mine, default=None)}
    return {"count": len(mine), "html": _drawn("waiting", context)}


@section("desk", "promises", urgent=False)
def promises(agent_id: int) -> State:
    """What this person is to keep, and the call-backs that anybody may make."""
    account_id = Agent.objects.values_list("account_id", flat=True).get(pk=agent_id)
    mine = list(owed_by(account_id)[:60])
    taken = {one.pk for one in mine}
    free = [one for one in call_backs(account_id)[:40] if one.pk not in taken]
    late = sum(one.stage == PromiseStage.BROKEN for one in mine)
    context = {"mine": mine, "free": free}
    strip = _drawn("promises_strip", {"count": len(mine), "late": late, "free": len(free)})
    return {
        "count": len(mine),
        "late": late,
        "due": [one.due_at.isoformat() for one in mine if one.due_at],
        "strip": strip,
        "html": _drawn("promises", context),
    }


def _calls_of_today() -> QuerySet[Call]:
    # Also those that were handed on: what one has written a wrap-up for.
    part = Q(agent=Given("agent")) | Q(pk__in=WrapUp.objects.filter(agent=Given("agent")).values("call_id"))
    mine = Call.objects.filter(part, arrived_at__gte=Given("since"))
    return mine.select_related("customer", "client", "contact__reason").order_by("-arrived_at")[:CALLS_SHOWN]


def _answered_today() -> QuerySet[Offer, tuple[Any, ...]]:
    taken = Offer.objects.filter(
        agent=Given("agent"),
        stage=OfferStage.ACCEPTED,
        purpose=Offer.Purpose.QUEUE,
        offered_at__gte=Given("since"),
    )
    return taken.order_by().values_list("call_id").distinct()


_TODAY = Journey(_calls_of_today, _answered_today)


@section("desk", "today", urgent=False)
def today(agent_id: int) -> State:
    """This person's calls of the day, newest first."""
    rows, answered = _TODAY.make(agent=agent_id, since=business_day_start(business_day(now())))
    calls = [(one, who(one), caller_words(one)) for one in rows]
    return {
        "answered": len(answered),
        "strip": _drawn("today_strip", {"answered": len(answered)}),
        "html": _drawn("today", {"calls": calls}),
    }


def numbers_to_show() -> list[Number]:
    """Our numbers that may be shown on outgoing calls."""
    return list(Number.objects.filter(active=True, caller_number=True).select_related("client"))
