"""The header of a WAV file: read with distrust, and mended where a dead writer left it unfinished."""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from madoguchi.science.voice.errors import HeaderBeyondRepair

_PLAIN_HEADER_BYTES = 44
_PCM = 1
_EXTENSIBLE = 0xFFFE
_MAX_CHUNKS = 64


@dataclass(frozen=True)
class WavHeader:
    """Where the samples of a WAV file are, by what its header says and by what is really there."""

    rate_hz: int
    tracks: int
    sample_bytes: int
    is_pcm: bool
    data_at: int
    promised_bytes: int
    found_bytes: int
    """Bytes from the beginning of the samples to the end of the file, other chunks included."""
    closed: bool
    """The sizes agree with the file: nobody died while writing it."""

    @property
    def frame_bytes(self) -> int:
        return self.tracks * self.sample_bytes


@dataclass(frozen=True)
class HeaderRepair:
    """What `repair_wav_header` found and did."""

    repaired: bool
    duration_s: float


def read_wav_header(path: Path) -> WavHeader | None:
    """The header of the file, or None when it does not begin as a WAV file does."""
    size = path.stat().st_size
    with path.open("rb") as source:
        start = source.read(12)
        if len(start) < 12 or start[:4] != b"RIFF" or start[8:12] != b"WAVE":
            return None
        form: tuple[int, int, int, int] | None = None
        for _ in range(_MAX_CHUNKS):
            head = source.read(8)
            if len(head) < 8:
                return None
            name, length = head[:4], struct.unpack("<I", head[4:])[0]
            at = source.tell()
            if name == b"data":
                return _header(form, at, length, size)
            if name == b"fmt ":
                form = _format(source.read(16))
            source.seek(at + length + length % 2)
    return None


def _format(body: bytes) -> tuple[int, int, int, int] | None:
    if len(body) < 16:
        return None
    code, tracks, rate_hz, _, _, bits = struct.unpack("<HHIIHH", body)
    return code, tracks, rate_hz, bits


def _header(form: tuple[int, int, int, int] | None, at: int, promised: int, size: int) -> WavHeader | None:
    if form is None:
        return None
    code, tracks, rate_hz, bits = form
    if not tracks or not rate_hz or bits % 8 or not bits:
        return None
    found = size - at
    # A promise of nothing before samples is the mark of a writer that was killed; so is a promise of
    # more than the file has. Fewer promised than found is ordinary: other chunks may follow.
    closed = promised <= found and not (promised == 0 and found > 0)
    return WavHeader(rate_hz, tracks, bits // 8, code in (_PCM, _EXTENSIBLE), at, promised, found, closed)


def repair_wav_header(path: Path, *, assumed_rate_hz: int = 8_000) -> HeaderRepair:
    """Make a recording playable whose writer died before it could enter the sizes; idempotent.

    Asterisk writes the sizes when it closes the file: after a kill -9 they are zero (tried). A header
    that is zero as a whole is written anew as mono, 16 bit, `assumed_rate_hz`. A last half sample is
    cut off. The file is changed in place and flushed to the disk. Nobody may be writing to it.

    Raises HeaderBeyondRepair when the file is shorter than a header or is not a recording.
    """
    header = read_wav_header(path)
    if header is None:
        header = _assumed_header(path, assumed_rate_hz)
    if header.closed:
        return HeaderRepair(False, header.promised_bytes / header.frame_bytes / header.rate_hz)
    whole = header.found_bytes - header.found_bytes % header.frame_bytes
    with path.open("r+b") as target:
        target.truncate(header.data_at + whole)
        target.seek(4)
        target.write(struct.pack("<I", header.data_at + whole - 8))
        target.seek(header.data_at - 4)
        target.write(struct.pack("<I", whole))
        target.flush()
        os.fsync(target.fileno())
    return HeaderRepair(True, whole / header.frame_bytes / header.rate_hz)


def _assumed_header(path: Path, rate_hz: int) -> WavHeader:
    """Write the header that was never written: only where every one of its bytes is zero."""
    size = path.stat().st_size
    with path.open("r+b") as target:
        if size < _PLAIN_HEADER_BYTES or any(target.read(_PLAIN_HEADER_BYTES)):
            raise HeaderBeyondRepair(name=path.name, size_bytes=size)
        target.seek(0)
        target.write(plain_header(rate_hz, 1, 0))
    return WavHeader(rate_hz, 1, 2, True, _PLAIN_HEADER_BYTES, 0, size - _PLAIN_HEADER_BYTES, False)


def plain_header(rate_hz: int, tracks: int, data_bytes: int) -> bytes:
    """The 44 bytes before `data_bytes` of 16-bit samples."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + data_bytes, b"WAVE",
        b"fmt ", 16, _PCM, tracks, rate_hz, rate_hz * tracks * 2, tracks * 2, 16,
        b"data", data_bytes,
    )  # fmt: skip
