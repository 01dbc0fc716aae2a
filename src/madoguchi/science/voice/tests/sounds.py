"""Sounds that the tests make for themselves; none is stored."""

import io
import wave
from pathlib import Path

import numpy as np
import soundfile

from madoguchi.science.voice.sound import Pcm, Samples, Sound


def tone(frequency_hz: float, duration_s: float, rate_hz: int = 8_000, amplitude: float = 0.5) -> Samples:
    """A sine."""
    at_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    return (amplitude * np.sin(2 * np.pi * frequency_hz * at_s)).astype(np.float32)


def loudest_frequency_hz(samples: Samples | Pcm, rate_hz: int) -> float:
    """The frequency that stands out."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * rate_hz / len(samples)


def rms(samples: Samples) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def write_track(path: Path, samples: Samples, rate_hz: int = 8_000) -> Path:
    """A mono 16-bit WAV file."""
    path.write_bytes(wav(samples, rate_hz))
    return path


def wav(samples: Samples, rate_hz: int = 8_000) -> bytes:
    """The bytes of a mono 16-bit WAV file, made by the standard library and not by us."""
    target = io.BytesIO()
    with wave.open(target, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(Sound(samples, rate_hz).pcm().tobytes())
    return target.getvalue()


def read_stereo(path: Path) -> tuple[Samples, int]:
    """The samples of a file, one column per track."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return samples, rate_hz
