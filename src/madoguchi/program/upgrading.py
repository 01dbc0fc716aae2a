"""The tables brought to this program's state: told from where to where, backed up, in steps one may kill.

Each migration is one transaction, so whoever is killed in the middle of one leaves the tables as they were
before it, and a repetition goes on with that one. Nothing here goes back: the way back is the backup.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from madoguchi import __version__
from madoguchi.config.installation import Installation
from madoguchi.domain.ledger import actions as ledger
from madoguchi.program import backup, moving, postgres
from madoguchi.program.errors import ProgramError
from madoguchi.program.up import LEAST_FREE_BYTES

log = structlog.get_logger(__name__)

Say = Callable[[str], None]

LOCK_TIMEOUT_S = 10
"""So long a step waits for a table that somebody else holds."""
STATEMENT_TIMEOUT_S = 3600
TURN_TIMEOUT_S = 60
"""So long for an upgrade that was killed a moment ago to let go, or for another one to be done."""
TRIES = 3
BACKUPS_KEPT = 3
_LOCK = 7_361_004
"""Held while upgrading: two programs on one server must not do it at the same time."""
_LOCKED, _CANCELLED = "55P03", "57014"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the tables are, beside what this program wants them to be."""

    missing: tuple[str, ...]
    """Steps that are to be taken, in order, as `room.name`."""
    unknown: tuple[str, ...]
    """Steps that were taken by a newer program."""
    version: str
    """Of the program that brought the tables to where they are; empty when that was not kept."""
    is_new: bool
    bytes: int
    """Size of the database."""


def look() -> Situation:
    """Compare the database with this program."""
    loader = MigrationLoader(connection)
    executor = MigrationExecutor(connection)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= set(migration.replaces)
    applied = set(executor.recorder.applied_migrations())
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = int(cursor.fetchone()[0])
    return Situation(
        missing=tuple(f"{migration.app_label}.{migration.name}" for migration, _back in plan),
        unknown=tuple(f"{room}.{name}" for room, name in sorted(applied - known)),
        version=_version_of_tables(),
        is_new=not applied,
        bytes=size,
    )


def demand_not_newer(found: Situation) -> None:
    """Raise ProgramError where a newer program was here: what it wrote, this one would not understand."""
    if found.unknown:
        by = f"version {found.version}" if found.version not in ("", __version__) else "a newer version"
        raise ProgramError(
            f"This database was brought up to date by {by} of Madoguchi; this is {__version__}, and does not "
            f"know {_some(found.unknown)}. Start that version again, or restore the backup that was made "
            "before the upgrade into a new data folder."
        )


def demand_up_to_date() -> None:
    """Raise ProgramError where the tables are not those that this program knows, or nobody answers."""
    try:
        found = look()
    except OperationalError as error:
        raise ProgramError(
            f"The database does not answer ({_first_line(error)}). Start it with: madoguchi up"
        ) from error
    demand_not_newer(found)
    if found.missing:
        raise ProgramError(
            "The database has no tables yet. Start with: madoguchi up"
            if found.is_new
            else f"The tables are {len(found.missing)} steps behind this program. Run: madoguchi upgrade"
        )


def upgrade(installation: Installation, say: Say, *, keep_backup: bool = True, anyway: bool = False) -> int:
    """Bring the tables up to date; returns how many steps were taken. Repeating it takes none.

    1. One program at a time, by a lock that ends with its holder.
    2. A newer program's database is refused; so is a server that is too old.
    3. Where there is something to lose: nobody else is connected (unless `anyway`), there is room on the
       disk, and a backup of the database and the keys is written.
    4. The steps are taken one by one, each with a limit to waiting for locks.
    5. The version is written down.
    """
    try:
        with _alone():
            found = look()
            demand_not_newer(found)
            if found.missing:
                _announce(found, say)
                if not found.is_new:
                    _make_safe(installation, found, say, keep_backup=keep_backup, anyway=anyway)
                _take_steps(say if not found.is_new else _quietly)
            _write_down(found)
    except OperationalError as error:
        where = "DATABASE_URL" if installation.database_url else str(installation.postgres_socket)
        raise ProgramError(f"The database at {where} does not answer: {_first_line(error)}") from error
    return len(found.missing)


