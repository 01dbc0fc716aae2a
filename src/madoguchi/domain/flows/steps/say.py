"""Say something, then go on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from madoguchi.domain.flows.fields import Fields
from madoguchi.domain.flows.steps.shape import (
    MAX_PENDING_KEYS,
    Event,
    Exit,
    KeyPressed,
    Move,
    Position,
    Problem,
    PromptFinished,
    StopSaying,
    go,
    say,
    stay,
)
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.refs import PromptRef, Ready


@dataclass(frozen=True)
class Say:
    """The caller hears the prompts. A key cuts them short, and counts for the ask that follows."""

    verb: ClassVar[str] = "say"

    spoken: tuple[PromptRef, ...]
    next: str | None
    skippable: bool
    """False where all must be heard, as with the notice that the call is recorded."""

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.prompts("prompts"), fields.way("next"), fields.yes("skippable", True))

    def exits(self) -> tuple[Exit, ...]:
        return (Exit("next", self.next),)

    def prompts(self) -> tuple[PromptRef, ...]:
        return self.spoken

    def check(self) -> Iterator[Problem]:
        if not self.spoken:
            yield Problem("nothing_said")
        notice = any(isinstance(ref, Ready) and ref.key is BuiltIn.RECORDING_NOTICE for ref in self.spoken)
        if notice and self.skippable:
            yield Problem("notice_can_be_skipped", is_error=False)

    def enter(self, position: Position) -> Move:
        skips = self.skippable and position.pending
        if skips or not self.spoken:
            return go(position, self.next)
        return say(position, self.spoken)

    def on_event(self, position: Position, event: Event) -> Move:
        match event:
            case PromptFinished(turn) if turn == position.turn:
                return go(position, self.next)
            case KeyPressed(key):
                kept = replace(position, pending=(position.pending + key)[:MAX_PENDING_KEYS])
                return go(kept, self.next, StopSaying(position.turn)) if self.skippable else stay(kept)
        return stay(position)
