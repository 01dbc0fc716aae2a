"""The whole way of one call: what happened when, for how long, in whose lane; and why it waited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, Leg, QueueVisit, WaitReason
from madoguchi.domain.calls.states import OfferStage, Phase
from madoguchi.domain.ledger.models import Transition


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as a row of the timeline."""

    at: datetime
    kind: str
    """phase, visit, offer, consult, recording, wrap_up, promise, identity or point."""
    word: str
    """Which of its kind: the phase, how the offer ended, …"""
    until: datetime | None = None
    """When it ended; None: it still lasts, or has no length."""
    lasts: bool = False
    """Whether it has a length at all."""
    who: str = ""
    """Name of the operator, or of the queue."""
    other: str = ""
    """A second name, or a reason in words."""
    cause: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A bar in a lane."""

    kind: str
    """waiting, talking, holding, ringing, menu, wrap_up, recording, missed, asking, other."""
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the drawing: the customer, a queue, an operator, another party, the recording."""

    kind: str
    name: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class ReasonHeld:
    """Why a call waited during a stretch: reason code → number of people it held for."""

    queue: str
    begin: datetime
    end: datetime | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Way:
    """A call from its first moment to the last thing that anybody did for it."""

    begin: datetime
    end: datetime
    events: tuple[Event, ...]
    lanes: tuple[Lane, ...]
    reasons: tuple[ReasonHeld, ...]


def way_of(call: Call, now: datetime) -> Way:
    """Everything that is known of a call's course; about ten statements. `now` ends what still lasts."""
    phases = list(Transition.objects.filter(call_id=call.pk, subject="call").order_by("at", "pk"))
    visits = list(call.visits.select_related("queue", "named_agent__account").order_by("pk"))
    _tell_when_they_began(visits)
    events = sorted(_events(call, phases, visits), key=lambda each: each.at)
    lanes = tuple(lane for lane in _lanes(call, phases, visits, now) if lane.stretches)
    moments = [stretch.end for lane in lanes for stretch in lane.stretches]
    end = max([call.ended_at or now, *moments, *(each.at for each in events)])
    return Way(call.arrived_at, end, tuple(events), lanes, tuple(_reasons(visits)))


def _tell_when_they_began(visits: list[QueueVisit]) -> None:
    """Put the true beginning in the place of a place that was given back (see `restoring`); not saved."""
    steps = Transition.objects.filter(
        subject="visit", new="waiting", subject_id__in=[str(visit.pk) for visit in visits]
    )
    began = {int(step.subject_id): step.at for step in steps}
    for visit in visits:
        visit.enqueued_at = began.get(visit.pk, visit.enqueued_at)


def _events(call: Call, phases: list[Transition], visits: list[QueueVisit]) -> Iterator[Event]:
    names = dict(Agent.objects.values_list("pk", "account__name")) if phases else {}
    for step, following in pairwise([*phases, None]):
        assert step is not None  # the None stands last only
        if step.new in {Phase.WAITING, Phase.RINGING}:
            continue  # told better by the queue and by each ring
        until = following.at if following else None
        cause = dict(step.cause)
        who = names.get(cause.get("agent") or 0, "")
        yield Event(step.at, "phase", step.new, until, step.new != Phase.ENDED, who, cause=cause)
    for visit in visits:
        named = visit.named_agent.account.name if visit.named_agent else ""
        yield Event(visit.enqueued_at, "visit", visit.left, visit.left_at, True, visit.queue.name, named)
    for offer in call.offers.select_related("agent__account").order_by("offered_at"):
        name = offer.agent.account.name
        yield Event(offer.offered_at, "offer", offer.stage, offer.ended_at, True, name, offer.purpose)
    for consult in call.consults.select_related("by_agent__account", "to_agent__account"):
        to = consult.to_agent.account.name if consult.to_agent else consult.to_number
        by = consult.by_agent.account.name
        yield Event(consult.began_at, "consult", consult.stage, consult.ended_at, True, by, to)
    yield from _written(call)


