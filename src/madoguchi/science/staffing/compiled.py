"""Machine code for the kernels, made when there is enough to compute.

A kernel is a plain typed function in `kernels`. One question is answered by running it as it stands, in
milliseconds and without importing numba (half a second) or compiling (seconds). Many intervals are worth the
compiling, which is kept on disk where its user may write. A kernel's copy calls the copies of those it calls.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

ENOUGH_ROWS = 128
"""From so many rows on a kernel is compiled."""
_KERNELS = f"{__package__}.kernels"
_kept: list[Path] = []


def keep_in(folder: Path) -> None:
    """Keep machine code below `folder`, not in the user's own cache; to be called before any compiling."""
    _kept[:] = [folder]


def home() -> Path | None:
    """What machine code is kept below: NUMBA_CACHE_DIR, the folder of `keep_in`, else the user's cache."""
    told = os.environ.get("NUMBA_CACHE_DIR")
    if told:
        return Path(told)
    return _kept[0] if _kept else _own_cache()


def rows(kernel: Callable[..., None], count: int, *columns: Any) -> None:
    """Run a kernel over `count` rows: as it stands when they are few, compiled when they are many."""
    (machine_code(kernel) if count >= ENOUGH_ROWS else kernel)(*columns)


@cache
def machine_code(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled copy of a kernel and of all kernels that it calls."""
    import numba
    from numba.core import config as settings

    config: Any = settings  # its names are made while it is read

    assert isinstance(kernel, FunctionType)
    called = {
        name: machine_code(value)
        for name in kernel.__code__.co_names
        if isinstance(value := kernel.__globals__.get(name), FunctionType)
        and value.__module__.startswith(_KERNELS)
    }
    copy = FunctionType(kernel.__code__, {**kernel.__globals__, **called}, kernel.__name__)
    copy.__qualname__, copy.__module__ = kernel.__qualname__, kernel.__module__
    folder = _folder()
    if folder is None:
        return _typed(numba.njit(copy, nogil=True))
    before, config.CACHE_DIR = config.CACHE_DIR, str(folder)
    try:
        return _typed(numba.njit(copy, nogil=True, cache=True))
    finally:
        config.CACHE_DIR = before


def _typed(dispatcher: Any) -> Callable[..., Any]:
    made: Callable[..., Any] = dispatcher
    return made


@cache
def _folder() -> Path | None:
    """Where machine code is kept, or None where nothing may be written.

    Numba looks only at the file of a function itself to see whether its code is old, not at what it calls:
    so the folder carries the hash of all kernels.
    """
    parent = home()
    if parent is None:
        return None
    folder = parent / f"kernels-{_fingerprint()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def _own_cache() -> Path | None:
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "madoguchi"
    except RuntimeError:  # no home folder
        return None


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for file in sorted((Path(__file__).parent / "kernels").glob("*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]
