"""The centre as the plan took it to be, and the cure of one cause: what a lost call is measured against."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.routing.model import Order
from madoguchi.science.staffing.simulation.centre import Centre, Mail, Person, Queue, Stretches
from madoguchi.science.staffing.simulation.distributions import constant


class Cause(StrEnum):
    """Why calls are lost. The codes are stable: they are stored and shown."""

    LINES = "lines"  # no free line
    PLANNED_STAFF = "planned_staff"  # fewer people planned than the fresh calls need
    ADHERENCE = "adherence"  # planned, but not at the phone
    WRAP_UP = "wrap_up"  # longer than the plan took it to be
    CASEWORK = "casework"  # 調査・手配, call backs, mail, hiding, before or instead of the phone
    RING_NO_ANSWER = "ring_no_answer"  # rings let go, and the pause after
    SKILL_ROUTING = "skill_routing"  # somebody is free, but may not take this call
    CHASERS = "chasers"  # calls that only ask what became of the last one (催促)
    LEADERS = "leaders"  # operators wait, customer on the line, for a leader who is busy


@dataclass(frozen=True, slots=True)
class Norm:
    """What a good plan takes for granted; only what falls short of it is a cause."""

    wrap_up_s: float = 30.0
    """Mean wrap-up up to which it is part of the work."""
    staff: tuple[int, ...] | None = None
    """People needed in each interval; None: by the square-root rule from the fresh calls."""
    volume: float = 1.0
    """Fresh calls that the plan should have expected ÷ those that came: the day's number is chance too."""
    beta: float = 1.0
    """Of the square-root rule: people = R + β·√R for R Erlang; 1 answers some 95 % and more at once or soon.
    Source: Halfin, Whitt, Oper. Res. 29 (1981); Garnett, Mandelbaum, Reiman, MSOM 4 (2002)."""


def cured(centre: Centre, causes: Collection[Cause], norm: Norm) -> Centre:
    """The centre as it would be without `causes`. What is at its norm already stays as it is."""
    for cause in Cause:
        if cause in causes:
            centre = _CURES[cause](centre, norm)
    return centre


def needed(centre: Centre, norm: Norm) -> NDArray[np.int64]:
    """People needed in each interval for the fresh calls, handled as the norm has it."""
    if norm.staff is not None:
        return np.array(norm.staff, dtype=np.int64)
    intervals = math.ceil(centre.horizon_s / centre.interval_s)
    load = np.zeros(intervals)
    for number, queue in enumerate(centre.queues):
        calls = _calls_by_interval(centre, number, queue, intervals)
        load += norm.volume * calls * _work_s(queue, norm, centre.pick_up.mean_s) / centre.interval_s
    return np.ceil(load + norm.beta * np.sqrt(load)).astype(np.int64)


def planned(centre: Centre) -> NDArray[np.float64]:
    """People planned to take calls in each interval, on average over it."""
    intervals = math.ceil(centre.horizon_s / centre.interval_s)
    edges = np.arange(intervals + 1) * centre.interval_s
    there = np.zeros(intervals)
    for person in centre.people:
        if person.queues:
            for since, to in person.planned or ((0.0, centre.horizon_s),):
                there += np.clip(np.minimum(edges[1:], to) - np.maximum(edges[:-1], since), 0.0, None)
    return there / centre.interval_s


def _calls_by_interval(centre: Centre, number: int, queue: Queue, intervals: int) -> NDArray[np.float64]:
    if centre.trace is not None:
        at = [moment for moment, kind in centre.trace if kind == number]
        edges = np.arange(intervals + 1) * centre.interval_s
        return np.histogram(at, edges)[0].astype(float)
    found = np.zeros(intervals)
    rates = np.array(queue.rates_per_h[:intervals])
    found[: rates.size] = rates * centre.interval_s / 3600.0
    return found


def _work_s(queue: Queue, norm: Norm, ringing_s: float) -> float:
    """Seconds of people's time that one fresh call brings, on average, ringing and returns included."""
    one = ringing_s + queue.talk.mean_s + queue.consult * queue.consulting.mean_s
    one += min(norm.wrap_up_s, queue.wrap_up.mean_s)
    comes = (1.0 - queue.self_served) * (1.0 - queue.outside)
    return comes * one / max(1.0 - queue.returns, 0.05)


def _more_lines(centre: Centre, norm: Norm) -> Centre:
    return replace(centre, lines=-1)


