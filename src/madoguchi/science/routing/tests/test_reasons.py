"""Every condition gives its own reason, and the first that objects is the one told."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from madoguchi.science.routing.choose import choose, explain
from madoguchi.science.routing.model import Agent, QueueRule, Reason, Visit
from madoguchi.science.routing.tests.cast import (
    ENGLISH,
    NOW,
    SALES,
    SUPPORT,
    agent,
    ago,
    floors,
    later,
    visit,
)

pytestmark = pytest.mark.pure

WORST = {
    "queues": {SALES: 1},
    "receivable": False,
    "reserved": True,
    "idle": False,
    "reachable": False,
    "cooling_off_until": later(1),
    "skills": {},
}
HARDEST = visit(
    1,
    rule=QueueRule(SUPPORT, requires={ENGLISH: 3}),
    preferred_agent_id=99,
    preferred_until=later(5),
    tried={1: ago(1)},
)

# Each row mends one thing more than the row above, so that the next condition speaks.
LADDER: list[tuple[dict[str, object], dict[str, object], Reason | None]] = [
    ({}, {}, Reason.NOT_MEMBER),
    ({"queues": {SUPPORT: 1}}, {}, Reason.PRESENCE),
    ({"receivable": True}, {}, Reason.RESERVED),
    ({"reserved": False}, {}, Reason.BUSY),
    ({"idle": True}, {}, Reason.PHONE_UNREACHABLE),
    ({"reachable": True}, {}, Reason.COOLING_OFF),
    ({"cooling_off_until": NOW}, {}, Reason.SKILL_MISSING),
    ({"skills": {ENGLISH: 2}}, {}, Reason.SKILL_LEVEL),
    ({"skills": {ENGLISH: 3}}, {}, Reason.HELD_FOR_PREFERRED),
    ({}, {"preferred_until": NOW}, Reason.TRIED_LATELY),
    ({}, {"tried": {1: ago(30)}}, None),
]


@pytest.mark.parametrize("rung", range(len(LADDER)))
def test_the_first_condition_that_objects_is_told(rung: int) -> None:
    person = dict(WORST)
    call: dict[str, object] = {}
    for of_person, of_call, _ in LADDER[: rung + 1]:
        person |= of_person
        call |= of_call
    waiting = replace(HARDEST, **call)  # type: ignore[arg-type]
    assert explain(NOW, waiting, [agent(1, **person)]) == {1: LADDER[rung][2]}


def test_the_ladder_has_every_reason_but_outranked() -> None:
    assert {reason for _, _, reason in LADDER} == {*Reason, None} - {Reason.OUTRANKED}


def test_a_missing_skill_is_told_before_a_low_one() -> None:
    asks = visit(1, requires={10: 3, 20: 3})
    assert explain(NOW, asks, [agent(1, skills={10: 1})]) == {1: Reason.SKILL_MISSING}


def test_a_person_whom_an_earlier_call_got_is_outranked() -> None:
    decision = choose(NOW, [visit(1), visit(2)], [agent(1), agent(2, idle=False)])
    assert decision.rejections[0].counts == {Reason.BUSY: 1, Reason.OUTRANKED: 1}


def test_a_preferred_person_who_is_busy_counts_as_busy_and_the_others_as_held_back() -> None:
    held = visit(1, preferred_agent_id=1, preferred_until=later(5))
    decision = choose(NOW, [held], [agent(1, idle=False), agent(2), agent(3)])
    assert decision.rejections[0].counts == {Reason.BUSY: 1, Reason.HELD_FOR_PREFERRED: 2}


@settings(max_examples=300)
@given(floors)
def test_the_counts_are_exactly_what_each_person_is_told(floor: tuple[list[Visit], list[Agent]]) -> None:
    visits, agents = floor
    decision = choose(NOW, visits, agents)
    taken = {agent_id for pair in decision.pairs for agent_id in pair.agent_ids}
    for left in decision.rejections:
        told = Counter(explain(NOW, left.visit, agents, taken).values())
        assert told == left.counts
        assert sum(left.counts.values()) == len(agents)
