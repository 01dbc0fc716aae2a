"""What several sections of one message need is read once: they also tell of the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")
_memory = threading.local()


@contextmanager
def batch() -> Iterator[None]:
    """Sections computed within are one message."""
    _memory.values = {}
    try:
        yield
    finally:
        _memory.values = None


def once_a_batch(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Remember what `function` gave for the same arguments until the batch ends; outside of one, nothing."""

    @wraps(function)
    def remembered(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        values: dict[Any, Any] | None = getattr(_memory, "values", None)
        if values is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in values:
            values[key] = function(*args, **kwargs)
        found: Result = values[key]
        return found

    return remembered
