"""Random flows and random callers: the walk always ends, and an approved flow ends well."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.domain.flows.checks import check
from madoguchi.domain.flows.describe import outline
from madoguchi.domain.flows.graph import parse
from madoguchi.domain.flows.simulate import simulate
from madoguchi.domain.flows.steps.shape import (
    EndCall,
    Ending,
    EnqueueRefused,
    Event,
    KeyPressed,
    PromptFinished,
    PutInQueue,
    TimedOut,
)
from madoguchi.domain.flows.walk import MAX_TURNS, begin, next_step

pytestmark = pytest.mark.pure

IDS = [f"n{number}" for number in range(7)]
TEXTS = st.lists(st.just({"text": "はい"}), max_size=1)
WAYS = st.sampled_from([*IDS, *IDS, *IDS, None])
KEYS = "0123456789*#"


@st.composite
def nodes(draw: st.DrawFn) -> dict[str, Any]:
    match draw(st.sampled_from(["say", "say", "ask", "ask", "enqueue", "hang_up"])):
        case "say":
            return {
                "verb": "say",
                "prompts": draw(TEXTS),
                "next": draw(WAYS),
                "skippable": draw(st.booleans()),
            }
        case "ask":
            keys = draw(
                st.dictionaries(st.sampled_from(KEYS), st.builds(lambda to: {"next": to}, WAYS), max_size=4)
            )
            tries = draw(st.integers(1, 3))
            return {
                "verb": "ask",
                "prompts": draw(TEXTS),
                "keys": keys,
                "tries": tries,
                "way_out": draw(WAYS),
            }
        case "enqueue":
            return {"verb": "enqueue", "queue": draw(st.sampled_from([1, 2, None])), "otherwise": draw(WAYS)}
    return {"verb": "hang_up", "prompts": draw(TEXTS)}


FLOWS = st.builds(
    lambda drawn, entry: {"entry": entry, "nodes": drawn},
    st.dictionaries(st.sampled_from(IDS), nodes(), min_size=1),
    st.sampled_from(IDS),
)


@st.composite
def forward_flows(draw: st.DrawFn) -> dict[str, Any]:
    """Flows whose ways without a key lead forward, so that the check approves of many of them."""
    size = draw(st.integers(1, 7))
    drawn: dict[str, Any] = {"end": {"verb": "enqueue", "queue": 1}}
    for at in reversed(range(size)):
        later = st.sampled_from(sorted(drawn))
        anywhere = st.sampled_from([*sorted(drawn), *(f"n{number}" for number in range(size))])
        if draw(st.booleans()):
            drawn[f"n{at}"] = {"verb": "say", "prompts": [{"text": "はい"}], "next": draw(later)}
        else:
            keys = draw(st.dictionaries(st.sampled_from(KEYS), anywhere, min_size=1, max_size=4))
            ways = {key: {"next": to, "label": key} for key, to in keys.items()}
            drawn[f"n{at}"] = {
                "verb": "ask",
                "prompts": [{"text": "はい"}],
                "keys": ways,
                "way_out": draw(later),
            }
    return {"entry": "n0", "nodes": drawn}


@settings(max_examples=70, deadline=None)
@given(FLOWS, st.text(alphabet=KEYS + "-", max_size=30))
def test_a_trial_of_any_flow_ends_in_a_queue_or_with_the_call(raw: dict[str, Any], keys: str) -> None:
    moments = simulate(parse(raw), keys)
    assert moments[-1].what in {"enqueued", "ended"}
    assert sum(moment.what in {"enqueued", "ended"} for moment in moments) == 1


@settings(max_examples=70, deadline=None)
@given(FLOWS, st.data())
def test_events_in_any_order_never_break_a_walk(raw: dict[str, Any], data: st.DataObject) -> None:
    graph = parse(raw)
    progress = begin(graph)
    for _ in range(25):
        turn = progress.position.turn
        events: list[Event] = [
            PromptFinished(turn),
            TimedOut(turn),
            PromptFinished(turn - 1),
            EnqueueRefused(),
        ]
        event = data.draw(st.sampled_from([*events, *(KeyPressed(key) for key in KEYS)]))
        before = progress.position
        progress = next_step(graph, before, event)
        assert len(progress.instructions) <= 3, "stop, then one or two things to do"
        assert progress.position.turn - before.turn <= 1
        assert len(progress.position.pending) <= 8
        ends = [one for one in progress.instructions if isinstance(one, EndCall)]
        assert bool(ends) == (progress.position.ended and not before.ended)


@settings(max_examples=100, deadline=None)
@given(st.one_of(forward_flows(), FLOWS), st.text(alphabet=KEYS + "-", max_size=20))
def test_an_approved_flow_never_ends_in_a_fault(raw: dict[str, Any], keys: str) -> None:
    graph = parse(raw)
    if any(finding.is_error for finding in check(graph)):
        return
    moments = simulate(graph, keys)
    last = moments[-1].instruction
    assert isinstance(last, PutInQueue) or (isinstance(last, EndCall) and last.outcome != Ending.FAULT)
    asked = [moment for moment in moments if moment.what == "waited"]
    if asked and not keys:
        assert isinstance(last, PutInQueue), "who was asked and pressed nothing comes to a person"


@settings(max_examples=60, deadline=None)
@given(forward_flows())
def test_the_check_approves_of_flows_that_lead_forward(raw: dict[str, Any]) -> None:
    assert not [finding for finding in check(parse(raw)) if finding.is_error]


@settings(max_examples=60, deadline=None)
@given(FLOWS)
def test_the_outline_unfolds_every_step_once(raw: dict[str, Any]) -> None:
    graph = parse(raw)
    lines = outline(graph)
    unfolded = [line.node.id for line in lines if line.node and not line.is_repeat]
    assert sorted(unfolded) == sorted(graph.nodes)


def test_the_limit_of_turns_is_above_what_people_do() -> None:
    assert MAX_TURNS >= 100
