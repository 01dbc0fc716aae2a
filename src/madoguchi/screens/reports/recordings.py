"""The sound of a call, by pieces, to whom may hear it; and the keeping of it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from madoguchi.domain.calls.actions.recording import heard_recording, hold_recording
from madoguchi.domain.calls.models import Recording
from madoguchi.domain.calls.states import RecordingStage
from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.people.models import Role
from madoguchi.kit.clock import now
from madoguchi.screens.parts.access import account_of, role
from madoguchi.screens.reports.access import may_hear

PIECE_BYTES = 1 << 20
"""Most of one answer: the player asks for the next piece while this one sounds."""
SAME_LISTENING = timedelta(minutes=30)
"""A player asks many times for one listening; it is on record once in so long."""
_HEADERS = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@role(*Role)
@require_safe
def audio(request: HttpRequest, recording_id: UUID) -> HttpResponseBase:
    """A piece of the stereo file (HTTP Range, RFC 9110 section 14). Each listening is on record."""
    recording = get_object_or_404(Recording.objects.select_related("agent"), pk=recording_id)
    account = account_of(request)
    if not may_hear(account, recording):
        raise PermissionDenied
    file = _file_of(recording)
    _keep_on_record(recording_id, account.pk)
    if "Range" not in request.headers:
        return FileResponse(file.open("rb"), content_type="audio/wav", headers=_HEADERS)
    size = file.stat().st_size
    span = _span(request.headers["Range"], size)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    begin, end = span
    with file.open("rb") as stream:
        stream.seek(begin)
        body = stream.read(end - begin + 1)
    place = {"Content-Range": f"bytes {begin}-{begin + len(body) - 1}/{size}"}
    return HttpResponse(body, status=206, content_type="audio/wav", headers=_HEADERS | place)


@role(Role.SUPERVISOR, Role.QUALITY, Role.ADMINISTRATOR)
@require_POST
def hold(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """Keep a recording beyond its time, or let it go."""
    recording = get_object_or_404(Recording, pk=recording_id)
    hold_recording(recording_id, request.POST.get("held") == "1", acting_user=account_of(request).pk)
    return redirect("call", call_id=recording.call_id)


def _file_of(recording: Recording) -> Path:
    """The file under the recordings folder; 404 when there is none, or when its path leads elsewhere."""
    if recording.stage != RecordingStage.STORED or not recording.path:
        raise Http404
    folder = Path(settings.INSTALLATION.recordings).resolve()
    file = (folder / recording.path).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise Http404
    return file


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the answer, at most a piece; None when the range lies outside the file."""
    found = _RANGE.fullmatch(asked.strip())
    begin, end = 0, size - 1
    if found and found[1]:
        begin = int(found[1])
        end = min(int(found[2]), size - 1) if found[2] else size - 1
    elif found and found[2]:
        begin = max(size - int(found[2]), 0)
    if begin > end or begin >= size:
        return None
    return begin, min(end, begin + PIECE_BYTES - 1)


def _keep_on_record(recording_id: UUID, account_id: int) -> None:
    heard = Entry.objects.filter(
        verb="listened",
        subject="recording",
        subject_id=str(recording_id),
        by=account_id,
        at__gte=now() - SAME_LISTENING,
    )
    if not heard.exists():
        heard_recording(recording_id, acting_user=account_id)
