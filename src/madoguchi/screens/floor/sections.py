"""The sections of the floor: queues with their callers, people, what asks for a decision, today's figures.

The page draws them itself when it opens; afterwards they come by push, the same fragments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from madoguchi.domain.agents.states import Activity, Presence
from madoguchi.domain.calls.queries.figures import Figure, day_of
from madoguchi.domain.calls.queries.floor import AWAY, PersonNow, attention, people_now, queues_now
from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.queries import standing
from madoguchi.domain.trunks.queries import dead_lines, explain_watch
from madoguchi.kit.clock import business_day, now
from madoguchi.live.registry import section
from madoguchi.screens.floor.late import late_since

State = dict[str, Any]
FIGURES = ("arrivals", "answered", "abandoned", "service_level", "answer_rate_open", "lost")


def _drawn(name: str, context: Mapping[str, Any]) -> str:
    return render_to_string(f"floor/{name}.html", dict(context))


@section("floor", "waiting")
def waiting() -> State:
    """Every queue with its callers in the order in which they will be served."""
    queues = queues_now(now())
    count = sum(each.count for each in queues)
    longest = min((each.longest_since for each in queues if each.longest_since), default=None)
    context = {"queues": queues, "count": count, "longest": longest}
    return {"count": count, "longest_since": longest, "html": _drawn("waiting", context)}


@section("floor", "queues")
def queues() -> State:
    """The same column drawn anew round the callers, when the queues themselves were changed."""
    return {"html": _drawn("queues", {"waiting": waiting()["html"]})}


@section("floor", "people")
def people() -> State:
    """Everybody at the phone by need of attention, and how many of each queue are free."""
    moment = now()
    everybody = people_now(moment)
    plans = standing([each.agent.account_id for each in everybody], moment)
    here = [each for each in everybody if each.agent.presence not in AWAY or _busy(each)]
    late = [each for each in everybody if each not in here and late_since(each, plans, moment)]
    context = {
        "plans": plans,
        "at": moment,
        # Who is missing asks for a look, but after those whose customers do.
        "here": [
            *(each for each in here if each.needs),
            *late,
            *(each for each in here if not each.needs),
        ],
        "late": len(late),
        "away": [each for each in everybody if each not in here and each not in late],
        "free": sum(_free(each) for each in everybody),
        "queues": queues_now(moment),
    }
    return {"free": context["free"], "html": _drawn("people", context)}


@section("floor", "attention")
def things_to_decide() -> State:
    """Dead lines, callers whom a fault cut off, broken promises, call-backs to make, missing recordings."""
    found = attention(now())
    owners = [*found.lost_calls, *found.broken, *found.call_backs]
    ids = {promise.owner_id for promise in owners if promise.owner_id}
    names = dict(Account.objects.filter(pk__in=ids).values_list("pk", "name"))
    lists = [
        ("lost", [(each, names.get(each.owner_id or 0, "")) for each in found.lost_calls]),
        ("broken", [(each, names.get(each.owner_id or 0, "")) for each in found.broken]),
        ("call_backs", [(each, names.get(each.owner_id or 0, "")) for each in found.call_backs]),
    ]
    dead = [(watch, explain_watch(watch)) for watch in dead_lines()]
    count = found.count + len(dead)
    context = {"lists": lists, "missing": found.missing_recordings, "dead": dead, "count": count}
    return {"count": count, "html": _drawn("attention", context)}


@section("floor", "today")
def today() -> State:
    """Today's figures, each with its definition and the way to its calls."""
    day = day_of(business_day(now()))
    rate = day.figure("answer_rate")
    figures: list[Figure] = day.figures(*FIGURES)
    return {"percent": rate.percent, "html": _drawn("today", {"rate": rate, "figures": figures})}


def _busy(person: PersonNow) -> bool:
    return person.agent.activity != Activity.IDLE


def _free(person: PersonNow) -> bool:
    return person.agent.presence == Presence.AVAILABLE and not person.needs and not _busy(person)
