"""Put the caller into a queue: from here on people, not the flow, look after the call."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from madoguchi.domain.flows.fields import Fields
from madoguchi.domain.flows.steps.shape import (
    EndCall,
    Ending,
    EnqueueRefused,
    Event,
    Exit,
    Move,
    Position,
    Problem,
    PutInQueue,
    go,
    stay,
)
from madoguchi.domain.prompts.refs import PromptRef

_MAX_MENU_CHARACTERS = 80


@dataclass(frozen=True)
class Enqueue:
    """The caller waits in `queue`; when it takes nobody, the flow goes on at `otherwise`."""

    verb: ClassVar[str] = "enqueue"

    queue: int | None
    priority: int
    reason: int | None
    otherwise: str | None

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(
            queue=fields.identity("queue"),
            priority=fields.whole("priority", 0, -10, 10),
            reason=fields.identity("reason"),
            otherwise=fields.way("otherwise"),
        )

    def exits(self) -> tuple[Exit, ...]:
        # Optional, unlike the ways of other verbs: without it a caller who is not taken is told so.
        return (Exit("otherwise", self.otherwise),) if self.otherwise else ()

    def prompts(self) -> tuple[PromptRef, ...]:
        return ()

    def check(self) -> Iterator[Problem]:
        if self.queue is None:
            yield Problem("no_queue")

    def enter(self, position: Position) -> Move:
        if self.queue is None:
            return go(position, self.otherwise)
        menu = " › ".join(position.menu)[:_MAX_MENU_CHARACTERS]
        return stay(position, PutInQueue(self.queue, self.priority, self.reason, menu))

    def on_event(self, position: Position, event: Event) -> Move:
        if isinstance(event, EnqueueRefused):
            if self.otherwise:
                return go(position, self.otherwise)
            return stay(replace(position, ended=True), EndCall(Ending.FAULT))
        return stay(position)
