"""Trying a flow without a telephone: what a caller who presses these keys would hear and where they end."""

from collections.abc import Iterable
from dataclasses import dataclass

from madoguchi.domain.flows.graph import Graph
from madoguchi.domain.flows.steps.shape import (
    EndCall,
    Event,
    Instruction,
    KeyPressed,
    PromptFinished,
    PutInQueue,
    SayPrompts,
    StopSaying,
    TimedOut,
    WaitForKey,
)
from madoguchi.domain.flows.walk import MAX_TURNS, Progress, begin, next_step
from madoguchi.domain.prompts.refs import PromptRef

SILENCE = "-"
"""In the keys of a trial: press nothing until the time is over."""


@dataclass(frozen=True)
class Moment:
    """One thing that happened in a trial. `node` is the step it happened at."""

    node: str
    what: str
    """said, waited, pressed, enqueued or ended."""
    prompts: tuple[PromptRef, ...] = ()
    key: str = ""
    wait_s: float = 0
    instruction: Instruction | None = None
    """For enqueued and ended: where to, or how."""


def simulate(graph: Graph, keys: Iterable[str] = ()) -> list[Moment]:
    """The whole call of somebody who listens to the end and then presses the next of `keys`.

    When the keys are used up nothing more is pressed. The last moment is `enqueued` or `ended`.
    """
    left = list(keys)
    progress = begin(graph)
    moments: list[Moment] = []
    for _ in range(2 * MAX_TURNS):
        moments.extend(_moments(progress))
        event = _answer(progress, left, moments)
        if event is None:
            break
        progress = next_step(graph, progress.position, event)
    return moments


def _moments(progress: Progress) -> Iterable[Moment]:
    node = progress.position.node
    for asked in progress.instructions:
        match asked:
            case SayPrompts(_, prompts):
                yield Moment(node, "said", prompts=prompts)
            case WaitForKey(_, wait_s):
                yield Moment(node, "waited", wait_s=wait_s)
            case PutInQueue():
                yield Moment(node, "enqueued", instruction=asked)
            case EndCall():
                yield Moment(node, "ended", instruction=asked)
            case StopSaying():
                continue


def _answer(progress: Progress, left: list[str], moments: list[Moment]) -> Event | None:
    """What the caller, or the telephone, does next; None when the flow's work is done."""
    last = progress.instructions[-1] if progress.instructions else None
    match last:
        case SayPrompts(turn):
            return PromptFinished(turn)
        case WaitForKey(turn):
            key = left.pop(0) if left else SILENCE
            if key == SILENCE:
                return TimedOut(turn)
            moments.append(Moment(progress.position.node, "pressed", key=key))
            return KeyPressed(key)
    return None
