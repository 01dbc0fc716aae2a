"""Whose calls and recordings a person may see and hear."""

from __future__ import annotations

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Recording
from madoguchi.domain.calls.queries.history import Access
from madoguchi.domain.people.models import Account
from madoguchi.screens.parts.access import LISTENERS


def sees_all(account: Account) -> bool:
    """Whether this person works with other people's calls: leaders and quality checkers."""
    return account.role in LISTENERS


def access_of(account: Account) -> Access:
    """Everybody's calls, or one's own."""
    if sees_all(account):
        return Access(everything=True)
    return Access(Agent.objects.filter(account=account).values_list("pk", flat=True).first())


def may_hear(account: Account, recording: Recording) -> bool:
    """Leaders and quality checkers hear all, an operator what they said themselves."""
    return sees_all(account) or (recording.agent is not None and recording.agent.account_id == account.pk)
