"""Reads of people at the phone."""

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.ledger.kept import kept


@kept
def at_the_phone(agent_id: int) -> Agent:
    """A person's telephone and account, which do not change within a call; nothing else of them is loaded.

    Raises Agent.DoesNotExist.
    """
    return Agent.objects.only("endpoint", "phone", "account_id").get(pk=agent_id)
