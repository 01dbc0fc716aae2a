"""What people did, from the steps of their presence and activity in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Activity, Matter, Presence
from madoguchi.domain.calls.models import Call, Consult
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.ledger.models import Transition
from madoguchi.science.staffing.simulation import flat

AT_WORK = (Presence.AVAILABLE, Presence.OTHER_WORK)
"""別件対応中 is time at the phone spent on something else: its cure is another than that of an absence."""
_WANTED = (Presence.MEETING, Presence.TRAINING, Presence.TRIP)
AT_ONCE = timedelta(seconds=60)
"""Work off the phone that is chosen so soon after a wrap-up followed it at once: people need their hands."""
_MATTERS: dict[str, int] = {Matter.MAIL: flat.MAIL, Matter.CALL_BACK: flat.CALL_BACK}
_IN_A_CALL = {
    Activity.DIALLING: flat.TALKING,
    Activity.TALKING: flat.TALKING,
    Activity.HOLDING: flat.TALKING,
    Activity.WRAP_UP: flat.WRAP_UP,
}


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of one person's time, as `flat.SPELLS` has it, still with its own ids."""

    agent: int
    kind: int
    began: datetime
    ended: datetime
    call: UUID | None = None
    unasked: bool = False
    """Work off the phone right after a wrap-up, or after other such work, of which no call was named."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when a person was away."""

    agent: int
    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """All stretches, and absences that nobody had foreseen."""

    spells: tuple[Spell, ...]
    away: tuple[Stretch, ...]
    said: tuple[Stretch, ...] = ()
    """Absences that the company itself wanted: meetings, training, business trips."""


@dataclass(slots=True)
class _Steps:
    """The steps of one person in the period, each with the one that was under way when it began."""

    presence: list[tuple[datetime, str, dict[str, Any]]] = field(default_factory=list)
    activity: list[tuple[datetime, str, UUID | None]] = field(default_factory=list)


def time_spent(begin: datetime, end: datetime) -> Spent:
    """What everybody did between two moments; rings are in the offers.

    Work off the phone belongs to the call that was named when it was chosen, a call back to the call in
    which it was promised; else both belong to the person's last one.
    """
    steps = _steps(begin, end)
    outbound = _outbound(begin, end)
    asked = set(
        Consult.objects.filter(began_at__gte=begin, began_at__lt=end, answered_at__isnull=False)
        .exclude(call__agent=Subquery(Consult.objects.filter(pk=OuterRef("pk")).values("to_agent")[:1]))
        .values_list("call_id", "to_agent_id")
    )
    spells: list[Spell] = []
    away: list[Stretch] = []
    said: list[Stretch] = []
    for agent, own in steps.items():
        busy = list(_in_calls(agent, own, end, outbound, asked))
        there = list(_there(agent, own, end, AT_WORK))
        spells += [*busy, *there, *_off_the_phone(agent, own, end, busy)]
        said += [Stretch(agent, each.began, each.ended) for each in _there(agent, own, end, _WANTED)]
        if there:
            since, to = there[0].began, there[-1].ended
            gone = _there(agent, own, end, (Presence.AWAY,))
            away += [Stretch(agent, each.began, each.ended) for each in gone if since < each.began < to]
    return Spent(tuple(spells), tuple(away), tuple(said))


def _outbound(begin: datetime, end: datetime) -> dict[UUID, UUID | None]:
    """Calls that went out, each with the call of these days whose promise it keeps."""
    found = dict(
        Call.objects.filter(
            direction=Call.Direction.OUTBOUND, arrived_at__lt=end, arrived_at__gte=begin - timedelta(days=1)
        ).values_list("pk", "promise_id")
    )
    kept = {promise for promise in found.values() if promise is not None}
    made = Promise.objects.filter(pk__in=kept, made_at__gte=begin) if kept else Promise.objects.none()
    of = dict(made.values_list("pk", "call_id"))
    return {call: of.get(promise) if promise is not None else None for call, promise in found.items()}


