"""The state of a run, as arrays that the compiled loop works on. One row of each says it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import chance, flat
from madoguchi.science.staffing.simulation.names import number, numbers

Rows = NDArray[Any]

# Activity of a person.
OFF, IDLE, RINGING, TALKING, WRAPPING, WORKING, CONSULTING, ASKING = numbers(8)
# Phase of a call.
MENU, WAITING, AT_RING, IN_TALK, ENDED = numbers(5)
# What happens at a moment of the calendar.
(GIVE_UP, EVICT, OFFER_CALL_BACK, PICKED_UP, MISSED, TALKED, WRAPPED, WORKED, CONSULTED) = numbers(9)
(COOLED, LOOK_AGAIN, ANSWERED_BY_DEPARTMENT, CHASES, REDIALS, RETURNS, MENU_OVER) = numbers(16)[9:]
# What the plan, known beforehand, brings.
(CALL, MAIL, COMES, GOES, OPENS, CLOSES) = numbers(6)

NO_ROOM, DONE = numbers(2)
# What the matcher must look at anew.
(NOTHING, NEWEST, ALL) = numbers(3)
LIVING = number(-1)
"""Outcome of a call that has none yet."""

CALL_ROW = np.dtype(
    [
        ("arrived", "f8"), ("enqueued", "f8"), ("answered", "f8"), ("bears_until", "f8"), ("wait", "f8"),
        ("talk", "f8"), ("wrap_up", "f8"), ("held_until", "f8"), ("key", "u8"), ("customer", "i8"),
        ("queue", "i8"), ("parent", "i8"), ("agent", "i8"), ("case", "i8"), ("tries", "i8"), ("named", "i8"),
        ("asks", "i8"), ("priority", "i8"), ("open_rings", "i8"), ("rings", "i8"), ("missed", "i8"),
        ("kind", "i8"), ("outcome", "i8"), ("phase", "i8"), ("timed", "i8"), ("known", "i8"),
    ], align=True
)  # fmt: skip
AGENT_ROW = np.dtype(
    [
        ("idle_since", "f8"), ("cooling_until", "f8"), ("began", "f8"), ("came", "f8"), ("miss", "f8"),
        ("wear", "f8"), ("call", "i8"), ("slot", "i8"), ("token", "i8"), ("work", "i8"), ("head", "i8"),
        ("tail", "i8"), ("decisions", "i8"), ("activity", "i8"), ("present", "i8"), ("leader", "i8"),
    ], align=True
)  # fmt: skip
QUEUE_ROW = np.dtype(
    [
        ("talk", "i8"), ("wrap_up", "i8"), ("chaser_talk", "i8"), ("patience", "i8"), ("redial_delay", "i8"),
        ("after_abandon", "f8"), ("after_block", "f8"), ("returns", "f8"), ("return_delay", "i8"),
        ("share", "f8"), ("casework", "i8"), ("first", "f8"), ("ask", "f8"), ("department", "i8"),
        ("call_back", "f8"), ("calling_back", "i8"), ("promised", "f8"), ("chase", "f8"),
        ("chase_after", "i8"),
        ("named", "f8"), ("named_hold", "f8"), ("priority", "i8"), ("order", "i8"), ("ring", "f8"),
        ("cooling_off", "f8"), ("retry_after", "f8"), ("short_abandon", "f8"), ("max_wait", "f8"),
        ("places", "i8"), ("menu", "i8"), ("self_served", "f8"), ("outside", "f8"), ("offer_after", "f8"),
        ("accept", "f8"), ("consult", "f8"), ("consulting", "i8"), ("waiting", "i8"), ("barren", "i8"),
    ], align=True
)  # fmt: skip
CASE_ROW = np.dtype(
    [
        ("opened", "f8"), ("asked", "f8"), ("answered", "f8"), ("due", "f8"), ("resolved", "f8"),
        ("key", "u8"), ("customer", "i8"), ("call", "i8"), ("queue", "i8"), ("owner", "i8"),
        ("chasers", "i8"), ("chances", "i8"),
    ], align=True
)  # fmt: skip
WORK_ROW = np.dtype(
    [("seconds", "f8"), ("case", "i8"), ("next", "i8"), ("kind", "i8"), ("first", "i8")], align=True
)
SPELL_ROW = flat.SPELLS
TRY_ROW = np.dtype([("at", "f8"), ("agent", "i8"), ("next", "i8")], align=True)
PLAN_ROW = np.dtype([("at", "f8"), ("key", "u8"), ("kind", "i8"), ("who", "i8"), ("known", "i8")], align=True)
HEAP_ROW = np.dtype([("at", "f8"), ("what", "i8")], align=True)
# Addresses of the arrays come first, then what is counted, then settings.
_ARRAYS = ("plan", "heap", "calls", "agents", "queues", "cases", "works", "tries", "spells", "waiting")
_TABLES = ("ranks", "levels", "asks", "idle", "asking", "times", "tables", "hours", "lucks", "again", "rung")
NOW_ROW = np.dtype(
    [
        *[(f"{name}_at", "i8") for name in _ARRAYS + _TABLES],
        *[(f"{name}_room", "i8") for name in _ARRAYS],
        ("people", "i8"), ("kinds", "i8"), ("skills", "i8"), ("spans", "i8"), ("passed", "i8"),
        ("margin", "i8"),
        ("now", "f8"), ("horizon", "f8"), ("calls", "i8"), ("cases", "i8"), ("works", "i8"), ("spells", "i8"),
        ("tries", "i8"), ("heap", "i8"), ("planned", "i8"), ("idle", "i8"), ("waiting", "i8"),
        ("lines", "i8"),
        ("connected", "i8"), ("asking", "i8"), ("ready", "i8"), ("events", "i8"), ("pressed_from", "i8"),
        ("reserve", "i8"), ("pick_up", "i8"), ("hiding", "i8"), ("writing", "i8"), ("pooled", "i8"),
        ("newest", "i8"), ("open", "i8"), ("evict_at_close", "i8"), ("keep_spells", "i8"), ("changed", "i8"),
        ("leaders_always", "i8"), ("round", "i8"),
        ("of", "u8", (chance.PURPOSES,)),
    ], align=True
)  # fmt: skip


_COUNTED = frozenset(f"{name}_room" for name in _ARRAYS)
GROWING = ("heap", "calls", "cases", "works", "tries", "spells", "waiting")
DTYPES = {
    "heap": HEAP_ROW,
    "calls": CALL_ROW,
    "cases": CASE_ROW,
    "works": WORK_ROW,
    "tries": TRY_ROW,
    "spells": SPELL_ROW,
    "waiting": np.dtype("i8"),
}


@dataclass(slots=True)
class World:
    """The arrays of a run, and the one row that says where they are and how full.

    That row is all that the compiled functions are given: a hundred arguments would be carried into each of
    them otherwise, which costs ten times the run and the compiling.
    """

    sys: Rows
    """One row: the moment, counts, settings and addresses."""
    arrays: dict[str, Rows] = field(default_factory=dict)

    def place(self, **arrays: Rows) -> None:
        """Take arrays in and write their addresses down. They must stay here as long as the run goes on."""
        row = self.sys[0]
        for name, array in arrays.items():
            self.arrays[name] = np.ascontiguousarray(array)
            row[f"{name}_at"] = self.arrays[name].ctypes.data
            if f"{name}_room" in _COUNTED:
                row[f"{name}_room"] = array.size

    def make_room(self) -> None:
        """Twice the room, as often as needed, in everything into which one more moment may not fit.

        A moment may touch every person a few times (all ring, all but one are let go, all ring again), and
        closing time every caller in line, who may redial.
        """
        row = self.sys[0]
        for name in GROWING:
            array = self.arrays[name]
            needed = int(row[name]) + int(row["margin"]) + (int(row["waiting"]) if name == "heap" else 0)
            if array.size <= needed:
                room = array.size
                while room <= needed:
                    room *= 2
                self.place(**{name: np.concatenate([array, np.zeros(room - array.size, array.dtype)])})

    def written(self, name: str) -> Rows:
        """The rows of `name` that are in use."""
        return self.arrays[name][: int(self.sys[0][name])]
