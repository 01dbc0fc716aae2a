"""A file of sound that somebody gave us: decoded with distrust, checked, and made one of ours.

Decoding runs foreign bytes through C code, so callers run it in a process of its own
(`python -m madoguchi.science.voice.convert`), where a crash or a loop harms nobody.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from madoguchi.science.voice.errors import (
    SoundSilent,
    SoundTooLarge,
    SoundTooLong,
    SoundTooShort,
    SoundTruncated,
    SoundUnreadable,
    SoundUnsuited,
)
from madoguchi.science.voice.sound import Samples, Sound, active_level_dbfs, normalised
from madoguchi.science.voice.wav_header import read_wav_header

ACCEPTED_FORMATS = ("WAV", "FLAC", "OGG", "MP3")
_LIBRARY_FORMATS = frozenset({"WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3"})
_BLOCK_FRAMES = 65_536
_OGG_PAGE_MAX_BYTES = 65_307
_SILENT_BELOW_DBFS = -50.0
_CLIPPED_AT = 0.999
_CLIPPED_SHARE = 0.002


@dataclass(frozen=True)
class UploadLimits:
    """What an upload may be; the defaults suit a prompt."""

    max_bytes: int = 20 * 1024 * 1024
    min_duration_s: float = 0.3
    max_duration_s: float = 300.0
    min_rate_hz: int = 6_000
    max_rate_hz: int = 192_000
    max_tracks: int = 2


@dataclass(frozen=True)
class Upload:
    """An upload that may be used: one track at the level of prompts, and what was odd about it."""

    sound: Sound
    duration_s: float
    original_rate_hz: int
    original_tracks: int
    original_level_dbfs: float
    is_clipped: bool
    """Its maker recorded too loudly: it can be used, and will sound rough."""


PROMPT_LIMITS = UploadLimits()


def read_upload(path: Path, limits: UploadLimits = PROMPT_LIMITS) -> Upload:
    """Decode and check a WAV, FLAC, Ogg or MP3 file, by its content and not by its name.

    The two tracks of a stereo file become one. Raises a VoiceError that says what is wrong: unreadable,
    truncated, too large, too long, too short, silent, unsuited.
    """
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise SoundTooLarge(
            size_bytes=size,
            limit_bytes=limits.max_bytes,
        )
    samples, rate_hz = _decoded(path, limits)
    original_tracks = samples.shape[1]
    mono = samples.mean(axis=1, dtype=np.float32)
    duration_s = len(mono) / rate_hz
    if duration_s < limits.min_duration_s:
        raise SoundTooShort(
            duration_s=round(duration_s, 2),
            limit_s=limits.min_duration_s,
        )
    sound = Sound(mono - mono.mean(), rate_hz)
    level = active_level_dbfs(sound)
    if level < _SILENT_BELOW_DBFS:
        raise SoundSilent(level_dbfs=None if level == -math.inf else round(level))
    clipped = float(np.mean(np.abs(samples) >= _CLIPPED_AT)) > _CLIPPED_SHARE
    return Upload(normalised(sound), duration_s, rate_hz, original_tracks, round(level, 1), clipped)


def _decoded(path: Path, limits: UploadLimits) -> tuple[Samples, int]:
    try:
        source = soundfile.SoundFile(path)
    except soundfile.LibsndfileError as refused:
        raise _unreadable() from refused
    with source:
        _check_form(source, limits)
        _check_promise(path, source)
        promised, rate_hz = source.frames, source.samplerate
        try:
            samples = _read_to_limit(source, limits)
        except soundfile.LibsndfileError as refused:
            raise _truncated(promised / rate_hz, 0.0) from refused
    # Compressed files state their length apart from their content. Ten milliseconds are encoder's padding.
    if len(samples) < promised - rate_hz // 100:
        raise _truncated(promised / rate_hz, len(samples) / rate_hz)
    if not np.isfinite(samples).all():
        raise _unreadable()
    return samples, rate_hz


def _check_form(source: soundfile.SoundFile, limits: UploadLimits) -> None:
    if source.format not in _LIBRARY_FORMATS:
        raise _unreadable()
    if (
        not limits.min_rate_hz <= source.samplerate <= limits.max_rate_hz
        or source.channels > limits.max_tracks
    ):
        raise SoundUnsuited(
            rate_hz=source.samplerate,
            tracks=source.channels,
        )


def _check_promise(path: Path, source: soundfile.SoundFile) -> None:
    """Refuse a file cut short where its form tells so: libsndfile plays what is left without a word."""
    if source.format in ("WAV", "WAVEX"):
        header = read_wav_header(path)
        if header is not None and header.promised_bytes > header.found_bytes + 1:
            bytes_per_s = header.frame_bytes * header.rate_hz
            raise _truncated(header.promised_bytes / bytes_per_s, header.found_bytes / bytes_per_s)
    if source.format == "OGG" and not _ogg_is_finished(path):
        raise _truncated(None, source.frames / source.samplerate)


def _ogg_is_finished(path: Path) -> bool:
    """Whether the last page is whole and carries the mark `end of stream` (RFC 3533, section 6)."""
    with path.open("rb") as source:
        source.seek(max(0, path.stat().st_size - 2 * _OGG_PAGE_MAX_BYTES))
        tail = source.read()
    last = tail.rfind(b"OggS")
    head = tail[last : last + 27] if last >= 0 else b""
    if len(head) < 27:
        return False
    lengths = tail[last + 27 : last + 27 + head[26]]
    is_whole = len(lengths) == head[26] and len(tail) >= last + 27 + head[26] + sum(lengths)
    return is_whole and bool(head[5] & 0x04)


def _read_to_limit(source: soundfile.SoundFile, limits: UploadLimits) -> Samples:
    """Read no more than is allowed, whatever the header promises: a small file may unpack to hours."""
    allowed = int(limits.max_duration_s * source.samplerate)
    blocks: list[Samples] = []
    taken = 0
    while True:
        block = source.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
        if not len(block):
            break
        blocks.append(block)
        taken += len(block)
        if taken > allowed:
            raise SoundTooLong(limit_s=limits.max_duration_s)
    return np.concatenate(blocks) if blocks else np.zeros((0, source.channels), dtype=np.float32)


def _unreadable() -> SoundUnreadable:
    formats = ", ".join(ACCEPTED_FORMATS)
    return SoundUnreadable(formats=formats)


def _truncated(promised_s: float | None, found_s: float) -> SoundTruncated:
    return SoundTruncated(
        promised_s=None if promised_s is None else round(promised_s, 1),
        found_s=round(found_s, 1),
    )
