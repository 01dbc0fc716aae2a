"""A worker that is killed over a file: the next one goes on, nobody is there twice, and nothing is half."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers import actions, import_store
from madoguchi.domain.customers.actions import importing
from madoguchi.domain.customers.errors import FileUnreadable, ImportEnded
from madoguchi.domain.customers.models import Customer, CustomerImport, CustomerNumber
from madoguchi.domain.ledger.models import Transition
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

PEOPLE = 50
BATCH = 7
FILE = "顧客番号,氏名,電話\n" + "".join(f"C-{n},森 次郎{n},03-1111-{n:04d}\n" for n in range(PEOPLE))

DIES = """
import os, signal, sys, uuid, django
django.setup()
from madoguchi.domain.customers.actions import importing
whole, left = importing.insert, [int(sys.argv[2])]
def insert(*arguments):
    whole(*arguments)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)  # the batch is written, and not committed
importing.insert, importing.BATCH = insert, int(sys.argv[3])
importing.take_in(uuid.UUID(sys.argv[1]))
"""


@pytest.fixture
def company() -> Client:
    return Client.objects.create(name="さくら電機")


@pytest.fixture
def agreed(company: Client, monkeypatch: pytest.MonkeyPatch) -> CustomerImport:
    monkeypatch.setattr(importing, "BATCH", BATCH)
    brought = actions.begin_import(
        company.pk, "x.csv", io.BytesIO(FILE.encode()), language="ja", acting_user=1
    )
    actions.examine(brought.pk)
    actions.confirm_import(brought.pk, acting_user=1)
    return brought


def _database() -> str:
    """The address of the tests' own database, for a process of its own."""
    there = connection.settings_dict
    host, port = quote(str(there["HOST"]), safe=""), there["PORT"] or 5432
    who = f"{quote(there['USER'])}:{quote(there['PASSWORD'])}"
    return f"postgresql://{who}@/{there['NAME']}?host={host}&port={port}"


