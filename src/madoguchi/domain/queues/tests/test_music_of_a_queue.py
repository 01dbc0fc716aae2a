"""A queue has a recording as its music; the switch is told of it, and of another one in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from madoguchi.domain.clients.models import Client
from madoguchi.domain.prompts import actions as prompts
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.music import music_of, recordings
from madoguchi.domain.queues import actions
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.queues.queries import music_folders

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def recording(folder: Path, hertz: float, prompt_id: int | None = None) -> Prompt:
    file = folder / "melody.wav"
    soundfile.write(file, 0.3 * np.sin(np.arange(32_000) * hertz * 2 * np.pi / 16_000), 16_000)
    return prompts.store_upload("季節の曲", file, prompt_id=prompt_id, acting_user=None)


@pytest.fixture
def queue() -> Queue:
    client = Client.objects.create(name="さくら電機")
    return actions.create_queue({"name": "修理窓口", "client": client}, acting_user=None)


def test_the_recording_lies_where_the_switch_plays_it_from(queue: Queue, tmp_path: Path) -> None:
    melody = recording(tmp_path, 440)
    assert recordings() == [melody]
    assert music_folders() == {}
    actions.change_queue(queue.pk, {"music": music_of(melody)}, acting_user=None)
    ((name, folder),) = music_folders().items()
    assert name == music_of(melody)
    assert soundfile.info(folder / "music.wav").samplerate == 8000
    with (folder / "music.wav16").open("rb") as wideband:
        assert soundfile.info(wideband).samplerate == 16_000
    prompts.remove_prompt(melody.pk, acting_user=None)
    assert music_folders() == {}


def test_another_recording_in_its_place_is_another_folder(queue: Queue, tmp_path: Path) -> None:
    melody = recording(tmp_path, 440)
    actions.change_queue(queue.pk, {"music": music_of(melody)}, acting_user=None)
    before = music_folders()
    recording(tmp_path, 660, melody.pk)
    after = music_folders()
    assert before.keys() == after.keys()
    assert before[music_of(melody)] != after[music_of(melody)]


def test_the_switch_is_told_when_the_music_changes_and_only_then(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bells: list[tuple[str, str]] = []
    for room in (actions, prompts):
        monkeypatch.setattr(room, "announce", lambda *rung: bells.extend(rung))
    melody = recording(tmp_path, 440)
    actions.change_queue(queue.pk, {"ring_s": 25}, acting_user=None)
    assert ("control", "configuration") not in bells
    actions.change_queue(queue.pk, {"music": music_of(melody)}, acting_user=None)
    assert bells.count(("control", "configuration")) == 1
    recording(tmp_path, 660, melody.pk)
    assert bells.count(("control", "configuration")) == 2
