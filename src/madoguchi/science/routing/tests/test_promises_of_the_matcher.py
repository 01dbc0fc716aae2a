"""What must hold on any floor whatever."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.routing.choose import choose, explain
from madoguchi.science.routing.model import Agent, Order, QueueRule, Visit
from madoguchi.science.routing.steps import objection
from madoguchi.science.routing.tests.cast import NOW, ago, floors

pytestmark = pytest.mark.pure

Floor = tuple[list[Visit], list[Agent]]


@settings(max_examples=300)
@given(floors)
def test_nobody_is_offered_two_calls(floor: Floor) -> None:
    offered = [agent_id for pair in choose(NOW, *floor).pairs for agent_id in pair.agent_ids]
    assert len(offered) == len(set(offered))


@settings(max_examples=300)
@given(floors)
def test_nobody_is_offered_a_call_against_an_objection(floor: Floor) -> None:
    by_id = {agent.id: agent for agent in floor[1]}
    for pair in choose(NOW, *floor).pairs:
        assert pair.agent_ids
        for agent_id in pair.agent_ids:
            assert objection(by_id[agent_id], pair.visit, NOW) is None


@settings(max_examples=300)
@given(floors)
def test_every_call_is_matched_or_told_why_not_and_never_both(floor: Floor) -> None:
    decision = choose(NOW, *floor)
    answered = [pair.visit.id for pair in decision.pairs] + [left.visit.id for left in decision.rejections]
    assert sorted(answered) == sorted(visit.id for visit in floor[0])


@settings(max_examples=300)
@given(floors)
def test_no_call_waits_while_somebody_who_may_take_it_is_free(floor: Floor) -> None:
    decision = choose(NOW, *floor)
    taken = {agent_id for pair in decision.pairs for agent_id in pair.agent_ids}
    for left in decision.rejections:
        assert None not in explain(NOW, left.visit, floor[1], taken).values()


@settings(max_examples=300)
@given(floors)
def test_no_later_call_gets_a_person_whom_an_earlier_one_still_needs(floor: Floor) -> None:
    decision = choose(NOW, *floor)
    by_id = {agent.id: agent for agent in floor[1]}
    for left in decision.rejections:
        for pair in decision.pairs:
            earlier, later = left.visit, pair.visit
            if (-earlier.priority, earlier.enqueued_at) < (-later.priority, later.enqueued_at):
                for agent_id in pair.agent_ids:
                    assert objection(by_id[agent_id], earlier, NOW) is not None


@settings(max_examples=300)
@given(floors)
def test_a_call_that_rings_all_gets_everybody_who_may_take_it(floor: Floor) -> None:
    taken: set[int] = set()
    for pair in choose(NOW, *floor).pairs:
        if pair.visit.queue.order is Order.RING_ALL and len(pair.agent_ids) > 1:
            told = explain(NOW, pair.visit, floor[1], taken)
            assert set(pair.agent_ids) == {agent_id for agent_id, reason in told.items() if reason is None}
        taken.update(pair.agent_ids)


@settings(max_examples=300)
@given(floors, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_changes_nothing(floor: Floor, chance: random.Random) -> None:
    visits, agents = list(floor[0]), list(floor[1])
    before = choose(NOW, visits, agents)
    chance.shuffle(visits)
    chance.shuffle(agents)
    assert choose(NOW, visits, agents) == before


@settings(max_examples=300)
@given(floors)
def test_looking_again_before_the_moment_named_gives_the_same_answer(floor: Floor) -> None:
    # Matched people are gone by then: only what was left over is looked at.
    decision = choose(NOW, *floor)
    taken = {agent_id for pair in decision.pairs for agent_id in pair.agent_ids}
    left = [one.visit for one in decision.rejections]
    agents = [replace(agent, reserved=True) if agent.id in taken else agent for agent in floor[1]]
    again = choose(NOW, left, agents)
    assert again.pairs == ()
    if again.look_again_at is not None:
        half_way = NOW + (again.look_again_at - NOW) / 2
        assert choose(half_way, left, agents) == again


def big_floor(people: int, calls: int, busy_share: float) -> Floor:
    chance = random.Random(7)
    rules = [
        QueueRule(n, chance.choice([Order.LONGEST_IDLE, Order.BEST_SKILLED]), {n % 3: 2}) for n in range(10)
    ]
    agents = [
        Agent(
            n,
            {q: chance.randint(1, 2) for q in chance.sample(range(10), 3)},
            ago(chance.random() * 900),
            {skill: chance.randint(1, 5) for skill in range(3)},
            idle=chance.random() >= busy_share,
        )
        for n in range(people)
    ]
    visits = [
        Visit(
            n,
            chance.choice(rules),
            chance.randint(0, 1),
            ago(chance.random() * 300),
            tried={n % people: ago(3)},
        )
        for n in range(calls)
    ]
    return visits, agents


@pytest.mark.parametrize("busy_share", [0.0, 0.95, 1.0])
def test_a_round_with_500_people_and_200_calls_takes_milliseconds(busy_share: float) -> None:
    floor = big_floor(500, 200, busy_share)
    took_ms = []
    for _ in range(5):
        begun = time.perf_counter()
        choose(NOW, *floor)
        took_ms.append((time.perf_counter() - begun) * 1000)
    # A few milliseconds on a quiet machine; the limit leaves room for a busy one and still fails a product.
    assert min(took_ms) < 25
