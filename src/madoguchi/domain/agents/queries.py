"""Reads of people at the phone."""

from datetime import datetime

from django.db.models import Max

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.ledger import kept


def at_the_phone(agent_id: int) -> Agent:
    """A person's telephone and account, which do not change within a call; nothing else of them is loaded.

    Raises Agent.DoesNotExist.
    """
    everybody = _everybody() if kept.is_on() else {}
    return everybody.get(agent_id) or _SLIM.get(pk=agent_id)


def newest_beat() -> datetime | None:
    """When any desk was last heard of: what the others' silence is measured against (`desk_is_silent`)."""
    newest: datetime | None = Agent.objects.aggregate(newest=Max("desk_beat_at"))["newest"]
    return newest


_SLIM = Agent.objects.only("endpoint", "phone", "account_id")


@kept.kept
def _everybody() -> dict[int, Agent]:
    # All at once: each is rung only now and then.
    return {agent.pk: agent for agent in _SLIM.all()}
