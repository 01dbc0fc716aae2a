"""A recording has its sound or a stated reason, in whatever order the switch tells of its two tracks."""

import itertools
import wave
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from madoguchi.domain.calls import jobs
from madoguchi.domain.calls.actions import heard_recording, hearing, hold_recording
from madoguchi.domain.calls.actions import recording as verbs
from madoguchi.domain.calls.models import Call, Recording
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.clients.queries import recording_days
from madoguchi.domain.ledger.models import Entry
from madoguchi.kit.clock import local, now

pytestmark = [pytest.mark.action, pytest.mark.django_db]

SIDES = ("spoken", "heard")


@pytest.fixture
def row(centre: Centre) -> Recording:
    centre.talking()
    return Recording.objects.get()


def stage(row: Recording) -> str:
    row.refresh_from_db()
    return row.stage


def began(row: Recording, side: str) -> None:
    verbs.track_began(row.pk, side, at=now())


def ended(row: Recording, side: str, path: Path | str = "", failure: str = "") -> bool:
    return verbs.track_ended(row.pk, side, path=str(path), duration_s=1.0, failure=failure, at=now())


def sound(row: Recording, side: str, seconds: float = 0.5) -> Path:
    folder = settings.INSTALLATION.recordings
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(folder) / f"{row.pk}.{side}.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\x00\x10" * int(8000 * seconds))
    return path


TOLD = [("b", "spoken"), ("b", "heard"), ("e", "spoken"), ("e", "heard")]
ORDERS: list[Any] = list(itertools.permutations(TOLD))


