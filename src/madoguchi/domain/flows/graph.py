"""A call flow as data: nodes by id, each with one verb. Parsed once, at the wall, into frozen values.

    {"format": 1, "language": "ja", "entry": "hello", "nodes": {
      "hello": {"verb": "say", "prompts": [{"text": "お電話ありがとうございます。"}], "next": "menu"},
      "menu":  {"verb": "ask", "prompts": [{"text": "使い方は1を、その他は2を押してください。"}],
                "keys": {"1": {"next": "howto", "label": "使い方"},
                         "2": {"next": "other", "label": "その他"}},
                "way_out": "other"},
      "howto": {"verb": "enqueue", "queue": 1},
      "other": {"verb": "enqueue", "queue": 2}}}

A draft may be unfinished: ways that lead nowhere yet are None, and `checks.check` names them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from madoguchi.domain.flows.fields import Fields, FlowUnreadable, Misfit
from madoguchi.domain.flows.steps import STEPS
from madoguchi.domain.flows.steps.shape import Step
from madoguchi.domain.prompts.built_in import LANGUAGES

FORMAT = 1
MAX_NODES = 200
MAX_JSON_BYTES = 512 * 1024
NODE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Node:
    """One step with its place in the flow. `title` is for people, and may be empty."""

    id: str
    title: str
    step: Step


@dataclass(frozen=True)
class Graph:
    """A whole flow. `entry` may name a node that is not there; `checks.check` says so."""

    entry: str
    language: str
    nodes: Mapping[str, Node]


def parse(raw: object) -> Graph:
    """The flow in a JSON value. Raises FlowUnreadable with every place that cannot be understood."""
    misfits: list[Misfit] = []
    if not isinstance(raw, Mapping) or not isinstance(raw.get("nodes"), Mapping):
        raise FlowUnreadable([Misfit("", "nodes", "a flow has nodes by their ids")])
    if len(raw["nodes"]) > MAX_NODES or len(json.dumps(raw, default=str)) > MAX_JSON_BYTES:
        raise FlowUnreadable([Misfit("", "nodes", f"a flow has at most {MAX_NODES} steps")])
    if raw.get("format", FORMAT) != FORMAT:
        raise FlowUnreadable([Misfit("", "format", f"this version reads format {FORMAT}")])
    language = raw.get("language", "ja")
    if language not in LANGUAGES:
        misfits.append(Misfit("", "language", f"one of {', '.join(LANGUAGES)}"))
    entry = raw.get("entry", "")
    if not isinstance(entry, str):
        misfits.append(Misfit("", "entry", "the id of a node"))
    misfits.extend(
        Misfit("", str(name), "no such field") for name in set(raw) - {"format", "language", "entry", "nodes"}
    )
    parsed = [_node(node_id, fields, str(language), misfits) for node_id, fields in raw["nodes"].items()]
    if misfits:
        raise FlowUnreadable(misfits)
    return Graph(entry, language, {node.id: node for node in parsed if node is not None})


def _node(node_id: object, raw: object, language: str, misfits: list[Misfit]) -> Node | None:
    if not isinstance(node_id, str) or not NODE_ID.fullmatch(node_id):
        misfits.append(Misfit(str(node_id)[:40], "id", "small letters, figures, _ and -, at most 40"))
        return None
    if not isinstance(raw, Mapping) or raw.get("verb") not in list(STEPS):
        misfits.append(Misfit(node_id, "verb", f"one of {', '.join(STEPS)}"))
        return None
    fields = Fields(node_id, raw, language, misfits)
    title = fields.text("title", 60)
    step = STEPS[raw["verb"]].parse(fields)
    fields.finish()
    return Node(node_id, title, step)


def as_json(text: str) -> Any:
    """JSON out of a text that somebody edited. Raises FlowUnreadable."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as malformed:
        raise FlowUnreadable([Misfit("", "", "well-formed JSON")]) from malformed
