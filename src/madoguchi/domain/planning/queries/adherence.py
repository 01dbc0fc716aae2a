"""Planned against actual: whether people were there when the roster has them at work.

There is whoever chose to be available, on another matter, in a meeting, in training or on a trip; not there
is a break, 離席, gone home, a day off. Breaks of the roster are not planned time, so when they are taken does
not count. Time that has not come yet does not count either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Presence
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.roster.queries import INTERVAL, Stretch, planned_stretches

THERE = frozenset(
    {Presence.AVAILABLE, Presence.OTHER_WORK, Presence.MEETING, Presence.TRAINING, Presence.TRIP}
)
_LOOK_BACK = timedelta(days=60)
"""Who changed no presence for longer is where they were: not there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How one person kept the roster on one day, up to now; times in seconds."""

    account_id: int
    planned_s: float
    there_s: float
    late_s: float
    """From the shift's begin until they were there first; all of it when they never were."""
    early_s: float
    """From when they were there last until the shift's end, once it is over."""
    away_s: float
    """Not there between the two, breaks of the roster left out."""
    intervals: Mapping[datetime, float]
    """Begin of a half-hour → share of its planned time at which they were there (0–1)."""

    @property
    def share(self) -> float | None:
        """Share of the planned time at which they were there; None when none was planned yet."""
        return self.there_s / self.planned_s if self.planned_s else None

    @property
    def percent(self) -> int | None:
        """The same as whole percents."""
        return None if self.share is None else round(100 * self.share)


def kept_on(day: date, now: datetime) -> dict[int, Kept]:
    """Account → how they kept the shift that begins on `day`; who has none, or no telephone, is not there."""
    plan = planned_stretches(day)
    agents = dict(Agent.objects.filter(account__in=plan).values_list("account_id", "pk"))
    if not agents:
        return {}
    begin = min(stretches[0][0] for stretches in plan.values() if stretches)
    actual = _there(agents.values(), begin - _LOOK_BACK, now)
    return {
        account_id: compared(account_id, plan[account_id], actual.get(agent_id, ()), now)
        for account_id, agent_id in agents.items()
        if plan[account_id]
    }


def compared(account_id: int, plan: Sequence[Stretch], actual: Sequence[Stretch], now: datetime) -> Kept:
    """Planned time beside time there, up to `now`. Both in order, without overlaps. Pure."""
    past = [(begin, min(end, now)) for begin, end in plan if begin < now]
    both = [part for one in past for other in actual if (part := _overlap(one, other)) is not None]
    planned_s, there_s = _seconds(past), _seconds(both)
    late = _seconds(_before(past, both[0][0])) if both else planned_s
    over = bool(plan) and plan[-1][1] <= now
    early = _seconds(_after(past, both[-1][1])) if both and over else 0.0
    return Kept(
        account_id,
        planned_s,
        there_s,
        late,
        early,
        max(0.0, planned_s - there_s - late - early),
        _by_interval(past, both),
    )


def _there(agent_ids: Iterable[int], since: datetime, now: datetime) -> dict[int, list[Stretch]]:
    """Agent → stretches at which they were there, by what they chose."""
    steps = Transition.objects.filter(
        subject="presence",
        subject_id__in=[str(pk) for pk in agent_ids],
        at__gte=since,
        at__lte=now,
    ).order_by("at", "pk")
    found: dict[int, list[Stretch]] = {}
    began: dict[int, datetime] = {}
    for agent, new, at in steps.values_list("subject_id", "new", "at"):
        pk = int(agent)
        if new in THERE:
            began.setdefault(pk, at)
        elif pk in began:
            found.setdefault(pk, []).append((began.pop(pk), at))
    for pk, at in began.items():
        found.setdefault(pk, []).append((at, now))
    return found


def _by_interval(past: Sequence[Stretch], both: Sequence[Stretch]) -> dict[datetime, float]:
    found: dict[datetime, float] = {}
    for begin, end in past:
        at = begin - timedelta(minutes=begin.minute % 30, seconds=begin.second)
        while at < end:
            found.setdefault(at, 0.0)
            at += INTERVAL
    for at in found:
        slot = (at, at + INTERVAL)
        planned = sum(_length(part) for one in past if (part := _overlap(one, slot)))
        there = sum(_length(part) for one in both if (part := _overlap(one, slot)))
        found[at] = there / planned if planned else 0.0
    return found


def _overlap(one: Stretch, other: Stretch) -> Stretch | None:
    begin, end = max(one[0], other[0]), min(one[1], other[1])
    return (begin, end) if begin < end else None


def _before(stretches: Sequence[Stretch], at: datetime) -> list[Stretch]:
    return [(begin, min(end, at)) for begin, end in stretches if begin < at]


def _after(stretches: Sequence[Stretch], at: datetime) -> list[Stretch]:
    return [(max(begin, at), end) for begin, end in stretches if end > at]


def _seconds(stretches: Sequence[Stretch]) -> float:
    return sum(_length(one) for one in stretches)


def _length(one: Stretch) -> float:
    return (one[1] - one[0]).total_seconds()
