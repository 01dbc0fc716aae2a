"""The folder of rendered prompts: each is two files that Asterisk can play, kept by what they say.

Asterisk is given a name without an ending and takes `.wav` (8 kHz) for telephone legs and `.wav16`
(16 kHz) for wide-band ones. A third file, `.json`, holds the checksums of both and is written last:
a prompt without it does not exist, and one whose checksums differ is made anew.
"""

import json
import os
import wave
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from madoguchi.science.voice.files import replacing
from madoguchi.science.voice.recordings import sha256_of
from madoguchi.science.voice.sound import TELEPHONE_RATE_HZ, WIDEBAND_RATE_HZ, Sound, resampled, wav_bytes

_RATES_HZ = {".wav16": WIDEBAND_RATE_HZ, ".wav": TELEPHONE_RATE_HZ}
_MANIFEST = ".json"
_TOUCH_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """A prompt on the shelf: `base` is what the switch plays, a path without an ending."""

    base: Path
    duration_s: float

    @property
    def wav(self) -> Path:
        """The 8 kHz file, as a browser can play it."""
        return self.base.with_name(self.base.name + ".wav")

    @property
    def wideband(self) -> Path:
        """The 16 kHz file; a WAV file whatever its ending."""
        return self.base.with_name(self.base.name + ".wav16")

    def sound(self) -> Sound:
        """The sound of the 16 kHz file."""
        with wave.open(str(self.wideband), "rb") as source:
            pcm = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2")
            return Sound.from_pcm(pcm.astype(np.int16), source.getframerate())


class Shelf:
    """Rendered prompts below one folder; several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified: dict[Path, tuple[tuple[int, int, int], ...]] = {}

    def get(self, name: str) -> Kept | None:
        """The prompt `name` when it is there and whole, otherwise None.

        Its bytes are compared with their checksums once per process, and again when a file changed.
        """
        base = self.folder / name
        manifest = self._manifest(base)
        if manifest is None:
            return None
        kept = Kept(base, float(manifest["duration_s"]))
        signature = _signature(base)
        if signature is None:
            return None
        if self._verified.get(base) == signature:
            return kept
        if any(sha256_of(_file(base, ending)) != manifest.get(ending) for ending in _RATES_HZ):
            return None
        self._verified[base] = signature
        return kept

    def put(self, name: str, sound: Sound) -> Kept:
        """Keep a sound under `name`; what was there is replaced, file by file, each in one step."""
        base = self.folder / name
        base.parent.mkdir(parents=True, exist_ok=True)
        manifest: dict[str, object] = {"duration_s": round(sound.duration_s, 3)}
        for ending, rate_hz in _RATES_HZ.items():
            with replacing(_file(base, ending)) as output:
                output.write(wav_bytes(resampled(sound, rate_hz)))
            manifest[ending] = sha256_of(_file(base, ending))
        with replacing(_file(base, _MANIFEST)) as output:
            output.write(json.dumps(manifest).encode())
        return Kept(base, sound.duration_s)

    def take(self, name: str, make: Callable[[], Sound]) -> Kept:
        """The prompt `name`, made by `make` when it is missing or damaged.

        Two processes that miss at once both make it; the sound is the same, and the last one stays.
        """
        return self.get(name) or self.put(name, make())

    def prune(self, section: str, unused_since: datetime) -> int:
        """Remove what nobody took since then from one section of the shelf; returns how many."""
        removed = 0
        for manifest in (self.folder / section).rglob(f"*{_MANIFEST}"):
            if manifest.stat().st_mtime < unused_since.timestamp():
                manifest.unlink(missing_ok=True)
                for ending in _RATES_HZ:
                    _file(manifest.with_suffix(""), ending).unlink(missing_ok=True)
                removed += 1
        return removed

    def mark_used(self, kept: Kept, now: datetime) -> None:
        """Keep `kept` from being pruned; writes at most once a day."""
        manifest = _file(kept.base, _MANIFEST)
        if manifest.stat().st_mtime < (now - _TOUCH_AFTER).timestamp():
            os.utime(manifest, (now.timestamp(), now.timestamp()))

    def _manifest(self, base: Path) -> dict[str, str] | None:
        try:
            manifest = json.loads(_file(base, _MANIFEST).read_bytes())
        except (FileNotFoundError, ValueError):
            # Not there, or cut off by a full disk: both mean that the prompt must be made.
            return None
        whole = isinstance(manifest, dict) and {"duration_s", *_RATES_HZ} <= manifest.keys()
        return manifest if whole else None


def _file(base: Path, ending: str) -> Path:
    return base.with_name(base.name + ending)


def _signature(base: Path) -> tuple[tuple[int, int, int], ...] | None:
    try:
        found = [_file(base, ending).stat() for ending in _RATES_HZ]
    except FileNotFoundError:
        return None
    return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)
