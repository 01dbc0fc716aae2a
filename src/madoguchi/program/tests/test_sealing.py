"""`madoguchi reseal` moves passwords to a new key, and gives up only what it is told to."""

import dataclasses
from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from madoguchi.domain.agents.actions import create_agent
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.people.models import Account
from madoguchi.domain.trunks.actions import create_trunk
from madoguchi.domain.trunks.models import Trunk
from madoguchi.program import sealing
from madoguchi.program.errors import ProgramError

pytestmark = [pytest.mark.action, pytest.mark.django_db]

Turn = Callable[..., None]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Turn:
    def turn(*names: str) -> None:
        secrets = dataclasses.replace(settings.INSTALLATION.secrets, sealing_key=",".join(names))
        monkeypatch.setattr(
            settings, "INSTALLATION", dataclasses.replace(settings.INSTALLATION, secrets=secrets)
        )

    return turn


OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def rows() -> tuple[int, int]:
    account = Account.objects.create(username="sato", name="佐藤")
    line = {"name": "線", "host": "x.example", "login": "u", "secret": "of the line"}
    return create_agent(account.pk, acting_user=None).pk, create_trunk(line, acting_user=None).pk


def test_after_resealing_the_old_key_is_not_needed_any_more(keys: Turn) -> None:
    keys(OLD)
    agent, trunk = rows()
    before = Agent.objects.get(pk=agent).sip_secret
    keys(NEW, OLD)
    assert "2 passwords" in next(sealing.reseal(forget=False))
    keys(NEW)
    assert Agent.objects.get(pk=agent).sip_secret == before
    assert Trunk.objects.get(pk=trunk).secret == "of the line"


def test_with_a_lost_key_nothing_is_touched_unless_told(keys: Turn) -> None:
    keys(OLD)
    agent, trunk = rows()
    keys(NEW)
    with pytest.raises(ProgramError, match=r"keys/secrets\.json"):
        sealing.reseal(forget=False)
    keys(OLD)
    assert Trunk.objects.get(pk=trunk).secret == "of the line"
    before = Agent.objects.get(pk=agent).sip_secret
    keys(NEW)
    told = list(sealing.reseal(forget=True))
    assert len(told) == 3
    assert len(Agent.objects.get(pk=agent).sip_secret) >= 24
    assert Agent.objects.get(pk=agent).sip_secret != before
    assert Trunk.objects.get(pk=trunk).secret == ""
    assert sealing.sealed_and_unreadable() == (1, 0)
