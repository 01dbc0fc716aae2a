"""A call goes through its flow: what the walk says is written down and asked of the switch."""

from __future__ import annotations

from datetime import timedelta

from madoguchi.domain.calls.actions.waiting import enqueue, hang_up_customer, say
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.scene import Scene
from madoguchi.domain.calls.states import CallEvent, Outcome, Phase
from madoguchi.domain.contacts.actions import note_menu
from madoguchi.domain.flows.graph import Graph
from madoguchi.domain.flows.queries import graph_of
from madoguchi.domain.flows.steps.shape import (
    EndCall,
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
from madoguchi.domain.flows.walk import Progress, begin, next_step
from madoguchi.domain.queues.queries import open_queue
from madoguchi.switch import port

LONGEST_PROMPT = timedelta(minutes=5)
"""If the end of a prompt is never reported, the walk goes on after so long: a caller is never stuck."""


def begin_flow(acted: Scene) -> None:
    """The answered call enters the published version of its number's flow."""
    acted.move(CallEvent.MENU_BEGAN, {"flow_version": acted.call.flow_version_id})
    _carry_out(acted, begin(_graph(acted.call)))


def key_pressed(acted: Scene, key: str) -> None:
    """The caller pressed a key; outside the menu it means nothing here."""
    if acted.call.phase == Phase.MENU:
        _go_on(acted, KeyPressed(key))


def prompt_ended(acted: Scene) -> None:
    """What the caller heard in the menu is over."""
    position = _position(acted.call)
    if position is not None:
        _go_on(acted, PromptFinished(position.turn))


def step_fell_due(acted: Scene) -> None:
    """No key came in time, or the end of a prompt was never reported."""
    position = _position(acted.call)
    if position is not None:
        _go_on(acted, TimedOut(position.turn) if position.waiting else PromptFinished(position.turn))


def _go_on(acted: Scene, event: Event) -> None:
    position = _position(acted.call)
    if position is not None:
        _carry_out(acted, next_step(_graph(acted.call), position, event), event)


def _carry_out(acted: Scene, progress: Progress, event: Event | None = None) -> None:
    """Write the new position and do what it asks for, in order."""
    old, new = _position(acted.call), progress.position
    if old is None or old.node != new.node:
        cause = {"keys": "".join(new.collected), "menu": list(new.menu)}
        happened = type(event).__name__ if event else "Began"
        acted.step("flow", acted.call.pk, old.node if old else "", new.node, happened, cause)
    acted.set(flow_position=new.to_json())
    for instruction in progress.instructions:
        _do(acted, instruction)


def _do(acted: Scene, instruction: Instruction) -> None:
    match instruction:
        case SayPrompts(_, prompts):
            acted.set(step_due_at=acted.at + LONGEST_PROMPT)
            if not say(acted, list(prompts)):
                prompt_ended(acted)
        case StopSaying():
            if acted.call.playback_id:
                acted.tell(port.StopPlayback(playback_id=acted.call.playback_id))
            acted.set(playback_id="")
        case WaitForKey(_, wait_s):
            acted.set(step_due_at=acted.at + timedelta(seconds=wait_s), playback_id="")
        case PutInQueue():
            _put_in_queue(acted, instruction)
        case EndCall(outcome):
            acted.move(CallEvent.TURNED_AWAY, {"outcome": outcome}, coming_outcome=Outcome(outcome))
            hang_up_customer(acted)


def _put_in_queue(acted: Scene, asked: PutInQueue) -> None:
    queue = open_queue(asked.queue_id)
    if queue is None:
        _go_on(acted, EnqueueRefused())
        return
    if asked.menu or asked.reason_id:
        acted.set(menu=asked.menu)
        note_menu(acted.call.contact_id, asked.menu, asked.reason_id)
    enqueue(acted, queue, priority=asked.priority)


def _position(call: Call) -> Position | None:
    return Position.from_json(call.flow_position) if call.flow_position else None


def _graph(call: Call) -> Graph:
    if call.flow_version_id is None:
        raise LookupError(f"call {call.pk} has no flow")
    return graph_of(call.flow_version_id)
