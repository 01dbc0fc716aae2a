"""The one place for a controller on this machine: whoever sits down knows whether the one before is dead.

A lease lasts some seconds, so that a controller which merely sleeps is not overtaken. One that was killed
sleeps no more: the kernel let go of its lock, and its successor gives its lease back for it at once.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from uuid import UUID


class Seat:
    """A locked file with the holder's id in it; held until the process ends, however it ends."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = file.open("a+")

    def take(self, holder: UUID) -> UUID | None:
        """Sit down as `holder`; returns who sat here before and is dead.

        None when nobody did, or when somebody alive sits here (then the lease decides, as between machines).
        """
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        self._file.seek(0)
        before = self._file.read().strip()
        self._file.truncate(0)
        self._file.write(str(holder))
        self._file.flush()
        try:
            return UUID(before)
        except ValueError:
            return None
