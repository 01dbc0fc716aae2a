"""Sound in memory: its level, its rate, and its form as a WAV file."""

import io
import math
import wave
from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Pcm = npt.NDArray[np.int16]

FULL_SCALE = 32_768
TELEPHONE_RATE_HZ = 8_000
WIDEBAND_RATE_HZ = 16_000

# Prompts are brought to one level, so that no recording shouts between two spoken sentences. ITU-T P.56
# measures speech while it is active, pauses left out; networks are planned for about -26 dBov, and
# announcements are usually made a little louder.
PROMPT_LEVEL_DBFS = -22.0
PEAK_CEILING_DBFS = -1.5

_FRAME_S = 0.05
_ACTIVE_BELOW_LOUDEST_DB = 30.0
_SINC_ZERO_CROSSINGS = 24


@dataclass(frozen=True)
class Sound:
    """One track of sound: samples between -1 and 1, `rate_hz` of them per second."""

    samples: Samples
    rate_hz: int

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate_hz

    def pcm(self) -> Pcm:
        """The samples as 16-bit integers; what lies outside full scale is held at its edge."""
        scaled = np.rint(self.samples.astype(np.float64) * FULL_SCALE)
        return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)

    @classmethod
    def from_pcm(cls, pcm: Pcm, rate_hz: int) -> "Sound":
        """The sound of 16-bit samples."""
        return cls((pcm / FULL_SCALE).astype(np.float32), rate_hz)


def dbfs(amplitude: float) -> float:
    """Level in dB of an amplitude against full scale; -inf for silence.

    >>> round(dbfs(0.5), 1)
    -6.0
    """
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def peak_dbfs(sound: Sound) -> float:
    """Level of the loudest sample."""
    return dbfs(float(np.max(np.abs(sound.samples), initial=0.0)))


def active_level_dbfs(sound: Sound) -> float:
    """Level of the sound while something is heard: frames 30 dB under the loudest are left out.

    A simple relative of ITU-T P.56: its answer does not fall when a pause is added.
    """
    frame = max(1, round(sound.rate_hz * _FRAME_S))
    count = -(-len(sound.samples) // frame)
    if count == 0:
        return -math.inf
    padded = np.zeros(count * frame, dtype=np.float64)
    padded[: len(sound.samples)] = sound.samples
    powers = np.mean(padded.reshape(count, frame) ** 2, axis=1)
    loudest = float(powers.max())
    if loudest <= 0:
        return -math.inf
    active = powers[powers >= loudest * 10 ** (-_ACTIVE_BELOW_LOUDEST_DB / 10)]
    return dbfs(math.sqrt(float(active.mean())))


def normalised(sound: Sound, level_dbfs: float = PROMPT_LEVEL_DBFS) -> Sound:
    """The sound at an active level of `level_dbfs`, lower where its peak would pass the ceiling.

    Only the gain changes: nothing is ever clipped. Silence stays silence.
    """
    level = active_level_dbfs(sound)
    if level == -math.inf:
        return sound
    gain_db = min(level_dbfs - level, PEAK_CEILING_DBFS - peak_dbfs(sound))
    gain = np.float32(10 ** (gain_db / 20))
    return Sound((sound.samples * gain).astype(np.float32), sound.rate_hz)


def resampled(sound: Sound, rate_hz: int) -> Sound:
    """The sound at another rate, by a windowed sinc that keeps what the new rate cannot hold out of it.

    Pure numpy on purpose: one matrix product per phase of the ratio (48 kHz to 8 kHz has one phase).
    """
    if rate_hz == sound.rate_hz or len(sound.samples) == 0:
        return Sound(sound.samples, rate_hz)
    divisor = gcd(rate_hz, sound.rate_hz)
    phases, stride = rate_hz // divisor, sound.rate_hz // divisor
    # The filter is as wide as the slower of the two rates demands, and stops a little below its half.
    slowdown = max(1.0, sound.rate_hz / rate_hz)
    reach = math.ceil(_SINC_ZERO_CROSSINGS * slowdown)
    cutoff = 0.96 / slowdown
    wanted = math.ceil(len(sound.samples) * phases / stride)
    padded = np.pad(sound.samples, (reach, reach + stride + 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    output = np.zeros(wanted, dtype=np.float32)
    for phase in range(min(phases, wanted)):
        whole, part = divmod(phase * stride, phases)
        count = len(range(phase, wanted, phases))
        taps = _sinc_taps(reach, part / phases, cutoff)
        output[phase::phases] = windows[whole::stride][:count] @ taps
    return Sound(output, rate_hz)


def _sinc_taps(reach: int, offset: float, cutoff: float) -> Samples:
    distance = np.arange(-reach, reach + 1, dtype=np.float64) - offset
    inside = np.clip(1 - (distance / (reach + 1)) ** 2, 0, None)
    taps = np.sinc(distance * cutoff) * np.i0(9.0 * np.sqrt(inside))
    return np.asarray(taps / taps.sum(), dtype=np.float32)


def wav_bytes(sound: Sound) -> bytes:
    """The sound as a mono 16-bit WAV file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(sound.rate_hz)
        writer.writeframes(sound.pcm().astype("<i2").tobytes())
    return target.getvalue()
