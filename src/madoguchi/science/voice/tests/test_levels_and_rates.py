"""Level and rate of a sound."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.science.voice.sound import (
    PEAK_CEILING_DBFS,
    Sound,
    active_level_dbfs,
    normalised,
    peak_dbfs,
    resampled,
)
from madoguchi.science.voice.tests.sounds import loudest_frequency_hz, rms, tone

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("from_hz", "to_hz", "frequency_hz"),
    [
        (48_000, 8_000, 1_000),
        (44_100, 8_000, 3_000),
        (8_000, 16_000, 1_000),
        (11_025, 8_000, 700),
        (8_000, 44_100, 900),
    ],
)
def test_a_tone_keeps_its_height_and_strength(from_hz: int, to_hz: int, frequency_hz: float) -> None:
    before = tone(frequency_hz, 1.0, from_hz)
    after = resampled(Sound(before, from_hz), to_hz)
    middle = after.samples[to_hz // 10 : -to_hz // 10]
    assert len(after.samples) == pytest.approx(to_hz, abs=2)
    assert loudest_frequency_hz(middle, to_hz) == pytest.approx(frequency_hz, abs=2)
    assert rms(middle) == pytest.approx(rms(before), rel=0.01)


def test_what_a_telephone_cannot_carry_does_not_fold_back() -> None:
    after = resampled(Sound(tone(5_000, 1.0, 48_000), 48_000), 8_000)
    assert rms(after.samples[800:-800]) < 1e-4


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3_000), st.sampled_from([6_000, 8_000, 11_025, 44_100, 48_000]))
def test_the_length_is_kept_to_the_sample(length: int, rate_hz: int) -> None:
    after = resampled(Sound(np.zeros(length, dtype=np.float32), rate_hz), 8_000)
    assert len(after.samples) == math.ceil(length * 8_000 / rate_hz)


def test_the_level_does_not_fall_when_a_pause_is_added() -> None:
    spoken = tone(500, 1.0)
    paused = np.concatenate([spoken, np.zeros(40_000, dtype=np.float32)])
    assert active_level_dbfs(Sound(paused, 8_000)) == pytest.approx(
        active_level_dbfs(Sound(spoken, 8_000)), abs=0.1
    )


def test_silence_has_no_level_and_stays_silent() -> None:
    silence = Sound(np.zeros(8_000, dtype=np.float32), 8_000)
    assert active_level_dbfs(silence) == -math.inf
    assert not normalised(silence).samples.any()
    assert active_level_dbfs(Sound(np.zeros(0, dtype=np.float32), 8_000)) == -math.inf


@given(st.floats(0.001, 1.0))
def test_every_loudness_is_brought_to_one_level(amplitude: float) -> None:
    sound = normalised(Sound(tone(500, 0.5, amplitude=amplitude), 8_000))
    assert active_level_dbfs(sound) == pytest.approx(-22, abs=0.1)


def test_a_click_in_quiet_speech_keeps_the_gain_below_clipping() -> None:
    samples = tone(500, 1.0, amplitude=0.01)
    samples[4_000] = 0.9
    assert peak_dbfs(normalised(Sound(samples, 8_000))) <= PEAK_CEILING_DBFS + 1e-3


def test_samples_beyond_full_scale_are_held_and_do_not_wrap() -> None:
    assert Sound(np.array([2.0, -2.0], dtype=np.float32), 8_000).pcm().tolist() == [32_767, -32_768]
