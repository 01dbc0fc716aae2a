"""When people were planned to be at the phone on some recorded days."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.planning.queries.past import Recorded
from madoguchi.domain.roster.queries import planned_stretches
from madoguchi.kit.clock import business_day
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Stretches
from madoguchi.science.staffing.simulation.kinds import Past

HALF_S = 1_800.0
_ENOUGH = 30
Spans = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Rota:
    """The roster that people worked by, where there is one; else what their presence lets take for it.

    With a roster a person is planned as it says, less meetings, training and trips, and as long as they were
    there beyond their shift. Without one, or not on it, planned is the time at the phone with 離席 between;
    who came a little after the first calls, or left a little before the last, was absent then too, where 離席
    is common.
    """

    recorded: Recorded
    past: Past
    shifts: Mapping[int, tuple[tuple[datetime, datetime], ...]]
    """Agent → time at work."""
    late_s: float = 0.0
    """So much later than the opening (earlier than the closing) is absence rather than another shift."""

    @classmethod
    def of(cls, recorded: Recorded, past: Past) -> Rota:
        """Read it: two statements a day that has a roster, one for a day that has none."""
        shifts: dict[int, tuple[tuple[datetime, datetime], ...]] = {}
        for number in range(round(past.ended_s / 86_400.0)):
            by_account = planned_stretches(business_day(recorded.begin + timedelta(days=number)))
            if by_account:
                agents = Agent.objects.filter(account_id__in=by_account).values_list("pk", "account_id")
                for agent, account in agents:
                    shifts[agent] = shifts.get(agent, ()) + tuple(by_account[account])
        return cls(recorded, past, shifts, _late_s(recorded))

    def missing(self, there: Iterable[int]) -> tuple[int, ...]:
        """Agents planned of whom nothing was seen."""
        return tuple(sorted(set(self.shifts) - set(there)))

    def planned(self, agent: int, number: int) -> Stretches:
        """Seconds from and until which the agent, `number` in the records, was planned."""
        present = self._of(number)
        shifts = [(self._s(began), self._s(ended)) for began, ended in self.shifts.get(agent, ())]
        if not shifts:
            away = [
                (self._s(each.began), self._s(each.ended))
                for each in self.recorded.away
                if each.agent == number
            ]
            return self._with_ends(_joined([*present, *away]))
        whole = [(min(since for since, _ in shifts), max(to for _, to in shifts))]
        said = [(self._s(one.began), self._s(one.ended)) for one in self.recorded.said if one.agent == agent]
        return _joined([*_less(shifts, said), *_less(present, whole)])

    def _with_ends(self, seen: Stretches) -> Stretches:
        if not seen:
            return seen
        opens, closes = opening(self.past)
        began, ended = seen[0][0], seen[-1][1]
        ends = [
            (opens, began) if opens < began <= opens + self.late_s else (began, began),
            (ended, closes) if closes - self.late_s <= ended < closes else (ended, ended),
        ]
        return _joined([*seen, *((since, to) for since, to in ends if since < to)])

    def _of(self, number: int) -> list[tuple[float, float]]:
        own = self.past.spells[self.past.spells["agent"] == number]
        own = own[own["kind"] == flat.PRESENT]
        return list(zip(own["began_s"].tolist(), own["ended_s"].tolist(), strict=True))

    def _s(self, at: datetime) -> float:
        return (at - self.recorded.begin).total_seconds()


def opening(past: Past) -> tuple[float, float]:
    """The half-hours from and until which calls came, as seconds of the records."""
    arrived = past.calls["arrived_s"]
    if not arrived.size:
        return 0.0, past.ended_s
    first, last = float(arrived.min()), float(arrived.max())
    return math.floor(first / HALF_S) * HALF_S, math.ceil((last + 1.0) / HALF_S) * HALF_S


def _late_s(recorded: Recorded) -> float:
    """Twice the usual 離席: seven of eight are shorter, if they end by chance. 0 where it is seldom seen."""
    lengths = [(each.ended - each.began).total_seconds() for each in recorded.away]
    if len(lengths) < _ENOUGH:
        return 0.0
    return min(2.0 * sum(lengths) / len(lengths), HALF_S)


def _joined(spans: Spans) -> Stretches:
    found: list[tuple[float, float]] = []
    for since, to in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(to, found[-1][1]))
        else:
            found.append((since, to))
    return tuple(found)


def _less(spans: Spans, without: Spans) -> list[tuple[float, float]]:
    """`spans` with every moment of `without` taken out.

    >>> _less([(0.0, 10.0)], [(2.0, 3.0), (9.0, 20.0)])
    [(0.0, 2.0), (3.0, 9.0)]
    """
    left = list(spans)
    for since, to in without:
        left = [
            part
            for begin, end in left
            for part in ((begin, min(end, since)), (max(begin, to), end))
            if part[0] < part[1]
        ]
    return left
