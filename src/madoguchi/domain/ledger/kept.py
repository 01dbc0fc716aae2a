"""What is read at each call and changes once a week: kept for a moment, where the doorbell is heard.

Only control keeps anything: it hears by `control` `settings` (and `configuration`) that somebody changed
something, and then forgets all of it. Should a doorbell be lost, what is kept is too old after `OLDEST_S`.
Rows that are kept are shared by threads, and are only read.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Hashable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

OLDEST_S = 5.0
MOST = 2000
"""Keys of one function; a stranger who calls many numbers must not fill the memory."""


class _Shelf:
    """All that is kept in this process."""

    def __init__(self) -> None:
        self.open = False
        self.round = 0
        """Grows with each forgetting: what was read before it must not be kept after it."""
        self.of: dict[str, dict[Hashable, tuple[float, Any]]] = {}


_shelf = _Shelf()


def kept(read: Callable[P, T]) -> Callable[P, T]:
    """Make a read, by values that can be a key, one whose answers are kept for a moment."""
    name = f"{read.__module__}.{read.__qualname__}"

    @functools.wraps(read)
    def look(*args: P.args, **fields: P.kwargs) -> T:
        if not _shelf.open:
            return read(*args, **fields)
        key: Hashable = (args, *sorted(fields.items())) if fields else args
        known, at = _shelf.of.setdefault(name, {}), time.monotonic()
        found = known.get(key)
        if found is not None and at - found[0] < OLDEST_S:
            answer: T = found[1]
            return answer
        round_ = _shelf.round
        answer = read(*args, **fields)
        if len(known) >= MOST:
            known.clear()
        if round_ == _shelf.round:
            known[key] = (at, answer)
        return answer

    return look


def is_on() -> bool:
    """Whether this process keeps things."""
    return _shelf.open


def keep_from_now_on() -> None:
    """This process hears the doorbell, and will `forget` when it rings."""
    forget()
    _shelf.open = True


def keep_nothing() -> None:
    """The end of `keep_from_now_on`."""
    _shelf.open = False
    forget()


def forget() -> None:
    """Somebody changed something: read everything anew."""
    _shelf.round += 1
    _shelf.of = {}
