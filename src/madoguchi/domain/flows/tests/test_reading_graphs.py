"""JSON of any kind becomes a flow or a list of what is wrong with it."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.domain.flows.fields import FlowUnreadable
from madoguchi.domain.flows.graph import MAX_NODES, as_json, parse
from madoguchi.domain.flows.steps.ask import Ask
from madoguchi.domain.flows.tests.flows import MENU, enqueue, flow, say

pytestmark = pytest.mark.pure


def places(raw: object) -> set[tuple[str, str]]:
    with pytest.raises(FlowUnreadable) as refused:
        parse(raw)
    assert refused.value.shown()
    return {(problem.node, problem.field) for problem in refused.value.problems}


def broken(node_id: str, **fields: Any) -> dict[str, Any]:
    changed = copy.deepcopy(MENU)
    changed["nodes"][node_id].update(fields)
    return changed


def test_a_flow_is_read_whole() -> None:
    graph = parse(MENU)
    step = graph.nodes["menu"].step
    assert isinstance(step, Ask)
    assert step.keys["1"] == ("howto", "使い方")
    assert step.tries == 3


def test_a_draft_may_be_unfinished() -> None:
    graph = parse(
        flow("", a={"verb": "say"}, b={"verb": "ask"}, c={"verb": "enqueue"}, d={"verb": "hang_up"})
    )
    assert [node.step.verb for node in graph.nodes.values()] == ["say", "ask", "enqueue", "hang_up"]


@pytest.mark.parametrize("raw", [None, 1, "x", [], {}, {"nodes": []}, {"nodes": None}])
def test_what_is_no_flow_is_refused(raw: object) -> None:
    assert places(raw) == {("", "nodes")}


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (broken("hello", prompts="はい"), ("hello", "prompts")),
        (broken("hello", prompts=[{"txt": "はい"}]), ("hello", "prompts")),
        (broken("hello", prompts=[{"text": "はい", "speed": 3}]), ("hello", "prompts")),
        (broken("hello", prompts=[{"built_in": "nonsense"}]), ("hello", "prompts")),
        (broken("hello", prompts=[{"prompt": True}]), ("hello", "prompts")),
        (broken("hello", prompts=[{"text": "あ" * 2001}]), ("hello", "prompts")),
        (broken("hello", skippable="yes"), ("hello", "skippable")),
        (broken("hello", next=3), ("hello", "next")),
        (broken("hello", nxet="menu"), ("hello", "nxet")),
        (broken("hello", verb="sing"), ("hello", "verb")),
        (broken("menu", wait_s=0), ("menu", "wait_s")),
        (broken("menu", wait_s=True), ("menu", "wait_s")),
        (broken("menu", tries=99), ("menu", "tries")),
        (broken("menu", keys={"12": {"next": "other"}}), ("menu", "keys")),
        (broken("menu", keys={"A": {"next": "other"}}), ("menu", "keys")),
        (broken("menu", keys={"1": "other"}), ("menu", "keys")),
        (broken("menu", keys={"1": {"next": "other", "colour": "red"}}), ("menu", "keys.1")),
        (broken("howto", queue="1"), ("howto", "queue")),
        (broken("howto", queue=-1), ("howto", "queue")),
        (broken("howto", priority=10**9), ("howto", "priority")),
        (broken("bye", outcome="answered"), ("bye", "outcome")),
        ({**MENU, "format": 2}, ("", "format")),
        ({**MENU, "language": "fr"}, ("", "language")),
        ({**MENU, "entry": 3}, ("", "entry")),
        ({**MENU, "colour": "red"}, ("", "colour")),
        (flow("A B", **{"A B": enqueue()}), ("A B", "id")),
        (flow("a", **{f"n{at}": say(None) for at in range(MAX_NODES + 1)}), ("", "nodes")),
    ],
)
def test_each_misfit_is_named_by_its_place(raw: object, place: tuple[str, str]) -> None:
    assert place in places(raw)


def test_malformed_json_is_refused() -> None:
    with pytest.raises(FlowUnreadable):
        as_json('{"nodes": ')
    with pytest.raises(FlowUnreadable):
        as_json("[" * 100_000)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELD = st.sampled_from(
    ["verb", "prompts", "keys", "next", "way_out", "queue", "wait_s", "outcome", "skippable"]
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(MENU["nodes"])), FIELD, JSON)
def test_no_value_anywhere_breaks_the_reader(node_id: str, name: str, value: Any) -> None:
    try:
        graph = parse(broken(node_id, **{name: value}))
    except FlowUnreadable as refused:
        assert refused.problems
    else:
        assert set(graph.nodes) == set(MENU["nodes"])
