"""Prompts as rows, and what the switch is given to play."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.utils import translation

from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.prompts.actions import remove_prompt, store_upload, write_prompt
from madoguchi.domain.prompts.built_in import Announcement, BuiltIn
from madoguchi.domain.prompts.errors import PromptNameInvalid, PromptNotFound, PromptRefused
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.queries import existing_prompts, kept_of, listen, playable, words_of
from madoguchi.domain.prompts.refs import Ready, Spoken, Stored
from madoguchi.domain.prompts.spoken import fixed_base, prepare, render

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "greeting.mp3"
    soundfile.write(path, (0.2 * np.sin(np.arange(44_100) * 0.05)).astype(np.float32), 44_100, format="MP3")
    return path


def test_a_typed_prompt_is_spoken_and_written_down() -> None:
    prompt = write_prompt("挨拶", "お電話ありがとうございます。", acting_user=None)
    kept = kept_of(Stored(prompt.pk))
    assert prompt.duration_s == pytest.approx(kept.duration_s)
    assert kept.wav.exists()
    assert Entry.objects.filter(verb="changed_prompt", subject_id=str(prompt.pk)).count() == 1


def test_an_uploaded_prompt_is_kept_by_its_content(recording: Path) -> None:
    first = store_upload("挨拶", recording, acting_user=None)
    again = store_upload("もう一つ", recording, acting_user=None)
    assert first.upload_sha256 == again.upload_sha256
    assert kept_of(Stored(first.pk)).base == kept_of(Stored(again.pk)).base


def test_a_recording_takes_the_place_of_a_text_and_the_other_way_round(recording: Path) -> None:
    prompt = write_prompt("挨拶", "こんにちは。", acting_user=None)
    prompt = store_upload("挨拶", recording, prompt_id=prompt.pk, acting_user=None)
    assert (prompt.text, bool(prompt.upload_sha256)) == ("", True)
    prompt = write_prompt("挨拶", "こんばんは。", prompt_id=prompt.pk, acting_user=None)
    assert (prompt.text, prompt.upload_sha256) == ("こんばんは。", "")
    assert Prompt.objects.count() == 1


def test_what_cannot_be_spoken_leaves_no_row_and_says_why() -> None:
    with pytest.raises(PromptRefused) as refused:
        write_prompt("顔", "やあ😀", acting_user=None)
    with translation.override("en"):
        assert refused.value.shown() == "The voice cannot read “😀” (character 3)."
    assert not Prompt.objects.exists()


def test_a_prompt_needs_a_name_and_an_id_that_exists() -> None:
    with pytest.raises(PromptNameInvalid):
        write_prompt("  ", "はい。", acting_user=None)
    with pytest.raises(PromptNotFound):
        write_prompt("名", "はい。", prompt_id=404, acting_user=None)
    with pytest.raises(PromptNotFound):
        remove_prompt(404, acting_user=None)


def test_a_prompt_that_is_gone_is_left_out_and_the_rest_is_played() -> None:
    prompt = write_prompt("挨拶", "はい。", acting_user=None)
    refs = (Spoken("いいえ。"), Stored(prompt.pk), Spoken("😀"), Ready(BuiltIn.FAREWELL))
    assert len(playable(refs)) == 3
    remove_prompt(prompt.pk, acting_user=None)
    assert len(playable(refs)) == 2
    assert existing_prompts([prompt.pk]) == set()


def test_a_recording_that_is_gone_from_the_disk_is_said_to_be(recording: Path) -> None:
    prompt = store_upload("挨拶", recording, acting_user=None)
    kept_of(Stored(prompt.pk)).wav.unlink()
    with pytest.raises(PromptNotFound):
        kept_of(Stored(prompt.pk))
    store_upload("挨拶", recording, prompt_id=prompt.pk, acting_user=None)
    assert kept_of(Stored(prompt.pk)).wav.exists(), "uploading it again mends it"


def test_somebody_who_listens_is_told_in_words() -> None:
    assert listen(Spoken("お待ちください。")).wav.exists()
    with pytest.raises(PromptRefused):
        listen(Spoken(""))


def test_what_is_said_can_be_read(recording: Path) -> None:
    typed = write_prompt("挨拶", "はい。", acting_user=None)
    recorded = store_upload("社長の声", recording, acting_user=None)
    refs = (
        Spoken("いいえ。"),
        Stored(typed.pk),
        Stored(recorded.pk),
        Ready(BuiltIn.POSITION, number=4),
        Stored(404),
    )
    expected = ["いいえ。", "はい。", "「社長の声」", "ただいま、4番目にお待ちいただいております。", "?"]
    assert words_of(refs) == expected


def test_the_same_text_is_rendered_once_and_other_text_elsewhere() -> None:
    assert render("はい。").base == render("はい。").base
    assert render("はい。").base != render("いいえ。").base


def test_sentences_are_spoken_ahead_and_the_emergency_one_has_a_name_that_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = [Announcement(BuiltIn.EMERGENCY), Announcement(BuiltIn.POSITION, 2)]
    monkeypatch.setattr("madoguchi.domain.prompts.spoken.all_announcements", lambda: few)
    assert prepare() in {2, 4}, "twice as many where English can be spoken"
    base = Path(fixed_base(BuiltIn.EMERGENCY))
    assert base.name == "emergency-ja"
    assert base.with_name("emergency-ja.wav").stat().st_size > 50_000
    before = base.with_name("emergency-ja.wav").stat().st_mtime_ns
    prepare()
    assert base.with_name("emergency-ja.wav").stat().st_mtime_ns == before, "nothing is written twice"


def test_a_recording_that_was_too_loud_is_kept_and_said_to_be_so(tmp_path: Path) -> None:
    file = tmp_path / "loud.wav"
    soundfile.write(file, np.clip(8 * np.sin(np.arange(16_000) * 0.2), -1, 1), 16_000)
    prompt = store_upload("割れた声", file, acting_user=None)
    assert prompt.too_loud
    assert not write_prompt("文章", "こんにちは。", prompt_id=prompt.pk, acting_user=None).too_loud
    assert Prompt.objects.get(pk=prompt.pk).upload_sha256 == ""
