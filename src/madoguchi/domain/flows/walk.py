"""How a call goes through a flow: pure, one event at a time.

The call's row holds the position, the holder of the call carries out the instructions and tells what
happened. Nothing here knows the time, the switch or the database, so a call may change processes
between any two events.
"""

from dataclasses import dataclass, replace

from madoguchi.domain.flows.graph import Graph
from madoguchi.domain.flows.steps.shape import (
    EndCall,
    Ending,
    Event,
    Instruction,
    Move,
    Position,
    PutInQueue,
)

# A caller who listens to three hundred announcements and presses keys in between is a machine.
MAX_TURNS = 300


@dataclass(frozen=True)
class Progress:
    """The new position, and what to do now, in this order."""

    position: Position
    instructions: tuple[Instruction, ...]

    @property
    def is_over(self) -> bool:
        """Whether the flow has nothing more to do unless a queue refuses the call."""
        return any(isinstance(one, EndCall | PutInQueue) for one in self.instructions)


def begin(graph: Graph) -> Progress:
    """The call comes in."""
    return _follow(graph, Move(Position(graph.entry), (), graph.entry, leaves=True))


def next_step(graph: Graph, position: Position, event: Event) -> Progress:
    """What follows from `event`; the same position and event give the same answer, however often.

    An event that means nothing here (a stale turn, a key while waiting in the queue) gives the position
    back unchanged and asks for nothing. A flow that leads nowhere ends the call as a fault: only
    flows that were never checked do.
    """
    node = graph.nodes.get(position.node)
    if position.ended:
        return Progress(position, ())
    if node is None:
        return _fault(position, ())
    return _follow(graph, node.step.on_event(position, event))


def _follow(graph: Graph, move: Move) -> Progress:
    """Go from node to node until one stays; each can be entered once per event and pending key."""
    instructions = list(move.instructions)
    steps_left = len(graph.nodes) * (1 + len(move.position.pending)) + 1
    while move.leaves:
        node = graph.nodes.get(move.to or "")
        steps_left -= 1
        if node is None or steps_left < 0 or move.position.turn > MAX_TURNS:
            return _fault(move.position, tuple(instructions))
        move = node.step.enter(replace(move.position, node=node.id, waiting=False, tries=0))
        instructions.extend(move.instructions)
    if move.position.turn > MAX_TURNS:
        return _fault(move.position, ())
    return Progress(move.position, tuple(instructions))


def _fault(position: Position, before: tuple[Instruction, ...]) -> Progress:
    return Progress(replace(position, ended=True), (*before, EndCall(Ending.FAULT)))
