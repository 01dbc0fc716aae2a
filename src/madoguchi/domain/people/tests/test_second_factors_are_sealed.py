"""Second factors of an older version are sealed by the upgrade, and the way back opens them."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from madoguchi.domain.people.models import Account

pytestmark = pytest.mark.action

BEFORE = [("people", "0003_allowances")]


@pytest.mark.django_db(transaction=True)
def test_the_upgrade_seals_them_and_the_way_back_opens_them() -> None:
    account = Account.objects.create(username="sato", name="佐藤")
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        Authenticator.objects.create(user=account, type="totp", data={"secret": "JBSWY3DP"})
        Authenticator.objects.create(
            user=account, type="recovery_codes", data={"seed": "abc", "used_mask": 1}
        )
        Authenticator.objects.create(user=account, type="webauthn", data={"name": "key", "credential": {}})
        MigrationExecutor(connection).migrate(newest)
        stored = {row.type: row.data for row in Authenticator.objects.all()}
        assert decrypt(stored["totp"]["secret"]) == "JBSWY3DP" != stored["totp"]["secret"]
        assert decrypt(stored["recovery_codes"]["seed"]) == "abc"
        assert stored["recovery_codes"]["used_mask"] == 1
        assert stored["webauthn"] == {"name": "key", "credential": {}}
        MigrationExecutor(connection).migrate(BEFORE)
        assert Authenticator.objects.get(type="totp").data == {"secret": "JBSWY3DP"}
    finally:
        MigrationExecutor(connection).migrate(newest)
