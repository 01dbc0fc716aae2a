"""What comes after the talk: a leader's help, wrap-up, the case that stays open, its chasers, its end."""

from __future__ import annotations

import math
from typing import Any

from madoguchi.science.staffing.simulation import chance, flat
from madoguchi.science.staffing.simulation.calendar import open_after, push
from madoguchi.science.staffing.simulation.calls import arrive
from madoguchi.science.staffing.simulation.chance import child, draw, uniform
from madoguchi.science.staffing.simulation.compiled import compiled
from madoguchi.science.staffing.simulation.lucks import lasts, luck
from madoguchi.science.staffing.simulation.names import NONE
from madoguchi.science.staffing.simulation.people import (
    give_work,
    new_work,
    occupy,
    release,
    write_spell,
)
from madoguchi.science.staffing.simulation.rows import (
    agent_of,
    asking_of,
    call_of,
    case_of,
    idle_of,
    queue_of,
    tables_of,
    time_of,
    work_of,
)
from madoguchi.science.staffing.simulation.world import (
    ALL,
    ANSWERED_BY_DEPARTMENT,
    ASKING,
    CHASES,
    CONSULTED,
    CONSULTING,
    ENDED,
    RETURNS,
    WRAPPED,
    WRAPPING,
)

_ANSWERED = flat.OUTCOME["answered"]


@compiled
def talked(w: Any, a: int) -> None:
    """All is said, or would be, if a leader were not needed first."""
    c = agent_of(w, a).call
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    asks = queue.consult > 0.0 and not agent_of(w, a).leader
    if asks and luck(w, call, chance.CONSULT, call.key) < queue.consult:
        if w.leaders_always:
            _consult(w, a, NONE)
        else:
            asking_of(w)[w.asking] = a
            w.asking += 1
            w.changed = ALL
    else:
        hang_up(w, a)


@compiled
def help_those_who_ask(w: Any) -> None:
    """Free leaders answer the operators who wait for one, first come first."""
    place = w.idle - 1
    while w.asking > 0 and place >= 0:
        leader = idle_of(w)[place]
        if agent_of(w, leader).leader:
            first = asking_of(w)[0]
            w.asking -= 1
            for after in range(w.asking):
                asking_of(w)[after] = asking_of(w)[after + 1]
            _consult(w, first, leader)
        place = min(place - 1, w.idle - 1)


@compiled
def _consult(w: Any, a: int, leader: int) -> None:
    call = call_of(w, agent_of(w, a).call)
    if leader >= 0:
        occupy(w, leader, CONSULTING)
        agent_of(w, leader).call = agent_of(w, a).call
    agent_of(w, a).activity = ASKING
    seconds = lasts(w, call, queue_of(w, call.queue).consulting, chance.CONSULT_TIME, call.key)
    push(w, w.now + seconds, CONSULTED, a, leader + 1)


@compiled
def consulted(w: Any, a: int, leader: int) -> None:
    """The leader has helped: the call can end."""
    if leader >= 0:
        write_spell(w, leader, flat.CONSULT, NONE)
        release(w, leader)
    hang_up(w, a)


@compiled
def hang_up(w: Any, a: int) -> None:
    """The customer's line is free; the operator writes down what the call leaves behind."""
    c = agent_of(w, a).call
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    write_spell(w, a, flat.TALKING, NONE)
    w.connected -= 1
    call.outcome = _ANSWERED
    call.phase = ENDED
    call.talk = w.now - call.answered
    if queue.returns > 0.0 and luck(w, call, chance.RETURN, call.key) < queue.returns:
        delay = lasts(w, call, queue.return_delay, chance.RETURN_DELAY, call.key)
        push(w, w.now + delay, RETURNS, c, NONE)
    seconds = lasts(w, call, queue.wrap_up, chance.WRAP_UP, call.key)
    if seconds > 0.0:
        occupy(w, a, WRAPPING)
        push(w, w.now + seconds, WRAPPED, a, NONE)
    else:
        wrapped(w, a)


