"""Compiling the inner loops: a decorator for their parts, and one for what Python calls.

What is compiled is kept on disk where `staffing.compiled` keeps all machine code, so that only the first call
after an installation pays for it (seconds); where nothing can be written it is compiled anew in each process.
A loop is many small functions in several files, and numba looks only at the file of the outermost one to see
whether what it kept is still good: so the folder's name carries a stamp of them all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import numba

from madoguchi.science.staffing.compiled import home

Function = TypeVar("Function", bound=Callable[..., Any])
_njit: Any = numba.njit
_config: Any = numba.config
_HERE = Path(__file__).parent
_AS_MACHINE = {"nogil": True, "error_model": "numpy"}


def compiled(function: Function) -> Function:
    """Compile `function` as a part of others: only compiled code can call it."""
    part: Function = _njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_AS_MACHINE)(function)
    return part


def entry(function: Function) -> Function:
    """Compile `function`, which Python calls, at its first call, and keep the result on disk.

    It runs without Python's lock, so that replications use every core.
    """

    @cache
    def dispatcher() -> Any:
        before, _config.CACHE_DIR = _config.CACHE_DIR, str(_folder())
        try:
            return _njit(cache=True, **_AS_MACHINE)(function)
        except RuntimeError:
            # Nowhere to keep it: slower to begin, not wrong.
            return _njit(**_AS_MACHINE)(function)
        finally:
            _config.CACHE_DIR = before

    @wraps(function)
    def call(*arguments: Any) -> Any:
        return dispatcher()(*arguments)

    made: Any = call
    return made  # type: ignore[no-any-return]


def _folder() -> Path:
    stamp = hashlib.sha256()
    for file in sorted(_HERE.glob("*.py")):
        stamp.update(file.name.encode() + file.read_bytes())
    return (home() or _HERE / "__pycache__") / f"simulation-{stamp.hexdigest()[:16]}"
