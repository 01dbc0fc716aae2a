"""What all verbs have in common: where a call stands, what can happen, what can be asked of the switch."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Protocol, Self

from madoguchi.domain.flows.fields import Fields
from madoguchi.domain.prompts.refs import PromptRef

MAX_PENDING_KEYS = 8


@dataclass(frozen=True)
class Position:
    """Where a call stands in its flow: stored in the call's row as JSON, so that any process can go on.

    `turn` numbers what was asked of the switch. An event about an older turn is stale, as the end of a
    prompt is that was cut short by a key, and moves nothing.
    """

    node: str
    turn: int = 0
    waiting: bool = False
    """True while no prompt plays and a key is waited for."""
    tries: int = 0
    """How often this ask was answered wrongly or not at all."""
    pending: str = ""
    """Keys pressed before the ask they are meant for."""
    collected: tuple[str, ...] = ()
    """The keys that chose something, in order."""
    menu: tuple[str, ...] = ()
    """The labels of what was chosen: what the operator sees at the ring."""
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """As stored in the call's row."""
        return {**asdict(self), "collected": list(self.collected), "menu": list(self.menu)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The position that `to_json` gave."""
        return cls(
            node=stored["node"],
            turn=stored.get("turn", 0),
            waiting=stored.get("waiting", False),
            tries=stored.get("tries", 0),
            pending=stored.get("pending", ""),
            collected=tuple(stored.get("collected", ())),
            menu=tuple(stored.get("menu", ())),
            ended=stored.get("ended", False),
        )


# What can happen.


@dataclass(frozen=True)
class PromptFinished:
    """All prompts of `SayPrompts(turn)` were played, or could not be."""

    turn: int


@dataclass(frozen=True)
class KeyPressed:
    """One of 0–9, * and #."""

    key: str


@dataclass(frozen=True)
class TimedOut:
    """`WaitForKey(turn)` ended without a key."""

    turn: int


@dataclass(frozen=True)
class EnqueueRefused:
    """The queue of `PutInQueue` takes nobody: out of use, or full."""


Event = PromptFinished | KeyPressed | TimedOut | EnqueueRefused


# What is asked of the one who holds the call.


@dataclass(frozen=True)
class SayPrompts:
    """Play these one after the other, then tell `PromptFinished(turn)`."""

    turn: int
    prompts: tuple[PromptRef, ...]


@dataclass(frozen=True)
class StopSaying:
    """Fall silent at once: a key came in the middle of `SayPrompts(turn)`."""

    turn: int


@dataclass(frozen=True)
class WaitForKey:
    """Wait for a key; after `wait_s` seconds without one tell `TimedOut(turn)`."""

    turn: int
    wait_s: float


@dataclass(frozen=True)
class PutInQueue:
    """The flow's work is done: the caller waits for a person."""

    queue_id: int
    priority: int
    """Added to the queue's own priority."""
    reason_id: int | None
    """The call reason that the menu choice stands for."""
    menu: str
    """What the caller chose, in the labels of the keys."""


@dataclass(frozen=True)
class EndCall:
    """Hang up. `outcome` is one of the words of `Ending`."""

    outcome: str


Instruction = SayPrompts | StopSaying | WaitForKey | PutInQueue | EndCall


class Ending:
    """How a flow may end a call; the same words as the outcomes of the calls room, which lies above."""

    SERVED = "ivr_self_served"
    CLOSED = "out_of_hours"
    FAULT = "ivr_error"


# How a step answers.


@dataclass(frozen=True)
class Move:
    """A step's answer: the position it leaves, what it asks for, and the next node if it is done."""

    position: Position
    instructions: tuple[Instruction, ...] = ()
    to: str | None = None
    leaves: bool = False
    """True: go to node `to`; a `to` of None is then a way that leads nowhere."""


def stay(position: Position, *instructions: Instruction) -> Move:
    """Remain in this node."""
    return Move(position, instructions)


def go(position: Position, to: str | None, *instructions: Instruction) -> Move:
    """Go on to another node."""
    return Move(position, instructions, to, leaves=True)


def say(position: Position, prompts: tuple[PromptRef, ...], *before: Instruction) -> Move:
    """Remain, and say something under a new turn."""
    spoken = replace(position, turn=position.turn + 1, waiting=False)
    return stay(spoken, *before, SayPrompts(spoken.turn, prompts))


@dataclass(frozen=True)
class Exit:
    """One way out of a step. `name` is unique in the step: `next`, `key 1`, `way_out`, `otherwise`."""

    name: str
    to: str | None
    key: str | None = None
    """The key that must be pressed to go this way; None for ways taken without the caller."""
    label: str = ""


@dataclass(frozen=True)
class Problem:
    """Something about one step alone that stands against publishing, or should be looked at."""

    code: str
    is_error: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)


class Step(Protocol):
    """One node's verb with its fields. All files of this folder have this shape."""

    verb: ClassVar[str]

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        """Read the step's fields; problems are collected in `fields`."""
        ...

    def exits(self) -> tuple[Exit, ...]:
        """All ways out, whether they lead somewhere yet or not."""
        ...

    def prompts(self) -> tuple[PromptRef, ...]:
        """Everything this step may say."""
        ...

    def check(self) -> Iterator[Problem]:
        """What is wrong with this step alone."""
        ...

    def enter(self, position: Position) -> Move:
        """The call comes to this node."""
        ...

    def on_event(self, position: Position, event: Event) -> Move:
        """Something happened while the call is at this node."""
        ...
