"""A flow's outline in words: what the editor and the preview of a number show line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.domain.flows.checks import Finding
from madoguchi.domain.flows.describe import Line, outline
from madoguchi.domain.flows.graph import Graph
from madoguchi.domain.flows.steps.ask import Ask
from madoguchi.domain.flows.steps.enqueue import Enqueue
from madoguchi.domain.prompts.built_in import sentence
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.refs import PromptRef, Ready, Spoken
from madoguchi.domain.queues.models import Queue


@dataclass(frozen=True)
class Row:
    """One line: the way that leads here, the step, and what it says."""

    line: Line
    verb: str
    title: str
    words: str
    way: str
    key: str
    findings: tuple[Finding, ...] = ()

    @property
    def indent(self) -> int:
        """Depth, cut off so that a narrow screen can still show the words."""
        return min(self.line.depth, 6)

    @property
    def id(self) -> str:
        return self.line.node.id if self.line.node else ""


def rows_of(graph: Graph, findings: Iterable[Finding] = ()) -> list[Row]:
    """The outline of a flow, with each finding beside its step."""
    queues = dict(Queue.objects.values_list("pk", "name"))
    prompts = dict(Prompt.objects.values_list("pk", "name"))
    by_node: dict[str, list[Finding]] = {}
    for finding in findings:
        by_node.setdefault(finding.node, []).append(in_words(finding))
    rows = []
    for line in outline(graph):
        node = line.node
        seen_first = node is not None and not line.is_repeat
        rows.append(
            Row(
                line=line,
                verb=verb_word(line.verb),
                title=node.title if node else "",
                words=_words(line, queues, prompts),
                way=_way(line),
                key=line.via.key or "" if line.via else "",
                findings=tuple(by_node.get(node.id, ())) if node and seen_first else (),
            )
        )
    return rows


def in_words(finding: Finding) -> Finding:
    """The finding with the way that it names called as the editor calls it."""
    way = str(finding.data.get("exit", ""))
    return replace(finding, data={**finding.data, "exit": way_word(way)}) if way else finding


def way_word(name: str) -> str:
    """A way without a key, as the editor calls it; another name comes back as it is."""
    return {
        "next": _("Then"),
        "way_out": _("No key, or wrong ones too often"),
        "otherwise": _("If the queue takes nobody"),
        "wrong_key": _("Said after a wrong key"),
        "no_key": _("Said when no key comes"),
    }.get(name, name)


def verb_word(verb: str) -> str:
    """What a step does, in one word."""
    return {
        "say": pgettext("flow step", "Say"),
        "ask": pgettext("flow step", "Ask for a key"),
        "enqueue": pgettext("flow step", "Wait for a person"),
        "hang_up": pgettext("flow step", "Hang up"),
    }.get(verb, _("Leads nowhere yet"))


def said(ref: PromptRef, prompts: dict[int, str]) -> str:
    """What a caller hears, as text."""
    if isinstance(ref, Spoken):
        return ref.text
    if isinstance(ref, Ready):
        return sentence(ref.key, ref.language, ref.number)
    return _("Recording “%(name)s”") % {"name": prompts.get(ref.prompt_id, "?")}


def _words(line: Line, queues: dict[int, str], prompts: dict[int, str]) -> str:
    step = line.node.step if line.node else None
    if isinstance(step, Enqueue):
        return queues.get(step.queue or 0, _("no queue chosen"))
    spoken = step.spoken if isinstance(step, Ask) else line.prompts
    return " ".join(said(ref, prompts) for ref in spoken)


def _way(line: Line) -> str:
    via = line.via
    if via is None:
        return _("No way leads here") if line.is_stray else ""
    if via.key:
        return via.label
    return {
        "way_out": _("no key or a wrong one"),
        "otherwise": _("if the queue takes nobody"),
    }.get(via.name, "")
