"""Computes states in a few threads, and reads what many streams share only once per broadcast."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import translation

from madoguchi.live.batch import batch
from madoguchi.live.registry import Section, sections_of
from madoguchi.live.viewers import Viewer

Result = TypeVar("Result")
THREADS = 4
"""Fewer than the pool has connections: pages and actions must never wait for pushes."""
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")


async def in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Run database work beside the event loop and give the connection back at once.

    Streams that kept their pooled connections would starve the process: as many desks as the pool is wide.
    """

    def work() -> Result:
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(_pool, work)


class Rounds:
    """What was read for the newest broadcast round. Older rounds are forgotten."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._round = 0
        self._values: dict[object, _Once] = {}

    def once(self, round_: int | None, key: object, read: Callable[[], Any]) -> Any:
        """`read()` once per round and key; without a round, or after a newer one came, always anew."""
        if round_ is None:
            return read()
        with self._lock:
            if round_ < self._round:
                once = _Once()
            else:
                if round_ > self._round:
                    self._round, self._values = round_, {}
                once = self._values.setdefault(key, _Once())
        return once.get(read)


class _Once:
    def __init__(self) -> None:
        self._lock = Lock()
        self._value: list[Any] = []

    def get(self, read: Callable[[], Any]) -> Any:
        with self._lock:
            if not self._value:
                self._value.append(read())
            return self._value[0]


def states(viewer: Viewer, due: Mapping[str, int | None], rounds: Rounds) -> dict[str, str]:
    """The states of the sections that are due, each as JSON; names the page does not have are left out."""
    known = sections_of(viewer.page)
    with batch(), translation.override(viewer.language):
        return {
            name: _json(_state(known[name], viewer, round_, rounds))
            for name, round_ in due.items()
            if name in known
        }


def _json(state: dict[str, Any]) -> str:
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)


def _state(section: Section, viewer: Viewer, round_: int | None, rounds: Rounds) -> dict[str, Any]:
    if section.takes == 0:
        value: dict[str, Any] = rounds.once(
            round_, (section.page, section.name, viewer.language), section.compute
        )
        return value
    if section.shared is not None:
        return section.compute(viewer.id, rounds.once(round_, section.shared, section.shared))
    return section.compute(viewer.id)
