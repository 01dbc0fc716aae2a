"""An uploaded file turned into a prompt's sound, each foreign byte decoded in a process of its own."""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madoguchi.domain.prompts.errors import ConversionFailed
from madoguchi.science.voice import errors as voice_errors
from madoguchi.science.voice.errors import SoundTooLarge, SoundUnreadable, VoiceError
from madoguchi.science.voice.sound import Sound
from madoguchi.science.voice.uploads import ACCEPTED_FORMATS, PROMPT_LIMITS, UploadLimits, read_upload

_CONVERTER = "madoguchi.science.voice.convert"
_TIME_LIMIT_S = 60
# Play lists (HLS, concat) would make ffmpeg open other files of this machine: only plain containers go.
_FFMPEG_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,aac,amr,asf,aiff,caf,matroska,webm,au,w64"
# Kilobytes of memory, seconds of processor, blocks of 512 bytes written: set by the shell because
# a function run between fork and exec is unsafe in a process with threads.
_LIMITED = 'ulimit -v 2000000; ulimit -t 40; ulimit -f 300000; ulimit -c 0; exec "$@"'

_REFUSALS: dict[str, type[VoiceError]] = {
    refusal.code: refusal
    for refusal in vars(voice_errors).values()
    if isinstance(refusal, type) and issubclass(refusal, VoiceError)
}


@dataclass(frozen=True)
class Converted:
    """The sound of an upload, and whether its maker recorded it too loudly."""

    sound: Sound
    duration_s: float
    is_clipped: bool


def convert(upload: Path, limits: UploadLimits = PROMPT_LIMITS) -> Converted:
    """The sound of an uploaded file, checked and at the level of prompts.

    WAV, FLAC, Ogg and MP3 are read by ourselves; other formats only where the machine has ffmpeg.
    Raises a VoiceError that says what is wrong with the file.
    """
    size = upload.stat().st_size
    if size > limits.max_bytes:
        raise SoundTooLarge(size_bytes=size, limit_bytes=limits.max_bytes)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "converted.wav"
        try:
            answer = _convert_apart(upload, target, limits)
        except SoundUnreadable as unreadable:
            decoded = _decoded_by_ffmpeg(upload, Path(folder) / "decoded.wav", limits, unreadable)
            answer = _convert_apart(decoded, target, limits)
        # What comes back is a WAV file of our own making: safe to read here.
        sound = read_upload(target, limits).sound
    return Converted(sound, sound.duration_s, bool(answer["is_clipped"]))


def _convert_apart(source: Path, target: Path, limits: UploadLimits) -> dict[str, object]:
    command = [sys.executable, "-I", "-m", _CONVERTER, str(source), str(target), str(limits.max_duration_s)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIME_LIMIT_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise ConversionFailed() from late
    if done.returncode not in (0, 1) or not done.stdout.strip():
        raise ConversionFailed(exit_code=done.returncode)
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    if done.returncode == 1:
        raise _REFUSALS.get(answer["refused"], ConversionFailed)(**answer["data"])
    return answer


def _decoded_by_ffmpeg(upload: Path, target: Path, limits: UploadLimits, unreadable: SoundUnreadable) -> Path:
    """Let ffmpeg make a WAV file of a format we do not read; it sees the one file and no network."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise unreadable
    command = [
        program, "-nostdin", "-v", "error", "-protocol_whitelist", "file",
        "-format_whitelist", _FFMPEG_FORMATS, "-i", str(upload), "-t", str(limits.max_duration_s + 1),
        "-map", "0:a:0", "-vn", "-ac", "2", "-ar", "48000", "-c:a", "pcm_s16le", "-f", "wav", str(target),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", _LIMITED, "sh", *command],
            capture_output=True,
            timeout=_TIME_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise ConversionFailed() from late
    if done.returncode != 0 or not target.exists():
        formats = ", ".join((*ACCEPTED_FORMATS, "M4A"))
        raise SoundUnreadable(formats=formats) from unreadable
    return target
