"""The twin of `science.routing.choose` for the compiled loop: the same choices, without its reasons.

The loop keeps the free people and the waiting calls in two lists of its own, so that a round costs nothing
where one of them is empty, which is nearly always. That both choose the same is held by a test on random
floors.
"""

from __future__ import annotations

import math
from typing import Any

from madoguchi.science.routing.model import Order
from madoguchi.science.staffing.simulation.compiled import compiled
from madoguchi.science.staffing.simulation.names import NONE, number
from madoguchi.science.staffing.simulation.rows import (
    agent_of,
    asked_of,
    call_of,
    idle_of,
    level_of,
    queue_of,
    rank_of,
    tried_of,
    waiting_of,
)
from madoguchi.science.staffing.simulation.world import IDLE

ORDERS = {order: number(place) for place, order in enumerate(Order)}
BEST_SKILLED, RING_ALL = ORDERS[Order.BEST_SKILLED], ORDERS[Order.RING_ALL]


@compiled
def is_held(call: Any, now: float) -> bool:
    """Whether the call waits for the one it was made for."""
    return bool(call.named >= 0 and now < call.held_until)


@compiled
def best(w: Any, c: int, now: float) -> int:
    """Whom call `c` rings at: the best never tried, else the one tried longest ago; or NONE."""
    call = call_of(w, c)
    if is_held(call, now):
        return int(call.named) if may_be_named(w, c, now) else NONE
    retry_after = queue_of(w, call.queue).retry_after
    found = again = NONE
    again_at = math.inf
    for place in range(w.idle):
        agent = idle_of(w)[place]
        if not is_able(w, call, agent, now):
            continue
        at = tried_at(w, call, agent)
        if at == -math.inf:
            if found == NONE or is_before(w, call, agent, found):
                found = agent
        elif now >= at + retry_after and (
            at < again_at or (at == again_at and is_before(w, call, agent, again))
        ):
            again, again_at = agent, at
    return found if found != NONE else again


@compiled
def may_be_named(w: Any, c: int, now: float) -> bool:
    """Whether the one that call `c` is held for is free; neither membership nor skills are asked of them."""
    call = call_of(w, c)
    agent = agent_of(w, call.named)
    if agent.activity != IDLE or now < agent.cooling_until:
        return False
    return bool(now >= tried_at(w, call, call.named) + queue_of(w, call.queue).retry_after)


@compiled
def is_able(w: Any, call: Any, agent: int, now: float) -> bool:
    """Whether the free `agent` may be offered the call, whatever was tried."""
    if rank_of(w, agent, call.queue) == 0 or now < agent_of(w, agent).cooling_until:
        return False
    for skill in range(w.skills):
        least = asked_of(w, call.asks, skill)
        # Without the skill there is no level: even "at least 0" asks that one has it.
        if least >= 0 and (level_of(w, agent, skill) == 0 or level_of(w, agent, skill) < least):
            return False
    return True


@compiled
def tried_at(w: Any, call: Any, agent: int) -> float:
    """When the last ring of this call at `agent` ended in vain; minus infinity: never."""
    place = call.tries
    while place >= 0:
        if tried_of(w, place).agent == agent:
            return float(tried_of(w, place).at)
        place = tried_of(w, place).next
    return -math.inf


@compiled
def is_before(w: Any, call: Any, one: int, other: int) -> bool:
    """Whether `one` is asked before `other`: rank, level where the queue wants the best, idle longest."""
    rank, other_rank = rank_of(w, one, call.queue), rank_of(w, other, call.queue)
    if rank != other_rank:
        return bool(rank < other_rank)
    if queue_of(w, call.queue).order == BEST_SKILLED:
        more = _level(w, call, one) - _level(w, call, other)
        if more != 0:
            return more > 0
    since, other_since = agent_of(w, one).idle_since, agent_of(w, other).idle_since
    return bool(since < other_since or (since == other_since and one < other))


@compiled
def _level(w: Any, call: Any, agent: int) -> int:
    level = 0
    for skill in range(w.skills):
        if asked_of(w, call.asks, skill) >= 0:
            level += level_of(w, agent, skill)
    return level


@compiled
def wait_in_line(w: Any, c: int) -> None:
    """Put call `c` into its place: priority, then first enqueued, also after a missed ring."""
    call = call_of(w, c)
    place = w.waiting
    while place > 0:
        before = waiting_of(w)[place - 1]
        if not _is_served_before(call, call_of(w, before), c, before):
            break
        waiting_of(w)[place] = before
        place -= 1
    waiting_of(w)[place] = c
    w.waiting += 1
    queue_of(w, call.queue).waiting += 1


@compiled
def _is_served_before(call: Any, other: Any, c: int, o: int) -> bool:
    if call.priority != other.priority:
        return bool(call.priority > other.priority)
    if call.enqueued != other.enqueued:
        return bool(call.enqueued < other.enqueued)
    return c < o


@compiled
def leave_line(w: Any, c: int) -> None:
    """Take call `c` out of the line."""
    place = 0
    while waiting_of(w)[place] != c:
        place += 1
    for after in range(place + 1, w.waiting):
        waiting_of(w)[after - 1] = waiting_of(w)[after]
    w.waiting -= 1
    queue_of(w, call_of(w, c).queue).waiting -= 1
