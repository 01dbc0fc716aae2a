"""The files of backup and restore: a finished backup or none, never half a one under the wished name."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def output(name: str) -> Iterator[IO[bytes]]:
    """A file to write, readable by its owner only, that takes its name when all is written; - is stdout."""
    if name == "-":
        yield sys.stdout.buffer
        return
    draft = Path(f"{name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(name)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def input(name: str) -> Iterator[IO[bytes]]:
    """A file to read; - is stdin."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as stream:
        yield stream
