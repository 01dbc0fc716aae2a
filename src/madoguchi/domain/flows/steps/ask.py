"""Ask for a key: each leads somewhere, and whoever presses none still comes to a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from madoguchi.domain.flows.fields import Fields
from madoguchi.domain.flows.steps.shape import (
    Event,
    Exit,
    KeyPressed,
    Move,
    Position,
    Problem,
    PromptFinished,
    StopSaying,
    TimedOut,
    WaitForKey,
    go,
    say,
    stay,
)
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.refs import PromptRef, Ready


@dataclass(frozen=True)
class Ask:
    """The caller hears the choices and presses a key, during the words or after them.

    A key that leads nowhere, or none within `wait_s`, costs a try; after `tries` the call goes the way
    out, which must lead to a person.
    """

    verb: ClassVar[str] = "ask"

    spoken: tuple[PromptRef, ...]
    keys: Mapping[str, tuple[str | None, str]]
    wait_s: int
    tries: int
    wrong_key: tuple[PromptRef, ...]
    no_key: tuple[PromptRef, ...]
    way_out: str | None

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(
            spoken=fields.prompts("prompts"),
            keys=fields.keys("keys"),
            wait_s=fields.whole("wait_s", 6, 1, 30),
            tries=fields.whole("tries", 3, 1, 5),
            wrong_key=fields.prompts("wrong_key") or (Ready(BuiltIn.WRONG_KEY, fields.language),),
            no_key=fields.prompts("no_key") or (Ready(BuiltIn.NO_KEY, fields.language),),
            way_out=fields.way("way_out"),
        )

    def exits(self) -> tuple[Exit, ...]:
        keyed = (Exit(f"key {key}", to, key, label) for key, (to, label) in self.keys.items())
        return (*keyed, Exit("way_out", self.way_out))

    def prompts(self) -> tuple[PromptRef, ...]:
        return (*self.spoken, *self.wrong_key, *self.no_key)

    def check(self) -> Iterator[Problem]:
        if not self.spoken:
            yield Problem("nothing_said")
        if not self.keys:
            yield Problem("no_keys")
        for key, (_, label) in self.keys.items():
            if not label.strip():
                yield Problem("key_without_label", is_error=False, data={"key": key})

    def enter(self, position: Position) -> Move:
        if position.pending:
            key, rest = position.pending[0], position.pending[1:]
            if key in self.keys:
                return self._chosen(replace(position, pending=rest), key)
        # A key that means nothing here was pressed before the choices were heard: no try is lost for it.
        return say(replace(position, pending=""), self.spoken)

    def on_event(self, position: Position, event: Event) -> Move:
        match event:
            case KeyPressed(key):
                stop = () if position.waiting else (StopSaying(position.turn),)
                if key in self.keys:
                    return self._chosen(position, key, *stop)
                return self._again(position, self.wrong_key, *stop)
            case PromptFinished(turn) if turn == position.turn and not position.waiting:
                waits = replace(position, turn=turn + 1, waiting=True)
                return stay(waits, WaitForKey(waits.turn, float(self.wait_s)))
            case TimedOut(turn) if turn == position.turn and position.waiting:
                return self._again(position, self.no_key)
        return stay(position)

    def _chosen(self, position: Position, key: str, *stop: StopSaying) -> Move:
        to, label = self.keys[key]
        menu = (*position.menu, label) if label else position.menu
        return go(replace(position, collected=(*position.collected, key), menu=menu), to, *stop)

    def _again(self, position: Position, why: tuple[PromptRef, ...], *stop: StopSaying) -> Move:
        tried = replace(position, tries=position.tries + 1)
        if tried.tries >= self.tries:
            return go(tried, self.way_out, *stop)
        return say(tried, (*why, *self.spoken), *stop)
