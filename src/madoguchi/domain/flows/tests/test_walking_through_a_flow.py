"""One call, one event at a time."""

import dataclasses
import json
from typing import Any

import pytest

from madoguchi.domain.flows.graph import Graph, parse
from madoguchi.domain.flows.steps.shape import (
    EndCall,
    Ending,
    EnqueueRefused,
    Event,
    Instruction,
    KeyPressed,
    Position,
    PromptFinished,
    PutInQueue,
    SayPrompts,
    StopSaying,
    TimedOut,
    WaitForKey,
)
from madoguchi.domain.flows.tests.flows import HOWTO, MENU, OTHER, ask, enqueue, flow, hang_up, say
from madoguchi.domain.flows.walk import MAX_TURNS, Progress, begin, next_step
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.refs import Ready, Spoken

pytestmark = pytest.mark.pure


class Call:
    """A call on its way: keeps the position as JSON between events, as the database does."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.graph: Graph = parse(raw)
        self.asked: tuple[Instruction, ...] = ()
        self.take(begin(self.graph))

    def take(self, progress: Progress) -> None:
        self.stored = json.dumps(progress.position.to_json())
        self.asked = progress.instructions

    @property
    def position(self) -> Position:
        return Position.from_json(json.loads(self.stored))

    def tell(self, event: Event) -> tuple[Instruction, ...]:
        self.take(next_step(self.graph, self.position, event))
        return self.asked

    def hear_out(self) -> tuple[Instruction, ...]:
        return self.tell(PromptFinished(self.position.turn))

    def keep_silent(self) -> tuple[Instruction, ...]:
        self.hear_out()
        return self.tell(TimedOut(self.position.turn))

    def to_menu(self) -> "Call":
        self.hear_out()
        self.hear_out()
        return self


def texts(instruction: Instruction) -> list[str]:
    assert isinstance(instruction, SayPrompts)
    return [ref.text for ref in instruction.prompts if isinstance(ref, Spoken)]


def test_a_caller_hears_the_greeting_then_the_notice_then_the_menu() -> None:
    call = Call(MENU)
    assert texts(call.asked[0]) == ["お電話ありがとうございます。"]
    assert call.hear_out() == (SayPrompts(2, (Ready(BuiltIn.RECORDING_NOTICE, "ja"),)),)
    assert texts(call.hear_out()[0]) == ["使い方は1を、その他は2を押してください。"]
    assert call.hear_out() == (WaitForKey(4, 5.0),)


def test_a_key_after_the_words_leads_to_its_queue_with_label_and_reason() -> None:
    call = Call(MENU).to_menu()
    call.hear_out()
    assert call.tell(KeyPressed("1")) == (PutInQueue(HOWTO, 1, 7, "使い方"),)
    assert call.position.collected == ("1",)


def test_a_key_during_the_words_cuts_them_short() -> None:
    call = Call(MENU).to_menu()
    assert call.tell(KeyPressed("2")) == (StopSaying(3), PutInQueue(OTHER, 0, None, "その他"))


def test_the_end_of_words_that_were_cut_short_moves_nothing() -> None:
    call = Call(MENU).to_menu()
    call.tell(KeyPressed("5"))
    before = call.position
    assert call.tell(PromptFinished(3)) == ()
    assert call.position == before


def test_a_late_end_of_waiting_moves_nothing() -> None:
    call = Call(MENU).to_menu()
    call.hear_out()
    call.tell(KeyPressed("5"))
    assert call.tell(TimedOut(4)) == ()


def test_a_wrong_key_is_told_and_the_menu_said_again() -> None:
    call = Call(MENU).to_menu()
    stop, again = call.tell(KeyPressed("7"))
    assert stop == StopSaying(3)
    assert isinstance(again, SayPrompts)
    assert again.prompts[0] == Ready(BuiltIn.WRONG_KEY, "ja")
    assert texts(again) == ["使い方は1を、その他は2を押してください。"]


def test_no_key_is_told_and_the_menu_said_again() -> None:
    call = Call(MENU).to_menu()
    (again,) = call.keep_silent()
    assert isinstance(again, SayPrompts)
    assert again.prompts[0] == Ready(BuiltIn.NO_KEY, "ja")


def test_after_three_tries_of_any_kind_the_caller_comes_to_a_person() -> None:
    call = Call(MENU).to_menu()
    call.keep_silent()
    call.tell(KeyPressed("*"))
    call.hear_out()
    assert call.tell(TimedOut(call.position.turn)) == (PutInQueue(OTHER, 0, None, ""),)


def test_a_right_key_after_a_wrong_one_counts() -> None:
    call = Call(MENU).to_menu()
    call.tell(KeyPressed("7"))
    assert call.tell(KeyPressed("1"))[-1] == PutInQueue(HOWTO, 1, 7, "使い方")


def test_a_key_during_the_greeting_is_kept_for_the_menu() -> None:
    call = Call(MENU)
    stop, notice = call.tell(KeyPressed("1"))
    assert stop == StopSaying(1)
    assert isinstance(notice, SayPrompts), "the notice cannot be skipped"
    assert call.hear_out() == (PutInQueue(HOWTO, 1, 7, "使い方"),)


def test_a_key_during_a_notice_that_cannot_be_skipped_is_kept_too() -> None:
    call = Call(MENU)
    call.hear_out()
    assert call.tell(KeyPressed("2")) == ()
    assert call.hear_out() == (PutInQueue(OTHER, 0, None, "その他"),)


def test_a_wrong_key_pressed_too_early_costs_no_try() -> None:
    call = Call(MENU)
    call.tell(KeyPressed("7"))
    call.hear_out()
    assert call.position.node == "menu"
    assert call.position.tries == 0


def test_two_keys_pressed_early_go_through_two_menus() -> None:
    nested = flow("a", a=say("b"), b=ask("q", k1="c"), c=ask("q", k2="end"), q=enqueue(9), end=enqueue(5))
    call = Call(nested)
    call.tell(KeyPressed("1"))
    call2 = Call(flow("a", a=say("b", skippable=False), b=nested["nodes"]["b"], c=nested["nodes"]["c"],
                      q=enqueue(9), end=enqueue(5)))  # fmt: skip
    call2.tell(KeyPressed("1"))
    call2.tell(KeyPressed("2"))
    assert call.position.node == "c"
    assert call2.hear_out() == (PutInQueue(5, 0, None, "k1 › k2"),)
    assert call2.position.collected == ("1", "2")


def test_a_queue_that_takes_nobody_leads_on() -> None:
    call = Call(MENU).to_menu()
    call.tell(KeyPressed("1"))
    assert call.tell(EnqueueRefused()) == (SayPrompts(4, (Ready(BuiltIn.WAITED_TOO_LONG, "ja"),)),)
    assert call.hear_out() == (EndCall(Ending.FAULT),)


def test_a_queue_that_takes_nobody_and_leads_nowhere_ends_the_call() -> None:
    call = Call(MENU).to_menu()
    call.tell(KeyPressed("2"))
    assert call.tell(EnqueueRefused()) == (EndCall(Ending.FAULT),)


def test_keys_while_waiting_in_the_queue_move_nothing() -> None:
    call = Call(MENU).to_menu()
    call.tell(KeyPressed("1"))
    assert call.tell(KeyPressed("9")) == ()
    assert call.tell(PromptFinished(call.position.turn)) == ()


def test_hanging_up_says_the_last_word_first() -> None:
    call = Call(MENU).to_menu()
    assert isinstance(call.tell(KeyPressed("9"))[-1], SayPrompts)
    assert call.hear_out() == (EndCall(Ending.SERVED),)
    assert call.tell(KeyPressed("1")) == (), "the flow is over"


def test_a_step_without_words_is_passed_at_once() -> None:
    call = Call(flow("a", a={"verb": "say", "prompts": [], "next": "b"}, b=enqueue(3)))
    assert call.asked == (PutInQueue(3, 0, None, ""),)


def test_a_circle_of_silent_steps_ends_as_a_fault() -> None:
    silent = {"verb": "say", "prompts": []}
    call = Call(flow("a", a={**silent, "next": "b"}, b={**silent, "next": "a"}))
    assert call.asked == (EndCall(Ending.FAULT),)
    assert call.position.ended


@pytest.mark.parametrize("raw", [flow("nowhere"), flow("a", a=say(None)), flow("a", a=say("gone"))])
def test_a_way_that_leads_nowhere_ends_as_a_fault(raw: dict[str, Any]) -> None:
    call = Call(raw)
    if call.asked and isinstance(call.asked[-1], SayPrompts):
        call.hear_out()
    assert call.asked == (EndCall(Ending.FAULT),)


def test_a_position_of_another_flow_ends_as_a_fault() -> None:
    progress = next_step(parse(MENU), Position("of-another-flow"), KeyPressed("1"))
    assert progress.instructions == (EndCall(Ending.FAULT),)


def test_a_caller_who_goes_round_for_ever_is_let_go_at_last() -> None:
    call = Call(flow("a", a=ask("q", k1="a"), q=enqueue()))
    for _ in range(MAX_TURNS + 1):
        call.tell(KeyPressed("1"))
    assert call.position.ended


def test_the_same_event_gives_the_same_answer() -> None:
    graph = parse(MENU)
    first = begin(graph)
    assert next_step(graph, first.position, KeyPressed("1")) == next_step(
        graph, first.position, KeyPressed("1")
    )


def test_a_position_survives_the_database() -> None:
    position = Position("menu", 4, True, 2, "12", ("1",), ("使い方",), False)
    assert Position.from_json(json.loads(json.dumps(position.to_json()))) == position
    assert Position.from_json({"node": "menu"}) == Position("menu")
    assert set(position.to_json()) == {field.name for field in dataclasses.fields(Position)}


def test_a_bye_without_words_ends_at_once() -> None:
    assert Call(flow("a", a={"verb": "hang_up", "outcome": "out_of_hours"})).asked == (
        EndCall("out_of_hours"),
    )
    assert isinstance(Call(flow("a", a=hang_up())).asked[0], SayPrompts)