def _announce(found: Situation, say: Say) -> None:
    if found.is_new:
        say(f"making the tables of version {__version__}")
        return
    before = found.version or "a version that was not kept"
    say(f"upgrading the tables from {before} to {__version__}: {len(found.missing)} steps")


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of upgrades; its connection notices within seconds when this program is killed."""
    until = time.monotonic() + TURN_TIMEOUT_S
    with connection.cursor() as cursor:
        _demand_server(cursor)
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            if cursor.fetchone()[0]:
                break
            if time.monotonic() > until:
                raise ProgramError("Another program is upgrading this database. Wait until it is done.")
            time.sleep(0.5)
        cursor.execute("SELECT set_config('client_connection_check_interval', '2s', false)")
    try:
        yield
    finally:
        # A connection that died has let go by itself.
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET client_connection_check_interval")
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _make_safe(
    installation: Installation, found: Situation, say: Say, *, keep_backup: bool, anyway: bool
) -> None:
    if installation.database_url is not None and not anyway:
        _demand_nobody_else()
    # A step may write a table anew beside the old one; the backup is never larger than what it is made of.
    wanted = LEAST_FREE_BYTES + (found.bytes if installation.database_url is None else 0)
    wanted += found.bytes if keep_backup else 0
    free = shutil.disk_usage(installation.home).free
    if free < wanted:
        raise ProgramError(
            f"The upgrade wants {wanted >> 20} MB free on the disk of {installation.home}, and there are "
            f"{free >> 20}. Delete something, or move the data folder to a larger disk."
        )
    if keep_backup:
        file = _write_backup(installation)
        say(f"backup of database and keys written: {file}")


def _demand_nobody_else() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), string_agg(DISTINCT COALESCE(host(client_addr), 'this machine'), ', ')"
            " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        number, places = cursor.fetchone()
    if number:
        raise ProgramError(
            f"{number} other programs are connected to this database, from {places}. Stop every centre that "
            "uses it and try again; or, when you know that they are something else: "
            "madoguchi upgrade --anyway"
        )


def _write_backup(installation: Installation) -> Path:
    """Database and keys, without recordings: no step of an upgrade touches a file."""
    folder = installation.home / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"before-upgrade-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
    with moving.output(str(file)) as target:
        backup.write(installation, target, folders=("keys",))
    for old in sorted(folder.glob("before-upgrade-*.tar"))[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)
    return file


def _take_steps(say: Say) -> None:
    for left in range(TRIES, 0, -1):
        try:
            with _limits():
                call_command("migrate", interactive=False, no_color=True, stdout=_Lines(say))
        except OperationalError as error:
            code = getattr(error.__cause__, "sqlstate", "")
            if code == _LOCKED and left > 1:
                say("a table is held by another program; trying again")
            elif code in {_LOCKED, _CANCELLED}:
                raise ProgramError(
                    f"A step of the upgrade was given up after waiting ({_first_line(error)}). It changed "
                    "nothing, and the steps before it stand. Stop what uses the database, and start the "
                    "upgrade again."
                ) from error
            else:
                raise
        else:
            return


@contextmanager
def _limits() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_TIMEOUT_S}s"])
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{STATEMENT_TIMEOUT_S}s"])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
                cursor.execute("RESET statement_timeout")


class _Lines:
    """What Django's command prints of its steps, passed on step by step."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def write(self, text: str) -> None:
        step = text.strip()
        if step.startswith("Applying "):
            self._say(step.removeprefix("Applying ").removesuffix("...").rstrip("."))

    def flush(self) -> None:
        """Nothing is kept back."""


def _write_down(found: Situation) -> None:
    if found.version != __version__ or found.missing:
        verb = "installed" if found.is_new else "upgraded"
        ledger.note(
            verb, "program", __version__, acting_user=None, before=found.version, steps=list(found.missing)
        )


def _version_of_tables() -> str:
    """What `_write_down` wrote last; in SQL, since the tables may be older than their models."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('ledger_entry') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return ""
        cursor.execute(
            "SELECT subject_id FROM ledger_entry WHERE subject = 'program'"
            " AND verb IN ('installed', 'upgraded') ORDER BY id DESC LIMIT 1"
        )
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def _demand_server(cursor: object) -> None:
    cursor.execute("SHOW server_version_num")  # type: ignore[attr-defined]
    number = int(cursor.fetchone()[0])  # type: ignore[attr-defined]
    if number < postgres.OLDEST * 10_000:
        raise ProgramError(
            f"PostgreSQL {number // 10_000} is too old: Madoguchi needs {postgres.OLDEST} or later. "
            "Point DATABASE_URL at a newer server."
        )


def _quietly(_step: str) -> None:
    """A new database's tables are no news one by one."""


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more steps" if len(names) > 3 else "")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]
