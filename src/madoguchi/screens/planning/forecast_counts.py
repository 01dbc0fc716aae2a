"""Calls of the months before: choose a file, look at what it would bring, say yes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madoguchi.domain.clients.models import Client
from madoguchi.domain.people.models import Role
from madoguchi.domain.planning.actions import bringing
from madoguchi.domain.planning.count_files import MOST_BYTES, Examined, examine
from madoguchi.domain.planning.errors import CountsUnreadable
from madoguchi.domain.planning.models import CountFile
from madoguchi.domain.planning.queries.volumes import own_since
from madoguchi.kit.clock import business_day, now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of, role
from madoguchi.screens.planning.forecast_words import PROBLEMS, REFUSED, interval_words

LEADERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
_TALLEST = 60


@role(*LEADERS)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """The form, and the files that were brought before."""
    if request.method == "POST":
        try:
            file = _bring(request)
        except CountsUnreadable as error:
            words = str(REFUSED[error.data["why"]])
            if error.data.get("found"):
                words += " " + _("The file's titles: {found}").format(found=error.data["found"])
            return render(request, "planning/forecast_counts.html", _context() | {"error": words}, status=422)
        return redirect("planning-forecast-count", file_id=file.pk)
    return render(request, "planning/forecast_counts.html", _context())


@role(*LEADERS)
@require_GET
def look(request: HttpRequest, file_id: int) -> HttpResponse:
    """What a file would bring."""
    file = get_object_or_404(CountFile, pk=file_id)
    if file.taken_at is not None:
        return redirect("planning-forecast-counts")
    found = examine(file)
    return render(request, "planning/forecast_count.html", _looked(file, found))


@role(*LEADERS)
@require_POST
def answer(request: HttpRequest, file_id: int) -> HttpResponse:
    """Take the file in, or throw it away."""
    acting_user = account_of(request).pk
    if request.POST.get("answer") != "yes":
        bringing.throw_away_counts(file_id, acting_user=acting_user)
        messages.success(request, _("The file is gone."))
        return redirect("planning-forecast-counts")
    try:
        bringing.take_in_counts(file_id, acting_user=acting_user)
    except MadoguchiError as error:
        messages.error(request, error.shown())
        return redirect("planning-forecast-counts")
    messages.success(request, _("The file is taken in. The forecast is being made."))
    # What the planner came for.
    next_week = business_day(now()) + timedelta(days=7)
    return redirect(f"{reverse('planning-forecast')}?week={next_week.isoformat()}")


def _bring(request: HttpRequest) -> CountFile:
    upload = request.FILES.get("file")
    if upload is None:
        raise CountsUnreadable(why="no_file")
    asked = request.POST.get("client", "")
    client_id = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    client = Client.objects.filter(active=True, pk=client_id or 0).first()
    return bringing.bring_counts(
        upload.name or "",
        upload.read(MOST_BYTES + 1),
        client.pk if client else None,
        acting_user=account_of(request).pk,
    )


def _context() -> dict[str, Any]:
    files = CountFile.objects.filter(taken_at__isnull=False).select_related("client").defer("content")
    return {
        "clients": Client.objects.filter(active=True).order_by("name"),
        "files": files.order_by("-taken_at"),
        "own_since": own_since(),
        "most_mb": MOST_BYTES // 1024 // 1024,
    }


def _looked(file: CountFile, found: Examined) -> dict[str, Any]:
    names = {client.pk: client.name for client in Client.objects.filter(pk__in=list(found.clients))}
    most = max([*found.days.values(), 1.0])
    return {
        "file": file,
        "found": found,
        "intervals": interval_words(found.minutes),
        "first": min(found.days, default=None),
        "last": max(found.days, default=None),
        "clients": [
            (names.get(client_id or 0, _("No client named")), round(calls))
            for client_id, calls in found.clients.items()
        ],
        "bars": [
            (
                day,
                round(calls),
                8 * place,
                round(_TALLEST * calls / most, 1),
                round(_TALLEST - _TALLEST * calls / most, 1),
            )
            for place, (day, calls) in enumerate(found.days.items())
        ],
        "most": round(most),
        "bars_width": 8 * max(len(found.days), 1),
        "problems": [
            (problem.line, str(PROBLEMS[problem.code]).format(value=problem.value))
            for problem in found.problems
        ],
        "more_problems": found.unusable - len(found.problems),
        "unnamed": None in found.clients and len(names) + 1 > 1,
        "own_since": own_since(),
    }
