"""Recordings of calls: mending, joining two tracks into one file, and the picture of their loudness.

A call is recorded by two writers, one per direction, that start and stop at their own moments. The
joined file has the caller left and the centre right, and silence where a side was not recorded, so
that a second in the file is a second of the call.
"""

import hashlib
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from madoguchi.science.voice.errors import TracksUnjoinable, WaveformRefused
from madoguchi.science.voice.files import replacing
from madoguchi.science.voice.sound import FULL_SCALE, Pcm, Sound, resampled
from madoguchi.science.voice.wav_header import HeaderRepair, plain_header, repair_wav_header

__all__ = ["HeaderRepair", "Joined", "Track", "join_tracks", "peaks", "repair_wav_header", "sha256_of"]

_WINDOW_S = 30
_MAX_JOINED_S = 12 * 3600


@dataclass(frozen=True)
class Track:
    """One mono WAV file of one side of a call, and when its first sample was heard (aware)."""

    path: Path
    started_at: datetime


@dataclass(frozen=True)
class Joined:
    """A stereo recording as it lies on the disk."""

    path: Path
    started_at: datetime
    duration_s: float
    rate_hz: int
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class _Piece:
    path: Path
    begins: int
    frames: int
    rate_hz: int


def join_tracks(
    left: Sequence[Track], right: Sequence[Track], target: Path, *, rate_hz: int = 8_000
) -> Joined:
    """Write the tracks of both sides as one stereo file at `target`, replacing it in one step.

    Each side may be in several pieces (a recorder that was restarted); pieces of one side that overlap
    are added up, so nothing that was recorded is lost. Tracks of another rate are converted. Headers
    left unfinished are repaired first. Memory stays small whatever the length.

    Raises TracksUnjoinable for a track that is not mono 16 bit or for a span over twelve hours, and
    HeaderBeyondRepair; `target` is then as it was before.
    """
    tracks = [*left, *right]
    if not tracks:
        raise TracksUnjoinable(reason="there is none")
    origin = min(track.started_at for track in tracks)
    sides = [[_piece(track, origin, rate_hz) for track in side] for side in (left, right)]
    length = max(piece.begins + piece.frames for side in sides for piece in side)
    if length > _MAX_JOINED_S * rate_hz:
        raise TracksUnjoinable(reason="they lie more than twelve hours apart")
    digest = hashlib.sha256()
    with replacing(target) as output:
        header = plain_header(rate_hz, 2, length * 4)
        for block in (header, *_stereo_windows(sides, length, rate_hz)):
            digest.update(block)
            output.write(block)
    return Joined(target, origin, length / rate_hz, rate_hz, digest.hexdigest(), len(header) + length * 4)


def _piece(track: Track, origin: datetime, rate_hz: int) -> _Piece:
    repair_wav_header(track.path)
    with wave.open(str(track.path), "rb") as source:
        if source.getnchannels() != 1 or source.getsampwidth() != 2:
            raise TracksUnjoinable(reason=f"{track.path.name} is not mono of 16 bit")
        own_rate_hz = source.getframerate()
        frames = source.getnframes() * rate_hz // own_rate_hz
    begins = round((track.started_at - origin).total_seconds() * rate_hz)
    return _Piece(track.path, begins, frames, own_rate_hz)


def _stereo_windows(sides: Sequence[Sequence[_Piece]], length: int, rate_hz: int) -> Iterator[bytes]:
    window = _WINDOW_S * rate_hz
    for start in range(0, length, window):
        count = min(window, length - start)
        stereo = np.empty((count, 2), dtype="<i2")
        for track, side in enumerate(sides):
            # Added in 32 bits, then held at the edge: two loud pieces must not wrap around.
            total = np.zeros(count, dtype=np.int32)
            for piece in side:
                _add(total, piece, start, rate_hz)
            stereo[:, track] = np.clip(total, -FULL_SCALE, FULL_SCALE - 1)
        yield stereo.tobytes()


def _add(total: npt.NDArray[np.int32], piece: _Piece, start: int, rate_hz: int) -> None:
    first = max(start, piece.begins)
    last = min(start + len(total), piece.begins + piece.frames)
    if first >= last:
        return
    pcm = _read(piece, first - piece.begins, last - first, rate_hz)
    total[first - start : first - start + len(pcm)] += pcm


def _read(piece: _Piece, offset: int, count: int, rate_hz: int) -> Pcm:
    with wave.open(str(piece.path), "rb") as source:
        source.setpos(min(source.getnframes(), offset * piece.rate_hz // rate_hz))
        pcm = np.frombuffer(source.readframes(count * piece.rate_hz // rate_hz), dtype="<i2")
    if piece.rate_hz == rate_hz:
        return pcm.astype(np.int16)
    return resampled(Sound.from_pcm(pcm.astype(np.int16), piece.rate_hz), rate_hz).pcm()[:count]


def peaks(path: Path, buckets: int) -> list[list[float]]:
    """Loudest absolute sample per bucket and track, 0–1, for drawing a waveform.

    The answer has one list per track, each with `buckets` numbers (fewer when there are fewer samples).
    Works on 16-bit WAV files of any length in little memory. Raises WaveformRefused otherwise.
    """
    if not 1 <= buckets <= 20_000:
        raise WaveformRefused(reason="it has between 1 and 20000 buckets")
    with wave.open(str(path), "rb") as source:
        tracks, frames = source.getnchannels(), source.getnframes()
        if source.getsampwidth() != 2:
            raise WaveformRefused(reason=f"{path.name} is not of 16 bit")
        edges = np.linspace(0, frames, min(buckets, frames) + 1, dtype=np.int64)
        rows = [_bucket_peak(source, int(edges[at + 1] - edges[at]), tracks) for at in range(len(edges) - 1)]
    return [[row[track] for row in rows] for track in range(tracks)]


def _bucket_peak(source: wave.Wave_read, frames: int, tracks: int) -> list[float]:
    pcm = np.frombuffer(source.readframes(frames), dtype="<i2")
    if not len(pcm):
        return [0.0] * tracks
    # In 32 bits: the absolute of the lowest 16-bit sample has no place in 16 bits.
    loudest = np.abs(pcm.astype(np.int32)).reshape(-1, tracks).max(axis=0)
    return [round(float(value) / FULL_SCALE, 4) for value in loudest]


def sha256_of(path: Path) -> str:
    """The checksum of a file, as lower-case hexadecimal."""
    with path.open("rb", buffering=0) as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
