"""How long recordings are kept, client by client."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.domain.calls.actions import keep_recordings_for
from madoguchi.domain.calls.actions.recording import due_for_deletion
from madoguchi.domain.calls.models import Recording
from madoguchi.domain.calls.states import RecordingStage
from madoguchi.domain.clients.models import Client
from madoguchi.domain.people.models import Role
from madoguchi.kit.clock import business_day, now
from madoguchi.screens.office.editing import by
from madoguchi.screens.parts.access import role

LONGEST_DAYS = 3650


@role(Role.ADMINISTRATOR)
def page(request: HttpRequest) -> HttpResponse:
    """Days by client, with what lies on the disk now."""
    clients = list(Client.objects.order_by("name"))
    wrong: dict[int, str] = {}
    if request.method == "POST":
        days = {client.pk: request.POST.get(f"days_{client.pk}", "") for client in clients}
        wrong = {pk: text for pk, text in days.items() if not _is_days(text)}
        if not wrong:
            _store({pk: int(text) for pk, text in days.items()}, by(request))
            messages.success(request, _("Saved."))
            over = len(due_for_deletion(business_day(now())))
            if over:
                words = ngettext(
                    "%(count)s recording is over its time now and will be deleted in the coming night.",
                    "%(count)s recordings are over their time now and will be deleted in the coming night.",
                    over,
                )
                messages.warning(request, words % {"count": over})
            return redirect("office:retention")
    kept = _kept()
    rows = [(client, kept.get(client.pk, {}), wrong.get(client.pk)) for client in clients]
    context = {"rows": rows, "longest": LONGEST_DAYS}
    return render(request, "office/retention.html", context, status=422 if wrong else 200)


@transaction.atomic
def _store(days: dict[int, int], acting_user: int) -> None:
    known = dict(Client.objects.values_list("pk", "recording_days"))
    for client_id, value in days.items():
        if known.get(client_id) != value:
            keep_recordings_for(client_id, value, acting_user=acting_user)


def _is_days(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= LONGEST_DAYS


def _kept() -> dict[int, dict[str, Any]]:
    stored = Recording.objects.filter(stage=RecordingStage.STORED).values("call__client")
    found = stored.annotate(count=Count("pk"), size=Sum("bytes"), held=Count("pk", filter=Q(held=True)))
    return {row["call__client"]: dict(row) for row in found}
