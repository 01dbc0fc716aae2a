"""The loop of a run: the next moment of the plan or of the calendar, what it brings, and what follows."""

from __future__ import annotations

from typing import Any

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.aftermath import (
    chase_perhaps,
    consulted,
    department_answers,
    help_those_who_ask,
    talked,
    worked,
    wrapped,
)
from madoguchi.science.staffing.simulation.calendar import next_at, pop
from madoguchi.science.staffing.simulation.calls import (
    arrive,
    call_again,
    give_up,
    leave_menu,
    offer_call_back,
    set_timers,
    turn_away,
)
from madoguchi.science.staffing.simulation.compiled import compiled, entry
from madoguchi.science.staffing.simulation.names import NONE
from madoguchi.science.staffing.simulation.people import begin_what_can_wait, come, go, mail_comes
from madoguchi.science.staffing.simulation.rings import answer, holds, miss, ring, ring_waiting, take_back
from madoguchi.science.staffing.simulation.rows import call_of, plan_of, waiting_of
from madoguchi.science.staffing.simulation.world import (
    ALL,
    ANSWERED_BY_DEPARTMENT,
    AT_RING,
    CALL,
    CHASES,
    CLOSES,
    COMES,
    CONSULTED,
    DONE,
    EVICT,
    GIVE_UP,
    GOES,
    MAIL,
    MENU_OVER,
    MISSED,
    NEWEST,
    NO_ROOM,
    NOTHING,
    OFFER_CALL_BACK,
    OPENS,
    PICKED_UP,
    REDIALS,
    RETURNS,
    TALKED,
    WAITING,
    WORKED,
    WRAPPED,
)


@entry
def run(sys: Any) -> int:
    """Run to the horizon: DONE; or until the arrays are nearly full: NO_ROOM, and again with more room.

    `sys` is `World.sys`.
    """
    w = sys[0]
    while has_room(w):
        planned, due = plan_of(w, w.planned).at, next_at(w)
        if min(planned, due) > w.horizon:
            return DONE
        w.events += 1
        w.newest = -1
        if planned <= due:
            w.now = planned
            w.planned += 1
            _planned(w, w.planned - 1)
        else:
            w.now = due
            kind, who, token = pop(w)
            if kind < MENU_OVER and kind >= CONSULTED:
                _later(w, kind, who, token)
            else:
                _soon(w, kind, who, token)
        if w.changed != NOTHING:
            settle(w)
    return NO_ROOM


@compiled
def has_room(w: Any) -> bool:
    """Whether one more moment fits into every array, whatever it brings (`World.make_room`)."""
    return bool(
        w.heap + w.margin + w.waiting < w.heap_room
        and w.calls + w.margin < w.calls_room
        and w.cases + w.margin < w.cases_room
        and w.works + w.margin < w.works_room
        and w.tries + w.margin < w.tries_room
        and w.spells + w.margin < w.spells_room
        and w.waiting + w.margin < w.waiting_room
    )


@compiled
def settle(w: Any) -> None:
    """Let everybody who is free do what is next: help, answer, work; who still waits loses patience."""
    while w.changed != NOTHING:
        seen = w.changed
        w.changed = NOTHING
        if w.idle > 0:
            if w.asking > 0:
                help_those_who_ask(w)
            if seen == NEWEST:
                ring(w, w.newest)
            elif w.waiting > 0:
                ring_waiting(w)
            if w.ready + w.pooled > 0:
                begin_what_can_wait(w)
    if w.newest >= 0 and call_of(w, w.newest).phase == WAITING:
        set_timers(w, w.newest)


@compiled
def _planned(w: Any, number: int) -> None:
    item = plan_of(w, number)
    if item.kind == CALL:
        if item.who < w.kinds:
            arrive(w, item.who, item.key, (flat.FRESH, NONE, NONE, NONE, item.known))
        else:
            arrive(w, item.who - w.kinds, item.key, (flat.CHASER, NONE, NONE, NONE, NONE))
    elif item.kind == MAIL:
        mail_comes(w, item.key)
    elif item.kind == COMES:
        come(w, item.who)
    elif item.kind == GOES:
        go(w, item.who)
    elif item.kind == OPENS:
        w.open = 1
    elif item.kind == CLOSES:
        _close(w)


@compiled
def _close(w: Any) -> None:
    w.open = 0
    w.passed += 1
    while w.evict_at_close and w.waiting > 0:
        turn_away(w, waiting_of(w)[w.waiting - 1])


@compiled
def _soon(w: Any, kind: int, who: int, token: int) -> None:
    if kind == TALKED:
        talked(w, who)
    elif kind == WRAPPED:
        wrapped(w, who)
    elif kind == PICKED_UP:
        if holds(w, who, token):
            answer(w, who)
    elif kind == MISSED:
        if holds(w, who, token):
            miss(w, who)
    elif kind == WORKED:
        worked(w, who)
    elif kind == MENU_OVER:
        leave_menu(w, who)
    else:
        _on_waiting(w, kind, who)


@compiled
def _on_waiting(w: Any, kind: int, c: int) -> None:
    phase = call_of(w, c).phase
    if kind == GIVE_UP:
        if phase in (WAITING, AT_RING):
            take_back(w, c, NONE)
            give_up(w, c)
    elif phase == WAITING:
        if kind == EVICT:
            turn_away(w, c)
        elif kind == OFFER_CALL_BACK:
            offer_call_back(w, c)


@compiled
def _later(w: Any, kind: int, who: int, token: int) -> None:
    if kind == CONSULTED:
        consulted(w, who, token - 1)
    elif kind == ANSWERED_BY_DEPARTMENT:
        department_answers(w, who)
    elif kind == CHASES:
        chase_perhaps(w, who)
    elif kind == REDIALS:
        call_again(w, who, flat.REDIAL)
    elif kind == RETURNS:
        call_again(w, who, flat.RETURN)
    else:
        # Cooled off, or a call may be offered again where it was tried: only the matcher can tell.
        w.changed = ALL
