"""The flow editor: a tree one can read, change step by step, listen to and try. Plain pages, no scripts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.domain.clients.models import Reason
from madoguchi.domain.flows import actions, editing
from madoguchi.domain.flows.errors import DraftChanged
from madoguchi.domain.flows.graph import Graph, parse
from madoguchi.domain.flows.models import Flow, FlowVersion
from madoguchi.domain.flows.queries import digest_of, draft_of, findings_of, published_version
from madoguchi.domain.prompts.built_in import BuiltIn, sentence
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.queues.models import Queue
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.office.editing import by
from madoguchi.screens.office.outline import in_words, rows_of, verb_word, way_word
from madoguchi.screens.office.trial import trial
from madoguchi.screens.parts.access import LEADERS, role

VERBS = ("say", "ask", "enqueue", "hang_up")
KEYS = "1234567890*#"
ANSWERS = ("wrong_key", "no_key")
WHOLE = re.compile(r"-?\d{1,9}")
MOST_LINES = 50
IN_SAY = (BuiltIn.RECORDING_NOTICE, BuiltIn.CONNECTING, BuiltIn.PLEASE_WAIT, BuiltIn.CLOSED, BuiltIn.FAREWELL)
"""Sentences of the house that make sense in a flow."""


@role(*LEADERS)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor: outline on the left, the chosen step (or the trial) on the right."""
    flow = get_object_or_404(Flow.objects.select_related("client"), pk=pk)
    draft, published = draft_of(pk), published_version(pk)
    shown = draft or published
    raw: dict[str, Any] = shown.graph if shown else editing.new_graph()
    graph, findings = parse(raw), findings_of(raw)
    node_id = request.GET.get("step", "")
    step = raw["nodes"].get(node_id)
    context = {
        "flow": flow,
        "draft": draft,
        "published": published,
        "digest": digest_of(raw),
        "rows": rows_of(graph, findings),
        "whole": [in_words(finding) for finding in findings if not finding.node],
        "errors": sum(finding.is_error for finding in findings),
        "node_id": node_id if step else "",
        "step": _panel(flow, raw, graph, node_id) if step else None,
        "verbs": [(verb, verb_word(verb)) for verb in VERBS],
        "versions": FlowVersion.objects.filter(flow=flow).exclude(stage=FlowVersion.Stage.DRAFT),
        "trial": trial(graph, request.GET["keys"]) if "keys" in request.GET else None,
        "keys": request.GET.get("keys", ""),
    }
    return render(request, "office/flow.html", context)


def _panel(flow: Flow, raw: dict[str, Any], graph: Graph, node_id: str) -> dict[str, Any]:
    """What the form of one step shows."""
    node = raw["nodes"][node_id]
    exits = graph.nodes[node_id].step.exits()
    others = [(one.id, f"{verb_word(one.step.verb)} {one.title}".strip()) for one in graph.nodes.values()]
    used = set(node.get("keys", {}))
    ways = [
        {"name": way.name, "to": way.to or "", "word": way_word(way.name)} for way in exits if not way.key
    ]
    if node["verb"] == "enqueue" and not ways:
        ways = [{"name": "otherwise", "to": "", "word": way_word("otherwise")}]
    return {
        "id": node_id,
        "verb": node["verb"],
        "word": verb_word(node["verb"]),
        "node": node,
        "prompts": [_said(one) for one in node.get("prompts", [])],
        "has_prompts": node["verb"] != "enqueue",
        "keys": [
            {"key": way.key, "label": way.label, "to": way.to or "", "name": way.name}
            for way in exits
            if way.key
        ],
        "free_keys": [key for key in KEYS if key not in used],
        "ways": ways,
        "targets": [one for one in others if one[0] != node_id],
        "queues": Queue.objects.filter(active=True),
        "reasons": _reasons(flow) if node["verb"] == "enqueue" else [],
        "answers": [_answer(node, name) for name in ANSWERS] if node["verb"] == "ask" else [],
        "stored": [(f"prompt:{one.pk}", one.name) for one in Prompt.objects.all()],
        "house": [(f"built_in:{key}", sentence(key)) for key in IN_SAY],
        "is_entry": node_id == raw.get("entry"),
    }


def _reasons(flow: Flow) -> list[tuple[int, str]]:
    """The call reasons that a menu choice can stand for, below their branches."""
    rows = Reason.objects.filter(Q(client=None) | Q(client_id=flow.client_id), active=True)
    ordered = sorted(rows.select_related("parent"), key=_place_in_tree)
    return [(row.pk, f"{row.parent.name} › {row.name}" if row.parent else row.name) for row in ordered]


def _place_in_tree(row: Reason) -> tuple[int, int, int, int, int]:
    branch = row.parent or row
    return row.client_id or 0, branch.position, branch.pk, int(row.parent is not None), row.position


def _answer(node: dict[str, Any], name: str) -> dict[str, str]:
    """What is said to a wrong key or to none; empty where the sentence of the house is said."""
    own = [_said(one) for one in node.get(name, [])]
    return {
        "name": name,
        "word": way_word(name),
        "text": " ".join(one["text"] for one in own if one["text"]),
        "ref": next((one["ref"] for one in own if one["ref"]), ""),
        "usual": sentence(BuiltIn(name)),
    }


