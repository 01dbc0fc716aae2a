"""The matcher: which waiting call rings at whom. Pure: the same arguments always give the same answer.

Calls are served by priority, then first enqueued, over all queues together. Each takes the best of the
people left who may take it. So no person is in two pairs, no later call gets a person whom an earlier one of
equal priority could have had and did not get another, and no call waits while a person who may take
it is free. It does not look ahead: the first call is not kept waiting so that two later ones may fit better.

Cost: calls that ask the same of the same queue share one sorted list of people, so a round takes
O(people + calls), not their product; see `steps` for what is asked how often.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from madoguchi.science.routing.model import Agent, Decision, Order, Pair, Reason, Rejection, Visit
from madoguchi.science.routing.steps import (
    Requires,
    asked,
    is_held,
    objection,
    of_the_person,
    retry_after,
    skills,
    tried_lately,
)


def choose(now: datetime, visits: Sequence[Visit], agents: Sequence[Agent]) -> Decision:
    """Match the waiting calls with the free people at `now`.

    `visits` are those that ring nowhere. `agents` are all people, free or not: those who are not free are
    counted under their reasons. A person with an open offer is `reserved`.
    """
    floor = _Floor(now, agents)
    pairs: list[Pair] = []
    left: list[Visit] = []
    for visit in sorted(visits, key=place):
        chosen = floor.take(visit)
        if chosen:
            pairs.append(Pair(visit, chosen))
        else:
            left.append(visit)
    rejections = tuple(Rejection(visit, floor.counts(visit)) for visit in left)
    return Decision(tuple(pairs), rejections, _look_again_at(now, left, agents) if left else None)


def explain(
    now: datetime, visit: Visit, agents: Sequence[Agent], taken: AbstractSet[int] = frozenset()
) -> dict[int, Reason | None]:
    """For each agent id why they are not offered `visit`; None: they may take it.

    `taken` are the agents that calls before this one got in the same round.
    """
    reasons: dict[int, Reason | None] = {}
    for agent in agents:
        reason = objection(agent, visit, now)
        reasons[agent.id] = Reason.OUTRANKED if reason is None and agent.id in taken else reason
    return reasons


def place(visit: Visit) -> tuple[int, datetime, int]:
    """The order in which calls are served: the highest priority, then the first enqueued."""
    return (-visit.priority, visit.enqueued_at, visit.id)


def positions(visits: Sequence[Visit]) -> dict[int, int]:
    """Visit id → its position in its own queue, from 1.

    Give it the calls that ring as well: their callers are still waiting.
    """
    seen: Counter[int] = Counter()
    found = {}
    for visit in sorted(visits, key=place):
        seen[visit.queue.id] += 1
        found[visit.id] = seen[visit.queue.id]
    return found


@dataclass(slots=True)
class _Bench:
    """The people who may take calls that ask the same of the same queue, best first."""

    agents: list[Agent]
    eligible: frozenset[int]
    refused: Counter[Reason]
    """Reason → number of all other people."""
    first: int = 0
    """Everybody before it is taken."""


@dataclass(slots=True)
class _Floor:
    """All people in one round: who is taken, and the benches made so far."""

    now: datetime
    agents: Sequence[Agent]
    taken: set[int] = field(default_factory=set)
    _by_id: dict[int, Agent] = field(init=False)
    _free: dict[int, Reason | None] = field(init=False)
    _members: dict[int, list[Agent]] = field(init=False)
    _benches: dict[object, _Bench] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id = {agent.id: agent for agent in self.agents}
        self._free = {agent.id: of_the_person(agent, self.now) for agent in self.agents}
        self._members = defaultdict(list)
        for agent in self.agents:
            for queue_id in agent.queues:
                self._members[queue_id].append(agent)

    def take(self, visit: Visit) -> tuple[int, ...]:
        """The people that `visit` rings at, who are taken from now on; none when it waits."""
        if is_held(visit, self.now):
            chosen = self._take_preferred(visit)
        elif visit.queue.order is Order.RING_ALL:
            chosen = tuple(
                agent.id for agent in self._left(visit) if tried_lately(agent.id, visit, self.now) is None
            )
        else:
            chosen = self._take_one(visit)
        self.taken.update(chosen)
        return chosen

    def counts(self, visit: Visit) -> dict[Reason, int]:
        """Every person under one reason, for a call that nobody was found for after the round."""
        bench = self._bench(visit)
        counts = Counter(bench.refused)
        own = bench.eligible
        if is_held(visit, self.now):
            counts[Reason.HELD_FOR_PREFERRED] += len(own)
            self._recount_preferred(visit, counts)
        else:
            tried = sum(
                1 for agent_id in visit.tried if agent_id in own and tried_lately(agent_id, visit, self.now)
            )
            counts[Reason.TRIED_LATELY] += tried
            counts[Reason.OUTRANKED] += len(own) - tried
        return {reason: counts[reason] for reason in Reason if counts[reason]}

    def _take_preferred(self, visit: Visit) -> tuple[int, ...]:
        agent = self._preferred(visit)
        if agent is None or agent.id in self.taken or objection(agent, visit, self.now):
            return ()
        return (agent.id,)

    def _take_one(self, visit: Visit) -> tuple[int, ...]:
        """The best who was never tried with this call, else the one tried longest ago."""
        again: Agent | None = None
        for agent in self._left(visit):
            at = visit.tried.get(agent.id)
            if at is None:
                return (agent.id,)
            earlier = again is None or at < visit.tried[again.id]
            if earlier and tried_lately(agent.id, visit, self.now) is None:
                again = agent
        return (again.id,) if again else ()

    def _left(self, visit: Visit) -> Iterator[Agent]:
        """Those of the bench who are not taken, best first."""
        bench = self._bench(visit)
        while bench.first < len(bench.agents) and bench.agents[bench.first].id in self.taken:
            bench.first += 1
        for index in range(bench.first, len(bench.agents)):
            if bench.agents[index].id not in self.taken:
                yield bench.agents[index]

    def _bench(self, visit: Visit) -> _Bench:
        requires = asked(visit)
        key = (visit.queue.id, visit.queue.order, tuple(sorted(requires.items())))
        bench = self._benches.get(key)
        if bench is None:
            bench = self._benches[key] = self._make_bench(visit, requires)
        return bench

    def _make_bench(self, visit: Visit, requires: Requires) -> _Bench:
        members = self._members.get(visit.queue.id, [])
        refused: Counter[Reason] = Counter({Reason.NOT_MEMBER: len(self.agents) - len(members)})
        able: list[Agent] = []
        for agent in members:
            reason = self._free[agent.id] or (skills(agent, requires) if requires else None)
            if reason is None:
                able.append(agent)
            else:
                refused[reason] += 1
        able.sort(key=lambda agent: _rank(agent, visit, requires))
        return _Bench(able, frozenset(agent.id for agent in able), refused)

    def _recount_preferred(self, visit: Visit, counts: Counter[Reason]) -> None:
        """The preferred agent is judged by other steps than the bench: move their one count."""
        agent = self._preferred(visit)
        if agent is None:
            return
        as_anybody = objection(agent, replace(visit, preferred_agent_id=None, tried={}), self.now)
        counts[as_anybody or Reason.HELD_FOR_PREFERRED] -= 1
        counts[objection(agent, visit, self.now) or Reason.OUTRANKED] += 1

    def _preferred(self, visit: Visit) -> Agent | None:
        return None if visit.preferred_agent_id is None else self._by_id.get(visit.preferred_agent_id)


def _rank(agent: Agent, visit: Visit, requires: Requires) -> tuple[int, int, datetime, int]:
    best_first = visit.queue.order is Order.BEST_SKILLED
    level = sum(agent.skills[skill_id] for skill_id in requires) if best_first else 0
    return (agent.queues[visit.queue.id], -level, agent.idle_since, agent.id)


def _look_again_at(now: datetime, left: Sequence[Visit], agents: Sequence[Agent]) -> datetime | None:
    moments = [agent.cooling_off_until for agent in agents if agent.cooling_off_until is not None]
    for visit in left:
        if visit.preferred_until is not None:
            moments.append(visit.preferred_until)
        if visit.tried:
            pause = retry_after(visit)
            moments.extend(at + pause for at in visit.tried.values())
    return min((moment for moment in moments if moment > now), default=None)
