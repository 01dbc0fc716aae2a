"""A ring at a person: offered, picked up, let go, taken back; the round that offers; talk and wrap-up."""

from __future__ import annotations

from typing import Any

from madoguchi.science.staffing.simulation import chance
from madoguchi.science.staffing.simulation.calendar import push
from madoguchi.science.staffing.simulation.calls import set_timers
from madoguchi.science.staffing.simulation.chance import child, draw
from madoguchi.science.staffing.simulation.compiled import compiled, entry
from madoguchi.science.staffing.simulation.flat import CHASER
from madoguchi.science.staffing.simulation.flat import RINGING as RANG
from madoguchi.science.staffing.simulation.lucks import lasts, ring_luck
from madoguchi.science.staffing.simulation.matching import (
    RING_ALL,
    best,
    is_able,
    is_held,
    leave_line,
    tried_at,
    wait_in_line,
)
from madoguchi.science.staffing.simulation.names import NONE
from madoguchi.science.staffing.simulation.people import occupy, set_free, write_spell
from madoguchi.science.staffing.simulation.rows import (
    agent_of,
    call_of,
    idle_of,
    queue_of,
    tables_of,
    time_of,
    tried_of,
    waiting_of,
)
from madoguchi.science.staffing.simulation.world import (
    ALL,
    AT_RING,
    COOLED,
    IN_TALK,
    LOOK_AGAIN,
    MISSED,
    PICKED_UP,
    RINGING,
    TALKED,
    TALKING,
    WAITING,
)

_TOKENS = 0x3FFFFF


@compiled
def ring_waiting(w: Any) -> None:
    """One round of the matcher: in order of service, each waiting call rings at whom it may have.

    Where nobody was found for one call, nobody will be for the next that asks the same in this round.
    """
    w.round += 1
    place = 0
    while place < w.waiting and w.idle > 0:
        c = waiting_of(w)[place]
        call = call_of(w, c)
        queue = queue_of(w, call.queue)
        common = call.asks == call.queue and not is_held(call, w.now)
        if (common and queue.barren == w.round) or not ring(w, c):
            place += 1
            if common and call.tries < 0:
                queue.barren = w.round


@entry
def one_round(sys: Any) -> None:
    """`ring_waiting` alone, at the moment that `World.sys` tells: the matcher by itself."""
    ring_waiting(sys[0])


@compiled
def ring(w: Any, c: int) -> bool:
    """Let call `c` ring at whom it may have; False when there is nobody."""
    call = call_of(w, c)
    if queue_of(w, call.queue).order == RING_ALL and not is_held(call, w.now):
        return _ring_all(w, c)
    a = best(w, c, w.now)
    if a == NONE:
        return False
    leave_line(w, c)
    _offer(w, c, a)
    return True


@compiled
def _ring_all(w: Any, c: int) -> bool:
    call = call_of(w, c)
    retry_after = queue_of(w, call.queue).retry_after
    in_line = True
    place = w.idle - 1
    while place >= 0 and call.phase != IN_TALK:
        a = idle_of(w)[place]
        if is_able(w, call, a, w.now) and w.now >= tried_at(w, call, a) + retry_after:
            if in_line:
                leave_line(w, c)
                in_line = False
            _offer(w, c, a)
        place = min(place - 1, w.idle - 1)
    return not in_line


@compiled
def _offer(w: Any, c: int, a: int) -> None:
    call, agent = call_of(w, c), agent_of(w, a)
    queue = queue_of(w, call.queue)
    occupy(w, a, RINGING)
    agent.call = c
    agent.token = (agent.token + 1) & _TOKENS
    call.phase = AT_RING
    call.rings += 1
    call.open_rings += 1
    key = child(call.key, call.rings)
    seconds = draw(time_of(w, w.pick_up), tables_of(w), w.of[chance.PICK_UP], key)
    if agent.miss > 0.0 and ring_luck(w, call, key) < agent.miss:
        seconds = queue.ring + 1.0
    if seconds <= 0.0:
        answer(w, a)
        return
    ends = w.now + min(seconds, queue.ring)
    if call.bears_until <= ends or seconds > queue.ring:
        set_timers(w, c)
    push(w, ends, MISSED if seconds > queue.ring else PICKED_UP, a, agent.token)


@compiled
def holds(w: Any, a: int, token: int) -> bool:
    """Whether the ring that the calendar speaks of is still the one at `a`."""
    return bool(agent_of(w, a).activity == RINGING and agent_of(w, a).token == token)


@compiled
def miss(w: Any, a: int) -> None:
    """The ring ends unanswered: the person pauses, the call goes back to its place."""
    c = agent_of(w, a).call
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    tried = tried_of(w, w.tries)
    tried.agent, tried.at, tried.next = a, w.now, call.tries
    call.tries = w.tries
    w.tries += 1
    call.missed += 1
    call.open_rings -= 1
    if queue.cooling_off > 0.0:
        agent_of(w, a).cooling_until = w.now + queue.cooling_off
        push(w, w.now + queue.cooling_off, COOLED, a, NONE)
    write_spell(w, a, RANG, NONE)
    set_free(w, a)
    push(w, w.now + queue.retry_after, LOOK_AGAIN, c, NONE)
    if call.open_rings == 0:
        call.phase = WAITING
        wait_in_line(w, c)
    w.changed = ALL


@compiled
def take_back(w: Any, c: int, but: int) -> None:
    """Stop ringing call `c` everywhere but at `but`: the caller left, or somebody else answered."""
    call = call_of(w, c)
    if call.open_rings == 0:
        return
    for a in range(w.people):
        agent = agent_of(w, a)
        if a != but and agent.activity == RINGING and agent.call == c:
            call.open_rings -= 1
            write_spell(w, a, RANG, NONE)
            set_free(w, a)


@compiled
def answer(w: Any, a: int) -> None:
    """`a` has the customer."""
    agent = agent_of(w, a)
    c = agent.call
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    if w.now > agent.began:
        write_spell(w, a, RANG, NONE)
    call.open_rings -= 1
    take_back(w, c, a)
    occupy(w, a, TALKING)
    call.phase = IN_TALK
    call.agent = a
    call.answered = w.now
    call.wait = w.now - call.enqueued
    talk = queue.chaser_talk if call.kind == CHASER else queue.talk
    push(w, w.now + lasts(w, call, talk, chance.TALK, call.key), TALKED, a, NONE)