def killed_in_batch(number: int, import_id: object) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", DIES, str(import_id), str(number), str(BATCH)],
        env=os.environ | {"DATABASE_URL": _database(), "MADOGUCHI_POOL_MAX": "0"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr


def grow_old(import_id: UUID) -> None:
    long_ago = now() - actions.STALE_AFTER - timedelta(seconds=1)
    CustomerImport.objects.filter(pk=import_id).update(beat_at=long_ago)


def jobs(name: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=name).count()


def test_after_a_kill_the_next_worker_goes_on_and_nobody_is_there_twice(agreed: CustomerImport) -> None:
    killed_in_batch(3, agreed.pk)
    agreed.refresh_from_db()
    assert (agreed.stage, agreed.people_done) == ("running", 2 * BATCH)
    assert Customer.objects.count() == CustomerNumber.objects.count() == 2 * BATCH

    assert actions.carry_on() == 0  # it may only be slow
    grow_old(agreed.pk)
    sent = jobs("customers.take_in")
    assert actions.carry_on() == 1
    assert jobs("customers.take_in") == sent + 1

    killed_in_batch(2, agreed.pk)
    actions.take_in(agreed.pk)
    agreed.refresh_from_db()
    assert (agreed.stage, agreed.people_done) == ("done", PEOPLE)
    assert agreed.result == {"new": PEOPLE, "changed": 0, "unchanged": 0}
    assert Customer.objects.count() == CustomerNumber.objects.count() == PEOPLE
    assert not (Path(settings.INSTALLATION.uploads) / "customers" / f"{agreed.pk}.csv").exists()


def test_a_second_worker_at_the_same_file_leaves_it_to_the_first(
    agreed: CustomerImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = [False]

    def begun(import_id: object, done: int, batch: list[object]) -> bool:
        if not inside[0] and done == BATCH:
            inside[0] = True
            actions.take_in(agreed.pk)  # a whole other worker, between two batches of this one
        return take(import_id, done, batch)  # type: ignore[arg-type]

    take = importing._take_batch
    monkeypatch.setattr(importing, "_take_batch", begun)
    actions.take_in(agreed.pk)
    agreed.refresh_from_db()
    assert (agreed.stage, agreed.result["new"], Customer.objects.count()) == ("done", PEOPLE, PEOPLE)
    ended = Transition.objects.filter(subject="import", subject_id=str(agreed.pk), new="done")
    assert ended.count() == 1


def test_a_file_over_which_every_worker_dies_is_given_up_in_words(agreed: CustomerImport) -> None:
    for _ in range(importing.MOST_TRIES):
        grow_old(agreed.pk)
        assert actions.carry_on() == 1
    grow_old(agreed.pk)
    assert actions.carry_on() == 0
    agreed.refresh_from_db()
    assert agreed.stage == "failed"
    assert f"{PEOPLE}" in agreed.why
    assert Customer.objects.count() == 0


def test_a_file_that_is_gone_fails_in_words(agreed: CustomerImport) -> None:
    import_store.forget(agreed.pk)
    actions.take_in(agreed.pk)
    agreed.refresh_from_db()
    assert (agreed.stage, bool(agreed.why)) == ("failed", True)


def test_a_worker_that_died_while_examining_is_followed_too(company: Client) -> None:
    before = jobs("customers.examine")
    brought = actions.begin_import(
        company.pk, "x.csv", io.BytesIO(FILE.encode()), language="en", acting_user=1
    )
    grow_old(brought.pk)
    assert actions.carry_on() == 1
    assert jobs("customers.examine") == before + 2
    actions.examine(brought.pk)
    actions.examine(brought.pk)
    brought.refresh_from_db()
    assert (brought.stage, brought.people) == ("examined", PEOPLE)


def test_a_file_without_a_name_column_fails_in_the_language_of_who_brought_it(company: Client) -> None:
    brought = actions.begin_import(
        company.pk, "x.csv", io.BytesIO("色,形\n赤,丸\n".encode()), language="en", acting_user=1
    )
    actions.examine(brought.pk)
    brought.refresh_from_db()
    assert brought.stage == "failed"
    assert "names no column" in brought.why


def test_what_is_no_text_at_all_is_refused_at_once_and_not_kept(company: Client) -> None:
    with pytest.raises(FileUnreadable):
        actions.begin_import(company.pk, "x.xlsx", io.BytesIO(b"PK\x03\x04"), language="ja", acting_user=1)
    assert not CustomerImport.objects.exists()


def test_saying_yes_twice_sends_one_worker_and_saying_no_is_final(
    company: Client, agreed: CustomerImport
) -> None:
    sent = jobs("customers.take_in")
    actions.confirm_import(agreed.pk, acting_user=1)
    assert jobs("customers.take_in") == sent
    with pytest.raises(ImportEnded):
        actions.forget_import(agreed.pk, acting_user=1)
    other = actions.begin_import(company.pk, "y.csv", io.BytesIO(FILE.encode()), language="ja", acting_user=1)
    actions.examine(other.pk)
    actions.forget_import(other.pk, acting_user=1)
    with pytest.raises(ImportEnded):
        actions.confirm_import(other.pk, acting_user=1)
    actions.take_in(other.pk)
    assert Customer.objects.count() == 0


def test_files_nobody_said_yes_to_are_thrown_away(company: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    brought = actions.begin_import(
        company.pk, "x.csv", io.BytesIO(FILE.encode()), language="ja", acting_user=1
    )
    kept = Path(settings.INSTALLATION.uploads) / "customers" / f"{brought.pk}.csv"
    assert kept.stat().st_mode & 0o077 == 0
    actions.examine(brought.pk)
    assert actions.forget_old() == 0
    assert kept.exists()
    monkeypatch.setattr(import_store, "KEPT_S", -1)
    assert actions.forget_old() == 1
    assert not kept.exists()
    brought.refresh_from_db()
    assert (brought.stage, brought.first_rows) == ("forgotten", [])
