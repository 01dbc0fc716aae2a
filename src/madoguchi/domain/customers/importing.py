"""Files of customers that wait for a yes: kept for a day between the preview and the import."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from madoguchi.domain.customers.errors import ImportGone
from madoguchi.domain.customers.import_file import Reading, read
from madoguchi.domain.customers.import_plan import Plan, plan

KEPT_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file holds and what importing it would do; nothing has been changed yet."""

    token: str
    reading: Reading
    plan: Plan


def examine(client_id: int, content: bytes) -> Preview:
    """Read a file, keep it for the import, and tell what that would do. Raises FileUnreadable."""
    reading = read(content)
    # The client is part of the name: what was examined for one is not imported for another.
    token = f"{client_id}-{secrets.token_urlsafe(18)}"
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / f"{token}.csv", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    return Preview(token, reading, plan(client_id, reading.rows))


def kept(client_id: int, token: str) -> tuple[bytes, str]:
    """The bytes of a file that was examined for a client, and their SHA-256. Raises ImportGone."""
    if not token.startswith(f"{client_id}-") or not token.replace("-", "").replace("_", "").isalnum():
        raise ImportGone
    try:
        content = (_folder() / f"{token}.csv").read_bytes()
    except OSError as error:
        raise ImportGone from error
    return content, hashlib.sha256(content).hexdigest()


def forget(token: str) -> None:
    """Throw a file away after its import."""
    (_folder() / f"{token}.csv").unlink(missing_ok=True)


def forget_old() -> int:
    """Throw away files that nobody said yes to for a day; how many there were."""
    if not _folder().is_dir():
        return 0
    old = [file for file in _folder().glob("*.csv") if file.stat().st_mtime < time.time() - KEPT_S]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def _folder() -> Path:
    folder: Path = settings.INSTALLATION.uploads / "customers"
    return folder
