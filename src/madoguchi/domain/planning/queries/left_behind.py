"""What calls left behind, in the simulator's columns: work off the phone, promises, what they wait for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from madoguchi.domain.calls.models import Call
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.planning.queries.seconds import Clock
from madoguchi.domain.planning.queries.time_spent import Spell
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.flat import Rows

OFF_THE_PHONE = (flat.CASEWORK, flat.MAIL, flat.CALL_BACK)
OPEN_FOR = timedelta(days=31)
"""A promise open for longer was forgotten, and says nothing of why somebody calls today."""
_OURS = (Promise.Kind.CALL_BACK, Promise.Kind.DO)


@dataclass(slots=True)
class Matter:
    """What one call left behind."""

    work: list[Spell] = field(default_factory=list)
    promised: bool = False
    owed: bool = False
    due: datetime | None = None
    ended: datetime | None = None
    """When the last of its promises ended that did."""

    @property
    def resolved(self) -> datetime | None:
        """When nothing was left to do or to wait for; None: still open."""
        ends = [spell.ended for spell in self.work] + [self.ended] * self.promised
        return None if self.owed else max((end for end in ends if end is not None), default=None)

    @property
    def asked(self) -> datetime | None:
        """From when on a promise waited for something else than our own work; None: since the call.

        Whatever that was, the records do not tell it: another department, for all that is known.
        """
        first = self.work[0] if self.work else None
        return first.ended if first is not None and first.kind != flat.CALL_BACK else None

    @property
    def answered(self) -> datetime | None:
        """Until when it waited; None: it still does."""
        later = self.work[1:] if self.asked else self.work
        return later[-1].began if later else None if self.owed else self.ended


def matters(calls: Mapping[UUID, int], spells: Iterable[Spell]) -> dict[UUID, Matter]:
    """By call: the work on it, and the promises made in it."""
    found: dict[UUID, Matter] = {}
    for spell in sorted(spells, key=lambda each: each.began):
        if spell.call is not None and spell.call in calls and spell.kind in OFF_THE_PHONE:
            found.setdefault(spell.call, Matter()).work.append(spell)
    promised = Promise.objects.filter(kind__in=_OURS, call_id__in=list(calls)).order_by("pk")
    for call, kind, due, ended in promised.values_list("call_id", "kind", "due_at", "ended_at"):
        if call is None:
            continue
        matter = found.setdefault(call, Matter())
        matter.promised = True
        matter.owed |= ended is None
        matter.ended = max(filter(None, (matter.ended, ended)), default=None)
        if kind == Promise.Kind.CALL_BACK:
            matter.due = max(filter(None, (matter.due, due)), default=None)
    return found


def as_cases(
    found: Mapping[UUID, Matter],
    calls: Mapping[UUID, int],
    rows: Rows,
    opened_s: Sequence[float] | NDArray[np.float64],
    clock: Clock,
) -> Rows:
    """One row a matter, in their order. `opened_s` is by call the end of its talk and wrap-up."""
    cases = np.zeros(len(found), flat.CASES)
    cases["asked_s"] = cases["answered_s"] = math.nan
    for case, (call, matter) in zip(cases, found.items(), strict=True):
        place = calls[call]
        opened, resolved = float(opened_s[place]), clock.s(matter.resolved)
        case["call"], case["queue"] = place, rows["queue"][place]
        case["owner"], case["customer"] = rows["agent"][place], rows["customer"][place]
        case["opened_s"], case["due_s"] = opened, clock.ahead(matter.due)
        case["resolved_s"] = resolved if math.isnan(resolved) else max(opened, resolved)
        if matter.promised:
            asked, answered = clock.s(matter.asked), clock.s(matter.answered)
            case["asked_s"] = opened if math.isnan(asked) else max(opened, asked)
            case["answered_s"] = answered if math.isnan(answered) else max(float(case["asked_s"]), answered)
    return cases


@dataclass(frozen=True, slots=True)
class Owed:
    """A matter from before the records that was still open when they began."""

    customer: int | None
    number: str
    made: datetime
    ended: datetime | None


def owed_from_before(clock: Clock) -> list[Owed]:
    """What customers had been promised earlier and still waited for."""
    owed = Promise.objects.filter(
        kind__in=_OURS,
        made_at__lt=clock.begin,
        made_at__gte=clock.begin - OPEN_FOR,
        call_id__isnull=False,
    ).exclude(ended_at__lt=clock.begin)
    promises = list(owed.values_list("call_id", "made_at", "ended_at"))
    made_in = Call.objects.filter(pk__in={call for call, *_ in promises if call}, direction="inbound")
    who = {key: (customer, number) for key, customer, number in made_in.values_list(
        "pk", "customer_id", "customer_e164"
    )}  # fmt: skip
    return [Owed(*who[call], made, ended) for call, made, ended in promises if call in who]
