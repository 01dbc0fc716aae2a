"""A working day of the demonstration, played through: who called, who took it, and when. Pure.

Served first come, first served in each queue, one thing at a time for each operator, with lunch breaks, so
that the past satisfies the same invariants as the present.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

LUNCH = timedelta(hours=1)
GREETING = timedelta(seconds=14)
"""How long greeting and notice take before a key counts or a queue is reached."""
SHORT = timedelta(seconds=5)


@dataclass(frozen=True)
class Visitor:
    """One call as it begins: to which number, for which queue, and how patient and talkative."""

    at: datetime
    number: str
    queue: str
    keys: str
    menu: str
    is_open: bool
    gives_up_in_menu: bool
    patience: timedelta
    talk: timedelta
    hold: timedelta
    wrap: timedelta
    ring: timedelta


@dataclass
class Ring:
    """One ring at one operator: accepted, missed or beaten."""

    agent: str
    at: datetime
    ended: datetime
    stage: str


@dataclass
class Played:
    """One call as it went."""

    visitor: Visitor
    outcome: str
    ended: datetime
    enqueued: datetime | None = None
    rings: list[Ring] = field(default_factory=list)
    answered: datetime | None = None
    held: datetime | None = None
    resumed: datetime | None = None
    wrapped: datetime | None = None
    agent: str = ""


@dataclass
class Operator:
    """When somebody is next free on this day."""

    name: str
    free: datetime
    """At first when they came."""
    lunch: datetime
    leaves: datetime
    came: datetime

    def can_from(self, at: datetime) -> datetime:
        """The first moment from `at` on at which this operator may be rung."""
        start = max(at, self.free)
        return self.lunch + LUNCH if self.lunch <= start < self.lunch + LUNCH else start


def play(
    visitors: Sequence[Visitor],
    teams: Mapping[str, Sequence[Operator]],
    ring_all: frozenset[str],
    chance: Random,
) -> list[Played]:
    """Let everybody call, in order of time."""
    last_taken: dict[str, datetime] = {}
    played = []
    # By when they reach a queue: whoever presses a key hears the menu for a little longer.
    ordered = sorted(visitors, key=_reaches_queue)
    for place, visitor in enumerate(ordered):
        following = next((one.at for one in ordered[place + 1 :] if one.queue == visitor.queue), None)
        is_quiet = following is None or following - visitor.at > timedelta(minutes=6)
        call = _before_the_queue(visitor)
        if call is None:
            misses = is_quiet and visitor.queue not in ring_all and chance.random() < 0.12
            call = _in_the_queue(visitor, teams[visitor.queue], visitor.queue in ring_all, last_taken, misses)
        played.append(call)
    return played


def _reaches_queue(visitor: Visitor) -> datetime:
    return visitor.at + GREETING + timedelta(seconds=4 if visitor.keys else 0)


def _before_the_queue(visitor: Visitor) -> Played | None:
    if not visitor.is_open:
        return Played(visitor, "out_of_hours", ended=visitor.at + timedelta(seconds=13))
    if visitor.gives_up_in_menu:
        return Played(visitor, "ivr_abandoned", ended=visitor.at + timedelta(seconds=6))
    return None


def _in_the_queue(
    visitor: Visitor,
    team: Sequence[Operator],
    ring_all: bool,
    last_taken: dict[str, datetime],
    misses: bool,
) -> Played:
    enqueued = _reaches_queue(visitor)
    call = Played(visitor, "answered", ended=enqueued, enqueued=enqueued)
    # Whoever is free first, and among those who are free, whoever has been so for longest.
    able = sorted(
        (one for one in team if one.can_from(enqueued) < one.leaves),
        key=lambda one: (one.can_from(enqueued), one.free),
    )
    start = able[0].can_from(enqueued) if able else None
    if start is None or start - enqueued > visitor.patience:
        call.ended = enqueued + visitor.patience
        call.outcome = "short_abandon" if visitor.patience <= SHORT else "queue_abandon"
        return call
    if misses and len(able) > 1 and able[1].can_from(enqueued) <= start:
        rang_out = start + timedelta(seconds=20)
        call.rings.append(Ring(able[0].name, start, rang_out, "missed"))
        able[0].free = rang_out
        able, start = able[1:], rang_out + timedelta(milliseconds=300)
    answered = max(start + visitor.ring, last_taken.get(visitor.queue, start) + timedelta(milliseconds=400))
    last_taken[visitor.queue] = answered
    _take(call, able[0], start, answered)
    if ring_all:
        for other in able[1:]:
            if other.can_from(start) == start:
                call.rings.append(Ring(other.name, start, answered, "beaten"))
                other.free = max(other.free, answered)
    return call


def _take(call: Played, operator: Operator, start: datetime, answered: datetime) -> None:
    visitor = call.visitor
    call.agent, call.answered = operator.name, answered
    call.rings.append(Ring(operator.name, start, answered, "accepted"))
    if visitor.hold:
        call.held = answered + visitor.talk / 2
        call.resumed = call.held + visitor.hold
    call.ended = answered + visitor.talk + visitor.hold
    call.wrapped = call.ended + visitor.wrap
    operator.free = call.wrapped + timedelta(seconds=1)
