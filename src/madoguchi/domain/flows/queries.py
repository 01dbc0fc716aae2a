"""Reads of the flows room."""

import functools
import hashlib
import json
from typing import Any

from madoguchi.domain.clients.models import Reason
from madoguchi.domain.flows.checks import Finding, Known, check
from madoguchi.domain.flows.graph import Graph, parse
from madoguchi.domain.flows.models import Flow, FlowVersion
from madoguchi.domain.ledger.kept import kept
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.refs import PromptRef, Stored
from madoguchi.domain.queues.models import Queue

Stage = FlowVersion.Stage


@kept
def version_for_calls(flow_id: int) -> FlowVersion | None:
    """`published_version`, kept for a moment: for arrivals, never for who edits."""
    return published_version(flow_id)


def published_version(flow_id: int) -> FlowVersion | None:
    """The version new calls take, or None when the flow was never published."""
    return FlowVersion.objects.filter(flow_id=flow_id, stage=Stage.PUBLISHED).first()


def draft_of(flow_id: int) -> FlowVersion | None:
    """The version being worked on, if any."""
    return FlowVersion.objects.filter(flow_id=flow_id, stage=Stage.DRAFT).first()


def graph_of(version_id: int) -> Graph:
    """The parsed graph of a version that a call runs on, kept in memory: such versions never change.

    Not for drafts. Raises FlowVersion.DoesNotExist.
    """
    return _graph_of(version_id)


@functools.lru_cache(maxsize=256)
def _graph_of(version_id: int) -> Graph:
    version = FlowVersion.objects.exclude(stage=Stage.DRAFT).get(pk=version_id)
    return parse(version.graph)


def published_prompts() -> list[PromptRef]:
    """Everything that the published flows may say, each once."""
    versions = FlowVersion.objects.filter(stage=Stage.PUBLISHED).values_list("pk", flat=True)
    steps = [node.step for pk in versions for node in graph_of(pk).nodes.values()]
    return list(dict.fromkeys(ref for step in steps for ref in step.prompts()))


def known_rows() -> Known:
    """The rows that a flow may point to today."""
    return Known(
        queues=frozenset(Queue.objects.filter(active=True).values_list("pk", flat=True)),
        prompts=frozenset(Prompt.objects.values_list("pk", flat=True)),
        reasons=frozenset(Reason.objects.filter(active=True).values_list("pk", flat=True)),
    )


def findings_of(raw_graph: Any) -> list[Finding]:
    """What the check finds in a graph as JSON. Raises FlowUnreadable when it cannot be parsed."""
    return check(parse(raw_graph), known_rows())


def digest_of(raw_graph: Any) -> str:
    """A short mark of a graph, the same for the same content: for telling whether a draft was changed."""
    canonical = json.dumps(raw_graph, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def flows_using_prompt(prompt_id: int) -> list[Flow]:
    """Flows whose draft or published version says the prompt."""
    living = FlowVersion.objects.filter(stage__in=(Stage.DRAFT, Stage.PUBLISHED)).select_related("flow")
    using = {version.flow_id: version.flow for version in living if _uses(version, prompt_id)}
    return sorted(using.values(), key=lambda flow: flow.name)


def _uses(version: FlowVersion, prompt_id: int) -> bool:
    graph = parse(version.graph)
    return any(Stored(prompt_id) in node.step.prompts() for node in graph.nodes.values())
