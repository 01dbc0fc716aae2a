"""A flow as a page can show it: an indented list of its steps, in the order a caller meets them."""

from collections.abc import Iterator
from dataclasses import dataclass

from madoguchi.domain.flows.graph import Graph, Node
from madoguchi.domain.flows.steps.shape import Exit
from madoguchi.domain.prompts.refs import PromptRef


@dataclass(frozen=True)
class Line:
    """One line of the outline: a node under the way by which it is reached."""

    depth: int
    via: Exit | None
    """The way that leads here; None for the first step, and for those that no way reaches."""
    node: Node | None
    """None where the way leads nowhere yet, or to a step that does not exist."""
    is_repeat: bool = False
    """The node stands with its own lines elsewhere in the list; shown here as a reference."""
    is_stray: bool = False
    """No way leads to the node."""

    @property
    def verb(self) -> str:
        return self.node.step.verb if self.node else ""

    @property
    def prompts(self) -> tuple[PromptRef, ...]:
        return self.node.step.prompts() if self.node else ()


def outline(graph: Graph) -> list[Line]:
    """The flow as a tree, written line by line. Each node is unfolded once, where it is first met.

    A step with one way goes on at the same depth, so a long flow without choices does not drift to the
    right; the ways of a choice are indented.
    """
    unfolded: set[str] = set()
    lines = list(_unfold(graph, Line(0, None, graph.nodes.get(graph.entry)), unfolded))
    for node in graph.nodes.values():
        if node.id not in unfolded:
            lines.extend(_unfold(graph, Line(0, None, node, is_stray=True), unfolded))
    return lines


def _unfold(graph: Graph, first: Line, unfolded: set[str]) -> Iterator[Line]:
    """Depth first, by a stack of its own: a flow of two hundred steps in a row is no reason to recurse."""
    to_do = [first]
    while to_do:
        line = to_do.pop()
        node = line.node
        if node is None:
            yield line
            continue
        if node.id in unfolded:
            yield Line(line.depth, line.via, node, is_repeat=True)
            continue
        unfolded.add(node.id)
        yield line
        exits = node.step.exits()
        depth = line.depth if len(exits) == 1 else line.depth + 1
        to_do.extend(Line(depth, way, graph.nodes.get(way.to or "")) for way in reversed(exits))
