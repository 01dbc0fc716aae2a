"""What every switch keeps when somebody is away: the simulated one and the real Asterisk pass this file."""

from __future__ import annotations

import asyncio

import pytest

from madoguchi.switch.port import (
    Answer,
    ApplicationReplaced,
    CallArrived,
    CommandRefused,
    Dial,
    Join,
    LegAnswered,
    LegGone,
    LegRinging,
    LivingLeg,
    Record,
    RecordingEnded,
    Release,
    Side,
    StopRecording,
    SwitchConnected,
    SwitchLost,
)
from madoguchi.switch.tests.worlds import (
    NUMBER,
    AsteriskWorld,
    SimulatedWorld,
    answered_call,
    comes_to_hear,
    expect,
    happens,
    stopped,
)

pytestmark = pytest.mark.contract


def test_a_released_call_hears_the_emergency_message_and_is_no_longer_ours(
    world: AsteriskWorld | SimulatedWorld,
) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        began_at = world.now()
        await world.call()
        leg_id = (await expect(world, CallArrived)).leg_id
        with pytest.raises(CommandRefused) as refused:
            await world.switch.send(Release(leg_id=leg_id, place="nowhere"))
        assert refused.value.permanent
        await world.switch.send(Release(leg_id=leg_id, place="emergency"))
        await world.pass_time(0.5)
        (leg,) = (await world.switch.living()).legs
        assert not leg.ours
        assert not [event for event in world.events if isinstance(event, LegGone)]
        past = {leg.leg_id: leg for leg in await world.switch.past(began_at)}
        assert past[leg_id].released_to == "emergency"

    happens(world, story)


def test_what_happened_unheard_is_in_the_past(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        began_at = world.now()
        caller, leg_id = await answered_call(world)
        await world.lose_connection()
        await expect(world, SwitchLost)
        await world.pass_time(0.3)
        await world.hang_up(caller, leg_id)
        await world.pass_time(0.3)
        await world.restore_connection()
        past = {leg.leg_id: leg for leg in await world.switch.past(began_at)}
        assert not [event for event in world.events if isinstance(event, LegGone)]
        told = past[leg_id]
        assert told.arrival is not None and told.arrival.called_raw == NUMBER
        assert told.answered_at is not None and told.ended_at is not None
        assert told.began_at <= told.answered_at < told.ended_at <= world.now()
        assert told.cause == 16

    happens(world, story)


def test_a_call_that_arrives_unheard_rings_on_and_is_told_afterwards(
    world: AsteriskWorld | SimulatedWorld,
) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        await world.lose_connection()
        await expect(world, SwitchLost)
        await world.call()
        legs: tuple[LivingLeg, ...] = ()
        for _ in range(100):
            await world.pass_time(0.1)
            if legs := (await world.switch.living()).legs:
                break
        (leg,) = legs
        assert not leg.ours and leg.arrival is not None and leg.arrival.purpose == "in"
        await world.restore_connection()
        arrived = await expect(world, CallArrived)
        assert arrived.leg_id == leg.leg_id
        await world.switch.send(Answer(leg_id=arrived.leg_id))
        await expect(world, LegAnswered, leg_id=arrived.leg_id)

    happens(world, story)


def test_a_leg_that_may_be_heard_early_is_answered_unheard_and_found_again(
    world: AsteriskWorld | SimulatedWorld,
) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        await world.phone("op-first", answers_after_s=1.0)
        await world.switch.send(Dial(leg_id="out-away", address="phone:op-first", early=True, call_id="c"))
        await expect(world, LegRinging, leg_id="out-away")
        await world.lose_connection()
        await expect(world, SwitchLost)
        await world.pass_time(2.0)
        await world.restore_connection()
        living = {leg.leg_id: leg for leg in (await world.switch.living()).legs}
        assert (living["out-away"].answered, living["out-away"].call_id) == (True, "c")
        await world.switch.send(Join(bridge_id="b-away", leg_ids=(leg_id, "out-away")))
        await comes_to_hear(world, caller, leg_id, "agent")

    happens(world, story)


def test_a_call_that_waits_too_long_for_a_controller_hears_the_emergency_message(
    world: AsteriskWorld | SimulatedWorld,
) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        began_at = world.now()
        await world.lose_connection()
        caller = await world.call()
        await world.pass_time(3.6)
        (leg,) = (await world.switch.living()).legs
        await comes_to_hear(world, caller, leg.leg_id, "prompt")
        await world.restore_connection()
        await world.pass_time(0.2)
        assert not [event for event in world.events if isinstance(event, CallArrived)]
        (past,) = await world.switch.past(began_at)
        assert (past.leg_id, past.released_to) == (leg.leg_id, "emergency")

    happens(world, story)


def test_a_track_from_before_is_never_written_over(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        _, leg_id = await answered_call(world)
        await world.switch.send(Record(recording_id="rec-twice", leg_id=leg_id))
        await world.switch.send(Record(recording_id="rec-twice", leg_id=leg_id))
        await world.pass_time(0.5)
        await world.switch.send(StopRecording(recording_id="rec-twice"))
        for side in Side:
            await expect(world, RecordingEnded, recording_id="rec-twice", side=side)
        await world.pass_time(0.3)
        with pytest.raises(CommandRefused) as refused:
            await world.switch.send(Record(recording_id="rec-twice", leg_id=leg_id))
        assert refused.value.permanent
        await world.pass_time(0.3)
        assert (await world.switch.living()).recordings == frozenset()

    happens(world, story)


def test_another_controller_takes_our_place(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        events: list[object] = []
        first = world._running
        assert first is not None
        other = world.switch if isinstance(world, SimulatedWorld) else None
        if other is None:
            from madoguchi.switch.asterisk.adapter import AsteriskSwitch

            assert isinstance(world, AsteriskWorld)
            other = AsteriskSwitch.of(world.asterisk.view)  # type: ignore[assignment]
        assert other is not None
        second = asyncio.create_task(other.run(events.append))
        await expect(world, ApplicationReplaced)
        await asyncio.wait_for(first, 5)
        assert [event for event in events if isinstance(event, SwitchConnected)]
        await stopped(second)

    happens(world, story)


def test_a_restart_is_told_by_its_time_and_nothing_is_left(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        booted_at = (await world.switch.living()).booted_at
        await answered_call(world)
        await world.restart()
        await expect(world, SwitchLost)
        connected = await expect(world, SwitchConnected, within_s=15)
        assert connected.booted_at > booted_at
        living = await world.switch.living()
        assert living.legs == () and living.bridges == {} and living.recordings == frozenset()

    happens(world, story)
