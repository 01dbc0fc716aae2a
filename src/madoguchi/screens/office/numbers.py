"""Numbers: what customers call, and what happens there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.clients import actions
from madoguchi.domain.clients.models import Number
from madoguchi.domain.flows.models import Flow
from madoguchi.domain.prompts.errors import wording_of
from madoguchi.domain.prompts.spoken import check_text
from madoguchi.kit.clock import from_local, local, may_be_meant, now
from madoguchi.kit.phone_numbers import display
from madoguchi.science.voice.errors import VoiceError
from madoguchi.screens.office.editing import EditView
from madoguchi.screens.office.preview import preview
from madoguchi.screens.parts.access import LEADERS, role


class NumberForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    """A number, its client, hours and flow."""

    flow_id = forms.TypedChoiceField(
        label=_("Flow"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("What callers hear during opening hours. Only its published version is used."),
    )

    class Meta:
        model = Number
        fields = (
            "e164",
            "label",
            "client",
            "hours",
            "flow_id",
            "closed_message",
            "trunk",
            "caller_number",
            "active",
        )
        labels = {"hours": _("Opening hours"), "client": _("Client"), "trunk": _("Trunk")}
        help_texts = {
            "e164": _("As people write it, e.g. 03-1234-5678. A short internal number is possible."),
            "label": _("What it is for, e.g. repair hotline."),
            "hours": _("Without hours the number is always open."),
            "closed_message": _("Spoken when closed; then the call ends."),
            "trunk": _("Where calls from this number go out. Empty: any trunk for outgoing calls."),
            "caller_number": _("Operators may choose it as the number that customers see."),
        }
        widgets = {"closed_message": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        flows = Flow.objects.filter(versions__stage="published").distinct()
        choices = [(flow.pk, flow.name) for flow in flows]
        self.fields["flow_id"].choices = [("", "―"), *choices]  # type: ignore[attr-defined]
        if self.instance.pk and not self.is_bound:
            self.initial["e164"] = display(self.instance.e164)

    def clean_closed_message(self) -> str:
        """Refuse what the machine cannot speak: a caller would hear nothing."""
        text: str = self.cleaned_data["closed_message"]
        try:
            check_text(text)
        except VoiceError as refused:
            raise forms.ValidationError(wording_of(refused)) from refused
        return text


@role(*LEADERS)
def every(request: HttpRequest) -> HttpResponse:
    """The list of numbers, each with what a caller would meet now."""
    at = now()
    numbers = Number.objects.select_related("client", "hours", "trunk").order_by("client__name", "e164")
    return render(request, "office/numbers.html", {"rows": [(one, preview(one, at)) for one in numbers]})


class Edit(EditView):
    model = Number
    form = NumberForm
    template = "office/number.html"
    page = "office:number"

    def store(self, row: Number | None, values: Mapping[str, Any], acting_user: int) -> Number:
        if row is None:
            return actions.create_number(values, acting_user=acting_user)
        return actions.change_number(row.pk, values, acting_user=acting_user)

    def more(self, request: HttpRequest, row: Number | None) -> dict[str, Any]:
        if row is None:
            return {}
        at = now()
        return {"preview": preview(row, at), "at": local(at).strftime("%Y-%m-%dT%H:%M")}


@role(*LEADERS)
def preview_at(request: HttpRequest, pk: int) -> HttpResponse:
    """What happens if someone calls at the time asked for: a fragment."""
    number = get_object_or_404(Number.objects.select_related("client", "hours"), pk=pk)
    at = _typed(request.GET.get("at", "")) or now()
    return render(request, "office/preview.html", {"preview": preview(number, at)})


def _typed(text: str) -> datetime | None:
    """The moment that somebody chose; None for what cannot be meant."""
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        return None
    return from_local(wall) if may_be_meant(wall.date()) else None
