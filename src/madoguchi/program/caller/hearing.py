"""What was heard: loudness and pitch of a recording, second by second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

_SILENT_DBFS = -60.0
_PITCHES = 3
# A peak this much weaker than the strongest is taken for an echo of it or for noise.
_FAINT_DB = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """One second of sound."""

    at_s: int
    loudness_dbfs: float
    """Root mean square against full scale; −120 is digital silence."""
    pitches_hz: tuple[int, ...]
    """The strongest frequencies, strongest first, at most three; empty when silent."""

    @property
    def silent(self) -> bool:
        return self.loudness_dbfs <= _SILENT_DBFS


def seconds_of(file: Path) -> tuple[Second, ...]:
    """Every full or begun second of a sound file; several channels are mixed.

    Raises soundfile.LibsndfileError when the file is no sound.
    """
    samples, rate = soundfile.read(file, dtype="float64", always_2d=True)
    mono = samples.mean(axis=1)
    # Less than a fifth of a second at the end tells nothing of pitch.
    ends = range(0, max(0, len(mono) - rate // 5), rate)
    return tuple(_second(at, mono[start : start + rate], rate) for at, start in enumerate(ends))


def _second(at: int, samples: np.ndarray, rate: int) -> Second:
    level = float(np.sqrt(np.mean(samples**2)))
    loudness = max(-120.0, 20 * float(np.log10(level))) if level > 0 else -120.0
    pitches = _pitches(samples, rate) if loudness > _SILENT_DBFS else ()
    return Second(at_s=at, loudness_dbfs=round(loudness, 1), pitches_hz=pitches)


def _pitches(samples: np.ndarray, rate: int) -> tuple[int, ...]:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    step_hz = rate / len(samples)
    faint = spectrum.max() * 10 ** (-_FAINT_DB / 20)
    found: list[int] = []
    while len(found) < _PITCHES:
        peak = int(np.argmax(spectrum))
        if spectrum[peak] < faint or spectrum[peak] <= 0:
            break
        found.append(round(peak * step_hz))
        # What lies within 30 Hz belongs to the same tone.
        width = max(1, round(30 / step_hz))
        spectrum[max(0, peak - width) : peak + width + 1] = 0
    return tuple(found)