def _steps(begin: datetime, end: datetime) -> dict[int, _Steps]:
    own = Transition.objects.filter(subject_id=OuterRef("number"), at__lt=begin).order_by("-at", "-pk")
    people = Agent.objects.annotate(number=Cast("pk", CharField())).annotate(
        was=Subquery(own.filter(subject="presence").values("pk")[:1]),
        did=Subquery(own.filter(subject="activity").values("pk")[:1]),
    )
    rows = {agent.pk: agent for agent in people.order_by("pk")}
    before = Transition.objects.filter(
        pk__in=[pk for agent in rows.values() for pk in (agent.was, agent.did) if pk is not None]
    )
    within = Transition.objects.filter(subject__in=("presence", "activity"), at__gte=begin, at__lt=end)
    steps = {pk: _Steps() for pk in rows}
    columns = ("subject", "subject_id", "at", "new", "cause", "call_id")
    for subject, number, at, new, cause, call in [
        *before.values_list(*columns),
        *within.order_by("at", "pk").values_list(*columns),
    ]:
        person = steps.get(int(number)) if number.isdecimal() else None
        if person is None:
            continue
        if subject == "presence":
            person.presence.append((max(at, begin), new, cause))
        else:
            person.activity.append((max(at, begin), new, call))
    for pk, agent in rows.items():
        if not steps[pk].presence and agent.presence_since < end:
            # Nothing was ever written down: what they are now they have been since then.
            steps[pk].presence.append((max(begin, agent.presence_since), agent.presence, {}))
    return steps


def _until(moments: list[datetime], end: datetime) -> Iterator[tuple[datetime, datetime]]:
    yield from pairwise([*moments, end])


def _in_calls(
    agent: int, own: _Steps, end: datetime, outbound: Mapping[UUID, UUID | None], asked: set[tuple[UUID, int]]
) -> Iterator[Spell]:
    """Talk (holds included) and wrap-up; what goes out is a call back, a colleague's question a consult."""
    last: Spell | None = None
    inbound: UUID | None = None
    for (_, what, call), (began, ended) in zip(
        own.activity, _until([each[0] for each in own.activity], end), strict=True
    ):
        kind = _IN_A_CALL.get(Activity(what))
        if kind is not None and call is not None and call in outbound:
            kind, call = flat.CALL_BACK, outbound[call] or inbound
        elif kind == flat.TALKING and call is not None and (call, agent) in asked:
            kind = flat.CONSULT
        elif kind is not None:
            inbound = call
        if last is not None and kind == last.kind and call == last.call and began == last.ended:
            last = replace(last, ended=ended)
            continue
        if last is not None:
            yield last
        last = Spell(agent, kind, began, ended, call) if kind is not None else None
    if last is not None:
        yield last


def _there(agent: int, own: _Steps, end: datetime, words: Iterable[str]) -> Iterator[Spell]:
    """Stretches in which the presence was one of some, joined where they meet."""
    last: Spell | None = None
    for (_, word, _cause), (began, ended) in zip(
        own.presence, _until([each[0] for each in own.presence], end), strict=True
    ):
        if word not in words or ended <= began:
            continue
        if last is not None and last.ended == began:
            last = replace(last, ended=ended)
            continue
        if last is not None:
            yield last
        last = Spell(agent, flat.PRESENT, began, ended)
    if last is not None:
        yield last


def _off_the_phone(agent: int, own: _Steps, end: datetime, busy: list[Spell]) -> Iterator[Spell]:
    """別件対応中, from the end of what was in hand when it was chosen."""
    before: datetime | None = None
    for (_, word, cause), (began, ended) in zip(
        own.presence, _until([each[0] for each in own.presence], end), strict=True
    ):
        if word != Presence.OTHER_WORK:
            continue
        for spell in busy:
            if spell.began <= began < spell.ended:
                began = spell.ended
        if ended <= began:
            continue
        named = cause.get("call")
        done = [spell for spell in busy if spell.ended <= began and spell.kind == flat.WRAP_UP]
        last = done[-1] if done else None
        at_once = before == began
        if last is not None and began - last.ended <= AT_ONCE:
            began, at_once = last.ended, True
        before = ended
        call = UUID(named) if named else last.call if last is not None else None
        kind = _MATTERS.get(cause.get("matter") or "", flat.CASEWORK)
        yield Spell(agent, kind, began, ended, call, unasked=at_once and not named)
