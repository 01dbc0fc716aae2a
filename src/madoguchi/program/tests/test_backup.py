"""What was backed up is there in a new data folder."""

import dataclasses
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from madoguchi.config import secrets
from madoguchi.config.installation import Installation
from madoguchi.domain.trunks.actions import create_trunk
from madoguchi.program import backup, database, moving, postgres, restoring
from madoguchi.program.errors import ProgramError
from madoguchi.program.tests.data_folder import data_folder

pytestmark = [pytest.mark.action]


@pytest.fixture
def new_home() -> Iterator[Installation]:
    with data_folder("new.part") as above:
        yield dataclasses.replace(settings.INSTALLATION, home=above / "new.part", database_url=None)


@pytest.mark.django_db(transaction=True)
def test_database_recordings_and_keys_come_back(new_home: Installation) -> None:
    here = settings.INSTALLATION
    recording = here.recordings / "2026" / "11" / "call.wav"
    recording.parent.mkdir(parents=True, exist_ok=True)
    recording.write_bytes(b"RIFF" + bytes(5000))
    Session.objects.create(session_key="kept", session_data="x", expire_date=timezone.now())
    line = {"name": "線", "host": "x.example", "login": "u", "secret": "of the provider"}
    create_trunk(line, acting_user=None)
    stream = io.BytesIO()
    assert backup.write(here, stream) >= 3
    stream.seek(0)

    manifest = restoring.restore(new_home, stream, print)

    assert manifest["format"] == backup.FORMAT
    assert (new_home.recordings / "2026" / "11" / "call.wav").read_bytes() == recording.read_bytes()
    restored = secrets.load(new_home.home / "keys" / "secrets.json")
    assert restored == here.secrets
    kept = _rows_in(new_home, restored.database_password)
    assert kept[0] == ("kept",)
    assert Fernet(restored.sealing_key).decrypt(kept[1][0]) == b"of the provider"


def _rows_in(installation: Installation, password: str) -> list[tuple[str]]:
    cluster = database.cluster(installation, password)
    with (installation.run / "look.log").open("wb") as log:
        server = cluster.start(log)
    try:
        assert cluster.wait_until_ready(20, server)
        with psycopg.connect(cluster.conninfo) as connection:
            sessions = connection.execute("SELECT session_key FROM django_session").fetchall()
            return sessions + connection.execute("SELECT secret_sealed FROM trunks_trunk").fetchall()
    finally:
        postgres.stop(server.pid)
        server.wait()


def test_a_folder_in_use_is_not_overwritten(new_home: Installation) -> None:
    taken = new_home.home.with_suffix("")
    (taken / "postgres").mkdir(parents=True)
    with pytest.raises(ProgramError, match="in use already"), moving.folder(taken):
        pytest.fail("a folder with a database was offered for filling")
    with pytest.raises(ProgramError, match="no draft"):
        restoring.restore(dataclasses.replace(new_home, home=taken), io.BytesIO(), print)
    assert (taken / "postgres").is_dir()


@pytest.mark.parametrize("content", [b"", b"no tar at all", bytes(10240)])
def test_what_is_no_backup_is_refused(new_home: Installation, content: bytes) -> None:
    with pytest.raises(ProgramError, match="not a backup of Madoguchi"):
        restoring.restore(new_home, io.BytesIO(content), print)
    assert list(new_home.home.iterdir()) == []


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "keys/../../outside", "elsewhere/file"])
def test_a_backup_cannot_write_elsewhere(new_home: Installation, name: str) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for entry, text in (("manifest.json", b'{"format": 1, "made": "now"}'), (name, b"evil")):
            member = tarfile.TarInfo(entry)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    stream.seek(0)
    with pytest.raises(ProgramError, match="no place in a backup"):
        restoring.restore(new_home, stream, print)
    assert not (new_home.home.parent / "outside").exists()


def test_what_only_one_version_understands_is_left_out_and_data_is_left_alone() -> None:
    own = b"ALTER TABLE ONLY public.x ALTER COLUMN note SET (pg_attver=224);\n"
    newer = b"SET transaction_timeout = 0;\n"
    data = b"COPY public.x (note) FROM stdin;\n" + newer + own + b"\\.\n"
    script = b"SET statement_timeout = 0;\n" + newer + b"CREATE TABLE x;\n" + own + data + own
    passed = io.BytesIO()
    restoring._pass_on(io.BytesIO(script), passed)
    assert passed.getvalue() == b"SET statement_timeout = 0;\nCREATE TABLE x;\n" + data


@pytest.mark.django_db
def test_a_server_is_filled_only_when_it_is_empty(new_home: Installation) -> None:
    here = dataclasses.replace(new_home, database_url="postgresql://elsewhere/it")
    with pytest.raises(ProgramError, match="is not empty"):
        restoring.restore(here, io.BytesIO(), print)


@pytest.mark.django_db(transaction=True)
def test_a_backup_fills_an_empty_database_of_a_server_or_says_why_not(tmp_path: Path) -> None:
    Session.objects.create(session_key="kept", session_data="x", expire_date=timezone.now())
    dump = tmp_path / "database.dump"
    backup._dump(settings.INSTALLATION, dump)
    reach = backup.reach_of_django()
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE empty_one")
    try:
        tools = database.programs(settings.INSTALLATION)
        restoring._fill(tools, dump, "a sign", reach | {"PGDATABASE": "empty_one"})
        with psycopg.connect(
            host=reach["PGHOST"],
            port=reach["PGPORT"],
            user=reach["PGUSER"],
            password=reach["PGPASSWORD"],
            dbname="empty_one",
        ) as filled:
            assert filled.execute("SELECT session_key FROM django_session").fetchall() == [("kept",)]
        with pytest.raises(ProgramError, match="already exists"):
            restoring._fill(tools, dump, "a sign", reach | {"PGDATABASE": "empty_one"})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE empty_one WITH (FORCE)")
