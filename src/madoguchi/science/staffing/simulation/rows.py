"""Where the compiled functions find what they work on: from the row of the run to one row of an array."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba.core import cgutils
from numba.extending import intrinsic

from madoguchi.science.staffing.simulation.compiled import compiled
from madoguchi.science.staffing.simulation.distributions import ROW
from madoguchi.science.staffing.simulation.hindsight import COLUMNS
from madoguchi.science.staffing.simulation.world import (
    AGENT_ROW,
    CALL_ROW,
    CASE_ROW,
    HEAP_ROW,
    PLAN_ROW,
    QUEUE_ROW,
    SPELL_ROW,
    TRY_ROW,
    WORK_ROW,
)

_carray: Any = vars(numba)["carray"]
_WHOLE = np.dtype("i8")
_REAL = np.dtype("f8")


def _to_pointer(typing: Any, address: Any) -> Any:
    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return numba.types.voidptr(numba.types.int64), lower


_pointer: Any = intrinsic(_to_pointer)
"""The memory at an address that `World.place` wrote down."""


@compiled
def call_of(w: Any, number: int) -> Any:
    """A call."""
    return _carray(_pointer(w.calls_at), (w.calls_room,), CALL_ROW)[number]


@compiled
def agent_of(w: Any, number: int) -> Any:
    """A person; the last one's list of work is everybody's."""
    return _carray(_pointer(w.agents_at), (w.agents_room,), AGENT_ROW)[number]


@compiled
def queue_of(w: Any, number: int) -> Any:
    """A queue."""
    return _carray(_pointer(w.queues_at), (w.queues_room,), QUEUE_ROW)[number]


@compiled
def case_of(w: Any, number: int) -> Any:
    """A case."""
    return _carray(_pointer(w.cases_at), (w.cases_room,), CASE_ROW)[number]


@compiled
def work_of(w: Any, number: int) -> Any:
    """A piece of work."""
    return _carray(_pointer(w.works_at), (w.works_room,), WORK_ROW)[number]


@compiled
def tried_of(w: Any, number: int) -> Any:
    """A ring in vain."""
    return _carray(_pointer(w.tries_at), (w.tries_room,), TRY_ROW)[number]


@compiled
def spell_of(w: Any, number: int) -> Any:
    """A stretch of somebody's time."""
    return _carray(_pointer(w.spells_at), (w.spells_room,), SPELL_ROW)[number]


@compiled
def plan_of(w: Any, number: int) -> Any:
    """A moment known beforehand."""
    return _carray(_pointer(w.plan_at), (w.plan_room,), PLAN_ROW)[number]


@compiled
def heap_of(w: Any) -> Any:
    """The calendar, the earliest at 0."""
    return _carray(_pointer(w.heap_at), (w.heap_room,), HEAP_ROW)


@compiled
def waiting_of(w: Any) -> Any:
    """Calls that ring nowhere, in the order in which they are served."""
    return _carray(_pointer(w.waiting_at), (w.waiting_room,), _WHOLE)


@compiled
def idle_of(w: Any) -> Any:
    """People who do nothing, in no order."""
    return _carray(_pointer(w.idle_at), (w.people + 1,), _WHOLE)


@compiled
def asking_of(w: Any) -> Any:
    """Operators who wait for a leader, first come first."""
    return _carray(_pointer(w.asking_at), (w.people + 1,), _WHOLE)


@compiled
def rank_of(w: Any, agent: int, queue: int) -> int:
    """0: does not serve the queue."""
    return int(_carray(_pointer(w.ranks_at), (w.people + 1, w.kinds), _WHOLE)[agent, queue])


@compiled
def level_of(w: Any, agent: int, skill: int) -> int:
    """0: does not have the skill."""
    return int(_carray(_pointer(w.levels_at), (w.people + 1, w.skills), _WHOLE)[agent, skill])


@compiled
def asked_of(w: Any, asks: int, skill: int) -> int:
    """The least level; -1: not asked. The first rows are the queues'."""
    return int(_carray(_pointer(w.asks_at), (asks + 1, w.skills), _WHOLE)[asks, skill])


@compiled
def time_of(w: Any, number: int) -> Any:
    """A distribution."""
    return _carray(_pointer(w.times_at), (number + 1,), ROW)[number]


@compiled
def tables_of(w: Any) -> Any:
    """The values of all distributions that are tables."""
    return _carray(_pointer(w.tables_at), (1 << 40,), _REAL)


@compiled
def luck_of(w: Any, known: int, purpose: int) -> float:
    """Where the records let a call's chance lie; below 0: anywhere."""
    return float(_carray(_pointer(w.lucks_at), (known + 1, COLUMNS), _REAL)[known, purpose])


@compiled
def again_of(w: Any, known: int, after: int) -> int:
    """The same caller's next call in the records; -1: none."""
    return int(_carray(_pointer(w.again_at), (known + 1, 2), _WHOLE)[known, after])


@compiled
def rung_of(w: Any, known: int) -> int:
    """Twice the rings let go in the records, and one more if the call was answered."""
    return int(_carray(_pointer(w.rung_at), (known + 1,), _WHOLE)[known])


@compiled
def hours_of(w: Any) -> Any:
    """Opening hours: [stretch, 0 from and 1 to]."""
    return _carray(_pointer(w.hours_at), (w.spans, 2), _REAL)
