"""An old database is brought up to date with its data, also by a program that is killed again and again."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from psycopg.conninfo import make_conninfo

from madoguchi import __version__
from madoguchi.program import upgrading
from madoguchi.program.errors import ProgramError
from madoguchi.program.tests.data_folder import data_folder

pytestmark = [pytest.mark.action, pytest.mark.django_db]

OLDEST = tuple(
    f"{room} 0001"
    for room in ("people", "clients", "customers", "contacts", "trunks", "agents", "calls", "cases", "ledger")
)
"""Where the first centres stood, with what they had written."""
AS_IT_WAS = """
import sys
from madoguchi.program import database
database.set_up_django()
from django.core.management import call_command
steps = [tuple(step.split()) for step in sys.argv[1:]]
for step in steps:
    call_command("migrate", *step, verbosity=0)
from datetime import UTC, datetime
from uuid import uuid4
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
applied = MigrationExecutor(connection).loader
model = applied.project_state(list(applied.applied_migrations)).apps.get_model
at = datetime(2026, 1, 1, tzinfo=UTC)
client = model("clients", "Client").objects.create(name="さくら電機")
for number in range(200):
    model("customers", "Customer").objects.create(client=client, name=f"森 {number}")
model("trunks", "Trunk").objects.create(
    name="line", endpoint="trunk-1", kind="registration", host="192.0.2.1", secret="the line's password"
)
account = model("people", "Account").objects.create(username="sato", name="佐藤 恵")
agent = model("agents", "Agent").objects.create(
    account=account, endpoint="op-1", sip_secret="hers", presence_since=at, activity_since=at, idle_since=at
)
contact = model("contacts", "Contact").objects.create(client=client, channel="call_in", at=at)
call = model("calls", "Call").objects.create(
    direction="inbound", node="node-1", contact=contact, agent=agent, arrived_at=at, answered_at=at,
    phase="ended", phase_since=at, ended_at=at, outcome="answered",
)
model("calls", "WrapUp").objects.create(
    id=uuid4(), call=call, agent=agent, began_at=at, ended_at=at, summary="折り返しを希望"
)
"""
UPGRADE = """
import sys
from madoguchi.config import installation
from madoguchi.program import database
database.set_up_django()
from madoguchi.program import upgrading
from madoguchi.program.errors import ProgramError
upgrading.LOCK_TIMEOUT_S, upgrading.TRIES = float(sys.argv[1]), 1
say, anyway = lambda text: print(text, flush=True), sys.argv[2] == "anyway"
try:
    print(upgrading.upgrade(installation.load(), say, anyway=anyway), "taken")
except ProgramError as error:
    sys.exit(str(error))
"""


class Old:
    """A database of its own on the tests' server, as an older program left it, and a data folder."""

    def __init__(self, home: Path, *, like: str = "") -> None:
        there = connection.settings_dict
        self.name = f"old_{os.getpid()}_{time.monotonic_ns()}"
        self._server = {name: str(there[name.upper()]) for name in ("host", "user", "password")}
        self._port = int(there["PORT"] or 5432)
        order = "CREATE DATABASE {} TEMPLATE {}" if like else "CREATE DATABASE {}"
        self._on_the_server(sql.SQL(order).format(*map(sql.Identifier, filter(None, (self.name, like)))))
        who = f"{quote(there['USER'])}:{quote(there['PASSWORD'])}"
        place = f"host={quote(str(there['HOST']), safe='')}&port={self._port}"
        self.environment = os.environ | {
            "DATABASE_URL": f"postgresql://{who}@/{self.name}?{place}",
            "MADOGUCHI_HOME": str(home),
        }

    def drop(self) -> None:
        self._on_the_server(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.name)))

    def _on_the_server(self, order: sql.Composed) -> None:
        with self.open("postgres") as own:
            own.autocommit = True
            own.execute(order)

    def open(self, name: str = "") -> psycopg.Connection:
        reach = make_conninfo(dbname=name or self.name, port=self._port, **self._server)
        return psycopg.connect(reach)

    def ask(self, question: LiteralString) -> list[tuple[object, ...]]:
        with self.open() as own:
            return own.execute(question).fetchall()

    def go_to(self, *steps: str) -> None:
        subprocess.run([sys.executable, "-c", AS_IT_WAS, *steps], env=self.environment, check=True)

    def begin(self, *, lock_timeout_s: float = 5, anyway: bool = False) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", UPGRADE, str(lock_timeout_s), "anyway" if anyway else ""],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def upgrade(self) -> tuple[int, str, str]:
        begun = self.begin()
        said, complained = begun.communicate(timeout=120)
        return begun.returncode, said, complained

    def waits_for_a_lock(self) -> bool:
        return self.ask(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock'"
        ) == [(1,)]


