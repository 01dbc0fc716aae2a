"""Japanese text made audible by Open JTalk, with the voice that comes with it.

The engine is asked for nothing it cannot do well: a text it would skip in silence, or on which it
runs away, is refused with the reason. Licences of engine, dictionary and voice: ATTRIBUTION.md.
"""

import contextlib
import functools
import importlib
import io
import math
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from madoguchi.science.voice.errors import (
    NothingToSpeak,
    StyleOutOfRange,
    TextTooLong,
    UnspeakableCharacters,
    VoiceUnstable,
)
from madoguchi.science.voice.reading import MAX_TEXT_CHARACTERS, breaths, unspeakable_in
from madoguchi.science.voice.sound import FULL_SCALE, Sound, normalised, resampled

VOICE = "mei_normal"

# A healthy sentence peaks between 0.4 and 1.7 of full scale. Repeats of one vowel make the synthesis
# filter unstable: tried, 20 × あ reached 7 and 300 × あ 10^55 times full scale.
_RUNAWAY_AMPLITUDE = 4.0 * FULL_SCALE
_PAUSE_BETWEEN_BREATHS_S = 0.15
_loading = threading.Lock()


@dataclass(frozen=True)
class SpeechStyle:
    """How to speak: `speed` 1 is the voice's own pace, `pitch_semitones` 0 its own height."""

    speed: float = 1.0
    pitch_semitones: float = 0.0

    def __post_init__(self) -> None:
        _in_range("speed", self.speed, 0.5, 2.0)
        _in_range("pitch_semitones", self.pitch_semitones, -6.0, 6.0)


def _in_range(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise StyleOutOfRange(name=name, low=low, high=high)


PLAIN = SpeechStyle()


def check_speakable(text: str) -> None:
    """Raise when the text cannot be spoken whole; cheap, makes no sound.

    Raises TextTooLong, UnspeakableCharacters or NothingToSpeak.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TextTooLong(
            length=len(text),
            limit=MAX_TEXT_CHARACTERS,
        )
    unspeakable = unspeakable_in(text)
    if unspeakable is not None:
        character, position = unspeakable
        raise UnspeakableCharacters(
            characters=character,
            position=position + 1,
        )
    if not breaths(text):
        raise NothingToSpeak()


def speak(text: str, style: SpeechStyle = PLAIN, *, rate_hz: int = 16_000) -> Sound:
    """The text spoken, at the level of prompts, `rate_hz` samples per second.

    The same text and style give the same samples. Raises what `check_speakable` raises, and
    VoiceUnstable for a text on which the synthesiser runs away.
    """
    check_speakable(text)
    pieces = [_spoken_breath(piece, style) for piece in breaths(text)]
    audible = [piece for piece in pieces if len(piece.samples)]
    if not audible:
        raise NothingToSpeak()
    pause = np.zeros(round(audible[0].rate_hz * _PAUSE_BETWEEN_BREATHS_S), dtype=np.float32)
    joined = [part for piece in audible for part in (piece.samples, pause)][:-1]
    whole = Sound(np.concatenate(joined), audible[0].rate_hz)
    return normalised(resampled(whole, rate_hz))


def reading_of(text: str) -> str:
    """The text in katakana as the voice will read it, for an editor who wants to see before hearing."""
    check_speakable(text)
    return "".join(
        str(_engine().g2p(piece, kana=True, predict_nani=False, normalize_mode="NFKC"))
        for piece in breaths(text)
    )


def _spoken_breath(piece: str, style: SpeechStyle) -> Sound:
    engine = _engine()
    labels = engine.extract_fullcontext(piece, predict_nani=False, normalize_mode="NFKC")
    samples, rate_hz = engine.synthesize(labels, style.speed, style.pitch_semitones)
    loudest = float(np.max(np.abs(samples), initial=0.0))
    if not loudest < _RUNAWAY_AMPLITUDE:  # written so that NaN, too, is refused
        raise VoiceUnstable(piece=piece[:20])
    return Sound((samples / FULL_SCALE).astype(np.float32), int(rate_hz))


def _engine() -> Any:
    # Held only while loading: two threads swapping the standard output at once would lose it for good.
    with _loading:
        return _loaded_engine()


@functools.cache
def _loaded_engine() -> Any:
    """Open JTalk, loaded at the first word spoken: it costs 0.8 s and 130 MB, and most processes never speak.

    Its import prints a hint about an optional package to the standard output, where a command's own
    JSON may be; the hint is dropped.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        return importlib.import_module("pyopenjtalk")
