"""What can be wrong with a text to speak or with a file of sound.

Trying the same again gives the same error. The messages are the English originals; the rooms above
translate them (`prompts.errors`).
"""

from typing import ClassVar

from madoguchi.kit.errors import MadoguchiError


class VoiceError(MadoguchiError):
    """A text or a sound that cannot be used."""

    code = "voice"
    status: ClassVar[int] = 422


class NothingToSpeak(VoiceError):
    """The text holds no letter or digit that the voice can pronounce."""

    code = "nothing_to_speak"
    message = "The text holds nothing that can be spoken."


class TextTooLong(VoiceError):
    """The text is longer than one prompt may be; both figures in characters."""

    code = "text_too_long"
    message = "The text has {length} characters; one prompt may have {limit}."


class UnspeakableCharacters(VoiceError):
    """The text holds a sign the voice would leave out without a word; `position` counts from 1."""

    code = "unspeakable_characters"
    message = "The voice cannot read “{characters}” (character {position})."


class VoiceUnstable(VoiceError):
    """The synthesiser ran away on this text, as it does on long repeats of one sound."""

    code = "voice_unstable"
    message = "The voice cannot say “{piece}”: one sound is repeated too often. Shorten it."


class StyleOutOfRange(VoiceError):
    """Speed or pitch is outside what stays intelligible."""

    code = "style_out_of_range"
    message = "The value of {name} must lie between {low} and {high}."


class SoundUnreadable(VoiceError):
    """The bytes are not a sound file that can be decoded."""

    code = "sound_unreadable"
    message = "This is no sound file we can read. Use one of: {formats}."


class SoundTruncated(VoiceError):
    """The file promises more sound than it holds; `found_s` is None where that cannot be told."""

    code = "sound_truncated"
    message = "The file is cut off or damaged. Upload it again."


class SoundTooLarge(VoiceError):
    """The file has more bytes than allowed."""

    code = "sound_too_large"
    message = "The file is too large: {size_bytes} bytes, {limit_bytes} are allowed."


class SoundTooLong(VoiceError):
    """The sound plays longer than allowed."""

    code = "sound_too_long"
    message = "The sound plays longer than {limit_s} seconds."


class SoundTooShort(VoiceError):
    """The sound plays shorter than a prompt can be."""

    code = "sound_too_short"
    message = "The sound plays only {duration_s} seconds; it needs {limit_s}."


class SoundSilent(VoiceError):
    """Nothing can be heard in the sound; `level_dbfs` is None for pure zeros."""

    code = "sound_silent"
    message = "Nothing can be heard in this file."


class SoundUnsuited(VoiceError):
    """The sample rate or the number of tracks is outside what is sensible for an upload."""

    code = "sound_unsuited"
    message = "The file has {tracks} tracks of {rate_hz} Hz; usable are one or two of 6000 to 192000 Hz."


class TracksUnjoinable(VoiceError):
    """Tracks that cannot be made one recording: none at all, not mono 16 bit, or half a day apart."""

    code = "tracks_unjoinable"
    message = "These tracks cannot be joined: {reason}."


class HeaderBeyondRepair(VoiceError):
    """The file is too short or too strange to say where its sound begins."""

    code = "header_beyond_repair"
    message = "{name} ({size_bytes} bytes) does not begin as a recording does and cannot be repaired."


class WaveformRefused(VoiceError):
    """A waveform that cannot be drawn: of another form than 16 bit, or of a silly number of buckets."""

    code = "waveform_refused"
    message = "The waveform cannot be drawn: {reason}."
