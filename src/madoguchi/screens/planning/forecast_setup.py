"""What a forecast is told: the goal that staff is counted for, and events that make people call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.domain.clients.models import Client
from madoguchi.domain.people.models import Role
from madoguchi.domain.planning.actions import preparing
from madoguchi.domain.planning.errors import EventRefused
from madoguchi.domain.planning.models import PlanningEvent, StaffingGoal
from madoguchi.domain.planning.queries.handling import basis
from madoguchi.kit.clock import business_day, now
from madoguchi.kit.times_of_day import NotATimeError, format_minutes, parse_time
from madoguchi.screens.parts.access import account_of, role
from madoguchi.screens.planning import forecast_words

LEADERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
DEADLINE_DAYS = 5
"""So many days ahead people begin to call because of a deadline, where nobody says otherwise."""
SHOWN_PAST = timedelta(days=400)


class GoalForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    """The goal; empty means: learn it."""

    class Meta:
        model = StaffingGoal
        exclude = ("id", "changed_at")
        widgets = {"own_since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class EventForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    """An event; times of the day as people write them."""

    from_time = forms.CharField(
        label=gettext_lazy("From (time; empty: the whole day)"), required=False, max_length=8
    )
    to_time = forms.CharField(label=gettext_lazy("Until (time)"), required=False, max_length=8)

    class Meta:
        model = PlanningEvent
        fields = ("kind", "name", "client", "first", "last", "percent", "before_days", "after_days")
        widgets = {
            "first": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        clients = forms.ModelChoiceField(
            Client.objects.filter(active=True).order_by("name"),
            required=False,
            empty_label=_("All clients"),
            label=_("Client"),
        )
        self.fields["client"] = clients
        for name in ("last", "before_days", "after_days"):
            self.fields[name].required = False
        if self.instance.pk is None:
            # Empty, so that what is usual for the kind is filled in.
            self.initial.update(
                {"kind": PlanningEvent.Kind.CAMPAIGN, "before_days": None, "after_days": None}
            )
        for name, minute in (("from_time", self.instance.from_min), ("to_time", self.instance.to_min)):
            self.fields[name].initial = "" if minute is None else format_minutes(minute)

    def clean(self) -> dict[str, Any]:
        """Fill what was left empty by what is meant."""
        values: dict[str, Any] = super().clean() or {}
        values["last"] = values.get("last") or values.get("first")
        usual = DEADLINE_DAYS if values.get("kind") == PlanningEvent.Kind.DEADLINE else 0
        if values.get("before_days") is None:
            values["before_days"] = usual
        values["after_days"] = values.get("after_days") or 0
        for name, field in (("from_time", "from_min"), ("to_time", "to_min")):
            values[field] = self._minute(name, values.get(name, ""))
        return values

    def _minute(self, name: str, text: str) -> int | None:
        if not text.strip():
            return None
        try:
            return parse_time(text)
        except NotATimeError:
            self.add_error(name, _("Write a time such as 18:30, or 25:30 after midnight."))
            return None

    def _post_clean(self) -> None:
        """The action examines the row, with the fields that this form works out."""

    def values(self) -> dict[str, Any]:
        """The columns."""
        names = ("from_min", "to_min", *self.Meta.fields)
        return {name: self.cleaned_data[name] for name in names}


@role(*LEADERS)
@require_http_methods(["GET", "POST"])
def goal(request: HttpRequest) -> HttpResponse:
    """How well the centre wants to answer."""
    known = basis(business_day(now()))
    form = GoalForm(request.POST or None, instance=known.goal)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.fields}
        try:
            preparing.set_goal(values, acting_user=account_of(request).pk)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The goal is stored. The staff needed has been counted anew."))
            return redirect("planning-forecast")
    context = {
        "form": form,
        "handling": forecast_words.handling(known, None),
        "patience": forecast_words.patience(known),
    }
    return render(request, "planning/forecast_goal.html", context, status=422 if form.errors else 200)


@role(*LEADERS)
@require_http_methods(["GET", "POST"])
def events(request: HttpRequest, event_id: int | None = None) -> HttpResponse:
    """The events, and the form of one."""
    row = get_object_or_404(PlanningEvent, pk=event_id) if event_id else None
    form = EventForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            preparing.write_event(form.values(), event_id=event_id, acting_user=account_of(request).pk)
        except EventRefused as refused:
            form.add_error(None, refused.shown())
        else:
            messages.success(request, _("The event is stored. The forecast is being made anew."))
            return redirect("planning-forecast-events")
    today = business_day(now())
    known = PlanningEvent.objects.select_related("client").filter(last__gte=today - SHOWN_PAST)
    context = {
        "form": form,
        "row": row,
        "coming": [event for event in known if event.last >= today],
        "past": [event for event in reversed(known) if event.last < today],
    }
    return render(request, "planning/forecast_events.html", context, status=422 if form.errors else 200)


@role(*LEADERS)
@require_POST
def delete_event(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take an event back."""
    preparing.delete_event(event_id, acting_user=account_of(request).pk)
    messages.success(request, _("The event is gone. The forecast is being made anew."))
    return redirect("planning-forecast-events")
