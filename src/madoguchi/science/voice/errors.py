"""What can be wrong with a text to speak or with a file of sound."""


class VoiceError(ValueError):
    """A text or a sound that cannot be used; trying the same again gives the same error.

    `code` is stable and is what screens translate; `fields` holds the values for the sentence.
    """

    code = "voice"

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self.fields = fields


class NothingToSpeak(VoiceError):
    """The text holds no letter or digit that the voice can pronounce."""

    code = "nothing_to_speak"


class TextTooLong(VoiceError):
    """The text is longer than one prompt may be (`length`, `limit` in characters)."""

    code = "text_too_long"


class UnspeakableCharacters(VoiceError):
    """The text holds signs the voice would leave out without a word (`characters`, `position`)."""

    code = "unspeakable_characters"


class VoiceUnstable(VoiceError):
    """The synthesiser ran away on this text, as it does on long repeats of one sound."""

    code = "voice_unstable"


class StyleOutOfRange(VoiceError):
    """Speed or pitch is outside what stays intelligible (`name`, `low`, `high`)."""

    code = "style_out_of_range"


class SoundUnreadable(VoiceError):
    """The bytes are not a sound file that can be decoded (`formats` lists what can)."""

    code = "sound_unreadable"


class SoundTruncated(VoiceError):
    """The file promises more sound than it holds (`promised_s`, `found_s`)."""

    code = "sound_truncated"


class SoundTooLarge(VoiceError):
    """The file has more bytes than allowed (`size_bytes`, `limit_bytes`)."""

    code = "sound_too_large"


class SoundTooLong(VoiceError):
    """The sound plays longer than allowed (`limit_s`)."""

    code = "sound_too_long"


class SoundTooShort(VoiceError):
    """The sound plays shorter than a prompt can be (`duration_s`, `limit_s`)."""

    code = "sound_too_short"


class SoundSilent(VoiceError):
    """Nothing can be heard in the sound (`level_dbfs`)."""

    code = "sound_silent"


class SoundUnsuited(VoiceError):
    """The sample rate or number of tracks is outside what is sensible (`rate_hz`, `tracks`)."""

    code = "sound_unsuited"


class HeaderBeyondRepair(VoiceError):
    """The file is too short or too strange to say where its sound begins."""

    code = "header_beyond_repair"
