"""A restore that is killed, or is given half a file, leaves no data folder; the next one makes the whole."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from madoguchi.program import backup
from madoguchi.program.tests.data_folder import data_folder

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

RESTORE = """
import os, sys
from madoguchi.program import main, privileges
privileges.delegate = lambda *_arguments, **_named: False
if "die-before-the-name" in sys.argv:
    from pathlib import Path
    real = Path.rename
    die = lambda own, name: os.kill(os.getpid(), 9) if own.suffix == ".part" else real(own, name)
    Path.rename = die
main.program(["restore", "-"])
"""


class Restore:
    """`madoguchi restore -` as a process of its own, and what it made."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.home, self.draft = folder / "new", folder / "new.part"
        self.environment = os.environ | {"MADOGUCHI_HOME": str(self.home)}
        self.environment |= {"DATABASE_URL": database_url} if database_url else {}

    def begin(self, *words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-c", RESTORE, *words],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def run(self, content: bytes, *words: str) -> tuple[int, str]:
        running = self.begin(*words)
        _, said = running.communicate(content, timeout=120)
        return running.returncode, said.decode()

    def killed(self, content: bytes, when: Callable[[], bool]) -> None:
        """Feed it `content`, leave its input open, and kill it with -9 as soon as `when` is true."""
        running = self.begin()
        assert running.stdin is not None
        try:
            running.stdin.write(content)
            running.stdin.flush()
            until = time.monotonic() + 60
            while not when():
                assert running.poll() is None, running.stderr and running.stderr.read()
                assert time.monotonic() < until
                time.sleep(0.005)
        finally:
            running.kill()
            running.communicate()
        assert running.returncode == -signal.SIGKILL


@pytest.fixture
def folder() -> Iterator[Path]:
    with data_folder() as above:
        yield above


@pytest.fixture
def written() -> bytes:
    """A backup with one session and a recording of 2 MB."""
    recording = settings.INSTALLATION.recordings / "killed" / "call.wav"
    recording.parent.mkdir(parents=True, exist_ok=True)
    recording.write_bytes(b"RIFF" + os.urandom(2 << 20))
    Session.objects.create(session_key="kept", session_data="x", expire_date=timezone.now())
    stream = io.BytesIO()
    backup.write(settings.INSTALLATION, stream)
    recording.unlink()
    return stream.getvalue()


@pytest.fixture
def server() -> Iterator[str]:
    """Address of an empty database on the tests' server."""
    name = f"restored_{os.getpid()}"
    there = {key.lower(): str(value) for key, value in connection.settings_dict.items()}
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    port = there["port"] or "5432"
    who = f"{quote(there['user'])}:{quote(there['password'])}"
    yield f"postgresql://{who}@/{name}?host={quote(there['host'], safe='')}&port={port}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _tables(address: str) -> int:
    with psycopg.connect(address) as own:
        found = own.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        return int(found[0]) if found else 0


def test_killed_at_any_moment_it_leaves_no_data_folder_and_the_next_one_makes_the_whole(
    folder: Path, written: bytes
) -> None:
    restore = Restore(folder)
    recording = restore.draft / "recordings" / "killed" / "call.wav"
    pid_file = restore.draft / "postgres" / "postmaster.pid"
    restore.killed(written[: -(1 << 20)], recording.exists)
    assert not restore.home.exists()
    restore.killed(written, pid_file.exists)
    assert not restore.home.exists()

    code, said = restore.run(written)

    assert code == 0, said
    assert "removing what a restore that was ended left" in said
    assert not restore.draft.exists()
    assert (restore.home / "recordings" / "killed" / "call.wav").stat().st_size == (2 << 20) + 4
    assert (restore.home / "postgres" / "PG_VERSION").exists()
    assert not (restore.home / "postgres" / "postmaster.pid").exists()
    assert _processes_in(restore.draft) == []
    code, said = restore.run(written)
    assert (code, "in use already" in said) == (1, True)


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_half_a_file_leaves_nothing(folder: Path, written: bytes, kept: float) -> None:
    restore = Restore(folder)
    code, said = restore.run(written[: int(len(written) * kept)])
    assert (code, "cut short" in said) == (1, True)
    assert list(folder.iterdir()) == []


def test_a_file_that_ends_between_two_parts_is_seen_to_be_cut_short(folder: Path, written: bytes) -> None:
    restore = Restore(folder)
    code, said = restore.run(written.rstrip(bytes(1)) + bytes(-len(written.rstrip(bytes(1))) % 512))
    assert (code, "its end is missing" in said) == (1, True)
    assert list(folder.iterdir()) == []


def test_a_server_is_left_empty_by_a_restore_that_is_killed_while_it_fills(
    folder: Path, written: bytes, server: str
) -> None:
    restore = Restore(folder, server)

    def fills() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'psql' AND xact_start IS NOT NULL AND datname = %s",
                [Path(server.partition("?")[0]).name],
            )
            return bool(cursor.fetchone()[0])

    restore.killed(written, fills)
    assert not restore.home.exists()
    code, said = restore.run(written)
    assert (code, _tables(server) > 50) == (0, True), said


def test_killed_when_only_the_name_is_missing_the_next_one_gives_it(
    folder: Path, written: bytes, server: str
) -> None:
    restore = Restore(folder, server)
    code, said = restore.run(written, "die-before-the-name")
    assert code == -signal.SIGKILL, said
    assert (restore.home.exists(), _tables(server) > 50) == (False, True)

    code, said = restore.run(written)

    assert code == 0, said
    assert (restore.home / "recordings" / "killed" / "call.wav").exists()
    assert not restore.draft.exists()


def test_two_restores_into_one_folder_do_not_meet(folder: Path, written: bytes) -> None:
    restore = Restore(folder)
    first = restore.begin()
    assert first.stdin is not None
    try:
        first.stdin.write(written[: len(written) // 2])
        first.stdin.flush()
        until = time.monotonic() + 60
        while not (restore.draft / "restored.json").exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        code, said = restore.run(written)
        assert (code, "Another restore" in said) == (1, True)
        first.communicate(written[len(written) // 2 :], timeout=120)
    finally:
        first.kill()
    assert first.returncode == 0
    assert (restore.home / "postgres" / "PG_VERSION").exists()


def _processes_in(folder: Path) -> list[str]:
    found = subprocess.run(["pgrep", "-f", str(folder)], check=False, capture_output=True, text=True)
    return found.stdout.split()
