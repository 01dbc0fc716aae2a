"""`madoguchi backup` and `restore`: the database, the recordings, the prompts and the keys in one tar file.

The file holds the keys, so whoever has it has everything. The database is dumped first: a recording that
comes meanwhile is in the file without being missed, never the other way round.
"""

import contextlib
import io
import json
import os
import re
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.db import connection
from psycopg.pq import Conninfo

from madoguchi import __version__
from madoguchi.config import secrets
from madoguchi.config.installation import Installation
from madoguchi.program import database, postgres
from madoguchi.program.errors import ProgramError

FORMAT = 1
FOLDERS = ("keys", "prompts", "uploads", "recordings")
_DUMP = "database.dump"
_END_OF_DATA = b"\\.\n"
# A setting that the tools write since 17 and servers of 15 and 16 refuse; and what Debian's 15 keeps with
# each column for itself, which its own tools leave out and newer ones copy.
_OF_ONE_VERSION = re.compile(
    rb"SET transaction_timeout |ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);"
)


def write(installation: Installation, target: IO[bytes], folders: Sequence[str] = FOLDERS) -> int:
    """Write a backup of the running installation to `target`; returns how many files it holds.

    `folders` are those of the data folder that go with the database; the keys always among them.
    """
    count = 0
    installation.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=installation.run) as folder,
        tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        dump = Path(folder) / _DUMP
        _dump(installation, dump)
        _add_text(archive, "manifest.json", json.dumps(_manifest(), indent=1))
        for name, path in _files(installation, dump, folders):
            # A recording may be deleted by its rule between the listing and now.
            if path.exists():
                archive.add(path, arcname=name, recursive=False)
                count += 1
    return count


def restore(installation: Installation, source: IO[bytes]) -> dict[str, Any]:
    """Fill a new data folder from a backup; returns what the backup says of itself.

    1. The keys come first: the database's password is among them.
    2. The database is made and filled, and stopped again.
    3. The other files follow.
    """
    if installation.database_url is None and installation.postgres_data.exists():
        raise ProgramError(
            f"{installation.home} holds a database already. "
            "Restore into a new data folder: set MADOGUCHI_HOME to one that does not exist yet."
        )
    if installation.database_url is not None and _holds_tables():
        raise ProgramError("The database that DATABASE_URL names is not empty. Restore into an empty one.")
    try:
        with tarfile.open(fileobj=source, mode="r|") as archive:
            members = iter(archive)
            manifest = _read_manifest(archive, next(members, None))
            for member in members:
                _restore_one(installation, archive, member)
    except tarfile.TarError as error:
        raise ProgramError(f"This is not a backup of Madoguchi, or it is cut short: {error}.") from error
    return manifest


def _holds_tables() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema())")
        return bool(cursor.fetchone()[0])


def _manifest() -> dict[str, Any]:
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return {"format": FORMAT, "madoguchi": __version__, "made": made}


def _files(installation: Installation, dump: Path, folders: Sequence[str]) -> Iterator[tuple[str, Path]]:
    keys, *others = folders
    yield from _below(installation.home, keys)
    yield _DUMP, dump
    if (installation.home / "madoguchi.toml").exists():
        yield "madoguchi.toml", installation.home / "madoguchi.toml"
    for folder in others:
        yield from _below(installation.home, folder)