def _said(one: dict[str, Any]) -> dict[str, str]:
    if "text" in one:
        return {"text": one["text"], "ref": ""}
    if "prompt" in one:
        return {"text": "", "ref": f"prompt:{one['prompt']}"}
    return {"text": "", "ref": f"built_in:{one['built_in']}"}


@require_POST
@role(*LEADERS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change to the draft: save a step, add, remove, begin with it. Then back to the editor."""
    get_object_or_404(Flow, pk=pk)
    shown = draft_of(pk) or published_version(pk)
    raw = shown.graph if shown else editing.new_graph()
    posted = request.POST
    step = posted.get("step", "")
    try:
        if posted.get("digest") != digest_of(raw):
            raise DraftChanged
        changed, step = _changed(raw, step, posted)
        actions.save_draft(pk, changed, acting_user=by(request))
        messages.success(request, _("Saved in the draft."))
    except MadoguchiError as refused:
        messages.error(request, refused.shown())
    query = f"?{urlencode({'step': step})}#step" if step else ""
    return redirect(reverse("office:flow", args=[pk]) + query)


def _changed(raw: dict[str, Any], step: str, posted: QueryDict) -> tuple[dict[str, Any], str]:
    """The graph after the change that was asked for, and the step to show next."""
    verb, _space, detail = posted.get("do", "").partition(" ")
    if verb == "add":
        exit_name, _colon, new_verb = detail.rpartition(":")
        graph = _saved(raw, step, posted) if step else raw
        return editing.add_step(graph, new_verb, after=step or None, exit_name=exit_name or "next")
    if verb == "remove":
        return editing.remove_step(raw, step), ""
    if verb == "first":
        return {**raw, "entry": step}, step
    if verb == "remove-key":
        return editing.remove_key(_saved(raw, step, posted), step, detail), step
    return _saved(raw, step, posted), step


def _saved(raw: dict[str, Any], step: str, posted: QueryDict) -> dict[str, Any]:
    """The graph with everything that stands in the step's form."""
    verb = raw["nodes"].get(step, {}).get("verb", "")
    fields: dict[str, Any] = {"title": posted.get("title", "").strip() or None}
    if verb != "enqueue":
        fields["prompts"] = _prompts(posted)
    if verb == "say":
        fields["skippable"] = "skippable" in posted
    elif verb == "ask":
        fields |= {"wait_s": _whole(posted, "wait_s", 6), "tries": _whole(posted, "tries", 3)}
        fields |= {name: _line(posted, f"{name}-") or None for name in ANSWERS if f"{name}-text" in posted}
    elif verb == "enqueue":
        fields |= {"queue": _whole(posted, "queue", 0) or None, "priority": _whole(posted, "priority", 0)}
        if "reason" in posted:
            fields["reason"] = _whole(posted, "reason", 0) or None
    elif verb == "hang_up":
        fields["outcome"] = posted.get("outcome") or None
    graph = editing.change_step(raw, step, fields)
    for name in ("next", "way_out", "otherwise"):
        if f"way-{name}" in posted:
            graph = editing.set_way(graph, step, name, posted.get(f"way-{name}") or None)
    return _with_keys(graph, step, posted) if verb == "ask" else graph


def _with_keys(graph: dict[str, Any], step: str, posted: QueryDict) -> dict[str, Any]:
    keys = dict(graph["nodes"][step].get("keys", {}))
    for key in list(keys):
        if f"key-{key}-to" in posted:
            label = posted.get(f"key-{key}-label", "").strip()
            keys[key] = {"next": posted[f"key-{key}-to"] or None, "label": label}
    new = posted.get("new-key", "")
    if new and new in KEYS:
        keys[new] = {
            "next": posted.get("new-key-to") or None,
            "label": posted.get("new-key-label", "").strip(),
        }
    return editing.change_step(graph, step, {"keys": keys})


def _prompts(posted: QueryDict) -> list[dict[str, Any]]:
    """What is to be said, in order; emptied lines fall away."""
    lines = min(max(_whole(posted, "prompts", 0), 0), MOST_LINES)
    return [said for place in range(lines + 1) for said in _line(posted, after=f"-{place}")]


def _line(posted: QueryDict, before: str = "", after: str = "") -> list[dict[str, Any]]:
    """A typed text and a recording or sentence, each only where it is given."""
    text = posted.get(f"{before}text{after}", "").strip()
    kind, _colon, key = posted.get(f"{before}ref{after}", "").partition(":")
    said: list[dict[str, Any]] = [{"text": text}] if text else []
    if kind == "prompt" and WHOLE.fullmatch(key):
        said.append({"prompt": int(key)})
    elif kind == "built_in":
        said.append({"built_in": key})
    return said


def _whole(posted: QueryDict, name: str, default: int) -> int:
    text = posted.get(name, "").strip()
    return int(text) if WHOLE.fullmatch(text) else default
