"""The shelf: rendered once, found again, mended when damaged, shared by several processes."""

import multiprocessing
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from madoguchi.domain.prompts.shelf import Kept, Shelf
from madoguchi.science.voice.sound import Sound

pytestmark = pytest.mark.pure

SOUND = Sound((0.1 * np.sin(np.arange(16_000) * 0.2)).astype(np.float32), 16_000)


class Counting:
    """Makes the sound and counts how often it had to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Sound:
        self.times += 1
        return SOUND


def rates(kept: Kept) -> list[tuple[int, int, int]]:
    found = []
    for path in (kept.wav, kept.wideband):
        with wave.open(str(path)) as source:
            found.append((source.getframerate(), source.getnchannels(), source.getsampwidth()))
    return found


def test_a_prompt_is_kept_in_both_forms_that_the_switch_plays(tmp_path: Path) -> None:
    kept = Shelf(tmp_path).put("ab/greeting", SOUND)
    assert kept.base == tmp_path / "ab/greeting"
    assert rates(kept) == [(8_000, 1, 2), (16_000, 1, 2)]
    assert kept.duration_s == 1.0
    assert kept.sound().pcm().tobytes() == SOUND.pcm().tobytes()


def test_what_was_made_once_is_not_made_again(tmp_path: Path) -> None:
    make = Counting()
    Shelf(tmp_path).take("one", make)
    assert Shelf(tmp_path).take("one", make).duration_s == 1.0
    assert make.times == 1


@pytest.mark.parametrize("ending", [".wav", ".wav16", ".json"])
@pytest.mark.parametrize("damage", ["gone", "cut", "flipped"])
def test_a_damaged_prompt_is_made_anew(tmp_path: Path, ending: str, damage: str) -> None:
    make = Counting()
    shelf = Shelf(tmp_path)
    shelf.take("one", make)
    victim = tmp_path / f"one{ending}"
    content = bytearray(victim.read_bytes())
    if damage == "gone":
        victim.unlink()
    elif damage == "cut":
        victim.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 0xFF
        victim.write_bytes(content)
    if damage == "flipped" and ending == ".json":
        victim.write_bytes(b"[1]")
    assert Shelf(tmp_path).get("one") is None, "seen by a fresh process"
    shelf.take("one", make)
    assert make.times == 2, "seen by the process that had verified it"
    assert Shelf(tmp_path).get("one") is not None


def _make_many(folder: Path) -> None:
    shelf = Shelf(folder)
    for _ in range(30):
        shelf.put("shared", SOUND)


def test_processes_that_render_at_once_do_each_other_no_harm(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_make_many, args=(tmp_path,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    kept = Shelf(tmp_path).get("shared")
    assert kept is not None
    assert rates(kept) == [(8_000, 1, 2), (16_000, 1, 2)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shared.json", "shared.wav", "shared.wav16"]


def test_what_nobody_uses_any_more_is_pruned_and_uploads_are_not(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    old, used = shelf.put("spoken/o/old", SOUND), shelf.put("spoken/u/used", SOUND)
    shelf.put("uploaded/one", SOUND)
    later = datetime.now(UTC) + timedelta(days=100)
    shelf.mark_used(used, later)
    assert shelf.prune("spoken", later - timedelta(days=60)) == 1
    assert not old.wav.exists()
    assert not old.wideband.exists()
    assert shelf.get("spoken/o/old") is None
    assert shelf.get("spoken/u/used") is not None
    assert shelf.get("uploaded/one") is not None
