"""Work that nobody waits for: making recordings whole, finding lost ones, letting old ones go."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from procrastinate.contrib.django import app

from madoguchi.domain.calls.actions import drafting
from madoguchi.domain.calls.actions import recording as verbs
from madoguchi.domain.calls.models import Recording
from madoguchi.domain.calls.states import RecordingStage
from madoguchi.kit.clock import local, now
from madoguchi.science.voice.errors import VoiceError
from madoguchi.science.voice.recordings import Track, join_tracks, peaks, repair_wav_header
from madoguchi.switch.port import Side

log = structlog.get_logger(__name__)

BUCKETS = 800
"""Points of the waveform that the player draws."""
LOST_AFTER = timedelta(seconds=30)
"""A recording whose end is not reported so long after its call ended is looked for on the disk."""


@app.task(queue="recordings", retry=3)
def join_recording(recording_id: str) -> None:
    """Join the two tracks of a recording into the stereo file that people hear. Repeating it is harmless."""
    row = Recording.objects.select_related("call").get(pk=recording_id)
    if row.stage == RecordingStage.ENDED:
        _join(row)


@app.periodic(cron="* * * * *")
@app.task(queue="recordings", queueing_lock="tend_recordings")
def tend_recordings(timestamp: int) -> None:
    """Once a minute: what was left unfinished by a crash is finished, or found to be missing."""
    over = now() - LOST_AFTER
    for row in Recording.objects.filter(stage=RecordingStage.ENDED, ended_at__lt=over)[:200]:
        _join(row)
    unfinished = Recording.objects.filter(
        stage__in=verbs.LIVING, call__phase="ended", call__ended_at__lt=over
    ).select_related("call")
    for row in unfinished[:200]:
        _look_on_the_disk(row)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="forget_old_drafts")
def forget_old_drafts(timestamp: int) -> None:
    """Once a night: forget what stood half typed beside calls that ended with nobody to wrap them up."""
    drafting.forget_old_drafts()


@app.periodic(cron="17 3 * * *")
@app.task(queue="recordings", queueing_lock="let_old_recordings_go")
def let_old_recordings_go(timestamp: int) -> None:
    """Once a night: delete the sound of recordings whose time is over and that nobody holds."""
    for recording_id in verbs.due_for_deletion(local(now()).date()):
        path = verbs.expired(recording_id)
        if path:
            (settings.INSTALLATION.recordings / path).unlink(missing_ok=True)


def _look_on_the_disk(row: Recording) -> None:
    """The switch died, or its report was lost: the tracks may lie there all the same."""
    folder: Path = settings.INSTALLATION.recordings
    for side in Side:
        found = sorted(folder.glob(f"{row.pk}.{side}*.wav"))
        if found and "ended_at" not in row.tracks.get(side, {}):
            verbs.track_ended(
                row.pk, side, path=str(found[0]), duration_s=0.0, failure="", at=row.call.ended_at or now()
            )
    if verbs.no_more_tracks(row.pk):
        row.refresh_from_db()
        _join(row)
    else:
        verbs.lost(row.pk, "no track was found on the disk")


def _join(row: Recording) -> None:
    left, right = _tracks(row, Side.SPOKEN), _tracks(row, Side.HEARD)
    day = local(row.requested_at)
    path = Path(f"{day:%Y}", f"{day:%m}", f"{day:%d}", f"{row.pk}.wav")
    target = settings.INSTALLATION.recordings / path
    try:
        if not left and not right:
            failures = "; ".join(filter(None, (track.get("failure", "") for track in row.tracks.values())))
            verbs.lost(row.pk, failures or "neither track was written")
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        joined = join_tracks(left, right, target)
        drawn = [[round(100 * loud) for loud in track] for track in peaks(target, BUCKETS)]
    except VoiceError as broken:
        log.warning("A recording could not be joined.", recording=str(row.pk), reason=str(broken))
        verbs.lost(row.pk, str(broken))
        return
    verbs.stored(
        row.pk,
        path=str(path),
        sha256=joined.sha256,
        size=joined.size_bytes,
        duration_s=joined.duration_s,
        peaks=drawn,
    )
    for track in (*left, *right):
        track.path.unlink(missing_ok=True)


def _tracks(row: Recording, side: Side) -> list[Track]:
    """The track of one side, if it lies on the disk; when its start is not known, the wish's time serves."""
    told: dict[str, Any] = row.tracks.get(side, {})
    path = Path(told.get("path", ""))
    if not told.get("path") or not path.exists():
        return []
    try:
        # After a kill -9 of the switch the header says zero seconds; mending a whole file changes nothing.
        repair_wav_header(path)
    except VoiceError as broken:
        log.warning("A track could not be read.", recording=str(row.pk), side=side, reason=str(broken))
        return []
    began = datetime.fromisoformat(told["began_at"]) if "began_at" in told else row.requested_at
    return [Track(path, began)]


def recording_path(recording_id: UUID) -> Path | None:
    """Where the stereo file of a stored recording lies; None when there is none."""
    row = Recording.objects.filter(pk=recording_id, stage=RecordingStage.STORED).first()
    return settings.INSTALLATION.recordings / row.path if row and row.path else None
