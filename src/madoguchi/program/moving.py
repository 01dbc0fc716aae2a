"""What backup and restore make: the finished thing or none, never half a one under the wished name."""

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from madoguchi.config.installation import LONGEST_HOME
from madoguchi.program import account
from madoguchi.program.errors import ProgramError

DRAFT = ".part"


@contextlib.contextmanager
def output(name: str) -> Iterator[IO[bytes]]:
    """A file to write, readable by its owner only, that takes its name when all is written; - is stdout."""
    if name == "-":
        yield sys.stdout.buffer
        return
    draft = Path(f"{name}{DRAFT}")
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


@dataclass(frozen=True, slots=True)
class Draft:
    """A folder that is being filled."""

    folder: Path
    lock: int
    """Descriptor that keeps others away for as long as any process has it open."""


@contextlib.contextmanager
def folder(name: Path) -> Iterator[Draft]:
    """A data folder to fill, beside the wished one, whose name it takes when the block ends well.

    Killed before, it stays as `<name>.part`, which the next one takes over and anybody may delete.
    """
    wished = name.resolve()
    draft = wished.with_name(wished.name + DRAFT)
    if len(str(draft)) > LONGEST_HOME:
        raise ProgramError(f"The path {wished} is too long: at most {LONGEST_HOME - len(DRAFT)} letters.")
    _must_be_free(wished)
    draft.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _take(lock, draft)
        _must_be_free(wished)
        account.of_servers().own(draft)
        yield Draft(draft, lock)
        _must_be_free(wished)
        draft.rename(wished)
        _make_lasting(wished.parent)
    finally:
        # It is empty, and so of no use, when the filling failed in an orderly way.
        with contextlib.suppress(OSError):
            draft.rmdir()
        os.close(lock)


def _must_be_free(wished: Path) -> None:
    if wished.is_mount():
        raise ProgramError(
            f"{wished} is a mount point, which cannot be given to another folder. Name one in it."
        )
    if wished.exists() and (not wished.is_dir() or any(wished.iterdir())):
        raise ProgramError(
            f"{wished} is in use already. Restore into a new data folder: "
            "set MADOGUCHI_HOME to one that does not exist yet."
        )


def _take(lock: int, draft: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ProgramError(f"Another restore is filling {draft} just now. Wait for it, or end it.") from error


def _make_lasting(parent: Path) -> None:
    descriptor = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