@pytest.fixture
def home() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def oldest(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock(), data_folder() as folder:
        made = Old(folder)
        try:
            made.go_to(*OLDEST)
            yield made.name
        finally:
            made.drop()


@pytest.fixture
def old(oldest: str, home: Path) -> Iterator[Old]:
    made = Old(home, like=oldest)
    yield made
    made.drop()


def _everything_is_there(old: Old) -> None:
    """What was written before is there in the words of today, once."""
    assert old.ask("SELECT name FROM customers_customer ORDER BY id") == [(f"森 {n}",) for n in range(200)]
    assert old.ask("SELECT count(*) FROM customers_customerimport") == [(0,)]
    [(sealed,)] = old.ask("SELECT secret_sealed FROM trunks_trunk")
    opened = "from madoguchi.domain.switchboard.sealing import opened; import sys; print(opened(sys.argv[1]))"
    ran = [sys.executable, "-c", f"import django; django.setup(); {opened}", str(sealed)]
    said = subprocess.run(ran, env=old.environment, check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "the line's password"
    assert old.ask("SELECT text FROM contacts_note") == [("折り返しを希望",)]
    on_disk = {(room, name) for room, name in MigrationLoader(None).disk_migrations}
    assert set(old.ask("SELECT app, name FROM django_migrations")) == on_disk


def test_an_old_database_is_upgraded_with_a_backup_and_says_from_where_to_where(old: Old) -> None:
    code, said, complained = old.upgrade()
    assert code == 0, complained
    lines = said.splitlines()
    assert lines[0].startswith(f"upgrading the tables from a version that was not kept to {__version__}: ")
    assert lines[1].startswith("backup of database and keys written: ")
    assert "customers.0003_import_by_the_worker" in lines
    _everything_is_there(old)
    file = Path(lines[1].removeprefix("backup of database and keys written: "))
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as archive:
        assert {"manifest.json", "keys/secrets.json", "database.dump"} <= set(archive.getnames())
    assert old.ask("SELECT verb, subject_id FROM ledger_entry WHERE subject = 'program'") == [
        ("upgraded", __version__)
    ]
    assert old.upgrade()[:2] == (0, "0 taken\n")


def test_killed_in_the_middle_again_and_again_it_is_whole_at_the_end(old: Old) -> None:
    # Those that a step alters, in the order of the steps: none of them is reached but by dying before it.
    tables = ("agents_agent", "calls_wrapup", "people_account", "trunks_trunk")
    died = 0
    for table in tables:
        with old.open() as holder:
            holder.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.Identifier(table)))
            begun = old.begin(lock_timeout_s=60, anyway=True)
            until = time.monotonic() + 60
            while begun.poll() is None and not old.waits_for_a_lock() and time.monotonic() < until:
                time.sleep(0.05)
            if begun.poll() is None:
                died += 1
                begun.send_signal(signal.SIGKILL)  # while a step waits, and the steps before it stand
            begun.communicate()
    assert died == len(tables)
    code, _said, complained = old.upgrade()
    assert code == 0, complained
    _everything_is_there(old)


def test_a_table_that_somebody_holds_ends_the_upgrade_in_words_and_changes_nothing(old: Old) -> None:
    with old.open() as holder:
        holder.execute("LOCK TABLE calls_wrapup IN ACCESS SHARE MODE")
        begun = old.begin(lock_timeout_s=0.5, anyway=True)
        _said, complained = begun.communicate(timeout=60)
        assert begun.returncode == 1
    assert "It changed nothing" in complained
    assert old.upgrade()[0] == 0
    _everything_is_there(old)


def test_an_older_program_refuses_a_newer_database(old: Old) -> None:
    assert old.upgrade()[0] == 0
    with old.open() as own:
        own.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('customers', '0999_future', now())"
        )
        own.execute("UPDATE ledger_entry SET subject_id = '9.9.9' WHERE subject = 'program'")
    code, said, complained = old.upgrade()
    assert (code, said) == (1, "")
    assert "by version 9.9.9" in complained
    assert "customers.0999_future" in complained


def test_whoever_else_is_connected_to_a_server_is_named_first(old: Old) -> None:
    with old.open() as stranger:
        stranger.execute("SELECT 1")
        code, _said, complained = old.upgrade()
    assert code == 1
    assert "1 other programs are connected" in complained
    assert "--anyway" in complained


def test_reading_commands_say_that_the_tables_are_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    now = upgrading.look()
    upgrading.demand_up_to_date()
    for found, words in (
        (dataclasses.replace(now, missing=("a.1",)), "madoguchi upgrade"),
        (dataclasses.replace(now, missing=("a.1",), is_new=True), "no tables yet"),
        (dataclasses.replace(now, unknown=("a.9",)), "a newer version"),
    ):
        monkeypatch.setattr(upgrading, "look", lambda found=found: found)
        with pytest.raises(ProgramError, match=words):
            upgrading.demand_up_to_date()


def test_a_database_that_does_not_answer_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(upgrading, "look", refuse)
    with pytest.raises(ProgramError, match="madoguchi up"):
        upgrading.demand_up_to_date()


def test_without_room_on_the_disk_nothing_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    found = dataclasses.replace(upgrading.look(), missing=("customers.0003",), bytes=10**15)
    monkeypatch.setattr(upgrading, "look", lambda: found)
    monkeypatch.setattr(upgrading, "_demand_nobody_else", lambda: None)
    with pytest.raises(ProgramError, match="MB free on the disk"):
        upgrading.upgrade(settings.INSTALLATION, print)


def test_every_step_of_ours_is_one_transaction() -> None:
    rooms = {each.label for each in apps.get_app_configs() if each.name.startswith("madoguchi.")}
    steps = MigrationLoader(None).disk_migrations
    ours = {key: step for key, step in steps.items() if key[0] in rooms}
    assert len(ours) > 15
    assert [key for key, step in ours.items() if not step.atomic] == []


def test_only_the_newest_backups_of_upgrades_are_kept(home: Path) -> None:
    here = dataclasses.replace(settings.INSTALLATION, home=home)
    folder = home / "backups"
    folder.mkdir()
    for day in range(1, 6):
        (folder / f"before-upgrade-2020010{day}T000000Z.tar").touch()
    (folder / "mine.tar").touch()
    written = upgrading._write_backup(here)
    left = sorted(file.name for file in folder.iterdir())
    assert left == ["before-upgrade-20200104T000000Z.tar", "before-upgrade-20200105T000000Z.tar"] + [
        written.name,
        "mine.tar",
    ]
