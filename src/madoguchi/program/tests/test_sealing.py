"""`madoguchi reseal` moves passwords to a new key, and gives up only what it is told to."""

import dataclasses
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet
from django.conf import settings

from madoguchi.domain.agents.actions import create_agent
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.people.models import Account
from madoguchi.domain.switchboard.sealing import SealBroken
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


SECRET = "JBSWY3DPEHPK3PXP"


def second_factors() -> Account:
    """Somebody with an application for codes, and codes for the day it is lost."""
    account = Account.objects.create(username="suzuki", name="鈴木")
    TOTP.activate(account, SECRET)
    RecoveryCodes.activate(account)
    return account


def secret_of(account: Account) -> str:
    """As a log-in reads it to check a code."""
    secret: str = decrypt(
        Authenticator.objects.get(user=account, type=Authenticator.Type.TOTP).data["secret"]
    )
    return secret


def test_what_makes_codes_is_not_readable_in_the_database_and_the_codes_hold(keys: Turn) -> None:
    keys(OLD)
    account = second_factors()
    stored = [str(row.data) for row in Authenticator.objects.filter(user=account)]
    assert all("gAAAA" in data for data in stored)
    assert not any(SECRET in data for data in stored)
    assert secret_of(account) == SECRET
    recovery = RecoveryCodes(Authenticator.objects.get(user=account, type=Authenticator.Type.RECOVERY_CODES))
    assert recovery.validate_code(recovery.get_unused_codes()[0])


def test_second_factors_move_to_the_new_key_with_the_passwords(keys: Turn) -> None:
    keys(OLD)
    account = second_factors()
    keys(NEW, OLD)
    assert "2 second factors are sealed with it too" in list(sealing.reseal(forget=False))
    keys(NEW)
    assert secret_of(account) == SECRET
    assert sealing.sealed_and_unreadable() == (2, 0)


def test_a_second_factor_whose_key_is_lost_is_given_up_only_when_told(keys: Turn) -> None:
    keys(OLD)
    account = second_factors()
    keys(NEW)
    assert sealing.sealed_and_unreadable() == (2, 2)
    with pytest.raises(SealBroken):
        secret_of(account)
    with pytest.raises(ProgramError):
        sealing.reseal(forget=False)
    assert any("2 second factors are gone" in said for said in sealing.reseal(forget=True))
    assert not Authenticator.objects.filter(user=account).exists()
