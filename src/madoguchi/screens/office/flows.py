"""Flows: the list, versions, publishing, copying, and trying one without a telephone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madoguchi.domain.clients.models import Client, Number
from madoguchi.domain.flows import actions
from madoguchi.domain.flows.graph import parse
from madoguchi.domain.flows.models import Flow, FlowVersion
from madoguchi.domain.flows.queries import draft_of, published_version
from madoguchi.domain.people.models import Account
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.office.editing import attempt, by, tell
from madoguchi.screens.office.fields import NAME, plainly
from madoguchi.screens.office.outline import rows_of
from madoguchi.screens.parts.access import LEADERS, role


class NewFlowForm(forms.Form):
    name = forms.CharField(label=NAME, max_length=80)
    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.filter(active=True))
    copy_of = forms.ModelChoiceField(
        label=_("Begin with a copy of"),
        queryset=Flow.objects.all(),
        required=False,
        help_text=_("Empty: begin with a greeting only."),
    )


@role(*LEADERS)
def every(request: HttpRequest) -> HttpResponse:
    """The list of flows, and making a new one."""
    form = plainly(NewFlowForm(request.POST or None))
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _create(form.cleaned_data, by(request)))
        if made is not None:
            return redirect("office:flow", made.pk)
    context = {"rows": _rows(), "form": form}
    return render(request, "office/flows.html", context, status=422 if form.errors else 200)


def _rows() -> list[dict[str, Any]]:
    numbers: dict[int, list[Number]] = {}
    for number in Number.objects.filter(flow_id__isnull=False):
        numbers.setdefault(number.flow_id or 0, []).append(number)
    versions: dict[int, dict[str, FlowVersion]] = {}
    for version in FlowVersion.objects.exclude(stage=FlowVersion.Stage.RETIRED):
        versions.setdefault(version.flow_id, {})[version.stage] = version
    return [
        {
            "flow": flow,
            "numbers": numbers.get(flow.pk, []),
            "published": versions.get(flow.pk, {}).get(FlowVersion.Stage.PUBLISHED),
            "draft": versions.get(flow.pk, {}).get(FlowVersion.Stage.DRAFT),
        }
        for flow in Flow.objects.select_related("client").order_by("client__name", "name")
    ]


@transaction.atomic
def _create(values: dict[str, Any], acting_user: int) -> Flow:
    flow = actions.create_flow(values["name"], values["client"].pk, acting_user=acting_user)
    source = values["copy_of"]
    if source is not None:
        version = draft_of(source.pk) or published_version(source.pk)
        if version is not None:
            actions.save_draft(flow.pk, version.graph, acting_user=acting_user)
    return flow


@role(*LEADERS)
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An earlier (or the published) version, to read."""
    found = get_object_or_404(FlowVersion.objects.select_related("flow__client"), flow_id=pk, number=number)
    try:
        rows = rows_of(parse(found.graph))
    except MadoguchiError as unreadable:
        messages.error(request, unreadable.shown())
        rows = []
    who = Account.objects.filter(pk=found.published_by or found.created_by or 0).first()
    return render(request, "office/flow_version.html", {"version": found, "rows": rows, "who": who})


@require_POST
@role(*LEADERS)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, throw the draft away, go back to an earlier version, rename."""
    get_object_or_404(Flow, pk=pk)
    user, verb = by(request), request.POST.get("do", "")
    if verb == "publish":
        done = gettext("Published: new calls take this version. Calls under way finish on theirs.")
        tell(request, lambda: actions.publish(pk, acting_user=user), done)
    elif verb == "discard":
        tell(
            request,
            lambda: actions.discard_draft(pk, acting_user=user),
            gettext("The draft was thrown away."),
        )
    elif verb == "restore":
        number = request.POST.get("number", "")
        done = gettext("Version %(number)s is in the draft now. Publish it to use it.") % {"number": number}
        tell(request, lambda: actions.restore_version(pk, int(number or 0), acting_user=user), done)
    elif verb == "rename":
        name = request.POST.get("name", "")
        tell(request, lambda: actions.rename_flow(pk, name, acting_user=user), gettext("Saved."))
    return redirect("office:flow", pk)
