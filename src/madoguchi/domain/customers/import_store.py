"""Files of customers that are being taken in: kept below the uploads until they are done with."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from uuid import UUID

from django.conf import settings

from madoguchi.domain.customers.errors import ImportGone

KEPT_S = 24 * 3600
"""A file that nobody said yes to is thrown away after so long."""
_ABANDONED_S = 7 * KEPT_S
"""A file that no row tells of any more (a backup was restored, say)."""


def keep(import_id: UUID, content: bytes) -> str:
    """Keep a file for the worker; gives its SHA-256. On disk for good when it returns."""
    file = _path(import_id)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return hashlib.sha256(content).hexdigest()


def kept(import_id: UUID) -> bytes:
    """The bytes of a file. Raises ImportGone."""
    try:
        return _path(import_id).read_bytes()
    except OSError as error:
        raise ImportGone from error


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
