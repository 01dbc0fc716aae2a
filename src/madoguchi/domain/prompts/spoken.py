"""Text to a file the switch can play, made once and kept under this installation's prompts folder."""

import functools
import hashlib

from django.conf import settings

from madoguchi.domain.prompts.built_in import BuiltIn, all_announcements, sentence
from madoguchi.domain.prompts.english import is_available, speak_english
from madoguchi.domain.prompts.shelf import Kept, Shelf
from madoguchi.kit.clock import now
from madoguchi.science.voice.sound import Sound
from madoguchi.science.voice.speech import PLAIN, VOICE, SpeechStyle, check_speakable, speak

# Part of every name: raise it when the same text would sound otherwise, and all is spoken anew.
_RENDERING = "1"


def render(text: str, language: str = "ja", style: SpeechStyle = PLAIN) -> Kept:
    """The text as a file, spoken now if it never was; takes about 70 ms per sentence the first time.

    `Kept.base` is what the switch plays. Harmless in several processes at once. Raises a VoiceError
    for a text that cannot be spoken.
    """
    key = "\0".join((_RENDERING, VOICE, language, str(style.speed), str(style.pitch_semitones), text))
    name = hashlib.sha256(key.encode()).hexdigest()
    shelf = shelf_of_installation()
    kept = shelf.take(f"spoken/{name[:2]}/{name}", lambda: _spoken(text, language, style))
    shelf.mark_used(kept, now())
    return kept


def render_built_in(key: BuiltIn, language: str = "ja", number: int | None = None) -> Kept:
    """A sentence of the house as a file; in Japanese where this machine has no English voice."""
    spoken_language = language if language == "ja" or is_available() else "ja"
    return render(sentence(key, spoken_language, number), spoken_language)


def prepare() -> int:
    """Speak every sentence of the house that can be needed, ahead of need; returns how many there are.

    Takes some ten seconds on a new installation and a moment later. The sentences without a number also
    get a name that does not change, `built_in/<key>-<language>`: the switch plays the emergency message
    from there while nothing of ours is running.
    """
    languages = ["ja", "en"] if is_available() else ["ja"]
    announcements = all_announcements()
    for language in languages:
        for announcement in announcements:
            kept = render_built_in(announcement.key, language, announcement.number)
            if announcement.number is None:
                _keep_under_fixed_name(announcement.key, language, kept)
    return len(announcements) * len(languages)


def fixed_base(key: BuiltIn, language: str = "ja") -> str:
    """Where `prepare` puts a sentence for the switch's own use: a path without an ending."""
    return str(shelf_of_installation().folder / _fixed_name(key, language))


def check_text(text: str, language: str = "ja") -> None:
    """Raise the VoiceError that speaking the text would raise, as far as can be told without sound."""
    if language == "ja":
        check_speakable(text)


@functools.cache
def shelf_of_installation() -> Shelf:
    """The shelf below the installation's prompts folder."""
    return Shelf(settings.INSTALLATION.prompts)


def _spoken(text: str, language: str, style: SpeechStyle) -> Sound:
    return speak_english(text) if language == "en" else speak(text, style)


def _fixed_name(key: BuiltIn, language: str) -> str:
    return f"built_in/{key.value}-{language}"


def _keep_under_fixed_name(key: BuiltIn, language: str, kept: Kept) -> None:
    shelf = shelf_of_installation()
    fixed = shelf.get(_fixed_name(key, language))
    if fixed is None or fixed.wideband.read_bytes() != kept.wideband.read_bytes():
        shelf.put(_fixed_name(key, language), kept.sound())
