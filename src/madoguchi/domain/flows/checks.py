"""What stands against publishing a flow, named by node, in words for the person who drew it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from madoguchi.domain.flows.graph import Graph, Node
from madoguchi.domain.flows.steps.ask import Ask
from madoguchi.domain.flows.steps.enqueue import Enqueue
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.errors import wording_of
from madoguchi.domain.prompts.refs import PromptRef, Ready, Spoken, Stored
from madoguchi.domain.prompts.spoken import check_text
from madoguchi.science.voice.errors import VoiceError


class Severity(StrEnum):
    """Errors stand against publishing; warnings are for the author to weigh."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing found at one node; an empty node means the flow as a whole."""

    node: str
    code: str
    severity: Severity
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def shown(self) -> str:
        """The finding in the language of the moment."""
        refused = self.data.get("refused")
        if isinstance(refused, VoiceError):
            return wording_of(refused)
        return _(_WORDS[self.code]) % self.data


_WORDS = {
    "no_entry": gettext_noop("The flow has no first step."),
    "way_missing": gettext_noop("“%(exit)s” leads nowhere yet. Choose the next step."),
    "way_unknown": gettext_noop("“%(exit)s” leads to a step that does not exist (%(to)s)."),
    "endless_loop": gettext_noop("A caller who presses no key would go round in circles here."),
    "no_person": gettext_noop(
        "A caller who presses no key must reach a person: let the way out end in a queue."
    ),
    "nobody_reached": gettext_noop("No way in this flow leads to a person."),
    "not_reached": gettext_noop("No way leads to this step."),
    "queue_unknown": gettext_noop("This queue does not exist or is not in use."),
    "reason_unknown": gettext_noop("This call reason does not exist."),
    "prompt_unknown": gettext_noop("A prompt that is to be said here does not exist."),
    "text_refused": gettext_noop("The text cannot be spoken."),
    "nothing_said": gettext_noop("Nothing is said here. Type a text or choose a recording."),
    "notice_can_be_skipped": gettext_noop("A key skips the notice that the call is recorded."),
    "no_keys": gettext_noop("No key can be pressed here."),
    "key_without_label": gettext_noop("Key %(key)s has no label: the operator will not see what was chosen."),
    "no_queue": gettext_noop("Choose the queue."),
    "ends_without_a_word": gettext_noop("The call ends here without a word."),
    "recording_not_announced": gettext_noop("No caller is told that calls are recorded."),
}


@dataclass(frozen=True)
class Known:
    """The rows a flow may point to; None leaves that kind unchecked."""

    queues: Collection[int] | None = None
    prompts: Collection[int] | None = None
    reasons: Collection[int] | None = None


def check(graph: Graph, known: Known = Known()) -> list[Finding]:
    """Everything found in the flow, errors first, then in the order of its nodes. Empty: publish it."""
    findings = [
        *_entry(graph),
        *(finding for node in graph.nodes.values() for finding in _node(node, graph, known)),
        *_silent_ways(graph),
        *_reach(graph),
        *_notice(graph),
    ]
    return sorted(findings, key=lambda one: not one.is_error)


def _entry(graph: Graph) -> Iterator[Finding]:
    if graph.entry not in graph.nodes:
        yield Finding("", "no_entry", Severity.ERROR)


def _node(node: Node, graph: Graph, known: Known) -> Iterator[Finding]:
    for problem in node.step.check():
        severity = Severity.ERROR if problem.is_error else Severity.WARNING
        yield Finding(node.id, problem.code, severity, problem.data)
    for way in node.step.exits():
        name = {"exit": way.label or way.name, "to": way.to}
        if way.to is None:
            yield Finding(node.id, "way_missing", Severity.ERROR, name)
        elif way.to not in graph.nodes:
            yield Finding(node.id, "way_unknown", Severity.ERROR, name)
    for ref in dict.fromkeys(node.step.prompts()):
        yield from _prompt(node, ref, known)
    if isinstance(node.step, Enqueue):
        yield from _targets(node, node.step, known)


def _prompt(node: Node, ref: PromptRef, known: Known) -> Iterator[Finding]:
    if isinstance(ref, Stored) and known.prompts is not None and ref.prompt_id not in known.prompts:
        yield Finding(node.id, "prompt_unknown", Severity.ERROR, {"prompt": ref.prompt_id})
    if isinstance(ref, Spoken):
        try:
            check_text(ref.text, ref.language)
        except VoiceError as refused:
            yield Finding(node.id, "text_refused", Severity.ERROR, {"refused": refused})


def _targets(node: Node, step: Enqueue, known: Known) -> Iterator[Finding]:
    if step.queue is not None and known.queues is not None and step.queue not in known.queues:
        yield Finding(node.id, "queue_unknown", Severity.ERROR, {"queue": step.queue})
    if step.reason is not None and known.reasons is not None and step.reason not in known.reasons:
        yield Finding(node.id, "reason_unknown", Severity.ERROR, {"reason": step.reason})


def _silent_ways(graph: Graph) -> Iterator[Finding]:
    """Follow the caller who presses nothing: from every node that way must end, and after an ask, in a queue.

    Each node has at most one way that needs no key, so the caller's way is a line, and walking it from
    each node finds every circle.
    """
    for node in graph.nodes.values():
        line, circle = _silent_line(graph, node)
        if circle:
            yield Finding(node.id, "endless_loop", Severity.ERROR)
        is_open_ask = isinstance(node.step, Ask) and node.step.way_out in graph.nodes
        if is_open_ask and not any(isinstance(one.step, Enqueue) for one in line):
            yield Finding(node.id, "no_person", Severity.ERROR)


def _silent_line(graph: Graph, start: Node) -> tuple[list[Node], bool]:
    """The nodes met without a key, and whether `start` itself is met again."""
    line: list[Node] = [start]
    seen = {start.id}
    while True:
        way = next((one for one in line[-1].step.exits() if one.key is None), None)
        following = graph.nodes.get(way.to or "") if way else None
        if following is None:
            return line, False
        if following.id in seen:
            return line, following.id == start.id
        seen.add(following.id)
        line.append(following)


def _reach(graph: Graph) -> Iterator[Finding]:
    reached = reachable(graph)
    for node in graph.nodes.values():
        if reached and node.id not in reached:
            yield Finding(node.id, "not_reached", Severity.WARNING)
    if reached and not any(isinstance(graph.nodes[one].step, Enqueue) for one in reached):
        yield Finding("", "nobody_reached", Severity.WARNING)


def reachable(graph: Graph) -> set[str]:
    """The ids of all nodes that some caller can come to."""
    found: set[str] = set()
    next_ones = [graph.entry] if graph.entry in graph.nodes else []
    while next_ones:
        node_id = next_ones.pop()
        if node_id not in found:
            found.add(node_id)
            ways = (way.to or "" for way in graph.nodes[node_id].step.exits())
            next_ones.extend(to for to in ways if to in graph.nodes and to not in found)
    return found


def _notice(graph: Graph) -> Iterator[Finding]:
    """Warn when no step on any way speaks of recording: calls that reach a person are recorded."""
    reached = reachable(graph)
    if not any(isinstance(graph.nodes[one].step, Enqueue) for one in reached):
        return
    for node_id in reached:
        for ref in graph.nodes[node_id].step.prompts():
            if isinstance(ref, Stored) or (isinstance(ref, Ready) and ref.key is BuiltIn.RECORDING_NOTICE):
                return
            if isinstance(ref, Spoken) and ("録音" in ref.text or "record" in ref.text.lower()):
                return
    yield Finding("", "recording_not_announced", Severity.WARNING)
