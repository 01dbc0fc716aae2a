"""The simulated switch beyond the contract: its clock, its people, and what can be made to go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from madoguchi.switch.port import (
    Answer,
    CallArrived,
    CommandRefused,
    Dial,
    Event,
    HangUp,
    Join,
    KeyPressed,
    LegAnswered,
    LegEntered,
    LegGone,
    LegRinging,
    Play,
    PlaybackEnded,
    StopPlayback,
    SwitchConnected,
    SwitchLost,
)
from madoguchi.switch.simulated.clock import SimulatedClock
from madoguchi.switch.simulated.people import BUSY, CallerScript, PhoneScript
from madoguchi.switch.simulated.switch import SimulatedSwitch

pytestmark = pytest.mark.pure


def test_timers_happen_in_order_and_cancelled_ones_never() -> None:
    clock, done = SimulatedClock(), list[str]()
    clock.later(2, lambda: done.append("b"))
    clock.later(1, lambda: done.append("a"))
    clock.later(1.5, lambda: done.append("never")).cancel()
    clock.later(2, lambda: done.append("c"))
    start = clock.now()

    clock.advance(2)

    assert done == ["a", "b", "c"]
    assert (clock.now() - start).total_seconds() == 2


def test_a_timer_made_by_a_timer_happens_in_the_same_run() -> None:
    clock, done = SimulatedClock(), list[float]()
    start = clock.now()

    def again() -> None:
        done.append((clock.now() - start).total_seconds())
        if len(done) < 3:
            clock.later(1, again)

    clock.later(1, again)
    clock.advance(10)
    assert done == [1, 2, 3]


class Scene:
    """A switch with everything that it told."""

    def __init__(self) -> None:
        self.switch = SimulatedSwitch()
        self.events: list[Event] = []

    async def passes(self, seconds: float) -> None:
        async def settle() -> None:
            for _ in range(3):
                await asyncio.sleep(0)

        await self.switch.clock.run(seconds, settle)

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    def last(self, kind: type[Event]) -> Event:
        return [event for event in self.events if isinstance(event, kind)][-1]


def happens(story: Callable[[Scene], Awaitable[None]]) -> None:
    async def whole() -> None:
        scene = Scene()
        running = asyncio.create_task(scene.switch.run(scene.events.append))
        await scene.passes(0)
        await story(scene)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(whole())


def test_a_caller_gives_up_when_nobody_comes() -> None:
    async def story(scene: Scene) -> None:
        leg_id = scene.switch.call("0312345678", script=CallerScript(gives_up_after_s=40))
        await scene.passes(39)
        assert leg_id in scene.switch.legs
        await scene.passes(2)
        gone = scene.last(LegGone)
        assert isinstance(gone, LegGone) and gone.leg_id == leg_id and not gone.by_us

    happens(story)


def test_a_caller_presses_talks_and_leaves() -> None:
    async def story(scene: Scene) -> None:
        script = CallerScript(gives_up_after_s=30, keys=((1.0, "2"),), talks_s=60)
        scene.switch.register("op-a")
        leg_id = scene.switch.call("0312345678", script=script)
        await scene.switch.send(Answer(leg_id=leg_id))
        await scene.passes(1.5)
        pressed = scene.last(KeyPressed)
        assert isinstance(pressed, KeyPressed) and pressed.key == "2"
        await scene.switch.send(Dial(leg_id="out", address="phone:op-a"))
        await scene.passes(3)
        await scene.switch.send(Join(bridge_id="b", leg_ids=(leg_id, "out")))
        await scene.passes(59)
        assert leg_id in scene.switch.legs
        await scene.passes(2)
        assert leg_id not in scene.switch.legs and scene.switch.hears("out") == ()

    happens(story)


def test_events_can_be_lost_and_repeated() -> None:
    async def story(scene: Scene) -> None:
        scene.switch.faults.lost[CallArrived] = 1
        scene.switch.call("0312345678")
        scene.switch.faults.repeated[LegAnswered] = 1
        second = scene.switch.call("0312345678")
        await scene.switch.send(Answer(leg_id=second))
        await scene.passes(0)
        assert scene.kinds() == ["SwitchConnected", "CallArrived", "LegAnswered", "LegAnswered"]
        assert len((await scene.switch.living()).legs) == 2

    happens(story)


def test_a_command_can_be_refused_once() -> None:
    async def story(scene: Scene) -> None:
        leg_id = scene.switch.call("0312345678")
        scene.switch.faults.refused[Answer] = CommandRefused("busy", permanent=False)
        with pytest.raises(CommandRefused, match="busy"):
            await scene.switch.send(Answer(leg_id=leg_id))
        await scene.switch.send(Answer(leg_id=leg_id))
        assert list(scene.switch.sent) == [Answer(leg_id=leg_id)]

    happens(story)


def test_nothing_is_told_of_an_outage_but_all_is_in_the_past() -> None:
    async def story(scene: Scene) -> None:
        began_at = scene.switch.clock.now()
        leg_id = scene.switch.call("0312345678")
        await scene.passes(1)
        scene.switch.disconnect()
        await scene.passes(1)
        with pytest.raises(CommandRefused) as refused:
            await scene.switch.send(HangUp(leg_id=leg_id))
        assert not refused.value.permanent
        scene.switch.hang_up(leg_id)
        await scene.passes(1)
        scene.switch.reconnect()
        await scene.passes(1)
        assert scene.kinds() == ["SwitchConnected", "CallArrived", "SwitchLost", "SwitchConnected"]
        (past,) = await scene.switch.past(began_at)
        assert past.ended_at is not None and (past.ended_at - past.began_at).total_seconds() == 2

    happens(story)


def test_a_call_that_waits_too_long_for_control_hears_the_emergency_message() -> None:
    async def story(scene: Scene) -> None:
        scene.switch.disconnect()
        leg_id = scene.switch.call("0312345678")
        await scene.passes(31)
        scene.switch.reconnect()
        await scene.passes(15)
        assert "CallArrived" not in scene.kinds()
        (past,) = await scene.switch.past(scene.switch.booted_at)
        assert past.leg_id == leg_id and past.released_to == "emergency" and past.cause == 41

    happens(story)


def test_a_restart_takes_all_calls_and_changes_the_time_of_start() -> None:
    async def story(scene: Scene) -> None:
        scene.switch.call("0312345678")
        await scene.passes(5)
        before = scene.switch.booted_at
        scene.switch.restart()
        scene.switch.reconnect()
        await scene.passes(0)
        connected = scene.last(SwitchConnected)
        assert isinstance(connected, SwitchConnected) and connected.booted_at > before
        assert scene.kinds().count("SwitchLost") == 1 and scene.last(SwitchLost) is not None
        assert (await scene.switch.living()).legs == ()

    happens(story)


def test_a_busy_phone_refuses_without_ringing() -> None:
    async def story(scene: Scene) -> None:
        scene.switch.register("op-a", BUSY)
        await scene.switch.send(Dial(leg_id="out", address="phone:op-a"))
        await scene.passes(1)
        assert not [event for event in scene.events if isinstance(event, LegRinging)]
        gone = scene.last(LegGone)
        assert isinstance(gone, LegGone) and gone.cause == 17

    happens(story)


def test_a_number_outside_answers_and_hangs_up() -> None:
    async def story(scene: Scene) -> None:
        scene.switch.outside["0311112222"] = PhoneScript(answers_after_s=3, hangs_up_after_s=10)
        await scene.switch.send(Dial(leg_id="out", address="trunk:line-a:0311112222"))
        await scene.passes(4)
        assert isinstance(scene.last(LegEntered), LegEntered)
        await scene.passes(10)
        assert isinstance(scene.last(LegGone), LegGone)

    happens(story)


def test_playbacks_follow_one_another() -> None:
    async def story(scene: Scene) -> None:
        leg_id = scene.switch.call("0312345678")
        await scene.switch.send(Answer(leg_id=leg_id))
        await scene.switch.send(Play(leg_id=leg_id, playback_id="a", files=("/a", "/b")))
        await scene.switch.send(Play(leg_id=leg_id, playback_id="b", files=("/c",)))
        await scene.passes(4.1)
        ended = scene.last(PlaybackEnded)
        assert isinstance(ended, PlaybackEnded) and (ended.playback_id, ended.complete) == ("a", True)
        assert scene.switch.hears(leg_id) == ("file:/c",)
        await scene.switch.send(StopPlayback(playback_id="b"))
        assert scene.switch.hears(leg_id) == ()

    happens(story)
