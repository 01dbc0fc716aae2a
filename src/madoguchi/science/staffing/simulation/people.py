"""What people do between calls: free, at work that a call left behind, gone; and what is written of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from madoguchi.science.staffing.simulation import chance
from madoguchi.science.staffing.simulation.calendar import push
from madoguchi.science.staffing.simulation.chance import child, draw, uniform
from madoguchi.science.staffing.simulation.compiled import compiled
from madoguchi.science.staffing.simulation.flat import HIDING, MAIL, PRESENT
from madoguchi.science.staffing.simulation.names import NONE
from madoguchi.science.staffing.simulation.rows import (
    agent_of,
    idle_of,
    spell_of,
    tables_of,
    time_of,
    work_of,
)
from madoguchi.science.staffing.simulation.world import ALL, IDLE, OFF, WORKED, WORKING


@compiled
def write_spell(w: Any, a: int, kind: int, case: int) -> None:
    """Write down what `a` did since they began it."""
    agent = agent_of(w, a)
    if w.keep_spells:
        _write(w, a, kind, agent.began)
        spell_of(w, w.spells - 1).call = agent.call
        spell_of(w, w.spells - 1).case = case


@compiled
def _write(w: Any, a: int, kind: int, began: float) -> None:
    spell = spell_of(w, w.spells)
    w.spells += 1
    spell.agent = a
    spell.kind = kind
    spell.began_s = began
    spell.ended_s = w.now
    spell.call = -1
    spell.case = -1


@compiled
def occupy(w: Any, a: int, activity: int) -> None:
    """`a` begins something; if they were free they are no longer."""
    agent = agent_of(w, a)
    if agent.slot >= 0:
        last = w.idle - 1
        moved = idle_of(w)[last]
        idle_of(w)[agent.slot] = moved
        agent_of(w, moved).slot = agent.slot
        agent.slot = -1
        w.idle = last
    agent.activity = activity
    agent.began = w.now


@compiled
def set_free(w: Any, a: int) -> None:
    """`a` does nothing from now on; who has gone meanwhile is off."""
    agent = agent_of(w, a)
    agent.call = -1
    agent.began = w.now
    if not agent.present:
        agent.activity = OFF
        return
    agent.activity = IDLE
    agent.slot = w.idle
    idle_of(w)[w.idle] = a
    w.idle += 1
    w.changed = ALL


@compiled
def release(w: Any, a: int) -> None:
    """`a` is done with a call or a piece of work: some take up casework now, before the ringing phone."""
    agent = agent_of(w, a)
    agent.idle_since = w.now
    agent.call = -1
    if agent.present:
        if agent.head >= 0 and work_of(w, agent.head).first:
            start(w, a, take_work(w, a))
            return
        if agent.wear > 0.0 and w.waiting >= w.pressed_from and _avoids(w, a):
            _hide(w, a)
            return
    set_free(w, a)


@compiled
def _avoids(w: Any, a: int) -> bool:
    agent = agent_of(w, a)
    agent.decisions += 1
    return bool(uniform(w.of[chance.WEAR], child(np.uint64(a), agent.decisions)) < agent.wear)


@compiled
def _hide(w: Any, a: int) -> None:
    agent = agent_of(w, a)
    if agent.head >= 0:
        start(w, a, take_work(w, a))
        return
    key = child(np.uint64(a), agent.decisions)
    item = new_work(w, HIDING, NONE, draw(time_of(w, w.hiding), tables_of(w), w.of[chance.HIDE], key))
    start(w, a, item)


@compiled
def new_work(w: Any, kind: int, case: int, seconds: float) -> int:
    """Write down a piece of work that nobody has yet."""
    place = w.works
    w.works = place + 1
    item = work_of(w, place)
    item.kind = kind
    item.case = case
    item.seconds = seconds
    item.next = -1
    item.first = 0
    return int(place)


@compiled
def give_work(w: Any, a: int, item: int) -> None:
    """Put `item` on the list of `a` (or of everybody): what comes first to the front, all else to the end."""
    w.changed = ALL
    if a == w.people:
        w.pooled += 1
    else:
        w.ready += 1
    to = agent_of(w, a)
    if to.head < 0:
        to.head = to.tail = item
    elif work_of(w, item).first:
        work_of(w, item).next = to.head
        to.head = item
    else:
        work_of(w, to.tail).next = item
        to.tail = item


@compiled
def take_work(w: Any, a: int) -> int:
    """Take the front of a list."""
    if a == w.people:
        w.pooled -= 1
    else:
        w.ready -= 1
    of = agent_of(w, a)
    item = of.head
    of.head = work_of(w, item).next
    return int(item)


@compiled
def start(w: Any, a: int, item: int) -> None:
    """`a` begins a piece of work; it is not put down for a ringing phone."""
    occupy(w, a, WORKING)
    agent_of(w, a).work = item
    push(w, w.now + work_of(w, item).seconds, WORKED, a, NONE)


@compiled
def begin_what_can_wait(w: Any) -> None:
    """Who is free although everybody who could be answered was takes up work, own first, then everybody's."""
    if w.ready > 0:
        place = w.idle - 1
        while place >= 0 and w.idle > w.reserve:
            a = idle_of(w)[place]
            if agent_of(w, a).head >= 0:
                start(w, a, take_work(w, a))
            place = min(place - 1, w.idle - 1)
    while w.pooled > 0 and w.idle > w.reserve:
        start(w, longest_idle(w), take_work(w, w.people))


@compiled
def longest_idle(w: Any) -> int:
    """Of the free people, who has been so longest."""
    found, since = idle_of(w)[0], math.inf
    for place in range(w.idle):
        a = idle_of(w)[place]
        if agent_of(w, a).idle_since < since:
            found, since = a, agent_of(w, a).idle_since
    return int(found)


@compiled
def come(w: Any, a: int) -> None:
    """`a` is at the phone from now on."""
    agent = agent_of(w, a)
    if agent.present:
        return
    agent.present = 1
    agent.came = w.now
    if agent.activity == OFF:
        agent.idle_since = w.now
        set_free(w, a)


@compiled
def go(w: Any, a: int) -> None:
    """`a` leaves the phone, after the call or piece of work in hand."""
    agent = agent_of(w, a)
    if not agent.present:
        return
    agent.present = 0
    if w.keep_spells:
        _write(w, a, PRESENT, agent.came)
    if agent.activity == IDLE:
        occupy(w, a, OFF)
        set_free(w, a)


@compiled
def mail_comes(w: Any, key: np.uint64) -> None:
    """A mail is there to be answered by whoever has time."""
    seconds = draw(time_of(w, w.writing), tables_of(w), w.of[chance.MAIL_TIME], key)
    give_work(w, w.people, new_work(w, MAIL, NONE, seconds))
