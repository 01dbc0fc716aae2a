"""Recording both voices, and the proof that an answered call has its sound or a stated reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, Value
from django.db.models.functions import TruncDate

from madoguchi.domain.calls.models import Recording
from madoguchi.domain.calls.scene import Scene, scene
from madoguchi.domain.calls.states import RECORDING, RecordingEvent, RecordingStage
from madoguchi.domain.clients.actions import change_client
from madoguchi.domain.clients.queries import recording_days
from madoguchi.domain.ledger.actions import announce, note
from madoguchi.kit.clock import TOKYO, local
from madoguchi.switch import port

LIVING = (RecordingStage.REQUESTED, RecordingStage.RUNNING)
DEFAULT_DAYS = 365


def begin_recording(acted: Scene, agent_id: int | None) -> None:
    """Record the customer's leg from now on; the row exists before the switch is asked."""
    leg = acted.customer_leg
    if leg is None:
        return
    days = recording_days(acted.call.client_id) if acted.call.client_id else None
    if days == 0:
        return  # this client's calls are not recorded
    days = days or DEFAULT_DAYS
    made = Recording(
        call=acted.call,
        agent_id=agent_id,
        requested_at=acted.at,
        delete_after=local(acted.at).date() + timedelta(days=days),
    )
    acted.add(made)
    acted.step("recording", made.pk, "", made.stage, "requested", {"agent": agent_id})
    acted.tell(port.Record(recording_id=str(made.pk), leg_id=leg.pk))


def end_recording(acted: Scene) -> None:
    """End what runs; the tracks' ends are reported by the switch."""
    for running in acted.call.recordings.filter(stage__in=LIVING):
        acted.tell(port.StopRecording(recording_id=str(running.pk)))


def mute_recording(acted: Scene, on: bool) -> None:
    """Write silence while the customer is on hold, so that time stays true."""
    for running in acted.call.recordings.filter(stage__in=LIVING):
        stretches = (
            [*running.muted, [acted.at.isoformat(), None]]
            if on
            else _closed(running.muted, acted.at.isoformat())
        )
        acted.save(running, muted=stretches)
        acted.tell(port.MuteRecording(recording_id=str(running.pk), on=on))


def _closed(stretches: list[list[Any]], end: str) -> list[list[Any]]:
    return [[begin, finish or end] for begin, finish in stretches]


def track_began(recording_id: UUID, side: str, *, at: datetime) -> None:
    """The switch writes one track."""
    with _recording_scene(recording_id) as (acted, row):
        row.tracks = {**row.tracks, side: {**row.tracks.get(side, {}), "began_at": at.isoformat()}}
        row.began_at = min(row.began_at or at, at)
        _move(acted, row, RecordingEvent.BEGAN)
        row.save(update_fields=["tracks", "began_at", "stage"])


def track_ended(
    recording_id: UUID, side: str, *, path: str, duration_s: float, failure: str, at: datetime
) -> bool:
    """One track is complete or failed. True when both have ended and the file can be made."""
    with _recording_scene(recording_id) as (acted, row):
        told = {"path": path, "duration_s": duration_s, "failure": failure, "ended_at": at.isoformat()}
        row.tracks = {**row.tracks, side: {**row.tracks.get(side, {}), **told}}
        row.ended_at = max(row.ended_at or at, at)
        whole = sum("ended_at" in track for track in row.tracks.values()) >= 2
        if whole:
            _tracks_complete(acted, row)
        row.save(update_fields=["tracks", "ended_at", "stage", "muted", "missing_reason"])
        return whole


def no_more_tracks(recording_id: UUID) -> bool:
    """What has not ended by now never will: make the file of what there is. False when there is nothing."""
    with _recording_scene(recording_id) as (acted, row):
        if not any(track.get("path") for track in row.tracks.values()):
            return False
        _tracks_complete(acted, row)
        row.save(update_fields=["stage", "muted", "missing_reason"])
        return row.stage == RecordingStage.ENDED