@pytest.mark.parametrize("order", ORDERS[:: len(ORDERS) // 8])
def test_begins_and_ends_in_any_order_make_one_recording(row: Recording, order: Any) -> None:
    whole = []
    for what, side in order:
        if what == "b":
            began(row, side)
        else:
            whole.append(ended(row, side, "/x"))
    assert stage(row) == "ended"
    assert whole.count(True) == 1
    assert set(row.tracks) == set(SIDES)
    assert all({"began_at", "ended_at"} <= track.keys() for track in row.tracks.values())


def test_everything_told_twice_is_one_recording(row: Recording) -> None:
    for side in SIDES:
        began(row, side)
        began(row, side)
        ended(row, side, "/x")
        ended(row, side, "/x")
    assert stage(row) == "ended"


def test_two_tracks_become_one_file_that_is_checked_and_drawn(row: Recording) -> None:
    tracks = []
    for side in SIDES:
        began(row, side)
        tracks.append(sound(row, side))
        ended(row, side, tracks[-1])
    jobs.join_recording.func(str(row.pk))
    assert stage(row) == "stored"
    path = jobs.recording_path(row.pk)
    assert path is not None
    with wave.open(str(path)) as stereo:
        assert stereo.getnchannels() == 2
    assert (len(row.sha256), row.bytes) == (64, path.stat().st_size)
    assert row.duration_s == pytest.approx(0.5, abs=0.2)
    assert row.peaks is not None
    assert len(row.peaks) == 2
    assert not any(track.exists() for track in tracks)


def test_joining_twice_is_joining_once(row: Recording) -> None:
    for side in SIDES:
        ended(row, side, sound(row, side))
    jobs.join_recording.func(str(row.pk))
    stage(row)
    digest = row.sha256
    jobs.join_recording.func(str(row.pk))
    assert (stage(row), row.sha256) == ("stored", digest)


def test_one_side_that_failed_leaves_the_other(row: Recording) -> None:
    ended(row, "spoken", sound(row, "spoken"))
    ended(row, "heard", failure="disk full")
    jobs.join_recording.func(str(row.pk))
    assert (stage(row), row.tracks["heard"]["failure"]) == ("stored", "disk full")


def test_both_sides_failed_is_missing_with_the_reasons(row: Recording) -> None:
    ended(row, "spoken", failure="disk full")
    ended(row, "heard", failure="no snoop")
    jobs.join_recording.func(str(row.pk))
    assert stage(row) == "missing"
    assert set(row.missing_reason.split("; ")) == {"disk full", "no snoop"}


def test_a_file_that_is_no_sound_is_missing_and_not_an_error_for_ever(row: Recording) -> None:
    for side in SIDES:
        path = sound(row, side)
        path.write_bytes(b"no sound at all")
        ended(row, side, path)
    jobs.join_recording.func(str(row.pk))
    assert stage(row) == "missing"
    assert row.missing_reason


def over(row: Recording) -> None:
    hearing.leg_ended(row.call_id, "in-1", cause=16)
    Call.objects.filter(pk=row.call_id).update(ended_at=now() - timedelta(minutes=2))


def test_tracks_whose_end_was_never_told_are_found_on_the_disk(row: Recording) -> None:
    for side in SIDES:
        began(row, side)
        sound(row, side)
    over(row)
    jobs.tend_recordings.func(0)
    assert stage(row) == "stored"


def test_one_track_on_the_disk_is_better_than_none(row: Recording) -> None:
    began(row, "spoken")
    sound(row, "spoken")
    over(row)
    jobs.tend_recordings.func(0)
    assert stage(row) == "stored"


def test_a_track_that_was_being_written_when_the_switch_was_killed_is_mended(row: Recording) -> None:
    for side in SIDES:
        path = sound(row, side)
        head = bytearray(path.read_bytes())
        head[4:8] = head[40:44] = b"\0\0\0\0"
        path.write_bytes(head)
    over(row)
    jobs.tend_recordings.func(0)
    assert stage(row) == "stored"
    assert row.duration_s == pytest.approx(0.5, abs=0.2)


def test_nothing_on_the_disk_is_said_so(row: Recording) -> None:
    over(row)
    jobs.tend_recordings.func(0)
    assert (stage(row), row.missing_reason) == ("missing", "no track was found on the disk")


def test_a_recording_of_a_call_that_goes_on_is_left_alone(row: Recording) -> None:
    jobs.tend_recordings.func(0)
    assert stage(row) == "requested"


def test_tracks_that_come_after_they_were_given_up_put_the_alarm_out(row: Recording) -> None:
    over(row)
    jobs.tend_recordings.func(0)
    for side in SIDES:
        ended(row, side, sound(row, side))
    assert (stage(row), row.missing_reason) == ("ended", "")
    jobs.join_recording.func(str(row.pk))
    assert stage(row) == "stored"


def test_a_recording_that_the_switch_refused_has_that_reason(row: Recording) -> None:
    hearing.command_failed(
        row.call_id, "Record", {"recording_id": str(row.pk)}, "the leg is gone", permanent=True
    )
    assert (stage(row), row.missing_reason) == ("missing", "the leg is gone")


def stored(row: Recording) -> Path:
    for side in SIDES:
        ended(row, side, sound(row, side))
    jobs.join_recording.func(str(row.pk))
    path = jobs.recording_path(row.pk)
    assert path is not None
    Recording.objects.filter(pk=row.pk).update(delete_after=local(now()).date() - timedelta(days=1))
    return path


def test_when_its_time_is_over_the_sound_goes_and_the_row_stays(row: Recording) -> None:
    path = stored(row)
    jobs.let_old_recordings_go.func(0)
    assert (stage(row), path.exists(), jobs.recording_path(row.pk)) == ("deleted", False, None)


def test_what_is_held_stays_until_it_is_let_go(row: Recording) -> None:
    path = stored(row)
    hold_recording(row.pk, True, acting_user=1)
    jobs.let_old_recordings_go.func(0)
    assert (stage(row), path.exists()) == ("stored", True)
    hold_recording(row.pk, False, acting_user=1)
    jobs.let_old_recordings_go.func(0)
    assert stage(row) == "deleted"


def test_another_time_to_keep_holds_for_what_is_stored_and_for_what_is_to_come(
    row: Recording, centre: Centre
) -> None:
    client = centre.queue.client_id
    verbs.keep_recordings_for(client, 30, acting_user=centre.supervisor.account_id)
    row.refresh_from_db()
    assert row.delete_after == local(row.requested_at).date() + timedelta(days=30)
    assert recording_days(client) == 30
    # 23:30 in Tokyo and 0:30 are two days, though the same one in UTC.
    Recording.objects.filter(pk=row.pk).update(requested_at=datetime(2026, 3, 1, 15, 30, tzinfo=UTC))
    verbs.keep_recordings_for(client, 1, acting_user=centre.supervisor.account_id)
    row.refresh_from_db()
    assert row.delete_after == date(2026, 3, 3)


def test_who_listened_is_on_record(row: Recording, centre: Centre) -> None:
    heard_recording(row.pk, acting_user=centre.supervisor.account_id)
    entry = Entry.objects.get(verb="listened")
    assert (entry.by, UUID(entry.subject_id)) == (centre.supervisor.account_id, row.pk)
