"""Recordings of the simulated switch: two tracks each, with a real sound file when a folder is given."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import soundfile

from madoguchi.switch.port import RecordingEnded, Side

_RATE = 8000
_NOWHERE = Path("/simulated")
_HUM_HZ = {Side.SPOKEN: 400, Side.HEARD: 1000}


@dataclass(slots=True)
class Track:
    """A recording under way."""

    recording_id: str
    leg_id: str
    began_at: datetime
    mutes: list[tuple[datetime, bool]] = field(default_factory=list)


def ended(track: Track, side: Side, *, node: str, at: datetime, folder: Path | None) -> RecordingEnded:
    """The end of one track; writes it as a hum, silent where it was muted, when there is a folder."""
    path = (folder or _NOWHERE) / f"{track.recording_id}.{side}.wav"
    duration_s = (at - track.began_at).total_seconds()
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        soundfile.write(path, _sound(track, side, at), _RATE, subtype="PCM_16")
    return RecordingEnded(
        node=node,
        at=at,
        recording_id=track.recording_id,
        side=side,
        path=str(path),
        duration_s=duration_s,
    )


def _sound(track: Track, side: Side, at: datetime) -> np.ndarray:
    length = round((at - track.began_at).total_seconds() * _RATE)
    samples = 0.1 * np.sin(2 * np.pi * _HUM_HZ[side] / _RATE * np.arange(length))
    changes = [*track.mutes, (at, False)]
    for (begin, muted), (end, _) in itertools.pairwise(changes):
        if muted:
            start = round((begin - track.began_at).total_seconds() * _RATE)
            samples[start : round((end - track.began_at).total_seconds() * _RATE)] = 0
    return np.asarray(samples)
