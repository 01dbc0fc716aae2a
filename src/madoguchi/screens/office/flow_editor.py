"""The flow editor: a tree one can read, change step by step, listen to and try. Plain pages, no scripts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

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
        "step": _panel(raw, graph, node_id) if step else None,
        "verbs": [(verb, verb_word(verb)) for verb in VERBS],
        "versions": FlowVersion.objects.filter(flow=flow).exclude(stage=FlowVersion.Stage.DRAFT),
        "trial": trial(graph, request.GET["keys"]) if "keys" in request.GET else None,
        "keys": request.GET.get("keys", ""),
    }
    return render(request, "office/flow.html", context)


def _panel(raw: dict[str, Any], graph: Graph, node_id: str) -> dict[str, Any]:
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
        "stored": [(f"prompt:{one.pk}", one.name) for one in Prompt.objects.all()],
        "house": [(f"built_in:{key}", sentence(key)) for key in IN_SAY],
        "is_entry": node_id == raw.get("entry"),
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
    elif verb == "enqueue":
        fields |= {"queue": _whole(posted, "queue", 0) or None, "priority": _whole(posted, "priority", 0)}
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
    said: list[dict[str, Any]] = []
    for place in range(int(posted.get("prompts", "0") or 0) + 1):
        text = posted.get(f"text-{place}", "").strip()
        kind, _colon, key = posted.get(f"ref-{place}", "").partition(":")
        if text:
            said.append({"text": text})
        if kind == "prompt" and key.isdecimal():
            said.append({"prompt": int(key)})
        elif kind == "built_in":
            said.append({"built_in": key})
    return said


def _whole(posted: QueryDict, name: str, default: int) -> int:
    text = posted.get(name, "").strip()
    return int(text) if text.lstrip("-").isdecimal() else default
