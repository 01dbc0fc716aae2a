"""Uploads decoded in a process of their own."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from madoguchi.domain.prompts.errors import ConversionFailed, PromptRefused, refusals_in_words
from madoguchi.domain.prompts.uploading import convert
from madoguchi.science.voice.errors import SoundTooLong, SoundTruncated, SoundUnreadable
from madoguchi.science.voice.uploads import UploadLimits

pytestmark = pytest.mark.action  # starts processes; needs no database

TONE = (0.2 * np.sin(np.arange(48_000) * 0.05)).astype(np.float32)


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "声.m4a"
    soundfile.write(path, TONE, 48_000, format="FLAC")
    return path


def without_ffmpeg(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A machine on which only the shell can be found."""
    (folder / "bin").mkdir(exist_ok=True)
    monkeypatch.setenv("PATH", str(folder / "bin"))


def test_an_upload_becomes_a_sound_whatever_its_name(upload: Path) -> None:
    converted = convert(upload)
    assert converted.duration_s == pytest.approx(1.0, abs=0.01)
    assert converted.sound.rate_hz == 16_000
    assert not converted.is_clipped


def test_a_refusal_comes_back_from_the_other_process_with_its_data(upload: Path) -> None:
    with pytest.raises(SoundTooLong) as refused:
        convert(upload, UploadLimits(max_duration_s=0.5))
    assert refused.value.data == {"limit_s": 0.5}


def test_a_truncated_upload_is_refused(upload: Path) -> None:
    upload.write_bytes(upload.read_bytes()[:-2_000])
    with pytest.raises(SoundTruncated):
        convert(upload)


def test_an_unknown_format_says_which_go_where_there_is_no_ffmpeg(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ffmpeg(monkeypatch, tmp_path)
    upload.write_bytes(b"\0\0\0 ftypM4A " + bytes(400))
    with pytest.raises(SoundUnreadable) as refused:
        convert(upload)
    assert "WAV, FLAC, OGG, MP3" in refused.value.shown()
    with pytest.raises(PromptRefused) as shown, refusals_in_words():
        convert(upload)
    assert shown.value.data["reason"] == "sound_unreadable"


def test_a_format_that_ffmpeg_knows_is_decoded_by_it(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a program of that name which writes a sound where it is told to, and notes how it was called."""
    without_ffmpeg(monkeypatch, tmp_path)
    sound = tmp_path / "decoded.wav"
    soundfile.write(sound, TONE, 48_000)
    program = tmp_path / "bin/ffmpeg"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/called\nulimit -v >> {tmp_path}/called\n'
        f'for target; do :; done\n{shutil.which("cp", path=os.defpath)} {sound} "$target"\n'
    )
    program.chmod(0o755)
    upload.write_bytes(b"\0\0\0 ftypM4A " + bytes(400))
    assert convert(upload).duration_s == pytest.approx(1.0, abs=0.01)
    arguments, memory_kb = (tmp_path / "called").read_text().splitlines()
    assert "-protocol_whitelist file -format_whitelist mov," in arguments
    assert memory_kb == "2000000"


def test_an_ffmpeg_that_fails_leaves_the_upload_refused(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ffmpeg(monkeypatch, tmp_path)
    program = tmp_path / "bin/ffmpeg"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    upload.write_bytes(b"nothing that is a sound")
    with pytest.raises(SoundUnreadable) as refused:
        convert(upload)
    assert "M4A" in refused.value.shown()


def test_a_decoder_that_dies_takes_nothing_with_it(upload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madoguchi.domain.prompts.uploading._CONVERTER", "madoguchi.no_such_module")
    with pytest.raises(ConversionFailed):
        convert(upload)
