"""The records of some days in the flat columns of `science.staffing.simulation.flat`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Q

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, Offer, WrapUp
from madoguchi.domain.calls.queries.waits import with_waits
from madoguchi.domain.calls.states import OfferStage, Phase
from madoguchi.domain.people.models import Role
from madoguchi.domain.planning.queries.left_behind import (
    OFF_THE_PHONE,
    as_cases,
    matters,
    owed_from_before,
)
from madoguchi.domain.planning.queries.seconds import Clock
from madoguchi.domain.planning.queries.time_spent import Spell, Stretch, time_spent
from madoguchi.kit.clock import business_day_start, now
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.flat import OUTCOME, Rows
from madoguchi.science.staffing.simulation.kinds import Past, waiting_at

MOST_DAYS = 62
"""Of one read: two months of a centre of 50 seats are some 60,000 calls, 20 MB."""
_CHUNK = 5_000
_LET_GO = (OfferStage.MISSED, OfferStage.REFUSED, OfferStage.FAILED)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Flat records, and who and what their numbers are."""

    past: Past
    begin: datetime
    """Second 0."""
    calls: tuple[UUID, ...]
    queues: tuple[int, ...]
    agents: tuple[int, ...]
    """People who were at the phone, or in a call."""
    away: tuple[Stretch, ...]
    """離席: neither at the phone nor in an absence that was said, such as a break."""
    said: tuple[Stretch, ...] = ()
    """Meetings, training and trips, by agent (not by number)."""
    leaders: frozenset[int] = frozenset()
    """People of `agents` whom operators asked in calls, and whose work that is."""


def past_of(since: date, until: date | None = None) -> Recorded:
    """The inbound calls that arrived on some days and have ended, and what people did meanwhile.

    Wait and outcome are those of the reports. A dozen statements, however many calls. Cases are promises of
    ours and work off the phone, one a call at most, and (without a call) what customers who called had been
    promised before. What a promise waited for besides our own work is taken for another department's answer.
    Raises ValueError for more than `MOST_DAYS` days.
    """
    until = until or since
    if (until - since).days >= MOST_DAYS:
        raise ValueError(f"at most {MOST_DAYS} days are read at once")
    begin = business_day_start(since)
    end = max(begin, min(business_day_start(until + timedelta(days=1)), now()))
    clock = Clock(begin, end)
    calls, queues = _Calls(clock), _Numbers()
    numbers = _Numbers(Agent.objects.order_by("pk").values_list("pk", flat=True))
    rows = calls.read(queues, numbers)
    spent = time_spent(begin, end)
    rings = _count_rings(calls, rows)
    _add_wrap_ups(calls, rows)
    spent_on = _with_hiding(calls, rows, [*spent.spells, *rings])
    cases, case_of = _cases(calls, rows, numbers, spent_on)
    present = _Numbers(sorted({spell.agent for spell in spent_on}))
    spells = _spells(spent_on, clock, present, calls.place, case_of)
    new = np.array([*map(present.find, numbers.keys()), -1])
    rows["agent"], cases["owner"] = new[rows["agent"]], new[cases["owner"]]
    for case, row in enumerate(cases):
        if row["call"] >= 0:
            rows["case"][row["call"]] = case
    past = Past(rows, spells, cases, clock.s(end) or 0.0)
    away = tuple(
        replace(each, agent=present.find(each.agent)) for each in spent.away if present.find(each.agent) >= 0
    )
    leaders = _leaders(past, present.keys())
    return Recorded(past, begin, tuple(calls.place), queues.keys(), present.keys(), away, spent.said, leaders)


class _Numbers:
    """Keys numbered in the order in which they come."""

    def __init__(self, keys: Iterable[Any] = ()) -> None:
        self._of: dict[Any, int] = {key: place for place, key in enumerate(keys)}

    def of(self, key: Any) -> int:
        return -1 if key in (None, "") else self._of.setdefault(key, len(self._of))

    def find(self, key: Any) -> int:
        return self._of.get(key, -1)

    def keys(self) -> tuple[Any, ...]:
        return tuple(self._of)


