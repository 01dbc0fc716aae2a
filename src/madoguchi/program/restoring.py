"""`madoguchi restore`: a data folder, and its database, filled from a backup; the whole of it or nothing.

The folder is a draft beside the wished one (`moving.folder`), which takes its name at the very end. The
database comes last, in one transaction that we end ourselves: psql would commit its half when we are killed.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import uuid4

from django.db import connection

from madoguchi.config import secrets
from madoguchi.config.installation import Installation
from madoguchi.program import database, moving, postgres
from madoguchi.program.backup import DUMP, FOLDERS, FORMAT, reach_of_django
from madoguchi.program.errors import ProgramError

NOTE = "restored.json"
"""What the backup says of itself; stays in the restored folder."""
_END_OF_DATA = b"\\.\n"
# A setting that the tools write since 17 and servers of 15 and 16 refuse; and what Debian's 15 keeps with
# each column for itself, which its own tools leave out and newer ones copy.
_OF_ONE_VERSION = re.compile(
    rb"SET transaction_timeout |ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);"
)
# A table that every backup holds gets a sign in the same transaction: so a restore that was killed between
# that transaction's end and the folder's name can be told from a database that somebody else had filled.
_SIGN = """DO $do$ BEGIN EXECUTE (
  SELECT pg_catalog.format('COMMENT ON TABLE %s IS %L', oid::pg_catalog.regclass, '{}')
  FROM pg_catalog.pg_class WHERE relname = 'django_migrations' AND relkind = 'r' LIMIT 1
); END $do$;
COMMIT;
"""


def restore(installation: Installation, source: IO[bytes], say: Callable[[str], None]) -> dict[str, Any]:
    """Fill the draft folder `installation.home` from a backup; returns what the backup says of itself.

    1. What a restore that was killed left in the draft is removed; only when it had filled the database of
       DATABASE_URL already, there is nothing left to do.
    2. The files come, the keys first: the database's password is among them.
    3. The database is made and filled, and stopped again.

    Whatever fails, the draft is empty again but for `logs/`.
    """
    if installation.home.suffix != moving.DRAFT:
        # It will be emptied.
        raise ProgramError(f"{installation.home} is no draft of a data folder; nothing was touched.")
    done = _done_before(installation)
    if done is not None:
        return done
    if installation.database_url is not None and _holds_tables():
        raise ProgramError("The database that DATABASE_URL names is not empty. Restore into an empty one.")
    if (installation.home / NOTE).exists():
        say(f"removing what a restore that was ended left in {installation.home}")
    _clear(installation)
    try:
        manifest = _unpack(installation, source)
        _fill_database(installation, installation.run / DUMP, manifest["sign"])
        (installation.run / DUMP).unlink()
    except BaseException:
        _clear(installation, but="logs")
        raise
    os.sync()
    return manifest


def _done_before(installation: Installation) -> dict[str, Any] | None:
    """What the draft says of itself when it is whole and its database filled, but nobody gave it its name."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        manifest: dict[str, Any] = json.loads((installation.home / NOTE).read_text())
        if installation.database_url is not None and _is_signed(manifest["sign"]):
            return manifest
    return None


def _is_signed(sign: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_description WHERE description = %s)", [sign])
        return bool(cursor.fetchone()[0])


def _holds_tables() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema())")
        return bool(cursor.fetchone()[0])


def _clear(installation: Installation, but: str = "") -> None:
    """Empty the draft folder; the database that a killed restore has left running in it is ended."""
    if (installation.postgres_data / "postmaster.pid").exists():
        left = database.cluster(installation).survivor()
        if left is not None:
            postgres.stop(left)
    for path in installation.home.iterdir() if installation.home.exists() else ():
        if path.is_dir() and not path.is_symlink():
            if path.name != but:
                shutil.rmtree(path)
        else:
            path.unlink()