@compiled
def wrapped(w: Any, a: int) -> None:
    """The wrap-up is over; perhaps a case stays open."""
    c = agent_of(w, a).call
    call = call_of(w, c)
    call.wrap_up = w.now - call.answered - call.talk
    if call.wrap_up > 0.0:
        write_spell(w, a, flat.WRAP_UP, NONE)
    share = queue_of(w, call.queue).share
    fresh = call.case < 0 and call.kind != flat.CHASER
    if share > 0.0 and fresh and luck(w, call, chance.CASE, call.key) < share:
        _open_case(w, c, a)
    release(w, a)


@compiled
def _open_case(w: Any, c: int, a: int) -> None:
    call = call_of(w, c)
    queue = queue_of(w, call.queue)
    k = w.cases
    w.cases = k + 1
    call.case = k
    case = case_of(w, k)
    case.opened = w.now
    case.asked = case.answered = case.due = case.resolved = math.nan
    case.key, case.customer, case.queue = child(call.key, 99), call.customer, call.queue
    case.call, case.owner = c, a
    case.chasers = case.chances = 0
    if luck(w, call, chance.CALL_BACK, case.key) < queue.call_back:
        case.due = w.now + queue.promised
    seconds = lasts(w, call, queue.casework, chance.CASEWORK, case.key)
    if queue.chase > 0.0:
        _next_chance(w, k)
    if seconds > 0.0:
        item = new_work(w, flat.CASEWORK, k, seconds)
        work_of(w, item).first = 1 if uniform(w.of[chance.FIRST], case.key) < queue.first else 0
        give_work(w, a, item)
    else:
        _after_casework(w, k)


@compiled
def _after_casework(w: Any, k: int) -> None:
    case = case_of(w, k)
    queue = queue_of(w, case.queue)
    call = call_of(w, case.call)
    if queue.ask > 0.0 and luck(w, call, chance.ASK, case.key) < queue.ask:
        case.asked = w.now
        delay = lasts(w, call, queue.department, chance.DEPARTMENT, case.key)
        push(w, w.now + delay, ANSWERED_BY_DEPARTMENT, k, NONE)
    else:
        _towards_the_end(w, k)


@compiled
def department_answers(w: Any, k: int) -> None:
    """The other department has answered at last."""
    case_of(w, k).answered = w.now
    _towards_the_end(w, k)


@compiled
def _towards_the_end(w: Any, k: int) -> None:
    case = case_of(w, k)
    if math.isnan(case.due):
        case.resolved = w.now
        return
    back = time_of(w, queue_of(w, case.queue).calling_back)
    seconds = draw(back, tables_of(w), w.of[chance.CALL_BACK_TIME], case.key)
    give_work(w, case.owner, new_work(w, flat.CALL_BACK, k, seconds))


@compiled
def worked(w: Any, a: int) -> None:
    """A piece of work is done."""
    item = work_of(w, agent_of(w, a).work)
    write_spell(w, a, item.kind, item.case)
    if item.case >= 0:
        if item.kind == flat.CASEWORK:
            _after_casework(w, item.case)
        else:
            case_of(w, item.case).resolved = w.now
    release(w, a)


@compiled
def _next_chance(w: Any, k: int) -> None:
    case = case_of(w, k)
    case.chances += 1
    delay = time_of(w, queue_of(w, case.queue).chase_after)
    key = child(case.key, case.chances)
    due = open_after(w, draw(delay, tables_of(w), w.of[chance.CHASE_DELAY], key))
    if due < math.inf:
        push(w, due, CHASES, k, NONE)


@compiled
def chase_perhaps(w: Any, k: int) -> None:
    """A customer whose case is still open may lose patience now; who does not will not later."""
    case = case_of(w, k)
    if not math.isnan(case.resolved):
        return
    key = child(case.key, case.chances)
    if uniform(w.of[chance.CHASE], key) >= queue_of(w, case.queue).chase:
        return
    case.chasers += 1
    arrive(w, case.queue, key, (flat.CHASER, case.call, case.customer, k, NONE))
    _next_chance(w, k)
