"""Taking in a file of customers: choose it, look at what it would do, say yes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers.actions import import_file
from madoguchi.domain.customers.errors import FileUnreadable
from madoguchi.domain.customers.import_file import MOST_BYTES
from madoguchi.domain.customers.importing import examine
from madoguchi.domain.people.models import Role
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of, role

ROWS_SHOWN = 10


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """The form, and after a file was chosen what importing it would do."""
    clients = Client.objects.filter(active=True).order_by("name")
    context: dict[str, object] = {"clients": clients, "most_mb": MOST_BYTES // 1024 // 1024}
    if request.method == "GET":
        return render(request, "reports/import.html", context)
    upload = request.FILES.get("file")
    client = clients.filter(pk=_id(request.POST.get("client", ""))).first()
    try:
        if upload is None or client is None:
            raise FileUnreadable(why=_("please choose a client and a file."))
        preview = examine(client.pk, upload.read(MOST_BYTES + 1))
    except MadoguchiError as error:
        return render(request, "reports/import.html", context | {"error": error.shown()}, status=422)
    context |= {
        "client": client,
        "preview": preview,
        "name": upload.name,
        "rows": preview.reading.rows[:ROWS_SHOWN],
        "good": len(preview.reading.rows),
    }
    return render(request, "reports/import.html", context)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Import the examined file: all its good lines or none."""
    try:
        done = import_file(_id(request.POST.get("client", "")), token, acting_user=account_of(request).pk)
    except MadoguchiError as error:
        messages.error(request, error.shown())
        return redirect("customers-import")
    words = _("Imported: {new} new, {changed} changed, {unchanged} already known, {left_out} lines left out.")
    messages.success(
        request,
        words.format(new=done.new, changed=done.changed, unchanged=done.unchanged, left_out=done.left_out),
    )
    return redirect("customers")


def _id(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
