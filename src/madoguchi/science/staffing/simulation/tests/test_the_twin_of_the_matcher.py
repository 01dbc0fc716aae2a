"""The compiled matcher and `science.routing.choose` pair the same calls with the same people."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from madoguchi.science.routing.choose import choose
from madoguchi.science.routing.model import Agent, Visit
from madoguchi.science.routing.steps import asked, of_the_person
from madoguchi.science.routing.tests.cast import ENGLISH, NOW, PRINTER, any_floor
from madoguchi.science.staffing.simulation import rings
from madoguchi.science.staffing.simulation.building import build
from madoguchi.science.staffing.simulation.centre import Centre, Person, Queue
from madoguchi.science.staffing.simulation.distributions import constant
from madoguchi.science.staffing.simulation.world import IDLE, OFF, RINGING, WAITING, World

pytestmark = pytest.mark.pure

Pairs = set[tuple[int, int]]
SKILLS = (ENGLISH, PRINTER)


def by_the_matcher(visits: Sequence[Visit], agents: Sequence[Agent]) -> Pairs:
    return {(pair.visit.id, agent) for pair in choose(NOW, visits, agents).pairs for agent in pair.agent_ids}


def by_the_twin(visits: Sequence[Visit], agents: Sequence[Agent]) -> Pairs:
    people = sorted(agents, key=lambda agent: agent.id)
    calls = sorted(visits, key=lambda visit: visit.id)
    world = floor_of(calls, people)
    rings.one_round(world.sys)
    rows = world.arrays["agents"]
    return {
        (calls[int(rows[place]["call"])].id, agent.id)
        for place, agent in enumerate(people)
        if rows[place]["activity"] == RINGING
    }


def floor_of(calls: Sequence[Visit], people: Sequence[Agent]) -> World:
    """The world at NOW = 0 s: the free are idle, the calls in line."""
    kinds = sorted({visit.queue.id: visit.queue for visit in calls}.items())
    queues = tuple(Queue(order=rule.order, retry_after_s=rule.retry_after_s) for _, rule in kinds)
    place = {number: at for at, (number, _) in enumerate(kinds)}
    centre = Centre(
        queues=queues or (Queue(),),
        people=tuple(
            Person(
                queues={place[queue]: rank for queue, rank in agent.queues.items() if queue in place},
                skills={skill: agent.skills.get(skill, 0) for skill in SKILLS},
            )
            for agent in people
        ),
        horizon_s=1.0,
        pick_up=constant(10.0),
    )
    world = build(centre, 1)
    asks = np.full((len(calls) + 1, len(SKILLS)), -1, "i8")
    for row, visit in enumerate(calls):
        for skill, least in asked(visit).items():
            asks[row, SKILLS.index(skill)] = least
    world.place(asks=asks)
    world.sys[0]["skills"] = len(SKILLS)
    if not people:
        world.place(levels=np.zeros((1, len(SKILLS)), "i8"))
    seat(world, people)
    put_in_line(world, calls, people, place)
    return world


def seat(world: World, people: Sequence[Agent]) -> None:
    rows, s = world.arrays["agents"], world.sys[0]
    for place, agent in enumerate(people):
        rows[place]["idle_since"] = seconds(agent.idle_since)
        rows[place]["present"] = 1
        if agent.cooling_off_until is not None:
            rows[place]["cooling_until"] = seconds(agent.cooling_off_until)
        else:
            rows[place]["cooling_until"] = -np.inf
        free = of_the_person(dataclasses.replace(agent, cooling_off_until=None), NOW) is None
        rows[place]["activity"] = IDLE if free else OFF
        if free:
            world.arrays["idle"][s["idle"]] = place
            rows[place]["slot"] = s["idle"]
            s["idle"] += 1


def put_in_line(
    world: World, calls: Sequence[Visit], people: Sequence[Agent], queues: dict[int, int]
) -> None:
    s, rows, tries = world.sys[0], world.arrays["calls"], world.arrays["tries"]
    number = {agent.id: place for place, agent in enumerate(people)}
    for row, visit in zip(rows, calls, strict=False):
        row["queue"], row["asks"], row["priority"] = queues[visit.queue.id], s["calls"], visit.priority
        row["enqueued"], row["phase"], row["bears_until"] = seconds(visit.enqueued_at), WAITING, np.inf
        row["named"] = -1
        if visit.preferred_agent_id is not None and visit.preferred_until is not None:
            # A preferred person who is not here keeps the call from everybody else as well.
            row["named"] = number.get(visit.preferred_agent_id, len(people))
            row["held_until"] = seconds(visit.preferred_until)
        row["tries"] = -1
        for agent, at in visit.tried.items():
            if agent in number:
                tries[s["tries"]] = (seconds(at), number[agent], row["tries"])
                row["tries"] = s["tries"]
                s["tries"] += 1
        s["calls"] += 1
    order = sorted(range(len(calls)), key=lambda c: (-calls[c].priority, calls[c].enqueued_at, c))
    world.arrays["waiting"][: len(calls)] = order
    s["waiting"] = len(calls)


def seconds(moment: object) -> float:
    return (moment - NOW) / timedelta(seconds=1)  # type: ignore[operator,no-any-return]


def test_the_twin_makes_the_choices_of_the_matcher_on_thousands_of_random_floors() -> None:
    paired = 0
    for seed in range(3_000):
        visits, agents = any_floor(seed, seed % 12, seed % 9)
        expected = by_the_matcher(visits, agents)
        assert by_the_twin(visits, agents) == expected, seed
        paired += len(expected)
    assert paired > 3_000


def test_the_twin_agrees_on_a_crowded_floor() -> None:
    for seed in range(20):
        visits, agents = any_floor(seed, 60, 40)
        assert by_the_twin(visits, agents) == by_the_matcher(visits, agents), seed