def _below(home: Path, folder: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((home / folder).rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(home)), path


def _dump(installation: Installation, file: Path) -> None:
    # Somebody's open transaction must not keep us for ever, as its table would.
    options = [
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--lock-wait-timeout=60s",
        f"--file={file}",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10_000
    _run_tool(database.programs(installation, version) / "pg_dump", options, _django_database())


def _restore_one(installation: Installation, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    name = PurePosixPath(member.name)
    known = name.parts[0] in FOLDERS or member.name in {_DUMP, "madoguchi.toml"}
    # Somebody may hand us a file that was made to write elsewhere.
    if not member.isfile() or not known or name.is_absolute() or ".." in name.parts:
        raise ProgramError(f"The backup holds “{member.name}”, which has no place in a backup of ours.")
    content = archive.extractfile(member)
    if content is None:
        raise ProgramError(f"The backup's “{member.name}” cannot be read.")
    target = (installation.run if member.name == _DUMP else installation.home) / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        while block := content.read(1 << 20):
            stream.write(block)
    if member.name == _DUMP:
        try:
            _fill_database(installation, target)
        finally:
            target.unlink()


def _fill_database(installation: Installation, dump: Path) -> None:
    tools = database.programs(installation)
    if installation.database_url is not None:
        _fill(tools, dump, _django_database())
        return
    known = secrets.load(installation.home / "keys" / "secrets.json")
    cluster = database.cluster(installation, password=known.database_password)
    cluster.prepare()
    with (installation.run / "restore.log").open("ab") as log:
        server = cluster.start(log)
    try:
        if not cluster.wait_until_ready(60, server):
            raise ProgramError(f"The new database does not start; see {installation.run / 'restore.log'}.")
        cluster.create_database()
        here = {"PGHOST": str(cluster.socket), "PGUSER": postgres.ROLE, "PGPASSWORD": cluster.password}
        _fill(tools, dump, here | {"PGDATABASE": postgres.DATABASE})
    finally:
        postgres.stop(server.pid)
        server.wait(10)


def _fill(tools: Path, dump: Path, reach: dict[str, str]) -> None:
    """Play a dump into an empty database, all of it or nothing.

    By way of psql: the newest pg_restore begins with settings that a server two versions older does not know.
    """
    options = ["--no-owner", "--no-privileges", "--file=-"]
    psql: list[str | Path] = [
        tools / "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
    ]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            [tools / "pg_restore", *options, dump], stdout=subprocess.PIPE, stderr=complaints
        ) as reading,
        subprocess.Popen(
            [*psql, "--output=/dev/null"], stdin=subprocess.PIPE, stderr=complaints, env=os.environ | reach
        ) as filling,
    ):
        assert reading.stdout is not None
        assert filling.stdin is not None
        # Whoever has complained no longer reads; why is told below.
        with contextlib.suppress(BrokenPipeError), filling.stdin as target:
            _pass_on(reading.stdout, target)
        reading.stdout.close()
        filled, read = filling.wait(), reading.wait()
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").strip().splitlines()
    if filled or read:
        raise ProgramError(f"The database could not be filled: {said[0] if said else 'no reason given'}")


def _pass_on(script: IO[bytes], target: IO[bytes]) -> None:
    """The script without what only one version of PostgreSQL understands; its data is left as it is."""
    in_data = False
    for line in script:
        if in_data:
            in_data = line != _END_OF_DATA
        elif _OF_ONE_VERSION.match(line):
            continue
        else:
            in_data = line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n")
        target.write(line)


def _django_database() -> dict[str, str]:
    """Where Django's database is, in the words of PostgreSQL's tools: what DATABASE_URL asks for included."""
    target: dict[str, Any] = settings.DATABASES["default"]
    told = {
        "host": str(target["HOST"]),
        "port": str(target.get("PORT") or "5432"),
        "user": str(target["USER"]),
        "password": str(target["PASSWORD"]),
        "dbname": str(target["NAME"]),
    }
    # A connection that must be encrypted, or is found by a service's name, is so for the tools too.
    told |= {name: str(value) for name, value in target["OPTIONS"].items()}
    words = {one.keyword.decode(): one.envvar for one in Conninfo.get_defaults() if one.envvar}
    return {words[name].decode(): value for name, value in told.items() if value and name in words}


def _run_tool(tool: Path, options: list[str], reach: dict[str, str]) -> None:
    if not tool.exists():
        raise ProgramError(f"{tool} is missing. Install it with: apt-get install postgresql-client")
    ran = subprocess.run(
        [tool, *options], check=False, capture_output=True, text=True, env=os.environ | reach
    )
    if ran.returncode != 0:
        first = (ran.stderr.strip().splitlines() or ["no reason given"])[0]
        raise ProgramError(f"{tool.name} failed: {first}")


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(data), 0o600, int(time.time())
    archive.addfile(entry, io.BytesIO(data))


def _read_manifest(archive: tarfile.TarFile, member: tarfile.TarInfo | None) -> dict[str, Any]:
    content = archive.extractfile(member) if member is not None and member.name == "manifest.json" else None
    try:
        manifest: dict[str, Any] = json.loads(content.read()) if content is not None else {}
    except ValueError:
        manifest = {}
    if manifest.get("format") != FORMAT:
        raise ProgramError("This is not a backup of Madoguchi, or one of a newer version.")
    return manifest
