"""Callers who come again: redials after a lost call, and chasers of what we still owe them (催促).

Both follow from how the centre does, not from what its customers need: after a bad day they swell the calls
that come, and a forecast that learned them would ask for people to answer the centre's own failures. Why a
call came is told from who called when, as in `science.staffing.simulation.kinds`: nobody asks the caller. A
caller who withholds the number is never recognised, so that both are rather too few than too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Concat, Lag

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.history import FOR_A_PERSON
from madoguchi.domain.calls.states import Outcome
from madoguchi.domain.cases.models import Promise

REDIAL_WITHIN = timedelta(hours=1)
OWED_FOR = timedelta(days=31)
"""A promise open for longer was forgotten, and says nothing of why somebody calls today."""
LOST = frozenset(
    {
        Outcome.BLOCKED,
        Outcome.SHORT_ABANDON,
        Outcome.QUEUE_ABANDON,
        Outcome.RING_ABANDON,
        Outcome.SYSTEM_EVICTED,
    }
)
"""Not answered although the caller wanted somebody in opening hours."""
_OWED = (Promise.Kind.CALL_BACK, Promise.Kind.DO)


USUAL_WEEKS = 8
ENOUGH_CALLS = 50


class Came(NamedTuple):
    """Calls of one client in one week, 0 the last one."""

    week: int
    client_id: int | None
    first: float
    redials: float
    chasers: float


class Again(NamedTuple):
    """A call of somebody who called again."""

    at: datetime
    client_id: int | None
    reason_id: int | None
    for_a_person: bool


@dataclass(frozen=True, slots=True)
class Usual:
    """How many come again for each first call, in a usual week."""

    redials: float = 0.0
    chasers: float = 0.0

    @property
    def times(self) -> float:
        """All calls ÷ first calls."""
        return 1.0 + self.redials + self.chasers


def usual(came: Iterable[Came]) -> dict[int | None, Usual]:
    """By client with enough calls, and of all of them (None): medians of the last eight weeks.

    The median week, since bad days come in bad weeks: three of eight change nothing.
    """
    weeks: dict[int | None, np.ndarray] = {}
    for one in came:
        if 0 <= one.week < USUAL_WEEKS:
            for client_id in {one.client_id, None}:
                found = weeks.setdefault(client_id, np.zeros((USUAL_WEEKS, 3)))
                found[one.week] += one[2:]
    return {
        client_id: Usual(*_median_shares(found))
        for client_id, found in weeks.items()
        if found[:, 0].sum() >= (ENOUGH_CALLS if client_id is not None else 1)
    }


def redials(since: datetime, until: datetime) -> dict[UUID, Again]:
    """Inbound calls within an hour of the same caller's call before, which was lost."""
    who = Case(
        When(customer__isnull=False, then=Concat(Value("#"), Cast("customer_id", CharField()))),
        default=F("customer_e164"),
    )
    calls = (
        _inbound(since - REDIAL_WITHIN, until)
        .exclude(customer=None, customer_e164="")
        .annotate(outcome_before=_before("outcome", who), at_before=_before("arrived_at", who))
        .filter(outcome_before__in=sorted(LOST), at_before__gte=F("arrived_at") - REDIAL_WITHIN)
    )
    # Who wanted a person, and since when, is looked at here: asked of the database, it would narrow what
    # came before.
    return {key: one for key, one in _read(calls) if one.at >= since}


def chasers(since: datetime, until: datetime) -> dict[UUID, Again]:
    """Inbound calls of customers to whom we owed something then; a redial among them is one all the same.

    Who is known by a number only is found by the number that the promise names.
    """
    owed = Promise.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=OuterRef("arrived_at")),
        kind__in=_OWED,
        made_at__lt=OuterRef("arrived_at"),
        made_at__gte=OuterRef("arrived_at") - OWED_FOR,
    )
    calls = _inbound(since, until)
    known = calls.filter(Exists(owed.filter(customer=OuterRef("customer"))))
    numbered = calls.filter(
        Exists(owed.filter(customer=None, number=OuterRef("customer_e164"))), customer=None
    ).exclude(customer_e164="")
    return dict(_read(known)) | dict(_read(numbered))


def share_who_redial(since: datetime, until: datetime) -> tuple[float, int]:
    """Share of the lost callers who called again within the hour, and how many lost calls it is from."""
    lost = _inbound(since, until).filter(outcome__in=sorted(LOST))
    known = lost.exclude(customer=None, customer_e164="").count()
    return (min(1.0, len(redials(since, until)) / known) if known else 0.0), known


def _read(calls: QuerySet[Call]) -> Iterator[tuple[UUID, Again]]:
    wanted = Case(When(FOR_A_PERSON, then=Value(True)), default=Value(False))
    rows = calls.annotate(wanted=wanted).values_list(
        "pk", "arrived_at", "client_id", "contact__reason_id", "wanted"
    )
    for key, *fields in rows.iterator():
        yield key, Again(*fields)


def _before(name: str, who: Case) -> Window:
    """Of the same caller's call before."""
    return Window(Lag(name), partition_by=[who], order_by=[F("arrived_at").asc(), F("pk").asc()])


def _median_shares(weeks: np.ndarray) -> tuple[float, float]:
    """Redials and chasers for each first call; weeks without any say nothing."""
    some = weeks[weeks[:, 0] > 0]
    shares = np.median(some[:, 1:] / some[:, :1], axis=0)
    return float(shares[0]), float(shares[1])


def _inbound(since: datetime, until: datetime) -> QuerySet[Call]:
    return Call.objects.filter(direction=Call.Direction.INBOUND, arrived_at__gte=since, arrived_at__lt=until)
