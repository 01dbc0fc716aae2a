"""English text made audible by espeak-ng, where the machine has it: a program beside ours, never linked in.

The Japanese voice spells English out letter by letter, which nobody understands.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from madoguchi.domain.prompts.errors import NoEnglishVoice
from madoguchi.science.voice.sound import Sound
from madoguchi.science.voice.uploads import read_upload

_PROGRAM = "espeak-ng"
_WORDS_PER_MINUTE = "150"
_TIME_LIMIT_S = 20


def is_available() -> bool:
    """Whether this machine can speak English."""
    return shutil.which(_PROGRAM) is not None


def speak_english(text: str) -> Sound:
    """The text spoken in English, at the level of prompts. Raises NoEnglishVoice."""
    program = shutil.which(_PROGRAM)
    if program is None:
        raise NoEnglishVoice()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "spoken.wav"
        command = [program, "-v", "en-us", "-s", _WORDS_PER_MINUTE, "-w", str(target), "--stdin"]
        try:
            subprocess.run(
                command, input=text.encode(), check=True, capture_output=True, timeout=_TIME_LIMIT_S
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
            raise NoEnglishVoice() from failed
        return read_upload(target).sound
