"""`madoguchi backup`: the database, the recordings, the prompts and the keys in one tar file.

The file holds the keys, so whoever has it has everything. The database is dumped first: a recording that
comes meanwhile is in the file without being missed, never the other way round.
"""

import io
import json
import os
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from psycopg.pq import Conninfo

from madoguchi import __version__
from madoguchi.config.installation import Installation
from madoguchi.program import database
from madoguchi.program.errors import ProgramError

FORMAT = 1
FOLDERS = ("keys", "prompts", "uploads", "recordings")
DUMP = "database.dump"


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
        dump = Path(folder) / DUMP
        _dump(installation, dump)
        _add_text(archive, "manifest.json", json.dumps(_manifest(), indent=1))
        for name, path in _files(installation, dump, folders):
            # A recording may be deleted by its rule between the listing and now.
            if path.exists():
                archive.add(path, arcname=name, recursive=False)
                count += 1
    return count


def _manifest() -> dict[str, Any]:
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return {"format": FORMAT, "madoguchi": __version__, "made": made}


def _files(installation: Installation, dump: Path, folders: Sequence[str]) -> Iterator[tuple[str, Path]]:
    keys, *others = folders
    yield from _below(installation.home, keys)
    yield DUMP, dump
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
    _run_tool(database.programs(installation, version) / "pg_dump", options, reach_of_django())


def reach_of_django() -> dict[str, str]:
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