class _Calls:
    """The ended inbound calls of the period and their places."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.place: dict[UUID, int] = {}
        self.ended_s: list[float] = []
        self.customers = _Numbers()
        asked = {
            "direction": Call.Direction.INBOUND,
            "phase": Phase.ENDED,
            "arrived_at__gte": clock.begin,
            "arrived_at__lt": clock.end,
        }
        self.own = Q(**asked)
        self.theirs = Q(**{f"call__{name}": value for name, value in asked.items()})

    def read(self, queues: _Numbers, agents: _Numbers) -> Rows:
        found = with_waits(Call.objects.filter(self.own)).order_by("arrived_at", "pk")
        columns = found.values_list(
            "pk", "arrived_at", "first_queue_id", "customer_id", "customer_e164",
            "outcome", "waited", "answered_at", "ended_at", "agent_id",
        )  # fmt: skip
        rows: list[Any] = []
        for values in columns.iterator(chunk_size=_CHUNK):
            self.place[values[0]] = len(rows)
            self.ended_s.append(self.clock.s(values[-2]))
            rows.append(self._row(values, queues, agents))
        return np.array(rows, dtype=flat.CALLS)

    def _row(self, values: Sequence[Any], queues: _Numbers, agents: _Numbers) -> tuple[Any, ...]:
        _pk, arrived, queue, customer, number, outcome, waited, answered, ended, agent = values
        talk_s = (ended - answered).total_seconds() if answered and outcome == "answered" else 0.0
        return (
            self.clock.s(arrived),
            queues.of(queue),
            # A customer is known by their number, so one of both always says the same.
            self.customers.of(("customer", customer) if customer else number),
            OUTCOME[outcome],
            waited.total_seconds() if waited is not None else math.nan,
            talk_s,
            0.0,
            agents.find(agent),
            -1,
            0,
            0,
            flat.FRESH,
        )


def _leaders(past: Past, agents: Sequence[int]) -> frozenset[int]:
    """Supervisors whom operators asked, and others asked who answered no call of a customer themselves."""
    asked = {agents[number] for number in past.spells["agent"][past.spells["kind"] == flat.CONSULT].tolist()}
    answering = {agents[number] for number in past.calls["agent"].tolist() if number >= 0}
    leading = Agent.objects.filter(pk__in=asked, account__role=Role.SUPERVISOR).values_list("pk", flat=True)
    return frozenset(asked - answering) | frozenset(leading)


def _count_rings(calls: _Calls, rows: Rows) -> list[Spell]:
    """Count each call's rings in its row; gives them as people's time too."""
    found = Offer.objects.filter(calls.theirs, purpose=Offer.Purpose.QUEUE, ended_at__isnull=False)
    spells = []
    columns = found.values_list("call_id", "agent_id", "stage", "offered_at", "ended_at")
    for call, agent, stage, offered, ended in columns.iterator(chunk_size=_CHUNK):
        place = calls.place.get(call)
        if place is None or ended is None:
            continue
        rows["rings"][place] += 1
        rows["missed"][place] += stage in _LET_GO
        spells.append(Spell(agent, flat.RINGING, offered, ended, call))
    return spells


def _with_hiding(calls: _Calls, rows: Rows, spells: Sequence[Spell]) -> list[Spell]:
    """The same, with work that nobody asked for, taken up while callers waited, as what it is (D2)."""
    told = Past(rows, _spells(spells, calls.clock, _Numbers(), calls.place, {}))
    began_s = np.array([calls.clock.s(spell.began) for spell in spells])
    pressed = waiting_at(told, began_s) > 0
    return [
        replace(spell, kind=flat.HIDING, call=None) if spell.unasked and waiting else spell
        for spell, waiting in zip(spells, pressed.tolist(), strict=True)
    ]


def _add_wrap_ups(calls: _Calls, rows: Rows) -> None:
    found = WrapUp.objects.filter(calls.theirs, ended_at__isnull=False)
    columns = found.values_list("call_id", "began_at", "ended_at")
    for call, began, ended in columns.iterator(chunk_size=_CHUNK):
        place = calls.place.get(call)
        if place is not None and ended is not None:
            rows["wrap_up_s"][place] += (ended - began).total_seconds()


def _cases(
    calls: _Calls, rows: Rows, agents: _Numbers, spells: Iterable[Spell]
) -> tuple[Rows, dict[UUID, int]]:
    """What calls left behind, by call, and at the end what earlier days did, of those who called."""
    found = matters(calls.place, spells)
    opened_s = np.array(calls.ended_s) + rows["wrap_up_s"]
    cases = as_cases(found, calls.place, rows, opened_s, calls.clock)
    earlier = []
    for owed in owed_from_before(calls.clock):
        who = calls.customers.find(("customer", owed.customer) if owed.customer else owed.number)
        if who >= 0:
            s = calls.clock.ahead
            asked_s = s(owed.made)
            earlier.append(
                (-1, -1, -1, who, asked_s, asked_s, math.nan, math.nan, calls.clock.s(owed.ended), 0)
            )
    cases = np.concatenate([cases, np.array(earlier, dtype=flat.CASES)])
    return cases, {call: number for number, call in enumerate(found)}


def _spells(
    spells: Iterable[Spell],
    clock: Clock,
    agents: _Numbers,
    calls: dict[UUID, int],
    cases: dict[UUID, int],
) -> Rows:
    rows = [
        (
            agents.find(spell.agent),
            spell.kind,
            clock.s(max(spell.began, clock.begin)),
            clock.s(min(spell.ended, clock.end)),
            calls.get(spell.call, -1) if spell.call else -1,
            cases.get(spell.call, -1) if spell.call and spell.kind in OFF_THE_PHONE else -1,
        )
        for spell in sorted(spells, key=lambda each: each.ended)
        if spell.ended > clock.begin and spell.began < clock.end
    ]
    return np.array(rows, dtype=flat.SPELLS)
