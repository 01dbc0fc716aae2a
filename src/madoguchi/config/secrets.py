"""What only this installation knows: random values, made once, kept in one file of mode 0600."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secrets:
    """The random values of one installation; without it log-ins and encrypted fields are lost."""

    django_key: str
    """Signs sessions, forms and links."""
    database_password: str
    """Of the role `madoguchi` in the embedded PostgreSQL."""
    ari_password: str
    """Between call control and Asterisk, on loopback."""
    gate_key: str
    """Signs what the web process and the gate tell each other."""
    visitor_password: str
    """Of the demonstration's visitor phone, which reaches demonstration numbers only."""
    sealing_key: str
    """Seals the passwords of telephones and lines in the database; several with commas, the newest first."""


def load(file: Path) -> Secrets:
    """Read the secrets of an installation, making those that do not exist yet.

    A newer version may want one more secret than the file holds: it is added, the others stay.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(file.parent):
        known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        complete = Secrets(**{name: known.get(name) or _fresh() for name in _names()})
        # What an older version knew stays in the file, and is no reason to write it anew.
        if not all(known.get(name) for name in _names()):
            _write(file, known | asdict(complete))
    return complete


def _names() -> list[str]:
    return [field.name for field in fields(Secrets)]


def _fresh() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    # Several processes of an installation start at once; without the lock each would make its own secrets.
    lock = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write(file: Path, values: dict[str, str]) -> None:
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    if os.geteuid() == 0:
        # Root runs a command of a newer version: the processes of the centre must still be able to read it.
        folder = file.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(values, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
