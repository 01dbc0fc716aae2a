"""Changes to a flow as its editor makes them: pure, from one graph in JSON to another.

The graph given is never changed. What comes out can be parsed whenever what went in could, and may be
unfinished, as drafts are.
"""

import copy
from typing import Any

from madoguchi.domain.flows.errors import EditRefused
from madoguchi.domain.flows.graph import MAX_NODES

Json = dict[str, Any]

_FRESH: dict[str, Json] = {
    "say": {"prompts": [], "next": None},
    "ask": {"prompts": [], "keys": {}, "way_out": None},
    "enqueue": {"queue": None},
    "hang_up": {"prompts": [{"built_in": "farewell"}]},
}


def new_graph(language: str = "ja") -> Json:
    """A flow that announces the recording, and leads nowhere yet."""
    hello = {"verb": "say", "prompts": [{"built_in": "recording_notice"}], "skippable": False, "next": None}
    return {"format": 1, "language": language, "entry": "hello", "nodes": {"hello": hello}}


def add_step(
    graph: Json, verb: str, *, after: str | None = None, exit_name: str = "next"
) -> tuple[Json, str]:
    """Add a fresh step where the way `exit_name` of `after` leads; returns the graph and the new id.

    Where the way led before, the new step leads on to, if its verb goes on at all. With `after` None the
    step becomes the first one.
    """
    changed = _copy(graph)
    if verb not in _FRESH or len(changed["nodes"]) >= MAX_NODES:
        raise EditRefused(verb=verb)
    node_id = _free_id(changed, verb)
    fresh = {"verb": verb, **copy.deepcopy(_FRESH[verb])}
    before = changed["entry"] if after is None else _way(changed, after, exit_name)
    if verb == "say":
        fresh["next"] = before if before in changed["nodes"] else None
    elif verb == "ask":
        fresh["way_out"] = before if before in changed["nodes"] else None
    changed["nodes"][node_id] = fresh
    if after is None:
        changed["entry"] = node_id
        return changed, node_id
    return set_way(changed, after, exit_name, node_id), node_id


def change_step(graph: Json, node_id: str, fields: Json) -> Json:
    """Set fields of a step; None takes a field away. The verb stays."""
    changed = _copy(graph)
    node = _node(changed, node_id)
    for name, value in fields.items():
        if name == "verb":
            raise EditRefused(node=node_id)
        if value is None:
            node.pop(name, None)
        else:
            node[name] = copy.deepcopy(value)
    return changed


def set_way(graph: Json, node_id: str, exit_name: str, to: str | None) -> Json:
    """Let a way of a step lead to another step, or nowhere. `key 5` makes that key when it is new."""
    changed = _copy(graph)
    node = _node(changed, node_id)
    if to is not None and to not in changed["nodes"]:
        raise EditRefused(node=node_id, to=to)
    if exit_name.startswith("key ") and node["verb"] == "ask":
        node.setdefault("keys", {}).setdefault(exit_name.removeprefix("key "), {})["next"] = to
    elif exit_name in _ways(node):
        node[exit_name] = to
    else:
        raise EditRefused(node=node_id, exit=exit_name)
    return changed


def remove_key(graph: Json, node_id: str, key: str) -> Json:
    """Take a key away from an ask; the steps behind it stay."""
    changed = _copy(graph)
    node = _node(changed, node_id)
    if key not in node.get("keys", {}):
        raise EditRefused(node=node_id, key=key)
    del node["keys"][key]
    return changed


def remove_step(graph: Json, node_id: str) -> Json:
    """Take a step out. Ways that led to it lead where it led without a key, or nowhere."""
    changed = _copy(graph)
    node = _node(changed, node_id)
    onward = next((node[name] for name in _ways(node) if node.get(name) not in (None, node_id)), None)
    del changed["nodes"][node_id]
    for other in changed["nodes"].values():
        for name in _ways(other):
            if other.get(name) == node_id:
                other[name] = onward
        for way in other.get("keys", {}).values():
            if way.get("next") == node_id:
                way["next"] = onward
    if changed["entry"] == node_id:
        changed["entry"] = onward or next(iter(changed["nodes"]), "")
    return changed


def _copy(graph: Json) -> Json:
    return copy.deepcopy(graph)


def _node(graph: Json, node_id: str) -> Json:
    node = graph["nodes"].get(node_id)
    if not isinstance(node, dict):
        raise EditRefused(node=node_id)
    return node


def _ways(node: Json) -> tuple[str, ...]:
    """The fields of a verb that lead on without a key."""
    return {"say": ("next",), "ask": ("way_out",), "enqueue": ("otherwise",)}.get(node["verb"], ())


def _way(graph: Json, node_id: str, exit_name: str) -> str | None:
    node = _node(graph, node_id)
    if exit_name.startswith("key "):
        way = node.get("keys", {}).get(exit_name.removeprefix("key "), {})
        return way.get("next") if isinstance(way, dict) else None
    return node.get(exit_name)


def _free_id(graph: Json, verb: str) -> str:
    number = 1
    while f"{verb}-{number}" in graph["nodes"]:
        number += 1
    return f"{verb}-{number}"
