"""Who should be at work by the roster, and is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from madoguchi.domain.agents.states import Activity, Presence
from madoguchi.domain.calls.queries.floor import PersonNow
from madoguchi.domain.roster.queries import Standing

HOME = {Presence.GONE_HOME, Presence.DAY_OFF}


def late_since(person: PersonNow, plans: Mapping[int, Standing], at: datetime) -> datetime | None:
    """When the shift began for which somebody has not come; None: they are here, or not expected.

    Who went home after their shift had begun has left early, and is not missed.
    """
    plan = plans.get(person.agent.account_id)
    if plan is None or plan.today is None or person.agent.activity != Activity.IDLE:
        return None
    begin = plan.today.begin
    has_been_here = person.agent.presence_since >= begin
    if person.agent.presence not in HOME or has_been_here or not begin <= at < plan.today.end:
        return None
    return begin