def _tracks_complete(acted: Scene, row: Recording) -> None:
    # A track that ends after it was given up is good news: the alarm goes out.
    if _move(acted, row, RecordingEvent.ENDED) or _move(acted, row, RecordingEvent.FOUND):
        row.missing_reason = ""
        row.muted = _closed(row.muted, (row.ended_at or acted.at).isoformat())


def stored(
    recording_id: UUID, *, path: str, sha256: str, size: int, duration_s: float, peaks: list[list[int]]
) -> None:
    """The stereo file lies under the recordings folder."""
    with _recording_scene(recording_id) as (acted, row):
        _move(acted, row, RecordingEvent.STORED)
        row.path, row.sha256, row.bytes, row.duration_s, row.peaks = path, sha256, size, duration_s, peaks
        row.save(update_fields=["stage", "path", "sha256", "bytes", "duration_s", "peaks"])
        acted.ring("floor", "attention")


def lost(recording_id: UUID, reason: str) -> None:
    """There is no sound, for this reason: an alarm on the supervisor's screen."""
    with _recording_scene(recording_id) as (acted, row):
        if _move(acted, row, RecordingEvent.LOST, {"reason": reason}):
            row.missing_reason = reason[:200]
            row.save(update_fields=["stage", "missing_reason"])
            acted.ring("floor", "attention")


def expired(recording_id: UUID) -> str:
    """Retention is over: the row stays, the sound goes. Returns the path of the file to delete, or ''."""
    with _recording_scene(recording_id) as (acted, row):
        if row.held or not _move(acted, row, RecordingEvent.EXPIRED):
            return ""
        path, row.path, row.peaks = row.path, "", None
        row.save(update_fields=["stage", "path", "peaks"])
        return path


def due_for_deletion(today: date) -> list[UUID]:
    """Stored recordings whose time is over and that nobody holds."""
    due = Recording.objects.filter(stage=RecordingStage.STORED, held=False, delete_after__lt=today)
    return list(due.values_list("pk", flat=True)[:1000])


@transaction.atomic
def keep_recordings_for(client_id: int, days: int, *, acting_user: int) -> None:
    """Keep this client's recordings so many days, counted from each call: those that lie here included.

    What is over by that goes in the next night, unless it is held.
    """
    change_client(client_id, {"recording_days": days}, acting_user=acting_user)
    day = TruncDate("requested_at", tzinfo=TOKYO)
    over = ExpressionWrapper(day + Value(timedelta(days=days)), output_field=DateField())
    kept = Recording.objects.exclude(stage=RecordingStage.DELETED)
    kept.filter(call__client_id=client_id).update(delete_after=over)


@transaction.atomic
def heard_recording(recording_id: UUID, *, acting_user: int) -> None:
    """Put on record who listened."""
    note("listened", "recording", recording_id, acting_user=acting_user)


@transaction.atomic
def hold_recording(recording_id: UUID, held: bool, *, acting_user: int) -> None:
    """Keep a recording beyond its time, or let it go."""
    Recording.objects.filter(pk=recording_id).update(held=held)
    note(
        "held_recording" if held else "released_recording", "recording", recording_id, acting_user=acting_user
    )
    announce(("floor", "attention"))


@contextmanager
def _recording_scene(recording_id: UUID) -> Iterator[tuple[Scene, Recording]]:
    """A scene of the recording's call, with the row locked under it."""
    call_id = Recording.objects.values_list("call_id", flat=True).get(pk=recording_id)
    with scene(call_id) as acted:
        yield acted, Recording.objects.select_for_update().get(pk=recording_id)


def _move(acted: Scene, row: Recording, event: RecordingEvent, cause: dict[str, Any] | None = None) -> bool:
    if not RECORDING.allows(row.stage, event):
        return False
    old, row.stage = row.stage, RECORDING.next_state(row.stage, event)
    acted.step("recording", row.pk, old, row.stage, event, cause)
    return True
