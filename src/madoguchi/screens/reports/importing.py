"""Taking in a file of customers: choose it, look at what it would do, say yes, watch it being done."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers import actions
from madoguchi.domain.customers.errors import FileUnreadable
from madoguchi.domain.customers.import_file import MOST_BYTES
from madoguchi.domain.customers.models import CustomerImport
from madoguchi.domain.customers.states import WORKING
from madoguchi.domain.people.models import Account, Role
from madoguchi.kit.clock import now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of, role

SHOWN = 10


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """The form, and the files that were brought before."""
    clients = Client.objects.filter(active=True).order_by("name")
    if request.method == "POST":
        try:
            brought = _bring(request, clients)
        except MadoguchiError as error:
            return render(
                request, "reports/import.html", _form(clients) | {"error": error.shown()}, status=422
            )
        return redirect("customers-import-run", import_id=brought.pk)
    return render(request, "reports/import.html", _form(clients))


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_GET
def run(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """One file: what it would do, how far it is, what became of it. May be left, reloaded, come back to."""
    file = get_object_or_404(CustomerImport.objects.select_related("client"), pk=import_id)
    done = file.people_done if file.stage in WORKING else 0
    context = {
        "file": file,
        "working": file.stage in WORKING,
        "percent": min(100 * done // max(file.people, 1), 100),
        "silent": file.stage in WORKING and now() - file.beat_at > actions.STALE_AFTER,
        "counts": file.result if file.stage in {"running", "done", "failed"} else file.foreseen,
        "who": Account.objects.filter(pk=file.by or 0).first(),
    }
    return render(request, "reports/import_run.html", context)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_POST
def confirm(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Say yes to an examined file, or no; a worker does the rest."""
    get_object_or_404(CustomerImport, pk=import_id)
    account = account_of(request)
    try:
        if request.POST.get("answer") == "no":
            actions.forget_import(import_id, acting_user=account.pk)
            return redirect("customers-import")
        actions.confirm_import(import_id, acting_user=account.pk)
    except MadoguchiError as error:
        messages.error(request, error.shown())
    return redirect("customers-import-run", import_id=import_id)


def _bring(request: HttpRequest, clients: QuerySet[Client]) -> CustomerImport:
    upload = request.FILES.get("file")
    client = clients.filter(pk=_id(request.POST.get("client", ""))).first()
    if upload is None or upload.file is None or client is None:
        raise FileUnreadable(why=_("please choose a client and a file."))
    return actions.begin_import(
        client.pk,
        upload.name or "",
        upload.file,
        language=translation.get_language() or "ja",
        acting_user=account_of(request).pk,
    )


def _form(clients: QuerySet[Client]) -> dict[str, object]:
    before = CustomerImport.objects.select_related("client").order_by("-made_at", "-pk")[:SHOWN]
    return {"clients": clients, "most_mb": MOST_BYTES // 1024 // 1024, "before": before}


def _id(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
