"""Files of customers that are being taken in: kept below the uploads until they are done with."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

from madoguchi.domain.customers.errors import ImportGone
from madoguchi.domain.customers.import_file import blocks

KEPT_S = 24 * 3600
"""A file that nobody said yes to is thrown away after so long."""
_ABANDONED_S = 7 * KEPT_S
"""A file that no row tells of any more (a backup was restored, say)."""


def keep(import_id: UUID, content: IO[bytes]) -> str:
    """Keep a file for the worker; gives its SHA-256. On disk for good when it returns."""
    file = _path(import_id)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    digest = hashlib.sha256()
    with os.fdopen(handle, "wb") as stream:
        for block in blocks(content):
            stream.write(block)
            digest.update(block)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


@contextlib.contextmanager
def kept(import_id: UUID) -> Iterator[IO[bytes]]:
    """A file, open for reading. Raises ImportGone."""
    try:
        stream = _path(import_id).open("rb")
    except OSError as error:
        raise ImportGone from error
    with stream:
        yield stream


@contextlib.contextmanager
def scratch() -> Iterator[sqlite3.Connection]:
    """A database in a file without a name: it is gone with whoever holds it, also after a kill -9."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".scratch")
    os.close(handle)
    with contextlib.closing(sqlite3.connect(name, isolation_level=None)) as opened:
        # It is opened at the first write only, and never again.
        opened.executescript(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA user_version = 1"
        )
        Path(name).unlink()
        yield opened


def forget(import_id: UUID) -> None:
    """Throw a file away."""
    _path(import_id).unlink(missing_ok=True)


def forget_strays() -> None:
    """Throw away files that lie here although everything that knew of them has long ended."""
    oldest = time.time() - _ABANDONED_S
    for file in _folder().glob("*.csv"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def _path(import_id: UUID) -> Path:
    return _folder() / f"{import_id}.csv"


def _folder() -> Path:
    folder: Path = settings.INSTALLATION.uploads / "customers"
    return folder
