"""Preparing a database: filled once, its log-ins never lost, and closed when the centre opens."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.config.installation import Installation
from madoguchi.control import configuring
from madoguchi.domain.people.models import Account
from madoguchi.program import demonstration, preparing, upgrading

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.setattr(configuring, "write", lambda: None)
    monkeypatch.setattr(upgrading, "upgrade", lambda _installation, _say: 0)
    monkeypatch.setattr(demonstration, "seed", _a_small_demonstration)
    # A server's database: the embedded one's creation is not this test's matter.
    installation = dataclasses.replace(settings.INSTALLATION, database_url="postgresql://elsewhere/it")
    yield installation
    _kept(installation).unlink(missing_ok=True)


def _a_small_demonstration() -> list[tuple[str, str, str]]:
    account = Account.objects.create(username="sato", name="佐藤 恵", demonstration=True)
    account.set_password("first-password")
    account.save()
    return [("operator", "sato", "first-password")]


def _kept(installation: Installation) -> Path:
    return installation.home / "keys" / "demonstration.json"


def _prepare(installation: Installation) -> list[str]:
    said: list[str] = []
    preparing.prepare(installation, said.append)
    return said


def test_a_new_database_is_filled_once_and_its_log_ins_are_kept_for_their_owner(here: Installation) -> None:
    assert _prepare(here) == ["filling the new database with the demonstration centre"]
    assert json.loads(_kept(here).read_text()) == [["operator", "sato", "first-password"]]
    assert _kept(here).stat().st_mode & 0o077 == 0
    assert _prepare(here) == []
    assert Account.objects.count() == 1


def test_log_ins_that_were_lost_in_a_crash_are_made_anew(here: Installation) -> None:
    _prepare(here)
    _kept(here).unlink()
    _prepare(here)
    [[_, name, password]] = json.loads(_kept(here).read_text())
    assert password != "first-password"
    assert Account.objects.get(username=name).check_password(password)


def test_opening_the_centre_closes_the_demonstrations_accounts(here: Installation) -> None:
    _prepare(here)
    said = _prepare(dataclasses.replace(here, public=True))
    assert said[0].startswith("1 accounts of the demonstration are closed")
    assert "madoguchi administrator" in said[1]
    assert not Account.objects.filter(is_active=True).exists()
    assert not _kept(here).exists()


def test_without_the_demonstration_an_empty_centre_stays_empty(here: Installation) -> None:
    assert _prepare(dataclasses.replace(here, demo=False)) == []
    assert not Account.objects.exists()
