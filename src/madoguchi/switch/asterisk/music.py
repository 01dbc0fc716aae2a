"""Music for those who wait, of our own making: nobody's rights, no attribution on the telephone.

A calm turn of four chords, arpeggiated, that joins its own beginning: written once per installation as
8 kHz WAV, which is all that a telephone line carries.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

_RATE = 8000
_BEAT_S = 0.5
# Semitones above A3: a turn of I–vi–IV–V that a listener does not tire of quickly.
_CHORDS = ((3, 7, 10, 15), (0, 3, 7, 12), (-4, 3, 8, 12), (-2, 5, 10, 14))
_PATTERN = (0, 2, 1, 3, 2, 1, 3, 2)
_A3_HZ = 220.0
# A telephone has little below 300 Hz: an octave more than written sounds fuller.
_OCTAVE = 2.0
_LOUDNESS = 0.22
_ROUNDS = 4


def ensure(folder: Path) -> Path:
    """Make `folder` a class of music with our own piece, unless it holds one already."""
    file = folder / "madoguchi-calm.wav"
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_suffix(".part")
        soundfile.write(fresh, piece(), _RATE, subtype="PCM_16", format="WAV")
        fresh.replace(file)
    return folder


def piece() -> np.ndarray:
    """The samples, between −1 and 1; the end runs into the beginning without a gap."""
    notes = [
        (chord[step] + (12 if turn % 2 and place % 4 == 3 else 0))
        for turn in range(_ROUNDS)
        for chord in _CHORDS
        for place, step in enumerate(_PATTERN)
    ]
    length = round(len(notes) * _BEAT_S * _RATE)
    # What rings on past the end is laid over the beginning.
    samples = np.zeros(length)
    for place, semitones in enumerate(notes):
        tone = _note(semitones)
        start = round(place * _BEAT_S * _RATE)
        where = (start + np.arange(len(tone))) % length
        samples[where] += tone
    return np.asarray(samples * (_LOUDNESS / np.abs(samples).max()))


def _note(semitones: int) -> np.ndarray:
    time_s = np.arange(0, 2.0, 1 / _RATE)
    hertz = _A3_HZ * _OCTAVE * 2 ** (semitones / 12)
    # A soft mallet: quick but not sharp attack, overtones that die first.
    attack = 1 - np.exp(-time_s / 0.006)
    fade = np.minimum(1, (time_s[-1] - time_s) / 0.05)
    voice = sum(
        (weight * np.sin(2 * np.pi * hertz * part * time_s) * np.exp(-time_s * decay))
        for part, weight, decay in ((1, 1.0, 1.6), (2, 0.35, 3.0), (3, 0.12, 5.0))
    )
    return np.asarray(attack * fade * voice)
