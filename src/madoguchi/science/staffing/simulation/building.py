"""From a centre as people write it to the arrays of a run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import chance, world
from madoguchi.science.staffing.simulation.centre import Centre, Person, Queue, Stretches
from madoguchi.science.staffing.simulation.distributions import Shelf
from madoguchi.science.staffing.simulation.hindsight import lucks
from madoguchi.science.staffing.simulation.matching import ORDERS
from madoguchi.science.staffing.simulation.world import Rows, World

_ROOM = 1024
_MARGIN = 8
"""Rows that one moment may write for each person, in any array: with a good deal to spare."""


def build(centre: Centre, seed: int) -> World:
    """The state at the beginning of a run. The same centre and seed give the same run.

    Raises ValueError for a centre that cannot be run, saying why.
    """
    check(centre)
    shelf = Shelf()
    sys = _sys(centre, shelf, seed)
    queues = _queues(centre, shelf)
    plan = _plan(centre, sys[0]["of"])
    times, tables = shelf.packed()
    ranks, levels, asks = _abilities(centre)
    people = len(centre.people)
    room = {"heap": _ROOM + 8 * people, "tries": _ROOM + 4 * people, "waiting": _ROOM}
    room["calls"] = _ROOM + int(1.3 * np.count_nonzero(plan["kind"] == world.CALL))
    room["cases"] = room["works"] = _ROOM + 8 * people + plan.size // 8
    room["spells"] = _ROOM + 4 * people + (2 * plan.size if centre.keep_spells else 0)
    made = World(sys)
    made.place(**{name: np.zeros(room[name], world.DTYPES[name]) for name in world.GROWING})
    made.place(plan=plan, agents=_agents(centre), queues=queues, ranks=ranks, levels=levels, asks=asks)
    made.place(idle=np.zeros(people + 1, "i8"), asking=np.zeros(people + 1, "i8"), times=times, tables=tables)
    hours = np.array(sorted(centre.open or ((0.0, math.inf),)), dtype="f8")
    made.place(hours=hours)
    _remember(made, centre, seed)
    sys[0]["spans"] = len(hours)
    sys[0]["margin"] = _MARGIN * (people + 2)
    sys[0]["people"], sys[0]["kinds"], sys[0]["skills"] = people, len(centre.queues), asks.shape[1]
    return made


def _remember(made: World, centre: Centre, seed: int) -> None:
    seen = centre.hindsight
    if seen is None:
        nothing = np.zeros(0, "i8")
        made.place(lucks=np.zeros(0), again=nothing, rung=nothing)
    else:
        made.place(lucks=lucks(seen, seed), again=seen.again, rung=seen.rung)


def check(centre: Centre) -> None:
    """Raise ValueError for what no centre can be."""
    if not centre.queues or not centre.horizon_s > 0 or not centre.interval_s > 0:
        raise ValueError("a centre has at least one queue, a horizon and an interval above 0 seconds")
    for number, queue in enumerate(centre.queues):
        if any(not 0 <= rate < math.inf for rate in queue.rates_per_h):
            raise ValueError(f"queue {number} has a rate of calls below 0 or without bound")
        for name, share in _shares(queue):
            if not 0 <= share <= 1:
                raise ValueError(f"queue {number}: {name} is a share between 0 and 1, not {share}")
    if not 0 < centre.adherence <= 1:
        raise ValueError(f"adherence lies above 0 and at most at 1, not at {centre.adherence}")
    asking = any(queue.consult > 0 for queue in centre.queues)
    if asking and not centre.leaders_always and not any(person.leader for person in centre.people):
        raise ValueError("operators ask for a leader, but nobody is one")
    for number, person in enumerate(centre.people):
        if any(not 0 <= queue < len(centre.queues) or rank < 1 for queue, rank in person.queues.items()):
            raise ValueError(f"person {number} serves a queue that is not there, or with a rank below 1")


def _shares(queue: Queue) -> Iterator[tuple[str, float]]:
    after = queue.aftermath
    for name in ("self_served", "outside", "accept_call_back", "consult", "returns"):
        yield name, getattr(queue, name)
    for name in ("share", "first", "ask", "call_back", "chase", "named"):
        yield name, getattr(after, name)
    yield "redial after abandonment", queue.redial.after_abandon
    yield "redial after an engaged line", queue.redial.after_block


def _sys(centre: Centre, shelf: Shelf, seed: int) -> Rows:
    sys = np.zeros(1, world.NOW_ROW)
    row = sys[0]
    row["of"] = chance.streams(seed)
    row["horizon"] = centre.horizon_s
    row["lines"] = centre.lines
    row["pressed_from"] = centre.pressed_from
    row["reserve"] = centre.reserve
    row["evict_at_close"] = centre.evict_at_close
    row["keep_spells"] = centre.keep_spells
    row["leaders_always"] = centre.leaders_always
    row["open"] = centre.open is None
    row["pick_up"] = shelf.place(centre.pick_up)
    row["hiding"] = shelf.place(centre.hiding)
    row["writing"] = shelf.place(centre.mail.writing)
    return sys


def _queues(centre: Centre, shelf: Shelf) -> Rows:
    rows = np.zeros(len(centre.queues), world.QUEUE_ROW)
    for row, queue in zip(rows, centre.queues, strict=True):
        _fill(row, queue, shelf)
    return rows


def _fill(row: Any, queue: Queue, shelf: Shelf) -> None:
    after = queue.aftermath
    row["talk"], row["wrap_up"] = shelf.place(queue.talk), shelf.place(queue.wrap_up)
    row["chaser_talk"] = shelf.place(queue.chaser_talk or queue.talk)
    row["patience"], row["menu"] = shelf.place(queue.patience), shelf.place(queue.menu)
    row["redial_delay"] = shelf.place(queue.redial.delay)
    row["after_abandon"], row["after_block"] = queue.redial.after_abandon, queue.redial.after_block
    row["return_delay"], row["consulting"] = shelf.place(queue.return_delay), shelf.place(queue.consulting)
    row["casework"], row["department"] = shelf.place(after.casework), shelf.place(after.department)
    row["calling_back"], row["chase_after"] = shelf.place(after.calling_back), shelf.place(after.chase_after)
    for name in ("share", "first", "ask", "call_back", "chase", "named"):
        row[name] = getattr(after, name)
    row["promised"], row["named_hold"] = after.promised_s, after.named_hold_s
    for name in ("returns", "priority", "places", "self_served", "outside", "consult"):
        row[name] = getattr(queue, name)
    for name in ("ring", "cooling_off", "retry_after", "short_abandon", "max_wait"):
        row[name] = getattr(queue, f"{name}_s")
    row["order"] = ORDERS[queue.order]
    row["offer_after"], row["accept"] = queue.offer_call_back_after_s, queue.accept_call_back


def _agents(centre: Centre) -> Rows:
    rows = np.zeros(len(centre.people) + 1, world.AGENT_ROW)
    for name in ("call", "slot", "work", "head", "tail"):
        rows[name] = -1
    for row, person in zip(rows, centre.people, strict=False):
        row["miss"], row["wear"], row["leader"] = person.miss, person.wear, person.leader
    return rows


def _abilities(centre: Centre) -> tuple[Rows, Rows, Rows]:
    known = sorted(
        {skill for person in centre.people for skill in person.skills}
        | {skill for queue in centre.queues for skill in queue.asks}
    )
    place = {skill: number for number, skill in enumerate(known)}
    ranks = np.zeros((len(centre.people) + 1, len(centre.queues)), "i8")
    levels = np.zeros((len(centre.people) + 1, len(known)), "i8")
    asks = np.full((len(centre.queues), len(known)), -1, "i8")
    for number, person in enumerate(centre.people):
        for queue, rank in person.queues.items():
            ranks[number, queue] = rank
        for skill, level in person.skills.items():
            levels[number, place[skill]] = level
    for number, asking in enumerate(centre.queues):
        for skill, least in asking.asks.items():
            asks[number, place[skill]] = least
    return ranks, levels, asks


def _plan(centre: Centre, of: NDArray[np.uint64]) -> Rows:
    """What is known beforehand, by time; at one moment people come before calls, and calls before closing."""
    parts = [*_fresh_calls(centre, of), _mails(centre, of)]
    parts += [_rows(at, world.OPENS, 0) for at, _ in centre.open or ()]
    parts += [_rows(at, world.CLOSES, 0) for _, at in centre.open or ()]
    there = [(number, *stretch) for number, person in enumerate(centre.people)
             for stretch in presence(centre, number, person, of)]  # fmt: skip
    who, came, went = np.array(there, dtype="f8").reshape(-1, 3).T
    parts += [_rows(came, world.COMES, who), _rows(went, world.GOES, who)]
    parts.append(_rows(math.inf, world.CALL, 0))
    plan = np.concatenate(parts)
    before = np.array([3, 3, 1, 0, 1, 4])  # CALL, MAIL, COMES, GOES, OPENS, CLOSES
    return plan[np.lexsort((before[plan["kind"]], plan["at"]))]


def _rows(at: Any, kind: int, who: Any, keys: Any = 0, known: Any = -1) -> Rows:
    rows = np.zeros(np.size(at), world.PLAN_ROW)
    rows["at"], rows["kind"], rows["who"], rows["key"], rows["known"] = at, kind, who, keys, known
    return rows


def _fresh_calls(centre: Centre, of: NDArray[np.uint64]) -> Iterator[Rows]:
    if centre.chasers:
        chasing = _in_columns(centre.chasers)
        # Beyond the queues' numbers stand those of chasers: one kind of moment for all calls.
        who = chasing[:, 1] + len(centre.queues)
        yield _rows(chasing[:, 0], world.CALL, who, chance.keys(97, np.arange(len(chasing))))
    if centre.trace is not None:
        trace = _in_columns(centre.trace)
        known = -1 if centre.hindsight is None else centre.hindsight.rows_of(trace[:, 0])
        yield _rows(trace[:, 0], world.CALL, trace[:, 1], chance.keys(99, np.arange(len(trace))), known)
        return
    for number, queue in enumerate(centre.queues):
        at, keys = arrivals(queue.rates_per_h, centre, number, of[chance.ARRIVAL])
        yield _rows(at, world.CALL, number, keys)


@lru_cache(maxsize=8)
def _in_columns(trace: tuple[tuple[float, int], ...]) -> NDArray[np.float64]:
    """Kept, since one day is run hundreds of times; never written to."""
    return np.array(trace, dtype="f8").reshape(-1, 2)


def _mails(centre: Centre, of: NDArray[np.uint64]) -> Rows:
    at, keys = arrivals(centre.mail.rates_per_h, centre, 98, of[chance.MAIL])
    return _rows(at, world.MAIL, 0, keys)


def arrivals(
    rates_per_h: tuple[float, ...], centre: Centre, kind: int, stream: np.uint64
) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    """Moments and keys of a Poisson stream whose rate changes by the interval.

    The n-th arrival of a stream of rate 1 is moved to where the expected number reaches its time; so more
    calls in one interval shift, but do not redraw, those after it.
    Source: Çınlar, Introduction to Stochastic Processes (1975), section 4.7.
    """
    expected = np.concatenate([[0.0], np.cumsum(np.array(rates_per_h) * centre.interval_s / 3600.0)])
    edges = np.arange(expected.size) * centre.interval_s
    most = int(expected[-1] + 10 * math.sqrt(expected[-1]) + 20)
    keys = chance.keys(kind, np.arange(most))
    reached = np.cumsum(-np.log(chance.uniforms(stream, keys)))
    within = reached < expected[-1]
    rising = np.concatenate([[True], np.diff(expected) > 0])
    # Where nobody calls the sum stands still: the later edge of such a stretch is where it goes on.
    last = np.concatenate([rising[1:], [True]])
    keep = rising | last
    at = np.interp(reached[within], expected[keep], edges[keep])
    return at[at < centre.horizon_s], keys[within][at < centre.horizon_s]


def presence(centre: Centre, number: int, person: Person, of: NDArray[np.uint64]) -> Stretches:
    """When the person is at the phone: as recorded, else as planned less unplanned absences."""
    if person.present is not None:
        return person.present
    planned = ((0.0, centre.horizon_s),) if person.planned is None else person.planned
    if centre.adherence == 1.0:
        return planned
    return tuple(_with_absences(centre, number, planned, of[chance.AWAY]))


def _with_absences(centre: Centre, number: int, planned: Stretches, stream: np.uint64) -> Stretches:
    here_s = centre.away_s * centre.adherence / (1.0 - centre.adherence)
    most = 2 * int(2 * sum(to - since for since, to in planned) / (here_s + centre.away_s) + 50)
    lengths = -np.log(chance.uniforms(stream, chance.keys(1000 + number, np.arange(most))))
    found: list[tuple[float, float]] = []
    turn = 0
    for since, to in planned:
        # Whether somebody is away when a stretch begins is as likely as at any other moment.
        away = math.exp(-lengths[turn]) < 1.0 - centre.adherence
        at, turn = since, turn + 1
        while at < to and turn < most:
            until = min(to, at + lengths[turn] * (centre.away_s if away else here_s))
            if not away:
                found.append((at, until))
            at, away, turn = until, not away, turn + 1
    return tuple(found)