def _written(call: Call) -> Iterator[Event]:
    """What was kept of the call: recordings, wrap-ups, promises, identity, important points."""
    for recording in call.recordings.select_related("agent__account"):
        name = recording.agent.account.name if recording.agent else ""
        begin = recording.began_at or recording.requested_at
        yield Event(
            begin, "recording", recording.stage, recording.ended_at, True, name, recording.missing_reason
        )
    for wrap_up in call.wrap_ups.select_related("agent__account"):
        name = wrap_up.agent.account.name
        yield Event(wrap_up.began_at, "wrap_up", wrap_up.ended_by, wrap_up.ended_at, True, name)
    for step in Transition.objects.filter(call_id=call.pk, subject="promise").order_by("at", "pk"):
        yield Event(step.at, "promise", step.new, cause={"promise": step.subject_id})
    if call.identity_checked_at is not None:
        items = "、".join(call.identity_items)
        yield Event(call.identity_checked_at, "identity", "checked", other=items)
    for seen in call.acknowledgements.select_related("point"):
        yield Event(seen.at, "point", "seen", other=seen.point.text)


def _lanes(call: Call, phases: list[Transition], visits: list[QueueVisit], now: datetime) -> Iterator[Lane]:
    # What was never told to have ended did not outlive the call; only a wrap-up does.
    last = call.ended_at or now
    yield Lane("customer", "", tuple(_customer(phases, now)))
    for visit in visits:
        yield Lane("queue", visit.queue.name, (Stretch("waiting", visit.enqueued_at, visit.left_at or last),))
    yield from _operators(call, now)
    running = [
        Stretch("recording", each.began_at, each.ended_at or last)
        for each in call.recordings.all()
        if each.began_at is not None
    ]
    yield Lane("recording", "", tuple(running))


def _customer(phases: list[Transition], now: datetime) -> Iterator[Stretch]:
    for step, following in pairwise([*phases, None]):
        assert step is not None  # the None stands last only
        if step.new != Phase.ENDED:
            until = following.at if following else now
            yield Stretch(_PHASE_LOOK.get(Phase(step.new), "other"), step.at, until)


def _operators(call: Call, now: datetime) -> Iterator[Lane]:
    """A lane for each person, in the order in which they came in; legs ring, talk and then wrap up."""
    found: dict[str, list[Stretch]] = {}
    taken = set(call.offers.filter(stage=OfferStage.ACCEPTED).values_list("leg_id", flat=True))
    legs = call.legs.exclude(role=Leg.Role.CUSTOMER).select_related("agent__account").order_by("began_at")
    for leg in legs:
        lane = found.setdefault(leg.agent.account.name if leg.agent else leg.address, [])
        answered = leg.answered_at
        over = leg.gone_at or call.ended_at or now
        ring = "ringing" if answered or leg.pk in taken or leg.gone_at is None else "missed"
        lane.append(Stretch(ring, leg.began_at, answered or over))
        if answered:
            lane.append(Stretch("asking" if leg.role == Leg.Role.CONSULTED else "talking", answered, over))
    for wrap_up in call.wrap_ups.select_related("agent__account").order_by("began_at"):
        lane = found.setdefault(wrap_up.agent.account.name, [])
        lane.append(Stretch("wrap_up", wrap_up.began_at, wrap_up.ended_at or now))
    for name, stretches in found.items():
        yield Lane("operator", name, tuple(stretches))


def _reasons(visits: list[QueueVisit]) -> Iterator[ReasonHeld]:
    """Each stored reason with the time for which it held."""
    rows = WaitReason.objects.filter(visit__in=visits).order_by("visit_id", "at", "pk")
    by_visit: dict[int, list[WaitReason]] = {}
    for each in rows:
        by_visit.setdefault(each.visit_id, []).append(each)
    for visit in visits:
        for row, following in pairwise([*by_visit.get(visit.pk, []), None]):
            assert row is not None  # the None stands last only
            end = following.at if following else visit.left_at
            yield ReasonHeld(visit.queue.name, row.at, end, dict(row.counts))


_PHASE_LOOK = {
    Phase.ARRIVED: "other",
    Phase.MENU: "menu",
    Phase.WAITING: "waiting",
    Phase.RINGING: "ringing",
    Phase.TALKING: "talking",
    Phase.HOLDING: "holding",
    Phase.RESTORING: "holding",
    Phase.DIALLING: "ringing",
    Phase.CLOSING: "other",
}
