"""What can go wrong when prompts are made, in words for the person who makes them."""

import contextlib
from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError
from madoguchi.science.voice.errors import VoiceError


class NoEnglishVoice(VoiceError):
    """English text was to be spoken, and the machine has no English voice."""

    code = "no_english_voice"
    message = "English text needs the program espeak-ng on this machine, or an uploaded recording."


class ConversionFailed(VoiceError):
    """The process that decodes uploads died on the file, as it does on hostile ones."""

    code = "conversion_failed"
    message = "The file could not be decoded safely. Save it as WAV and upload it again."


class PromptNotFound(MadoguchiError):
    """There is no such prompt, or its recording is gone (`prompt_id`)."""

    code = "prompt_not_found"
    message = _("This prompt does not exist any more.")
    status = 404


class PromptNameInvalid(MadoguchiError):
    """A prompt needs a name of at most 80 characters."""

    code = "prompt_name_invalid"
    message = _("A prompt needs a name of at most 80 characters.")
    status = 422


class PromptRefused(MadoguchiError):
    """A text that cannot be spoken or a recording that cannot be used; `reason` is the VoiceError's code."""

    code = "prompt_refused"
    status = 422

    def __init__(self, refused: VoiceError) -> None:
        super().__init__(reason=refused.code, **refused.data)
        self._refused = refused

    def shown(self) -> str:
        """The reason in the language of the moment."""
        return wording_of(self._refused)


def wording_of(error: VoiceError) -> str:
    """A VoiceError in the language of the moment; the pure room that raises it knows English only."""
    return gettext(str(error.message)).format(**error.data)


@contextlib.contextmanager
def refusals_in_words() -> Iterator[None]:
    """Turn a VoiceError inside the block into PromptRefused, which screens can show."""
    try:
        yield
    except VoiceError as refused:
        raise PromptRefused(refused) from refused