def _more_staff(centre: Centre, norm: Norm) -> Centre:
    """As many more in each interval as the plan falls short of what is needed, who can do everything.

    They are away, and let the telephone ring, as often as the others: those are causes of their own.
    """
    short = np.maximum(0, np.ceil(needed(centre, norm) - planned(centre) - 1e-9)).astype(int)
    everywhere = dict.fromkeys(range(len(centre.queues)), 1)
    skills = {skill: level for queue in centre.queues for skill, level in queue.asks.items()}
    more = tuple(
        Person(everywhere, skills, shift, miss=_mean("miss", centre), wear=_mean("wear", centre))
        for shift in (
            _stretches(short > number, centre.interval_s) for number in range(int(short.max(initial=0)))
        )
    )
    return replace(centre, people=centre.people + more)


def _mean(habit: str, centre: Centre) -> float:
    answering = [float(getattr(person, habit)) for person in centre.people if person.queues]
    return sum(answering) / len(answering) if answering else 0.0


def _stretches(within: NDArray[np.bool_], interval_s: float) -> Stretches:
    steps = np.diff(np.concatenate([[0], within.astype(int), [0]]))
    return tuple(
        (float(since) * interval_s, float(to) * interval_s)
        for since, to in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True)
    )


def _as_planned(centre: Centre, norm: Norm) -> Centre:
    people = tuple(
        person if person.present is None else replace(person, present=None) for person in centre.people
    )
    return replace(centre, adherence=1.0, people=people)


def _brief_wrap_up(centre: Centre, norm: Norm) -> Centre:
    def brief(queue: Queue) -> Queue:
        mean_s = queue.wrap_up.mean_s
        if mean_s <= norm.wrap_up_s:
            return queue
        return replace(queue, wrap_up=queue.wrap_up.scaled(norm.wrap_up_s / mean_s))

    return _each_queue(centre, brief)


def _no_casework(centre: Centre, norm: Norm) -> Centre:
    nothing = constant(0.0)

    def without(queue: Queue) -> Queue:
        after = replace(queue.aftermath, casework=nothing, first=0.0, calling_back=nothing)
        return replace(queue, aftermath=after) if queue.aftermath.share > 0 else queue

    people = tuple(replace(person, wear=0.0) for person in centre.people)
    return replace(_each_queue(centre, without), people=people, mail=Mail())


def _every_ring_answered(centre: Centre, norm: Norm) -> Centre:
    return replace(centre, people=tuple(replace(person, miss=0.0) for person in centre.people))


def _everybody_can(centre: Centre, norm: Norm) -> Centre:
    """Whoever takes calls takes all: every queue, every skill; nobody is waited for by name."""
    everywhere = dict.fromkeys(range(len(centre.queues)), 1)
    skills = {skill: level for queue in centre.queues for skill, level in queue.asks.items()}

    def able(person: Person) -> Person:
        if not person.queues:
            return person
        levels = {skill: max(least, person.skills.get(skill, 0)) for skill, least in skills.items()}
        return replace(person, queues=everywhere, skills={**person.skills, **levels})

    def anybody(queue: Queue) -> Queue:
        order = Order.LONGEST_IDLE if queue.order is Order.BEST_SKILLED else queue.order
        return replace(queue, order=order, aftermath=replace(queue.aftermath, named=0.0))

    return _each_queue(replace(centre, people=tuple(able(person) for person in centre.people)), anybody)


def _no_chasers(centre: Centre, norm: Norm) -> Centre:
    centre = replace(centre, chasers=())
    return _each_queue(centre, lambda queue: replace(queue, aftermath=replace(queue.aftermath, chase=0.0)))


def _leaders_there(centre: Centre, norm: Norm) -> Centre:
    asked = any(queue.consult > 0 for queue in centre.queues)
    return replace(centre, leaders_always=True) if asked else centre


def _each_queue(centre: Centre, change: Callable[[Queue], Queue]) -> Centre:
    return replace(centre, queues=tuple(change(queue) for queue in centre.queues))


_CURES: dict[Cause, Callable[[Centre, Norm], Centre]] = {
    Cause.LINES: _more_lines,
    Cause.PLANNED_STAFF: _more_staff,
    Cause.ADHERENCE: _as_planned,
    Cause.WRAP_UP: _brief_wrap_up,
    Cause.CASEWORK: _no_casework,
    Cause.RING_NO_ANSWER: _every_ring_answered,
    Cause.SKILL_ROUTING: _everybody_can,
    Cause.CHASERS: _no_chasers,
    Cause.LEADERS: _leaders_there,
}
