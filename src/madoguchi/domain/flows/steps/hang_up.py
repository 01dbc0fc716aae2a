"""Say a last word, if any, and end the call."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from madoguchi.domain.flows.fields import Fields
from madoguchi.domain.flows.steps.shape import (
    EndCall,
    Ending,
    Event,
    Exit,
    Move,
    Position,
    Problem,
    PromptFinished,
    say,
    stay,
)
from madoguchi.domain.prompts.refs import PromptRef


@dataclass(frozen=True)
class HangUp:
    """The call ends here; `outcome` says in the figures what became of it."""

    verb: ClassVar[str] = "hang_up"

    spoken: tuple[PromptRef, ...]
    outcome: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        outcome = fields.choice("outcome", Ending.SERVED, (Ending.SERVED, Ending.CLOSED, Ending.FAULT))
        return cls(fields.prompts("prompts"), outcome)

    def exits(self) -> tuple[Exit, ...]:
        return ()

    def prompts(self) -> tuple[PromptRef, ...]:
        return self.spoken

    def check(self) -> Iterator[Problem]:
        if not self.spoken:
            yield Problem("ends_without_a_word", is_error=False)

    def enter(self, position: Position) -> Move:
        return say(position, self.spoken) if self.spoken else self._end(position)

    def on_event(self, position: Position, event: Event) -> Move:
        match event:
            case PromptFinished(turn) if turn == position.turn:
                return self._end(position)
        return stay(position)

    def _end(self, position: Position) -> Move:
        return stay(replace(position, ended=True), EndCall(self.outcome))
