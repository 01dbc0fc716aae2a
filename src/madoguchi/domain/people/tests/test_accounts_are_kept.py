"""Accounts are made with a random password, never deleted, and the last administrator stays."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError

from madoguchi.domain.people import actions
from madoguchi.domain.people.errors import LastAdministrator, NotYourself
from madoguchi.domain.people.models import Account, Role

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def taken_on(username: str, role: str = Role.OPERATOR) -> tuple[Account, str]:
    return actions.create_account({"username": username, "name": "佐藤 恵", "role": role}, acting_user=1)


def test_the_first_password_lets_them_in_until_it_is_made_anew() -> None:
    account, first = taken_on("sato")
    assert authenticate(username="sato", password=first) == account
    second = actions.reset_password(account.pk, acting_user=1)
    assert authenticate(username="sato", password=first) is None
    assert authenticate(username="sato", password=second) == account


def test_a_log_in_name_is_given_once() -> None:
    taken_on("sato")
    with pytest.raises(ValidationError) as refused:
        taken_on("sato")
    assert "username" in refused.value.message_dict


def test_whoever_leaves_cannot_log_in_but_stays_in_history() -> None:
    account, password = taken_on("sato")
    actions.deactivate(account.pk, acting_user=1)
    assert authenticate(username="sato", password=password) is None
    assert Account.objects.filter(pk=account.pk).exists()
    actions.reactivate(account.pk, acting_user=1)
    assert authenticate(username="sato", password=password) == account


def test_the_last_administrator_can_be_neither_demoted_nor_removed() -> None:
    only, _password = taken_on("admin", Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        actions.change_account(only.pk, {"role": Role.OPERATOR}, acting_user=99)
    with pytest.raises(LastAdministrator):
        actions.deactivate(only.pk, acting_user=99)
    other, _password = taken_on("admin2", Role.ADMINISTRATOR)
    with pytest.raises(NotYourself):
        actions.deactivate(only.pk, acting_user=only.pk)
    actions.deactivate(only.pk, acting_user=other.pk)
    assert not Account.objects.get(pk=only.pk).is_active
