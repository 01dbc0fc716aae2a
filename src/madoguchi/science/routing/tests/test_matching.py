import pytest

from madoguchi.science.routing.choose import choose, positions
from madoguchi.science.routing.model import Decision, Order, QueueRule
from madoguchi.science.routing.tests.cast import (
    ENGLISH,
    NOW,
    PRINTER,
    SALES,
    SUPPORT,
    agent,
    ago,
    later,
    visit,
)

pytestmark = pytest.mark.pure


def pairs(decision: Decision) -> list[tuple[int, tuple[int, ...]]]:
    return [(pair.visit.id, pair.agent_ids) for pair in decision.pairs]


def test_the_first_caller_gets_who_waited_longest_for_a_call() -> None:
    assert pairs(choose(NOW, [visit(2), visit(1)], [agent(2), agent(1)])) == [(1, (1,)), (2, (2,))]


def test_neither_place_nor_idle_time_is_read_off_an_id() -> None:
    first, second = visit(9, enqueued_at=ago(60)), visit(8, enqueued_at=ago(50))
    longest, shortest = agent(7, idle_since=ago(40)), agent(6, idle_since=ago(30))
    assert pairs(choose(NOW, [second, first], [shortest, longest])) == [(9, (7,)), (8, (6,))]


def test_priority_goes_before_the_place_in_the_queue() -> None:
    assert pairs(choose(NOW, [visit(1), visit(2, priority=5)], [agent(1)])) == [(2, (1,))]


def test_places_count_over_all_queues_that_share_people() -> None:
    both = agent(1, queues={SALES: 1, SUPPORT: 1})
    sales = visit(1, rule=QueueRule(SALES))
    assert pairs(choose(NOW, [visit(2), sales], [both])) == [(1, (1,))]


def test_rank_goes_before_idle_time() -> None:
    second = agent(1, queues={SUPPORT: 2})
    assert pairs(choose(NOW, [visit(1)], [second, agent(2)])) == [(1, (2,))]


def test_the_best_skilled_is_asked_first_where_the_queue_says_so() -> None:
    rule = QueueRule(SUPPORT, Order.BEST_SKILLED, {PRINTER: 1})
    people = [agent(1, skills={PRINTER: 2}), agent(2, skills={PRINTER: 5}), agent(3, skills={PRINTER: 5})]
    assert pairs(choose(NOW, [visit(1, rule=rule)], people)) == [(1, (2,))]


def test_what_the_call_asks_is_added_to_what_the_queue_asks() -> None:
    rule = QueueRule(SUPPORT, requires={PRINTER: 3})
    people = [agent(1, skills={PRINTER: 5}), agent(2, skills={PRINTER: 3, ENGLISH: 2})]
    asks = visit(1, rule=rule, requires={ENGLISH: 2, PRINTER: 1})
    assert pairs(choose(NOW, [asks], people)) == [(1, (2,))]


def test_the_higher_of_two_levels_asked_counts() -> None:
    rule = QueueRule(SUPPORT, requires={PRINTER: 3})
    assert (
        pairs(choose(NOW, [visit(1, rule=rule, requires={PRINTER: 1})], [agent(1, skills={PRINTER: 2})]))
        == []
    )
    assert (
        pairs(choose(NOW, [visit(1, rule=rule, requires={PRINTER: 4})], [agent(1, skills={PRINTER: 3})]))
        == []
    )


def test_a_call_that_nobody_can_take_does_not_stop_the_next() -> None:
    asks = visit(1, requires={ENGLISH: 1})
    decision = choose(NOW, [asks, visit(2)], [agent(1)])
    assert pairs(decision) == [(2, (1,))]
    assert [left.visit.id for left in decision.rejections] == [1]


def test_ring_all_rings_at_everybody_free_for_the_first_caller_only() -> None:
    rule = QueueRule(SUPPORT, Order.RING_ALL)
    people = [agent(1), agent(2, idle=False), agent(3)]
    decision = choose(NOW, [visit(2, rule=rule), visit(1, rule=rule)], people)
    assert pairs(decision) == [(1, (1, 3))]


def test_ring_all_leaves_alone_who_has_just_been_tried() -> None:
    rule = QueueRule(SUPPORT, Order.RING_ALL)
    decision = choose(NOW, [visit(1, rule=rule, tried={1: ago(5)})], [agent(1), agent(2)])
    assert pairs(decision) == [(1, (2,))]


def test_a_call_that_was_missed_goes_to_the_next_and_keeps_its_place() -> None:
    missed = visit(1, tried={1: ago(1)})
    assert pairs(choose(NOW, [visit(2), missed], [agent(1), agent(2)])) == [(1, (2,)), (2, (1,))]


def test_a_call_goes_round_everybody_before_it_comes_back() -> None:
    people = [agent(1), agent(2), agent(3)]
    assert pairs(choose(NOW, [visit(1, tried={1: ago(90), 2: ago(60)})], people)) == [(1, (3,))]
    assert pairs(choose(NOW, [visit(1, tried={1: ago(60), 2: ago(90), 3: ago(40)})], people)) == [(1, (2,))]


def test_a_lost_line_is_kept_for_the_one_who_had_it() -> None:
    lost = visit(1, preferred_agent_id=2, preferred_until=later(10))
    away = choose(NOW, [lost], [agent(1), agent(2, reachable=False)])
    assert pairs(away) == []
    assert away.look_again_at == later(10)
    assert pairs(choose(NOW, [lost], [agent(1), agent(2)])) == [(1, (2,))]


def test_the_one_who_had_the_line_needs_neither_membership_nor_skill_to_have_it_back() -> None:
    lost = visit(1, preferred_agent_id=2, preferred_until=later(10), requires={ENGLISH: 5})
    assert pairs(choose(NOW, [lost], [agent(2, queues={SALES: 1})])) == [(1, (2,))]


def test_after_the_time_for_the_preferred_anybody_may_take_it() -> None:
    lost = visit(1, preferred_agent_id=2, preferred_until=NOW)
    assert pairs(choose(NOW, [lost], [agent(1), agent(2, queues={})])) == [(1, (1,))]


def test_it_says_when_time_alone_can_change_the_answer() -> None:
    people = [agent(1, cooling_off_until=later(40)), agent(2)]
    waiting = visit(1, tried={2: ago(10)})
    assert choose(NOW, [waiting], people).look_again_at == later(20)
    assert choose(NOW, [visit(1)], [agent(1, idle=False)]).look_again_at is None
    assert choose(NOW, [visit(1)], people).look_again_at is None


def test_positions_are_counted_in_each_queue_by_the_order_of_service() -> None:
    sales = QueueRule(SALES)
    waiting = [visit(1), visit(2), visit(3, priority=1), visit(4, rule=sales)]
    assert positions(waiting) == {3: 1, 1: 2, 2: 3, 4: 1}


def test_nobody_and_nothing_make_no_pair() -> None:
    assert choose(NOW, [], []) == Decision((), (), None)
    assert pairs(choose(NOW, [], [agent(1)])) == []
    assert choose(NOW, [visit(1)], []).rejections[0].counts == {}
