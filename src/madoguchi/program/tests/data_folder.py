"""A folder for an installation's data, as the programs that keep sockets and a database in it want one."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def data_folder(*below: str) -> Iterator[Path]:
    """An empty one with these folders below it, gone at the end.

    Its name is short, since the paths of sockets have an end. The database's own user can walk through
    all of it when the tests run as root.
    """
    with tempfile.TemporaryDirectory(prefix="mgp-") as name:
        home = Path(name)
        for walked_through in (home, *(home / folder for folder in below)):
            walked_through.mkdir(exist_ok=True)
            walked_through.chmod(0o711)
        yield home
