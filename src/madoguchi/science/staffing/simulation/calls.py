"""The way of a call in the simulation: arrival, line, menu, waiting, ring, and how it can end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from madoguchi.science.staffing.simulation import chance
from madoguchi.science.staffing.simulation.calendar import push
from madoguchi.science.staffing.simulation.chance import child, draw, uniform
from madoguchi.science.staffing.simulation.compiled import compiled
from madoguchi.science.staffing.simulation.flat import CALL_BACK, CHASER, OUTCOME, REDIAL
from madoguchi.science.staffing.simulation.hindsight import AFTER_ANSWERED, AFTER_LOST
from madoguchi.science.staffing.simulation.lucks import lasts, luck
from madoguchi.science.staffing.simulation.matching import leave_line, wait_in_line
from madoguchi.science.staffing.simulation.names import NONE
from madoguchi.science.staffing.simulation.people import give_work, new_work
from madoguchi.science.staffing.simulation.rows import (
    again_of,
    agent_of,
    call_of,
    case_of,
    queue_of,
    tables_of,
    time_of,
)
from madoguchi.science.staffing.simulation.world import (
    AT_RING,
    ENDED,
    EVICT,
    GIVE_UP,
    LIVING,
    LOOK_AGAIN,
    MENU,
    MENU_OVER,
    NEWEST,
    OFFER_CALL_BACK,
    REDIALS,
    WAITING,
)

BLOCKED, OUT_OF_HOURS, SELF_SERVED = OUTCOME["blocked"], OUTCOME["out_of_hours"], OUTCOME["ivr_self_served"]
SHORT_ABANDON, QUEUE_ABANDON = OUTCOME["short_abandon"], OUTCOME["queue_abandon"]
RING_ABANDON, EVICTED = OUTCOME["ring_abandon"], OUTCOME["system_evicted"]
OUTSIDE, CALL_BACK_ACCEPTED = OUTCOME["overflow_out"], OUTCOME["callback_accepted"]
_AGAIN = 1


@compiled
def arrive(w: Any, q: int, key: np.uint64, about: tuple[int, int, int, int, int]) -> int:
    """A call comes; `about` is (kind, call before, customer, case, place in the records). Gives its row."""
    c = w.calls
    w.calls = c + 1
    _write_down(w, c, q, key)
    call = call_of(w, c)
    call.kind, call.parent, call.case, call.known = about[0], about[1], about[3], about[4]
    call.customer = about[2] if about[1] >= 0 else c
    if not w.open:
        _end(w, c, OUT_OF_HOURS)
    elif w.lines >= 0 and w.connected >= w.lines:
        _end(w, c, BLOCKED)
        _redial_perhaps(w, c, queue_of(w, q).after_block)
    else:
        w.connected += 1
        _enter_menu(w, c)
    return int(c)


@compiled
def _write_down(w: Any, c: int, q: int, key: np.uint64) -> None:
    call = call_of(w, c)
    call.arrived = call.enqueued = w.now
    call.key = key
    call.queue = call.asks = q
    call.priority = queue_of(w, q).priority
    call.agent = call.named = call.tries = -1
    call.outcome = LIVING
    call.phase = MENU
    call.wait = math.nan
    call.answered = call.talk = call.wrap_up = call.held_until = 0.0
    call.bears_until = math.inf
    call.rings = call.missed = call.open_rings = call.timed = 0


@compiled
def _enter_menu(w: Any, c: int) -> None:
    call = call_of(w, c)
    seconds = draw(time_of(w, queue_of(w, call.queue).menu), tables_of(w), w.of[chance.MENU], call.key)
    if seconds > 0.0:
        push(w, w.now + seconds, MENU_OVER, c, NONE)
    else:
        leave_menu(w, c)


@compiled
def leave_menu(w: Any, c: int) -> None:
    """The menu has served the caller, or sends them to a person."""
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    call.enqueued = w.now
    fresh = call.kind != CHASER
    if fresh and queue.self_served > 0.0 and uniform(w.of[chance.SELF_SERVED], call.key) < queue.self_served:
        _let_go(w, c, SELF_SERVED)
    elif fresh and queue.outside > 0.0 and uniform(w.of[chance.OUTSIDE], call.key) < queue.outside:
        _let_go(w, c, OUTSIDE)
    else:
        _enqueue(w, c)


@compiled
def _enqueue(w: Any, c: int) -> None:
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    call.bears_until = w.now + lasts(w, call, queue.patience, chance.PATIENCE, call.key)
    call.phase = WAITING
    if queue.places >= 0 and queue.waiting >= queue.places and w.idle == 0:
        call.wait = 0.0
        _let_go(w, c, EVICTED)
        _redial_perhaps(w, c, queue.after_abandon)
        return
    if call.case >= 0 and call.kind == CHASER:
        _ask_for_the_owner(w, c)
    wait_in_line(w, c)
    w.newest = c
    w.changed = max(w.changed, NEWEST)


@compiled
def _ask_for_the_owner(w: Any, c: int) -> None:
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    owner = case_of(w, call.case).owner
    if (
        queue.named > 0.0
        and uniform(w.of[chance.NAMED], call.key) < queue.named
        and agent_of(w, owner).present
    ):
        call.named = owner
        call.held_until = w.now + queue.named_hold
        push(w, call.held_until, LOOK_AGAIN, c, NONE)


@compiled
def set_timers(w: Any, c: int) -> None:
    """A caller who is not answered at once: when they give up, or are turned away, or offered a call back."""
    call = call_of(w, c)
    if call.timed:
        return
    call.timed = 1
    queue = queue_of(w, call.queue)
    if call.bears_until < math.inf:
        push(w, call.bears_until, GIVE_UP, c, NONE)
    if queue.max_wait > 0.0:
        push(w, w.now + queue.max_wait, EVICT, c, NONE)
    if queue.offer_after > 0.0:
        push(w, w.now + queue.offer_after, OFFER_CALL_BACK, c, NONE)


@compiled
def give_up(w: Any, c: int) -> None:
    """The caller leaves by themselves. Rings at people must have been taken back before."""
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    waited = w.now - call.enqueued
    outcome = RING_ABANDON if call.phase == AT_RING else QUEUE_ABANDON
    if waited <= queue.short_abandon:
        outcome = SHORT_ABANDON
    _leave_queue(w, c, outcome)
    _redial_perhaps(w, c, queue.after_abandon)


@compiled
def turn_away(w: Any, c: int) -> None:
    """Waited too long, or the centre closes."""
    _leave_queue(w, c, EVICTED)
    _redial_perhaps(w, c, queue_of(w, call_of(w, c).queue).after_abandon)


@compiled
def offer_call_back(w: Any, c: int) -> None:
    """The waiting caller may be called back instead: then it is work for whoever has time."""
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    if uniform(w.of[chance.ACCEPT], call.key) < queue.accept:
        _leave_queue(w, c, CALL_BACK_ACCEPTED)
        seconds = lasts(w, call, queue.talk, chance.TALK, call.key)
        give_work(w, w.people, new_work(w, CALL_BACK, NONE, seconds))


@compiled
def _leave_queue(w: Any, c: int, outcome: int) -> None:
    call = call_of(w, c)
    call.wait = w.now - call.enqueued
    if call.phase == WAITING:
        leave_line(w, c)
    _let_go(w, c, outcome)


@compiled
def _let_go(w: Any, c: int, outcome: int) -> None:
    w.connected -= 1
    _end(w, c, outcome)


@compiled
def _end(w: Any, c: int, outcome: int) -> None:
    call_of(w, c).outcome = outcome
    call_of(w, c).phase = ENDED


@compiled
def _redial_perhaps(w: Any, c: int, share: float) -> None:
    call = call_of(w, c)
    if share > 0.0 and luck(w, call, chance.REDIAL, call.key) < share:
        delay = queue_of(w, call.queue).redial_delay
        push(w, w.now + lasts(w, call, delay, chance.REDIAL_DELAY, call.key), REDIALS, c, NONE)


@compiled
def call_again(w: Any, c: int, kind: int) -> None:
    """The customer of call `c` calls again."""
    call = call_of(w, c)
    known = NONE
    if call.known >= 0:
        known = again_of(w, call.known, AFTER_LOST if kind == REDIAL else AFTER_ANSWERED)
    arrive(w, call.queue, child(call.key, _AGAIN + kind), (kind, c, call.customer, call.case, known))
