"""The editor's changes, and what a trial of the flow says."""

import copy

import pytest

from madoguchi.domain.flows.checks import check
from madoguchi.domain.flows.describe import outline
from madoguchi.domain.flows.editing import (
    add_step,
    change_step,
    new_graph,
    remove_key,
    remove_step,
    set_way,
)
from madoguchi.domain.flows.errors import EditRefused
from madoguchi.domain.flows.graph import parse
from madoguchi.domain.flows.simulate import simulate
from madoguchi.domain.flows.steps.shape import PutInQueue
from madoguchi.domain.flows.tests.flows import MENU

pytestmark = pytest.mark.pure


def test_a_flow_is_drawn_step_by_step_until_the_check_is_content() -> None:
    graph = new_graph()
    assert any(one.is_error for one in check(parse(graph)))
    graph, menu = add_step(graph, "ask", after="hello")
    graph = change_step(graph, menu, {"prompts": [{"text": "使い方は1を押してください。"}]})
    graph, queue = add_step(graph, "enqueue", after=menu, exit_name="key 1")
    graph["nodes"][menu]["keys"]["1"]["label"] = "使い方"
    graph = change_step(graph, queue, {"queue": 4})
    graph = set_way(graph, menu, "way_out", queue)
    assert check(parse(graph)) == []


def test_a_step_put_between_two_leads_on_to_the_second() -> None:
    graph, added = add_step(MENU, "say", after="hello")
    assert graph["nodes"]["hello"]["next"] == added
    assert graph["nodes"][added]["next"] == "notice"


def test_a_step_put_first_leads_on_to_the_old_first() -> None:
    graph, added = add_step(MENU, "say")
    assert graph["entry"] == added
    assert graph["nodes"][added]["next"] == "hello"


def test_a_step_taken_out_closes_the_gap() -> None:
    graph = remove_step(MENU, "notice")
    assert graph["nodes"]["hello"]["next"] == "menu"
    graph = remove_step(graph, "howto")
    assert graph["nodes"]["menu"]["keys"]["1"]["next"] == "full"
    assert remove_step(MENU, "hello")["entry"] == "notice"


def test_a_key_can_be_taken_away() -> None:
    assert "9" not in remove_key(MENU, "menu", "9")["nodes"]["menu"]["keys"]


def test_no_change_touches_the_flow_it_was_made_on() -> None:
    before = copy.deepcopy(MENU)
    add_step(MENU, "say")
    remove_step(MENU, "menu")
    change_step(MENU, "menu", {"tries": 1})
    set_way(MENU, "menu", "key 5", "bye")
    assert before == MENU


def test_a_change_that_does_not_fit_is_refused() -> None:
    with pytest.raises(EditRefused):
        set_way(MENU, "hello", "next", "gone")
    with pytest.raises(EditRefused):
        set_way(MENU, "bye", "next", "hello")
    with pytest.raises(EditRefused):
        change_step(MENU, "gone", {})
    with pytest.raises(EditRefused):
        change_step(MENU, "menu", {"verb": "say"})
    with pytest.raises(EditRefused):
        add_step(MENU, "sing")
    with pytest.raises(EditRefused):
        remove_key(MENU, "menu", "5")


def test_the_outline_shows_the_ways_of_a_menu_indented() -> None:
    lines = outline(parse(MENU))
    shown = [(line.depth, line.node.id if line.node else None, line.is_repeat) for line in lines]
    assert shown == [
        (0, "hello", False),
        (0, "notice", False),
        (0, "menu", False),
        (1, "howto", False),
        (1, "full", False),
        (1, "other", False),
        (1, "bye", False),
        (1, "other", True),
    ]
    assert lines[3].via is not None
    assert (lines[3].via.key, lines[3].via.label) == ("1", "使い方")


def test_the_outline_shows_ways_that_lead_nowhere_and_steps_nobody_reaches() -> None:
    graph = parse({**MENU, "nodes": {**MENU["nodes"], "hello": {"verb": "say", "next": None}}})
    lines = outline(graph)
    assert (lines[1].node, lines[1].depth) == (None, 0)
    assert [line.node.id for line in lines if line.is_stray and line.node] == ["notice"]


def test_a_trial_tells_what_a_caller_hears_and_where_the_call_goes() -> None:
    moments = simulate(parse(MENU), "71")
    assert [moment.what for moment in moments] == [
        "said", "said", "said", "waited", "pressed", "said", "waited", "pressed", "enqueued",
    ]  # fmt: skip
    assert isinstance(moments[-1].instruction, PutInQueue)
    assert moments[-1].instruction.menu == "使い方"


def test_a_trial_without_keys_ends_at_a_person() -> None:
    moments = simulate(parse(MENU), "-")
    assert [moment.what for moment in moments].count("waited") == 3
    assert isinstance(moments[-1].instruction, PutInQueue)
