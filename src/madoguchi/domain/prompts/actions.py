"""The verbs of the prompts room."""

import hashlib
from pathlib import Path

from django.db import transaction

from madoguchi.domain.ledger.actions import announce, note
from madoguchi.domain.prompts.errors import PromptNameInvalid, PromptNotFound, refusals_in_words
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.queries import upload_name
from madoguchi.domain.prompts.spoken import render, shelf_of_installation
from madoguchi.domain.prompts.uploading import convert
from madoguchi.science.voice.sound import wav_bytes


def write_prompt(name: str, text: str, *, prompt_id: int | None = None, acting_user: int | None) -> Prompt:
    """Store a text to be spoken, new or in the place of `prompt_id`'s, and speak it once.

    Published flows that use the prompt say the new words from the next call on.
    Raises PromptNameInvalid, PromptNotFound, or PromptRefused for a text that cannot be spoken.
    """
    _check_name(name)
    with refusals_in_words():
        kept = render(text)
    spoken = Prompt(name=name.strip(), text=text, duration_s=kept.duration_s)
    return _store(spoken, prompt_id=prompt_id, acting_user=acting_user)


def store_upload(name: str, upload: Path, *, prompt_id: int | None = None, acting_user: int | None) -> Prompt:
    """Check and convert an uploaded recording and store it, new or in the place of `prompt_id`'s.

    1. The file is decoded in a process of its own (seconds, outside the transaction).
    2. The sound is kept under its checksum: the same recording twice is one file.
    3. The row is written.

    Raises PromptRefused, which says what is wrong with the file.
    """
    _check_name(name)
    with refusals_in_words():
        converted = convert(upload)
    sha256 = hashlib.sha256(wav_bytes(converted.sound)).hexdigest()
    kept = shelf_of_installation().take(upload_name(sha256), lambda: converted.sound)
    uploaded = Prompt(
        name=name.strip(),
        upload_sha256=sha256,
        duration_s=kept.duration_s,
        too_loud=converted.is_clipped,
    )
    return _store(uploaded, prompt_id=prompt_id, acting_user=acting_user)


@transaction.atomic
def remove_prompt(prompt_id: int, *, acting_user: int | None) -> None:
    """Forget a prompt. Ask `flows.queries.flows_using_prompt` first: flows that use it leave it out.

    The sound stays on the disk, where calls under way may be playing it.
    """
    prompt = _locked(prompt_id)
    note("removed_prompt", "prompt", prompt_id, acting_user=acting_user, name=prompt.name)
    prompt.delete()


@transaction.atomic
def _store(prompt: Prompt, *, prompt_id: int | None, acting_user: int | None) -> Prompt:
    before: dict[str, str] = {}
    if prompt_id is not None:
        old = _locked(prompt_id)
        prompt.pk = old.pk
        before = {"name": old.name, "text": old.text, "upload": old.upload_sha256}
    prompt.save(force_update=prompt_id is not None)
    note("changed_prompt", "prompt", prompt.pk, acting_user=acting_user, before=before, name=prompt.name)
    if before.get("upload"):
        # It may be the music of a queue.
        announce(("control", "configuration"))
    return prompt


def _check_name(name: str) -> None:
    if not name.strip() or len(name.strip()) > 80:
        raise PromptNameInvalid()


def _locked(prompt_id: int) -> Prompt:
    prompt = Prompt.objects.select_for_update().filter(pk=prompt_id).first()
    if prompt is None:
        raise PromptNotFound(prompt_id=prompt_id)
    return prompt
