"""Clients: the companies we answer for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.clients import actions
from madoguchi.domain.clients.models import Client
from madoguchi.screens.office.editing import EditView
from madoguchi.screens.office.fields import NAME, LinesField
from madoguchi.screens.parts.access import LEADERS, role


class ClientForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    """What the desk must know of a client."""

    identity_items = LinesField(
        label=_("Items for checking identity"),
        required=False,
        help_text=_("One a line, e.g. name, address, customer number. The operator ticks what was checked."),
    )

    class Meta:
        model = Client
        fields = (
            "name",
            "name_kana",
            "greeting",
            "greeting_after_wait",
            "apologise_after_s",
            "identity_items",
            "at_closing",
            "recording_days",
            "active",
        )
        labels = {"name": NAME}
        help_texts = {
            "greeting": _("Said first by the operator. {client}, {menu} and {operator} are filled in."),
            "greeting_after_wait": _("The same, for a caller who waited longer than the time below."),
            "recording_days": _("Then recordings are deleted, except those that are held."),
            "active": _("A client out of use keeps its history."),
        }


@role(*LEADERS)
def every(request: HttpRequest) -> HttpResponse:
    """The list of clients."""
    rows = Client.objects.prefetch_related("numbers", "queues").order_by("-active", "name")
    return render(request, "office/clients.html", {"rows": rows})


class Edit(EditView):
    model = Client
    form = ClientForm
    template = "office/client.html"
    page = "office:client"

    def store(self, row: Client | None, values: Mapping[str, Any], acting_user: int) -> Client:
        if row is None:
            return actions.create_client(values, acting_user=acting_user)
        return actions.change_client(row.pk, values, acting_user=acting_user)
