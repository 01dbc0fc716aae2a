"""The floor that the routing tests play on."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from madoguchi.science.routing.model import Agent, Order, QueueRule, Visit

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
SALES, SUPPORT = 1, 2
ENGLISH, PRINTER = 10, 20


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def agent(number: int, **more: object) -> Agent:
    """A free person of SUPPORT; the lower the number, the longer idle."""
    values: dict[str, object] = {"queues": {SUPPORT: 1}, "idle_since": ago(1000 - number), **more}
    return Agent(number, **values)  # type: ignore[arg-type]


def visit(number: int, *, rule: QueueRule | None = None, **more: object) -> Visit:
    """A call waiting in SUPPORT; the lower the number, the longer."""
    values: dict[str, object] = {"priority": 0, "enqueued_at": ago(500 - number), **more}
    return Visit(number, rule or QueueRule(SUPPORT), **values)  # type: ignore[arg-type]


def any_floor(seed: int, people: int, calls: int) -> tuple[list[Visit], list[Agent]]:
    """People and waiting calls of three queues, in any order, with all that can stand in the way."""
    chance = random.Random(seed)

    def levels() -> dict[int, int]:
        return {skill: chance.randint(1, 5) for skill in (ENGLISH, PRINTER) if chance.random() < 0.5}

    def mostly() -> bool:
        return chance.random() < 0.8

    rules = [QueueRule(n, chance.choice(list(Order)), levels() if mostly() else {}) for n in (1, 2, 3)]
    agents = [
        Agent(
            n,
            queues={queue: chance.randint(1, 3) for queue in (1, 2, 3) if mostly()},
            idle_since=ago(chance.randint(0, 5)),
            skills=levels() if mostly() else {ENGLISH: 5, PRINTER: 5},
            receivable=mostly(),
            idle=mostly(),
            reachable=mostly(),
            reserved=not mostly(),
            cooling_off_until=None if mostly() else later(chance.randint(-120, 120)),
        )
        for n in range(1, people + 1)
    ]
    visits = [
        Visit(
            100 + n,
            chance.choice(rules),
            chance.randint(0, 2),
            ago(chance.randint(0, 5)),
            requires={} if mostly() else levels(),
            preferred_agent_id=None if mostly() else chance.randint(1, 8),
            preferred_until=later(chance.randint(-120, 120)),
            tried={chance.randint(1, 8): ago(chance.randint(0, 90)) for _ in range(chance.randint(0, 3))},
        )
        for n in range(calls)
    ]
    return chance.sample(visits, calls), chance.sample(agents, people)


# By seed and size, not row by row: a thousand floors a second; size shrinks, and the seed finds it again.
floors = st.builds(any_floor, st.integers(0, 2**32), st.integers(0, 9), st.integers(0, 9))
