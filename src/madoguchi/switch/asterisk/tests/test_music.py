"""Our own music: there, loud enough, not too loud, and without a gap where it begins anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from madoguchi.switch.asterisk import music

pytestmark = pytest.mark.pure


def test_a_folder_gets_our_piece_once(tmp_path: Path) -> None:
    folder = music.ensure(tmp_path / "music")
    (file,) = folder.iterdir()
    before = file.stat().st_mtime_ns

    music.ensure(tmp_path / "music")

    assert file.stat().st_mtime_ns == before
    samples, rate = soundfile.read(file)
    assert rate == 8000 and len(samples) == 64 * rate


def test_it_is_never_silent_for_a_second_and_never_clips() -> None:
    samples = music.piece()
    seconds = samples.reshape(-1, 8000)
    loudness = 20 * np.log10(np.sqrt((seconds**2).mean(axis=1)))
    assert loudness.min() > -30 and loudness.max() < -12
    assert np.abs(samples).max() < 0.25


def test_its_end_runs_into_its_beginning() -> None:
    samples = music.piece()
    steps = np.abs(np.diff(samples))
    assert abs(samples[0] - samples[-1]) <= steps.max()
