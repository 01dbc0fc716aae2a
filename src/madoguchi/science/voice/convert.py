"""A process of its own that turns an uploaded sound into ours: `python -m … SOURCE TARGET.wav MAX_S`.

It prints one line of JSON: what it made, or the code and data of the VoiceError. It limits its own
memory and time before it touches the file, so that a hostile file ends this process and nothing else.
"""

import json
import resource
import sys
from pathlib import Path

from madoguchi.science.voice.errors import VoiceError
from madoguchi.science.voice.files import replacing
from madoguchi.science.voice.sound import WIDEBAND_RATE_HZ, resampled, wav_bytes
from madoguchi.science.voice.uploads import UploadLimits, read_upload

_MEMORY_BYTES = 3 * 1024**3
_CPU_S = 60


def main(arguments: list[str]) -> int:
    """Convert; returns 0 when `TARGET` was written and 1 when the sound was refused."""
    source, target, max_duration_s = Path(arguments[0]), Path(arguments[1]), float(arguments[2])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        upload = read_upload(source, UploadLimits(max_duration_s=max_duration_s))
    except VoiceError as refused:
        _say({"refused": refused.code, "data": refused.data})
        return 1
    with replacing(target) as output:
        output.write(wav_bytes(resampled(upload.sound, WIDEBAND_RATE_HZ)))
    _say(
        {
            "duration_s": round(upload.duration_s, 3),
            "original_rate_hz": upload.original_rate_hz,
            "original_tracks": upload.original_tracks,
            "original_level_dbfs": upload.original_level_dbfs,
            "is_clipped": upload.is_clipped,
        }
    )
    return 0


def _say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
