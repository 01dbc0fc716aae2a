"""Uploaded recordings as music for those who wait: each is a class of the switch's music, by its prompt's id.

A class lies in a folder of its own, named after the recording: another recording in the prompt's place is
another folder, by which the switch's configuration differs and is read again. A class that is gone (the
prompt was removed) is no error for the switch: it plays the house's music.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from madoguchi.domain.prompts.errors import PromptNotFound
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.queries import kept_of_prompt

HOUSE = "default"
"""The class of the music that comes with the house."""
_PREFIX = "prompt-"


def music_of(prompt: Prompt) -> str:
    """The class of music that plays this recording."""
    return f"{_PREFIX}{prompt.pk}"


def recordings() -> list[Prompt]:
    """Prompts that can be music: uploads; a spoken text, again and again, is none."""
    return list(Prompt.objects.exclude(upload_sha256=""))


def folders_of(music: Iterable[str]) -> dict[str, Path]:
    """Class → folder that holds its recording, made now; without classes that are gone or the house's."""
    wanted = set(music)
    return {
        music_of(prompt): folder
        for prompt in recordings()
        if music_of(prompt) in wanted and (folder := _folder(prompt)) is not None
    }


def _folder(prompt: Prompt) -> Path | None:
    try:
        kept = kept_of_prompt(prompt)
    except PromptNotFound:
        return None
    folder = settings.INSTALLATION.run / "music" / prompt.upload_sha256
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in (kept.wav, kept.wideband):
        link = folder / f"music{file.suffix}"
        if not link.is_symlink():
            link.symlink_to(file)
    return folder
