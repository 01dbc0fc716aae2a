"""Files from outside, good, bad and hostile."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from madoguchi.science.voice.errors import (
    SoundSilent,
    SoundTooLarge,
    SoundTooLong,
    SoundTooShort,
    SoundTruncated,
    SoundUnreadable,
    SoundUnsuited,
    VoiceError,
)
from madoguchi.science.voice.sound import active_level_dbfs
from madoguchi.science.voice.tests.sounds import tone, wav
from madoguchi.science.voice.uploads import UploadLimits, read_upload

pytestmark = pytest.mark.pure

FORMATS = {
    "wav": {"format": "WAV", "subtype": "PCM_16"},
    "wav24": {"format": "WAV", "subtype": "PCM_24"},
    "float": {"format": "WAV", "subtype": "FLOAT"},
    "ulaw": {"format": "WAV", "subtype": "ULAW"},
    "flac": {"format": "FLAC"},
    "vorbis": {"format": "OGG", "subtype": "VORBIS"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
    "mp3": {"format": "MP3"},
}


def upload(folder: Path, samples: np.ndarray, rate_hz: int = 48_000, kind: str = "wav") -> Path:
    path = folder / "upload"
    soundfile.write(path, samples, rate_hz, **FORMATS[kind])
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_every_common_format_is_read_by_its_content(tmp_path: Path, kind: str) -> None:
    given = read_upload(upload(tmp_path, tone(440, 1.0, 48_000, 0.1), kind=kind))
    assert given.duration_s == pytest.approx(1.0, abs=0.05)
    assert active_level_dbfs(given.sound) == pytest.approx(-22, abs=0.2)
    assert not given.is_clipped


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_off_is_never_taken_for_whole(tmp_path: Path, kind: str) -> None:
    path = upload(
        tmp_path, tone(440, 3.0, 48_000) * np.linspace(0.1, 1, 144_000, dtype=np.float32), kind=kind
    )
    whole = path.read_bytes()
    for share in (0.9, 0.5):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises((SoundTruncated, SoundUnreadable)):
            read_upload(path)


def test_both_tracks_of_a_stereo_file_are_heard(tmp_path: Path) -> None:
    both = np.stack([tone(440, 1.0), np.zeros(8_000, dtype=np.float32)], axis=1)
    given = read_upload(upload(tmp_path, both, 8_000))
    assert given.original_tracks == 2
    assert active_level_dbfs(given.sound) == pytest.approx(-22, abs=0.2)


@pytest.mark.parametrize(
    ("samples", "rate_hz", "refusal"),
    [
        (np.zeros(48_000, dtype=np.float32), 48_000, SoundSilent),
        (np.full(48_000, 0.5, dtype=np.float32), 48_000, SoundSilent),
        (tone(440, 1.0, 48_000, 0.0005), 48_000, SoundSilent),
        (tone(440, 0.1), 8_000, SoundTooShort),
        (np.zeros(0, dtype=np.float32), 8_000, SoundTooShort),
        (tone(440, 2.5), 8_000, SoundTooLong),
        (tone(440, 1.0, 4_000), 4_000, SoundUnsuited),
        (np.stack([tone(440, 1.0)] * 6, axis=1), 8_000, SoundUnsuited),
    ],
)
def test_what_is_no_prompt_is_refused(
    tmp_path: Path, samples: np.ndarray, rate_hz: int, refusal: type[VoiceError]
) -> None:
    with pytest.raises(refusal) as refused:
        read_upload(upload(tmp_path, samples, rate_hz), UploadLimits(max_duration_s=2.0))
    assert "{" not in refused.value.shown()


def test_a_recording_made_too_loudly_is_taken_and_said_to_be(tmp_path: Path) -> None:
    assert read_upload(upload(tmp_path, np.clip(tone(440, 1.0) * 8, -1, 1), 8_000)).is_clipped


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    samples = tone(440, 1.0)
    samples[100] = np.nan
    with pytest.raises(SoundUnreadable):
        read_upload(upload(tmp_path, samples, 8_000, "float"))


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as target:
        target.truncate(21 * 1024 * 1024)
    with pytest.raises(SoundTooLarge):
        read_upload(path)


def test_hours_of_silence_packed_into_a_small_file_are_not_unpacked(tmp_path: Path) -> None:
    path = upload(tmp_path, np.zeros(8_000 * 3_600, dtype=np.float32), 8_000, "flac")
    assert path.stat().st_size < 1_000_000
    with pytest.raises(SoundTooLong):
        read_upload(path)


def test_a_header_that_promises_hours_is_found_out(tmp_path: Path) -> None:
    lying = bytearray(wav(tone(440, 1.0)))
    lying[40:44] = struct.pack("<I", 2**31)
    (tmp_path / "lying").write_bytes(lying)
    with pytest.raises(SoundTruncated):
        read_upload(tmp_path / "lying")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"RIFF",
        b"RIFF\xff\xff\xff\xffWAVE",
        b"<html>no sound</html>",
        b"ID3\x04" + b"\xff" * 300,
        b"fLaC" + b"\0" * 50,
        b"OggS" + b"\xff" * 80,
        b"PK\x03\x04" + b"x" * 500,
        b"#!/bin/sh\nrm -rf x\n",
    ],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(VoiceError):
        read_upload(tmp_path / "odd")


def test_bytes_flipped_at_random_give_a_sound_or_a_reason(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    path = tmp_path / "flipped"
    for kind in FORMATS:
        whole = upload(tmp_path, tone(440, 1.0, 48_000), kind=kind).read_bytes()
        for _ in range(12):
            content = bytearray(whole)
            for at in chance.integers(0, min(len(content), 400), 6):
                content[at] = chance.integers(0, 256)
            path.write_bytes(content)
            try:
                assert np.isfinite(read_upload(path).sound.samples).all()
            except VoiceError as refused:
                assert refused.shown()
