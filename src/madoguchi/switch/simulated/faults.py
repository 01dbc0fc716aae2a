"""What can go wrong at a switch, on demand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from madoguchi.switch.port import Command, CommandRefused, Event


@dataclass(slots=True)
class Faults:
    """Faults that wait for their occasion; each is used once."""

    lost: Counter[type[Event]] = field(default_factory=Counter)
    """How many of the next events of a kind never arrive."""
    repeated: Counter[type[Event]] = field(default_factory=Counter)
    """How many of the next events of a kind arrive twice."""
    refused: dict[type[Command], CommandRefused] = field(default_factory=dict)
    """What the next command of a kind is answered with, undone."""

    def deliveries(self, event: Event) -> int:
        """How often this event is to be delivered."""
        if self.lost[type(event)] > 0:
            self.lost[type(event)] -= 1
            return 0
        if self.repeated[type(event)] > 0:
            self.repeated[type(event)] -= 1
            return 2
        return 1

    def check(self, command: Command) -> None:
        """Refuse a command that is to be refused."""
        refusal = self.refused.pop(type(command), None)
        if refusal is not None:
            raise refusal
