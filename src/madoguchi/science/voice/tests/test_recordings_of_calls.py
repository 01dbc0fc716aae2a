"""Mending headers, joining tracks, drawing waveforms."""

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from madoguchi.science.voice.errors import HeaderBeyondRepair, TracksUnjoinable, WaveformRefused
from madoguchi.science.voice.recordings import Track, join_tracks, peaks, repair_wav_header, sha256_of
from madoguchi.science.voice.tests.sounds import (
    loudest_frequency_hz,
    read_stereo,
    rms,
    tone,
    wav,
    write_track,
)
from madoguchi.science.voice.wav_header import read_wav_header

pytestmark = pytest.mark.pure

NINE = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def killed(whole: bytes) -> bytearray:
    """A recording as kill -9 leaves it: the sizes were never entered."""
    left = bytearray(whole)
    left[4:8] = left[40:44] = bytes(4)
    return left


def test_a_recording_whose_writer_was_killed_is_whole_again(tmp_path: Path) -> None:
    whole = wav(tone(440, 2.0))
    path = tmp_path / "killed.wav"
    path.write_bytes(killed(whole))
    repair = repair_wav_header(path)
    assert (repair.repaired, repair.duration_s) == (True, 2.0)
    assert path.read_bytes() == whole
    assert repair_wav_header(path).repaired is False, "doing it again changes nothing"


def test_a_last_half_sample_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "killed.wav"
    path.write_bytes(killed(wav(tone(440, 1.0))) + b"\x01")
    assert repair_wav_header(path).duration_s == 1.0
    assert path.read_bytes() == wav(tone(440, 1.0))


def test_a_header_of_zeros_alone_is_written_anew(tmp_path: Path) -> None:
    whole = wav(tone(440, 1.0))
    path = tmp_path / "zeros.wav"
    path.write_bytes(bytes(44) + whole[44:])
    assert repair_wav_header(path).repaired
    assert path.read_bytes() == whole


def test_a_promise_of_more_than_is_there_is_corrected(tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    path.write_bytes(wav(tone(440, 2.0))[: 44 + 16_000])
    assert repair_wav_header(path).duration_s == 1.0


def test_a_whole_recording_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "whole.wav"
    content = wav(tone(440, 1.0)) + b"LIST" + struct.pack("<I", 4) + b"INFO"
    path.write_bytes(content)
    assert repair_wav_header(path).repaired is False
    assert path.read_bytes() == content


def test_an_empty_recording_is_whole(tmp_path: Path) -> None:
    path = write_track(tmp_path / "empty.wav", np.zeros(0, dtype=np.float32))
    assert repair_wav_header(path).duration_s == 0


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", bytes(10), b"ID3 something else entirely, and long enough for it"]
)
def test_what_is_no_recording_is_not_touched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.wav"
    path.write_bytes(content)
    with pytest.raises(HeaderBeyondRepair):
        repair_wav_header(path)
    assert path.read_bytes() == content


def test_a_header_with_an_endless_row_of_chunks_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "chunks.wav"
    path.write_bytes(b"RIFF" + bytes(4) + b"WAVE" + (b"junk" + bytes(4)) * 500)
    assert read_wav_header(path) is None


def test_both_sides_lie_on_their_own_track_at_their_own_time(tmp_path: Path) -> None:
    customer = Track(write_track(tmp_path / "in.wav", tone(400, 3.0)), after(0))
    operator = Track(write_track(tmp_path / "out.wav", tone(1_000, 1.0)), after(1.5))
    joined = join_tracks([customer], [operator], tmp_path / "call.wav")
    samples, rate_hz = read_stereo(joined.path)
    assert (rate_hz, samples.shape, joined.duration_s) == (8_000, (24_000, 2), 3.0)
    assert joined.started_at == NINE
    assert loudest_frequency_hz(samples[:, 0], 8_000) == pytest.approx(400, abs=2)
    assert not samples[:12_000, 1].any(), "silence until the operator's side began"
    assert loudest_frequency_hz(samples[12_000:20_000, 1], 8_000) == pytest.approx(1_000, abs=2)
    assert not samples[20_000:, 1].any()


def test_the_checksum_and_size_are_those_of_the_file(tmp_path: Path) -> None:
    track = Track(write_track(tmp_path / "in.wav", tone(400, 1.0)), NINE)
    joined = join_tracks([track], [track], tmp_path / "call.wav")
    content = joined.path.read_bytes()
    assert joined.sha256 == hashlib.sha256(content).hexdigest() == sha256_of(joined.path)
    assert joined.size_bytes == len(content)


