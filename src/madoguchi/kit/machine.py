"""State machines as data: a table (state, event) → state, and one pure function over it.

Each room's `states.py` holds an enum of states, an enum of events and a `Machine`. A pair that is not
in the table is refused by name: `Impossible` says which machine, state and event. A test walks all pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


class Impossible(Exception):
    """An event came in a state in which the table does not allow it."""

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine}: {event} is not possible while {state}")
        self.machine = machine
        self.state = state
        self.event = event


@dataclass(frozen=True)
class Machine:
    """One machine: its name, where it begins, its table, and where it ends."""

    name: str
    initial: str
    table: Mapping[tuple[str, str], str]
    ends: frozenset[str] = field(default_factory=frozenset)

    def next_state(self, state: str, event: str) -> str:
        """The state after `event`. Raises `Impossible` when the table has no such pair."""
        try:
            return self.table[(state, event)]
        except KeyError:
            raise Impossible(self.name, state, event) from None

    def allows(self, state: str, event: str) -> bool:
        """Whether `event` may come while `state`."""
        return (state, event) in self.table

    def arrows(self) -> Iterator[tuple[str, str, str]]:
        """Every (state, event, next state), in the order of the table; docs draw diagrams from it."""
        for (state, event), new in self.table.items():
            yield state, event, new
