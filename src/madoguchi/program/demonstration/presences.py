"""What the demonstration's people said of themselves on past days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from random import Random

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Presence
from madoguchi.domain.ledger.actions import step
from madoguchi.domain.ledger.models import Transition
from madoguchi.program.demonstration.day import LUNCH, Operator


def presences(
    staff: Iterable[Operator], agents: Mapping[str, Agent], chance: Random, *, before: datetime
) -> list[Transition]:
    """A day of each: there, at lunch (a call goes on into it), there again, gone home."""
    steps = []
    for one in staff:
        agent = agents[one.name]
        back = one.lunch + LUNCH + timedelta(seconds=chance.uniform(-60, 120))
        said = [
            (one.came, Presence.AVAILABLE),
            (one.lunch, Presence.BREAK),
            (back, Presence.AVAILABLE),
            (max(one.leaves, one.free) + timedelta(seconds=chance.uniform(5, 90)), Presence.GONE_HOME),
        ]
        old = Presence.GONE_HOME
        for at, presence in said:
            if at < before:
                by = agent.account_id
                steps.append(step("presence", agent.pk, old, presence, event="chose", at=at, by=by, cause={}))
                old = presence
    return steps