def test_a_recorder_that_was_restarted_leaves_a_gap_of_true_length(tmp_path: Path) -> None:
    first = Track(write_track(tmp_path / "1.wav", tone(400, 1.0)), after(0))
    second = Track(write_track(tmp_path / "2.wav", tone(400, 1.0)), after(61))
    joined = join_tracks([first, second], [], tmp_path / "call.wav")
    samples, _ = read_stereo(joined.path)
    assert joined.duration_s == 62.0
    assert not samples[8_000 : 61 * 8_000].any()
    assert rms(samples[61 * 8_000 :, 0]) > 0.3


def test_pieces_that_overlap_are_added_and_do_not_wrap(tmp_path: Path) -> None:
    loud = Track(write_track(tmp_path / "1.wav", tone(400, 1.0, amplitude=0.9)), after(0))
    joined = join_tracks([loud, loud], [], tmp_path / "call.wav")
    samples, _ = read_stereo(joined.path)
    assert samples[:, 0].max() == pytest.approx(1.0, abs=0.001)
    assert loudest_frequency_hz(samples[:, 0], 8_000) == pytest.approx(400, abs=2)


def test_a_killed_track_is_repaired_before_it_is_joined(tmp_path: Path) -> None:
    path = tmp_path / "killed.wav"
    path.write_bytes(killed(wav(tone(400, 2.0))))
    assert join_tracks([Track(path, NINE)], [], tmp_path / "call.wav").duration_s == 2.0


def test_a_track_of_another_rate_is_converted(tmp_path: Path) -> None:
    wide = Track(write_track(tmp_path / "wide.wav", tone(400, 40.0, 16_000), 16_000), NINE)
    joined = join_tracks([wide], [], tmp_path / "call.wav")
    samples, _ = read_stereo(joined.path)
    assert joined.duration_s == 40.0
    assert loudest_frequency_hz(samples[:, 0], 8_000) == pytest.approx(400, abs=1)


def test_a_track_lost_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "call.wav"
    target.write_bytes(b"before")
    stereo = tmp_path / "stereo.wav"
    join_tracks([Track(write_track(tmp_path / "1.wav", tone(400, 1.0)), NINE)], [], stereo)
    with pytest.raises(TracksUnjoinable):
        join_tracks([Track(stereo, NINE)], [], target)
    with pytest.raises(FileNotFoundError):
        join_tracks([Track(tmp_path / "gone.wav", NINE)], [], target)
    with pytest.raises(TracksUnjoinable):
        join_tracks([], [], target)
    far = [Track(tmp_path / "1.wav", NINE), Track(tmp_path / "1.wav", after(86_400))]
    with pytest.raises(TracksUnjoinable):
        join_tracks(far, [], target)
    assert target.read_bytes() == b"before"
    assert not list(tmp_path.glob(".*.part"))


def test_the_waveform_shows_who_speaks_when(tmp_path: Path) -> None:
    customer = Track(write_track(tmp_path / "in.wav", tone(400, 1.0, amplitude=0.5)), after(0))
    operator = Track(write_track(tmp_path / "out.wav", tone(400, 1.0, amplitude=0.25)), after(1))
    joined = join_tracks([customer], [operator], tmp_path / "call.wav")
    left, right = peaks(joined.path, 4)
    assert left == pytest.approx([0.5, 0.5, 0, 0], abs=0.01)
    assert right == pytest.approx([0, 0, 0.25, 0.25], abs=0.01)


def test_a_waveform_of_few_samples_has_few_buckets(tmp_path: Path) -> None:
    path = write_track(tmp_path / "tiny.wav", np.array([0.5, -1.0, 0.25], dtype=np.float32))
    assert peaks(path, 100) == [[0.5, 1.0, 0.25]]
    assert peaks(write_track(tmp_path / "none.wav", np.zeros(0, dtype=np.float32)), 10) == [[]]


@pytest.mark.parametrize("buckets", [0, -1, 1_000_000])
def test_a_silly_number_of_buckets_is_refused(tmp_path: Path, buckets: int) -> None:
    with pytest.raises(WaveformRefused):
        peaks(write_track(tmp_path / "a.wav", tone(400, 0.1)), buckets)
