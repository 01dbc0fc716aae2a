"""Whatever a caller hears while they speak, their own voice is in the recording without a gap."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile

from madoguchi.switch.port import (
    Join,
    Leave,
    Play,
    Record,
    RecordingBegan,
    RecordingEnded,
    ShowRinging,
    Side,
    StartMusic,
    StopMusic,
    StopRecording,
    StopRinging,
)
from madoguchi.switch.tests.telephones import TONES_HZ, whose
from madoguchi.switch.tests.worlds import (
    AsteriskWorld,
    RealAsterisk,
    answered_call,
    dialled,
    expect,
    happens,
)

pytestmark = pytest.mark.live

PIECE_S = 0.1
FALTERING_S = 0.4
"""So long the telephone of a test may say nothing because its machine is busy; a sentence lasts a second."""


def longest_silence_s(path: str, hertz: int) -> float:
    """For how long at most, in the track, the tone was not there."""
    samples, rate = soundfile.read(path)
    size = int(rate * PIECE_S)
    longest = silent = 0
    for begin in range(0, len(samples) - size, size):
        spectrum = np.abs(np.fft.rfft(samples[begin : begin + size] * np.hanning(size))) / size
        silent = silent + 1 if spectrum[round(hertz * PIECE_S)] < 0.005 else 0
        longest = max(longest, silent)
    return longest * PIECE_S


def test_a_caller_who_speaks_into_a_sentence_music_or_ringing_is_recorded(
    real: RealAsterisk, tmp_path: Path
) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        _, leg_id = await answered_call(world)
        await dialled(world, "out-rec")
        await world.switch.send(Join(bridge_id="b-rec", leg_ids=(leg_id, "out-rec")))
        await asyncio.sleep(0.5)
        await world.switch.send(Record(recording_id="rec-all", leg_id=leg_id))
        await expect(world, RecordingBegan, recording_id="rec-all", side=Side.SPOKEN)
        await asyncio.sleep(0.5)
        # In the bridge, then out of it as when the operator's line is lost, then back.
        await world.switch.send(Play(leg_id=leg_id, playback_id="p-in", files=(world.prompt,)))
        await asyncio.sleep(1.2)
        await world.switch.send(Leave(bridge_id="b-rec", leg_id=leg_id))
        await world.switch.send(Play(leg_id=leg_id, playback_id="p-out", files=(world.prompt,)))
        await asyncio.sleep(1.2)
        await world.switch.send(StartMusic(leg_id=leg_id))
        await asyncio.sleep(0.8)
        await world.switch.send(StopMusic(leg_id=leg_id))
        await world.switch.send(ShowRinging(leg_id=leg_id))
        await asyncio.sleep(0.8)
        await world.switch.send(StopRinging(leg_id=leg_id))
        await world.switch.send(Join(bridge_id="b-rec", leg_ids=(leg_id, "out-rec")))
        await asyncio.sleep(0.8)
        await world.switch.send(StopRecording(recording_id="rec-all"))
        spoken = await expect(world, RecordingEnded, recording_id="rec-all", side=Side.SPOKEN)
        heard = await expect(world, RecordingEnded, recording_id="rec-all", side=Side.HEARD)
        assert longest_silence_s(spoken.path, TONES_HZ["caller"]) <= FALTERING_S
        # What is heard is on its own track: the caller's recording was not simply a mix.
        samples, rate = soundfile.read(heard.path)
        assert {"agent", "prompt", "music"} <= whose(samples, rate)
        alone, rate = soundfile.read(spoken.path)
        assert whose(alone, rate) == {"caller"}

    happens(AsteriskWorld(real, tmp_path), story)
