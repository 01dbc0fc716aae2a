"""The voice itself: what comes out is sound of the right level and length, or a reason."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from madoguchi.science.voice.errors import (
    NothingToSpeak,
    StyleOutOfRange,
    TextTooLong,
    UnspeakableCharacters,
    VoiceUnstable,
)
from madoguchi.science.voice.sound import PEAK_CEILING_DBFS, active_level_dbfs, peak_dbfs
from madoguchi.science.voice.speech import SpeechStyle, check_speakable, reading_of, speak

pytestmark = pytest.mark.pure

GREETING = "お電話ありがとうございます。"


def test_a_sentence_becomes_sound_at_the_level_of_prompts() -> None:
    sound = speak(GREETING, rate_hz=8_000)
    assert sound.rate_hz == 8_000
    assert 1.5 < sound.duration_s < 4
    assert active_level_dbfs(sound) == pytest.approx(-22, abs=0.2)
    assert peak_dbfs(sound) <= PEAK_CEILING_DBFS + 0.01
    assert np.max(np.abs(sound.pcm().astype(int))) < 32_767, "nothing is clipped"


def test_the_same_text_gives_the_same_samples() -> None:
    assert speak(GREETING).pcm().tobytes() == speak(GREETING).pcm().tobytes()


def test_slower_speech_takes_longer() -> None:
    assert speak(GREETING, SpeechStyle(speed=0.7)).duration_s > speak(GREETING).duration_s * 1.2


def test_a_higher_voice_is_another_sound_of_the_same_length() -> None:
    high = speak(GREETING, SpeechStyle(pitch_semitones=3))
    assert high.duration_s == pytest.approx(speak(GREETING).duration_s, abs=0.05)
    assert high.pcm().tobytes() != speak(GREETING).pcm().tobytes()


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("3番目です", "サンバンメデス"),
        ("4分です", "ヨンプンデス"),
        ("8分です", "ハップンデス"),
        ("10,000円", "イチマンエン"),
        ("03-1234-5678", "ゼロサンノ、イチニーサンヨンノ、ゴーロクナナハチ"),
        ("順番にお繋ぎいたします", "ジュンバンニオツナギイタシマス"),
        ("録音させていただきます", "ロクオンサセテイタダキマス"),
    ],
)
def test_numbers_and_office_words_are_read_rightly(text: str, reading: str) -> None:
    assert reading_of(text) == reading


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", NothingToSpeak),
        ("。。。", NothingToSpeak),
        ("ーーー", NothingToSpeak),
        ("やあ😀", UnspeakableCharacters),
        ("あ\0い", UnspeakableCharacters),
        ("あ" * 601, TextTooLong),
        ("あ" * 60, VoiceUnstable),
    ],
)
def test_what_cannot_be_spoken_is_refused_with_the_reason(text: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        speak(text)


@pytest.mark.parametrize("speed", [0.1, 3.0, float("nan"), float("inf")])
def test_a_silly_speed_is_refused(speed: float) -> None:
    with pytest.raises(StyleOutOfRange):
        SpeechStyle(speed=speed)


def test_the_check_passes_what_can_be_spoken_and_nothing_else() -> None:
    check_speakable("使い方は1を、その他は2を押してください。")
    with pytest.raises(UnspeakableCharacters):
        check_speakable("使い方は1を、その他は2を押してください😀")


def test_several_threads_may_speak_at_once_and_the_output_stays_where_it_was() -> None:
    before = sys.stdout
    with ThreadPoolExecutor(8) as pool:
        spoken = list(pool.map(lambda _: speak("はい。").pcm().tobytes(), range(16)))
    assert len(set(spoken)) == 1
    assert sys.stdout is before
