"""Passwords lie sealed in the database, open with every key we have, and say so when the key is lost."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from madoguchi.domain.people.models import Account
from madoguchi.domain.switchboard import sealing
from madoguchi.domain.trunks import actions
from madoguchi.domain.trunks.models import Trunk

pytestmark = [pytest.mark.action]

BEFORE = [("agents", "0001_initial"), ("trunks", "0001_initial")]
LINE = {"name": "ひかり電話", "host": "sip.example.jp", "login": "0312345678", "secret": "s3cret-s3cret"}


@contextmanager
def keys(*names: str) -> Iterator[None]:
    """Other keys for the installation."""
    real = settings.INSTALLATION
    secrets = dataclasses.replace(real.secrets, sealing_key=",".join(names))
    settings.INSTALLATION = dataclasses.replace(real, secrets=secrets)
    try:
        yield
    finally:
        settings.INSTALLATION = real


@pytest.mark.django_db
def test_the_database_holds_no_password_in_clear() -> None:
    trunk = actions.create_trunk(LINE, acting_user=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(t)::text FROM trunks_trunk t")
        (row,) = cursor.fetchone()
    assert "s3cret" not in row
    assert Trunk.objects.get(pk=trunk.pk).secret == "s3cret-s3cret"


def test_two_sealed_texts_cannot_be_compared() -> None:
    assert sealing.seal("same") != sealing.seal("same")
    assert sealing.seal("") == sealing.opened("") == ""


def test_an_older_key_still_opens_and_the_newest_one_seals() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with keys(old):
        sealed = sealing.seal("パスワード; 1")
    with keys(new, old):
        assert sealing.opened(sealed) == "パスワード; 1"
        sealed_anew = sealing.seal("x")
    with keys(new):
        assert sealing.opened(sealed_anew) == "x"
        assert not sealing.opens(sealed)


@pytest.mark.django_db
def test_a_lost_key_is_told_with_the_way_out_and_a_new_password_can_be_typed() -> None:
    trunk = actions.create_trunk(LINE, acting_user=None)
    with keys(Fernet.generate_key().decode()):
        trunk.refresh_from_db()
        with pytest.raises(sealing.SealBroken) as broken:
            _ = trunk.secret
        assert "keys/secrets.json" in broken.value.shown()
        assert "madoguchi reseal --forget" in broken.value.shown()
        actions.change_trunk(trunk.pk, {"port": 5070}, acting_user=None)
        changed = actions.change_trunk(trunk.pk, {"secret": "typed-anew"}, acting_user=None)
        assert (changed.port, changed.secret) == (5070, "typed-anew")


@pytest.mark.django_db(transaction=True)
def test_passwords_of_an_older_version_are_sealed_and_the_way_back_opens_them() -> None:
    account = Account.objects.create(username="sato", name="佐藤")
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate(BEFORE)
        old = MigrationExecutor(connection).loader.project_state(BEFORE).apps
        at = "2026-11-01T00:00:00Z"
        times = {"presence_since": at, "activity_since": at, "idle_since": at}
        old.get_model("agents", "Agent").objects.create(
            account_id=account.pk, endpoint="op-1", sip_secret="of the telephone", **times
        )
        old.get_model("trunks", "Trunk").objects.create(
            name="線", endpoint="line-1", host="x", secret="a;b c"
        )
        old.get_model("trunks", "Trunk").objects.create(name="無", endpoint="line-2", host="x", secret="")
        MigrationExecutor(connection).migrate(newest)
        assert [t.secret for t in Trunk.objects.order_by("pk")] == ["a;b c", ""]
        assert _column("agents_agent", "sip_secret_sealed")[0].startswith("gAAAA")
        MigrationExecutor(connection).migrate(BEFORE)
        assert _column("trunks_trunk", "secret") == ["a;b c", ""]
        assert _column("agents_agent", "sip_secret") == ["of the telephone"]
    finally:
        MigrationExecutor(connection).migrate(newest)


def _column(table: str, name: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table} ORDER BY id")
        return [row[0] for row in cursor.fetchall()]
