"""Reasons of contact: a small tree per client."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.domain.clients import actions
from madoguchi.domain.clients.models import Client, Reason
from madoguchi.screens.office.editing import by, tell
from madoguchi.screens.parts.access import LEADERS, role


@role(*LEADERS)
def tree(request: HttpRequest) -> HttpResponse:
    """The reasons of one client, or those for all."""
    clients = list(Client.objects.filter(active=True).order_by("name"))
    chosen = request.GET.get("client", str(clients[0].pk) if clients else "")
    client = next((one for one in clients if str(one.pk) == chosen), None)
    rows = Reason.objects.filter(client=client) if client else Reason.objects.filter(client__isnull=True)
    context = {"clients": clients, "client": client, "lines": _lines(list(rows))}
    return render(request, "office/reasons.html", context)


@require_POST
@role(*LEADERS)
def add(request: HttpRequest) -> HttpResponse:
    """Add a reason at the top, or below another."""
    name = request.POST.get("name", "")
    client_id = _number(request.POST.get("client"))
    parent_id = _number(request.POST.get("parent"))
    tell(
        request,
        lambda: actions.add_reason(name, client_id=client_id, parent_id=parent_id, acting_user=by(request)),
        _("“%(name)s” was saved.") % {"name": name},
    )
    return _back(client_id)


@require_POST
@role(*LEADERS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, move, take out of use, remove."""
    reason = get_object_or_404(Reason, pk=pk)
    user, verb = by(request), request.POST.get("do", "rename")
    if verb in {"up", "down"}:
        tell(
            request, lambda: actions.move_reason(pk, -1 if verb == "up" else 1, acting_user=user), _("Moved.")
        )
    elif verb == "remove":
        tell(request, lambda: actions.remove_reason(pk, acting_user=user), _("Removed."))
    elif verb == "toggle":
        values: dict[str, Any] = {"active": not reason.active}
        tell(request, lambda: actions.change_reason(pk, values, acting_user=user), _("Saved."))
    else:
        values = {"name": request.POST.get("name", "").strip()}
        tell(request, lambda: actions.change_reason(pk, values, acting_user=user), _("Saved."))
    return _back(reason.client_id)


def _back(client_id: int | None) -> HttpResponse:
    response = redirect("office:reasons")
    response["Location"] += f"?client={client_id or ''}"
    return response


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() else None


def _lines(rows: list[Reason]) -> list[tuple[int, Reason]]:
    """The tree written line by line, with the depth of each."""
    below: dict[int | None, list[Reason]] = defaultdict(list)
    for row in rows:
        below[row.parent_id].append(row)
    lines: list[tuple[int, Reason]] = []
    to_do = [(0, row) for row in reversed(below[None])]
    while to_do:
        depth, row = to_do.pop()
        lines.append((depth, row))
        to_do.extend((depth + 1, child) for child in reversed(below[row.pk]))
    return lines
