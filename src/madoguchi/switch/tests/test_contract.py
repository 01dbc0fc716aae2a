"""What every switch keeps: the simulated one and the real Asterisk pass this same file."""

from __future__ import annotations

import pytest
import soundfile

from madoguchi.switch.port import (
    Answer,
    CallArrived,
    CommandRefused,
    Dial,
    Dissolve,
    HangUp,
    Join,
    KeyPressed,
    Leave,
    LegAnswered,
    LegEntered,
    LegGone,
    LegRinging,
    Mute,
    MuteRecording,
    PhoneReachable,
    Play,
    PlaybackEnded,
    Record,
    RecordingBegan,
    RecordingEnded,
    SendKeys,
    ShowRinging,
    Side,
    StartMusic,
    StopMusic,
    StopPlayback,
    StopRecording,
    StopRinging,
    Tag,
)
from madoguchi.switch.simulated.people import REJECTED, USER_BUSY
from madoguchi.switch.tests.telephones import whose
from madoguchi.switch.tests.worlds import (
    NUMBER,
    AsteriskWorld,
    SimulatedWorld,
    answered_call,
    comes_to_hear,
    dialled,
    expect,
    happens,
)

pytestmark = pytest.mark.contract


def test_a_call_arrives_with_its_numbers_and_is_unanswered(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        await world.call(NUMBER, "0312340000")
        arrived = await expect(world, CallArrived)
        assert (arrived.node, arrived.trunk, arrived.purpose) == ("node-t", "line-a", "in")
        assert (arrived.called_raw, arrived.caller_raw) == (NUMBER, "0312340000")
        assert arrived.presentation == "allowed_not_screened"
        assert abs((world.now() - arrived.at).total_seconds()) < 5
        (leg,) = (await world.switch.living()).legs
        assert leg.leg_id == arrived.leg_id and not leg.answered and leg.ours and leg.call_id == ""
        assert leg.arrival is not None and leg.arrival.called_raw == NUMBER

    happens(world, story)


def test_a_caller_who_leaves_unanswered_is_gone(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller = await world.call()
        leg_id = (await expect(world, CallArrived)).leg_id
        await world.switch.send(ShowRinging(leg_id=leg_id))
        await world.switch.send(StopRinging(leg_id=leg_id))
        await world.switch.send(ShowRinging(leg_id=leg_id))
        await world.hang_up(caller, leg_id)
        gone = await expect(world, LegGone, leg_id=leg_id)
        assert not gone.by_us
        with pytest.raises(CommandRefused) as refused:
            await world.switch.send(Answer(leg_id=leg_id))
        assert refused.value.permanent
        await world.switch.send(HangUp(leg_id=leg_id))
        assert (await world.switch.living()).legs == ()

    happens(world, story)


def test_we_end_a_call_and_are_told_that_it_was_us(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        _, leg_id = await answered_call(world)
        await world.switch.send(HangUp(leg_id=leg_id, cause=16))
        gone = await expect(world, LegGone, leg_id=leg_id)
        assert gone.by_us and gone.cause == 16

    happens(world, story)


def test_a_prompt_is_heard_and_its_end_is_told(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        await world.switch.send(Play(leg_id=leg_id, playback_id="p-1", files=(world.prompt, world.prompt)))
        await comes_to_hear(world, caller, leg_id, "prompt")
        ended = await expect(world, PlaybackEnded, playback_id="p-1")
        assert ended.complete and ended.leg_id == leg_id
        await world.switch.send(StopPlayback(playback_id="p-1"))
        await comes_to_hear(world, caller, leg_id)

    happens(world, story)


def test_a_prompt_that_is_stopped_is_not_complete(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        _, leg_id = await answered_call(world)
        await world.switch.send(Play(leg_id=leg_id, playback_id="p-1", files=(world.prompt,) * 3))
        await world.pass_time(0.3)
        await world.switch.send(StopPlayback(playback_id="p-1"))
        assert not (await expect(world, PlaybackEnded, playback_id="p-1")).complete

    happens(world, story)


def test_a_prompt_that_a_caller_leaves_is_not_complete(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        await world.switch.send(Play(leg_id=leg_id, playback_id="p-1", files=(world.prompt,) * 3))
        await world.pass_time(0.3)
        await world.hang_up(caller, leg_id)
        assert not (await expect(world, PlaybackEnded, playback_id="p-1")).complete
        await expect(world, LegGone, leg_id=leg_id)

    happens(world, story)


def test_keys_are_told_during_a_prompt_each_once(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        await world.switch.send(Play(leg_id=leg_id, playback_id="p-1", files=(world.prompt,) * 3))
        await world.pass_time(0.2)
        await world.press(caller, leg_id, "1#")
        assert (await expect(world, KeyPressed, leg_id=leg_id)).key == "1"
        assert (await expect(world, KeyPressed, leg_id=leg_id)).key == "#"
        await world.pass_time(0.3)
        assert not [event for event in world.events if isinstance(event, KeyPressed)]

    happens(world, story)


def test_music_plays_until_a_prompt_or_until_it_is_stopped(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        await world.switch.send(StartMusic(leg_id=leg_id))
        await comes_to_hear(world, caller, leg_id, "music")
        await world.switch.send(Play(leg_id=leg_id, playback_id="p-1", files=(world.prompt,) * 3))
        await comes_to_hear(world, caller, leg_id, "prompt")
        await world.switch.send(StartMusic(leg_id=leg_id))
        await comes_to_hear(world, caller, leg_id, "music")
        ended = await expect(world, PlaybackEnded, playback_id="p-1")
        assert not ended.complete, "the music waited for the prompt's end"
        await world.switch.send(StopMusic(leg_id=leg_id))
        await comes_to_hear(world, caller, leg_id)
        assert not [event for event in world.events if isinstance(event, LegGone)]

    happens(world, story)


def test_a_phone_rings_answers_and_both_hear_each_other(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        await world.switch.send(StartMusic(leg_id=leg_id))
        agent = await world.phone("op-first", answers_after_s=0.3)
        await world.switch.send(Dial(leg_id="out-1", address="phone:op-first", call_id="call-1"))
        await expect(world, LegRinging, leg_id="out-1")
        with pytest.raises(CommandRefused) as refused:
            await world.switch.send(Join(bridge_id="b-1", leg_ids=(leg_id, "out-1")))
        assert not refused.value.permanent
        await expect(world, LegAnswered, leg_id="out-1")
        await expect(world, LegEntered, leg_id="out-1")
        await world.switch.send(Join(bridge_id="b-1", leg_ids=(leg_id, "out-1")))
        await comes_to_hear(world, caller, leg_id, "agent")
        await comes_to_hear(world, agent, "out-1", "caller")
        living = await world.switch.living()
        assert set(living.bridges["b-1"]) == {leg_id, "out-1"}
        assert {leg.leg_id: leg.call_id for leg in living.legs}["out-1"] == "call-1"
        assert living.phones["op-first"]
        await world.hang_up(agent, "out-1")
        assert not (await expect(world, LegGone, leg_id="out-1")).by_us
        await comes_to_hear(world, caller, leg_id)
        await world.switch.send(Dissolve(bridge_id="b-1"))
        await world.switch.send(Dissolve(bridge_id="b-1"))
        assert (await world.switch.living()).bridges == {}

    happens(world, story)


def test_a_leg_that_may_be_heard_early_is_joined_before_it_is_answered(
    world: AsteriskWorld | SimulatedWorld,
) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        agent = await world.phone("op-first", answers_after_s=1.5)
        await world.switch.send(Dial(leg_id="out-early", address="phone:op-first", early=True))
        await expect(world, LegRinging, leg_id="out-early")
        await world.switch.send(Join(bridge_id="b-early", leg_ids=(leg_id, "out-early")))
        assert not {leg.leg_id: leg.answered for leg in (await world.switch.living()).legs}["out-early"]
        await expect(world, LegAnswered, leg_id="out-early")
        await expect(world, LegEntered, leg_id="out-early")
        # Who is joined already may be joined again, as happens when somebody who was asked answers.
        await world.switch.send(Join(bridge_id="b-early", leg_ids=(leg_id, "out-early")))
        await comes_to_hear(world, caller, leg_id, "agent")
        await comes_to_hear(world, agent, "out-early", "caller")
        for joined in (leg_id, "out-early"):
            await world.switch.send(Leave(bridge_id="b-early", leg_id=joined))
        await world.switch.send(Dissolve(bridge_id="b-early"))
        await world.switch.send(Play(leg_id="out-early", playback_id="p-e", files=(world.prompt,) * 2))
        assert (await expect(world, PlaybackEnded, playback_id="p-e")).complete
        await world.switch.send(Join(bridge_id="b-later", leg_ids=(leg_id, "out-early")))
        await comes_to_hear(world, caller, leg_id, "agent")
        await world.hang_up(agent, "out-early")
        assert not (await expect(world, LegGone, leg_id="out-early")).by_us

    happens(world, story)


def test_hold_mute_and_return(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        agent = await dialled(world, "out-2")
        await world.switch.send(Join(bridge_id="b-2", leg_ids=(leg_id, "out-2")))
        await world.switch.send(Mute(leg_id="out-2", on=True))
        await comes_to_hear(world, caller, leg_id)
        await world.switch.send(Mute(leg_id="out-2", on=False))
        await world.switch.send(Leave(bridge_id="b-2", leg_id=leg_id))
        await world.switch.send(Leave(bridge_id="b-2", leg_id=leg_id))
        await world.switch.send(StartMusic(leg_id=leg_id))
        await comes_to_hear(world, caller, leg_id, "music")
        await comes_to_hear(world, agent, "out-2")
        await world.switch.send(Join(bridge_id="b-2", leg_ids=(leg_id,)))
        await comes_to_hear(world, caller, leg_id, "agent")
        await world.switch.send(Join(bridge_id="b-3", leg_ids=(leg_id,)))
        await comes_to_hear(world, caller, leg_id)
        await world.press(agent, "out-2", "5")
        assert (await expect(world, KeyPressed, leg_id="out-2")).key == "5"
        await world.switch.send(SendKeys(leg_id=leg_id, keys="12"))

    happens(world, story)


def test_a_phone_that_refuses_or_is_not_there(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        with pytest.raises(CommandRefused) as refused:
            await world.switch.send(Dial(leg_id="out-3", address="phone:op-second"))
        assert refused.value.permanent
        await world.phone("op-second", answers_after_s=None, refuses_after_s=0.2)
        await world.switch.send(Dial(leg_id="out-4", address="phone:op-second"))
        gone = await expect(world, LegGone, leg_id="out-4")
        assert gone.cause == 21 and not gone.by_us

    happens(world, story)


@pytest.mark.parametrize("cause", [USER_BUSY, REJECTED])
def test_a_phone_that_refuses_at_once_says_why(world: AsteriskWorld | SimulatedWorld, cause: int) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        script = {"answers_after_s": None, "refuses_after_s": 0.0, "refuses_with": cause, "rings": False}
        await world.phone("op-second", **script)
        for count in range(5):
            leg_id = f"out-at-once-{cause}-{count}"
            await world.switch.send(Dial(leg_id=leg_id, address="phone:op-second"))
            gone = await expect(world, LegGone, leg_id=leg_id)
            assert (gone.cause, gone.by_us) == (cause, False)
        assert (await world.switch.living()).legs == ()

    happens(world, story)


def test_ringing_ends_by_its_time_or_by_us_at_once(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        await world.phone("op-second", answers_after_s=None)
        await world.switch.send(Dial(leg_id="out-5", address="phone:op-second", timeout_s=4))
        await expect(world, LegRinging, leg_id="out-5")
        gone = await expect(world, LegGone, leg_id="out-5")
        assert gone.cause == 19 and not gone.by_us
        await world.switch.send(Dial(leg_id="out-6", address="phone:op-second"))
        # Sent while the phone may not even ring yet: it must fall silent all the same.
        await world.switch.send(HangUp(leg_id="out-6"))
        assert (await expect(world, LegGone, leg_id="out-6")).by_us
        assert (await world.switch.living()).legs == ()

    happens(world, story)


def test_both_tracks_are_recorded_and_a_pause_is_silence(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        caller, leg_id = await answered_call(world)
        await dialled(world, "out-7")
        await world.switch.send(Join(bridge_id="b-7", leg_ids=(leg_id, "out-7")))
        await world.switch.send(Record(recording_id="rec-1", leg_id=leg_id))
        for side in Side:
            await expect(world, RecordingBegan, recording_id="rec-1", side=side)
        assert (await world.switch.living()).recordings == {"rec-1"}
        await world.pass_time(1)
        await world.switch.send(MuteRecording(recording_id="rec-1", on=True))
        await world.pass_time(1)
        await world.switch.send(MuteRecording(recording_id="rec-1", on=False))
        await world.pass_time(1)
        await world.hang_up(caller, leg_id)
        for side, voice in ((Side.SPOKEN, "caller"), (Side.HEARD, "agent")):
            track = await expect(world, RecordingEnded, recording_id="rec-1", side=side)
            assert track.failure == "" and 2.8 < track.duration_s < 4
            samples, rate = soundfile.read(track.path)
            assert abs(len(samples) / rate - track.duration_s) < 0.3
            assert whose(samples[: rate * 8 // 10], rate) == {voice}
            assert whose(samples[int(rate * 1.25) : int(rate * 1.9)], rate) == set()
            assert whose(samples[int(rate * 2.3) : int(rate * 2.8)], rate) == {voice}
        await world.pass_time(0.2)
        assert [leg.leg_id for leg in (await world.switch.living()).legs] == ["out-7"]

    happens(world, story)


def test_a_recording_ends_when_it_is_told_to(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        _, leg_id = await answered_call(world)
        await world.switch.send(Record(recording_id="rec-2", leg_id=leg_id))
        await world.pass_time(0.5)
        await world.switch.send(StopRecording(recording_id="rec-2"))
        for side in Side:
            await expect(world, RecordingEnded, recording_id="rec-2", side=side)
        await world.switch.send(StopRecording(recording_id="rec-2"))
        assert (await world.switch.living()).recordings == frozenset()
        with pytest.raises(CommandRefused) as refused:
            await world.switch.send(Record(recording_id="rec-3", leg_id="nobody"))
        assert refused.value.permanent

    happens(world, story)


def test_a_call_can_be_tagged_and_found_again(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        await world.call()
        leg_id = (await expect(world, CallArrived)).leg_id
        await world.switch.send(Tag(leg_id=leg_id, call_id="call-9"))
        await world.switch.send(Answer(leg_id=leg_id))
        await expect(world, LegAnswered, leg_id=leg_id)
        (leg,) = (await world.switch.living()).legs
        assert (leg.call_id, leg.answered) == ("call-9", True)

    happens(world, story)


def test_phones_come_and_go(world: AsteriskWorld | SimulatedWorld) -> None:
    async def story(world: AsteriskWorld | SimulatedWorld) -> None:
        await world.phone("op-first")
        assert (await world.switch.living()).phones["op-first"]
        if isinstance(world, SimulatedWorld):
            world.switch.unregister("op-first")
        else:
            world.telephones[-1].order(do="unregister")
        await expect(world, PhoneReachable, endpoint="op-first", reachable=False)

    happens(world, story)