def _unpack(installation: Installation, source: IO[bytes]) -> dict[str, Any]:
    try:
        with tarfile.open(fileobj=source, mode="r|") as archive:
            members = iter(archive)
            manifest = _read_manifest(archive, next(members, None))
            manifest["sign"] = f"Restored as {uuid4()}."
            _write(installation.home / NOTE, json.dumps(manifest).encode())
            end = 0
            for member in members:
                _unpack_one(installation, archive, member)
                end = archive.offset
            # The file's end is a block of zeros; a file that was cut between two members has none.
            whole = archive.fileobj is not None and archive.fileobj.tell() > end
    except tarfile.TarError as error:
        raise ProgramError(f"This is not a backup of Madoguchi, or it is cut short: {error}.") from error
    if not whole or not (installation.run / DUMP).exists():
        raise ProgramError("This backup is cut short: its end is missing.")
    return manifest


def _read_manifest(archive: tarfile.TarFile, member: tarfile.TarInfo | None) -> dict[str, Any]:
    content = archive.extractfile(member) if member is not None and member.name == "manifest.json" else None
    try:
        manifest: dict[str, Any] = json.loads(content.read()) if content is not None else {}
    except ValueError:
        manifest = {}
    if manifest.get("format") != FORMAT:
        raise ProgramError("This is not a backup of Madoguchi, or one of a newer version.")
    return manifest


def _unpack_one(installation: Installation, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    name = PurePosixPath(member.name)
    known = name.parts[0] in FOLDERS or member.name in {DUMP, "madoguchi.toml"}
    # Somebody may hand us a file that was made to write elsewhere.
    if not member.isfile() or not known or name.is_absolute() or ".." in name.parts:
        raise ProgramError(f"The backup holds “{member.name}”, which has no place in a backup of ours.")
    content = archive.extractfile(member)
    if content is None:
        raise ProgramError(f"The backup's “{member.name}” cannot be read.")
    _write((installation.run if member.name == DUMP else installation.home) / name, content)


def _write(target: Path, content: IO[bytes] | bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        if isinstance(content, bytes):
            stream.write(content)
        else:
            shutil.copyfileobj(content, stream, 1 << 20)


def _fill_database(installation: Installation, dump: Path, sign: str) -> None:
    tools = database.programs(installation)
    if installation.database_url is not None:
        _fill(tools, dump, sign, reach_of_django())
        return
    known = secrets.load(installation.home / "keys" / "secrets.json")
    cluster = database.cluster(installation, password=known.database_password)
    cluster.account.own(installation.run)
    cluster.prepare()
    log = installation.logs / "restore.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with log.open("ab") as stream:
        server = cluster.start(stream)
    try:
        if not cluster.wait_until_ready(60, server):
            raise ProgramError(f"The new database does not start; see {log}.")
        cluster.create_database()
        here = {"PGHOST": str(cluster.socket), "PGUSER": postgres.ROLE, "PGPASSWORD": cluster.password}
        _fill(tools, dump, sign, here | {"PGDATABASE": postgres.DATABASE})
    finally:
        postgres.stop(server.pid)
        server.wait(10)
    log.unlink()


def _fill(tools: Path, dump: Path, sign: str, reach: dict[str, str]) -> None:
    """Play a dump into an empty database and leave `sign` there, all of it or nothing.

    By way of psql: the newest pg_restore begins with settings that a server two versions older does not know.
    """
    reads: list[str | Path] = [tools / "pg_restore", "--no-owner", "--no-privileges", "--file=-", dump]
    fills: list[str | Path] = [tools / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(reads, stdout=subprocess.PIPE, stderr=complaints) as reading,
        subprocess.Popen(
            [*fills, "--output=/dev/null"], stdin=subprocess.PIPE, stderr=complaints, env=os.environ | reach
        ) as filling,
    ):
        assert reading.stdout is not None
        assert filling.stdin is not None
        # Whoever has complained no longer reads; why is told below.
        with contextlib.suppress(BrokenPipeError), filling.stdin as target:
            target.write(b"BEGIN;\n")
            _pass_on(reading.stdout, target)
            if reading.wait() == 0:
                target.write(_SIGN.format(sign).encode())
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
