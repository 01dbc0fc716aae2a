"""Reads of the prompts room."""

from collections.abc import Iterable
from pathlib import Path

import structlog

from madoguchi.domain.prompts.built_in import sentence
from madoguchi.domain.prompts.errors import PromptNotFound, refusals_in_words
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.refs import PromptRef, Ready, Spoken, Stored
from madoguchi.domain.prompts.shelf import Kept
from madoguchi.domain.prompts.spoken import render, render_built_in, shelf_of_installation
from madoguchi.science.voice.errors import VoiceError

log = structlog.get_logger(__name__)


def kept_of(ref: PromptRef) -> Kept:
    """The file of what a step wants said, spoken now if it never was.

    Raises PromptNotFound for a prompt that is gone, or the VoiceError of a text that cannot be spoken.
    """
    if isinstance(ref, Spoken):
        return render(ref.text, ref.language)
    if isinstance(ref, Ready):
        return render_built_in(ref.key, ref.language, ref.number)
    prompt = Prompt.objects.filter(pk=ref.prompt_id).first()
    if prompt is None:
        raise PromptNotFound(prompt_id=ref.prompt_id)
    return kept_of_prompt(prompt)


def kept_of_prompt(prompt: Prompt) -> Kept:
    """The file of a stored prompt. Raises like `kept_of`."""
    if not prompt.upload_sha256:
        return render(prompt.text)
    kept = shelf_of_installation().get(upload_name(prompt.upload_sha256))
    if kept is None:
        raise PromptNotFound(prompt_id=prompt.pk)
    return kept


def listen(ref: PromptRef) -> Kept:
    """The same for somebody who edits: raises PromptRefused, which can be shown, in place of VoiceErrors."""
    with refusals_in_words():
        return kept_of(ref)


def playable(refs: Iterable[PromptRef]) -> list[Path]:
    """What the switch is to play one after the other, as paths without an ending.

    A prompt that cannot be played is left out and logged: a caller who misses one sentence is served,
    a caller whose call ends on an error is not.
    """
    paths: list[Path] = []
    for ref in refs:
        try:
            paths.append(kept_of(ref).base)
        except (VoiceError, PromptNotFound) as unplayable:
            log.warning("A prompt was left out.", code=unplayable.code, prompt=repr(ref))
    return paths


def words_of(refs: Iterable[PromptRef]) -> list[str]:
    """What is said, for reading in an outline or a trial: the text, or a recording's name in 「」."""
    wanted = list(refs)
    stored = Prompt.objects.in_bulk([ref.prompt_id for ref in wanted if isinstance(ref, Stored)])
    return [_words(ref, stored) for ref in wanted]


def _words(ref: PromptRef, stored: dict[int, Prompt]) -> str:
    if isinstance(ref, Spoken):
        return ref.text
    if isinstance(ref, Ready):
        return sentence(ref.key, ref.language, ref.number)
    prompt = stored.get(ref.prompt_id)
    if prompt is None:
        return "?"
    return prompt.text or f"「{prompt.name}」"


def existing_prompts(prompt_ids: Iterable[int]) -> set[int]:
    """Those of the ids that are prompts."""
    return set(Prompt.objects.filter(pk__in=set(prompt_ids)).values_list("pk", flat=True))


def upload_name(sha256: str) -> str:
    """Name on the shelf of an uploaded recording; uploads are never pruned, so they lie apart."""
    return f"uploaded/{sha256}"
