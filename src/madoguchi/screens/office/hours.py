"""Opening hours: a week of several periods a day, holidays, special days and the days to come."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madoguchi.domain.clients import actions
from madoguchi.domain.clients.models import Hours, SpecialDay
from madoguchi.domain.clients.queries import read_hours
from madoguchi.kit.calendar import DAY_MIN, Day, Period, holiday_name
from madoguchi.kit.clock import local, now
from madoguchi.kit.times_of_day import format_periods
from madoguchi.screens.office.editing import attempt, by, tell
from madoguchi.screens.office.fields import NAME, PeriodsField, plainly
from madoguchi.screens.parts.access import LEADERS, role

SHOWN_DAYS = 14
USUAL = (Period(9 * 60, 12 * 60), Period(13 * 60, 18 * 60))


class HoursForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    """A week: one line of periods for each day."""

    class Meta:
        model = Hours
        fields = ("name", "always_open", "closed_on_holidays")
        labels = {"name": NAME}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        periods: dict[int, list[Period]] = {}
        for row in self.instance.periods.all() if self.instance.pk else ():
            periods.setdefault(row.weekday, []).append(Period(row.opens_min, row.closes_min))
        for weekday, name in WEEKDAYS.items():
            self.fields[f"day_{weekday}"] = PeriodsField(label=name)
            self.initial[f"day_{weekday}"] = format_periods(tuple(periods.get(weekday, ())))

    def week(self) -> list[forms.BoundField]:
        """The seven fields, Monday first."""
        return [self[f"day_{weekday}"] for weekday in range(7)]

    def weekly(self) -> list[tuple[Period, ...]]:
        """The periods of Monday to Sunday, once valid."""
        return [self.cleaned_data[f"day_{weekday}"] for weekday in range(7)]


class NewHoursForm(forms.Form):
    name = forms.CharField(
        label=NAME, max_length=60, help_text=_("Numbers can share it, e.g. weekdays 9 to 18.")
    )


class SpecialDayForm(forms.Form):
    date = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    name = forms.CharField(label=NAME, max_length=60, help_text=_("E.g. year-end holidays, stocktaking."))
    periods = PeriodsField(label=_("Open hours"), help_text=_("Empty: closed all day."))


@role(*LEADERS)
def every(request: HttpRequest) -> HttpResponse:
    """The list of hours, and making new ones."""
    form = plainly(NewHoursForm(request.POST or None))
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _create(form.cleaned_data["name"], by(request)))
        if made is not None:
            messages.success(request, gettext("“%(name)s” was saved.") % {"name": made})
            return redirect("office:hours-page", made.pk)
    rows = [(row, read_hours(row)) for row in Hours.objects.prefetch_related("numbers").order_by("name")]
    shown = [(row, [format_periods(day) for day in read.weekly]) for row, read in rows]
    context = {"rows": shown, "form": form, "weekdays": WEEKDAYS.values()}
    return render(request, "office/hours_list.html", context, status=422 if form.errors else 200)


@role(*LEADERS)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One set of hours: the week, special days, the next fourteen days."""
    hours = get_object_or_404(Hours, pk=pk)
    form = plainly(HoursForm(request.POST or None, instance=hours))
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in HoursForm.Meta.fields}
        act = lambda: actions.change_hours(pk, values, weekly=form.weekly(), acting_user=by(request))  # noqa: E731
        if attempt(form, act) is not None:
            messages.success(request, gettext("“%(name)s” was saved.") % {"name": values["name"]})
            return redirect("office:hours-page", pk)
    return _page(request, get_object_or_404(Hours, pk=pk), form, SpecialDayForm())


@require_POST
@role(*LEADERS)
def special_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Add or replace a special day."""
    hours = get_object_or_404(Hours, pk=pk)
    form = plainly(SpecialDayForm(request.POST))
    if form.is_valid():
        given = form.cleaned_data
        done = attempt(
            form,
            lambda: actions.set_special_day(
                pk, given["date"], given["name"], given["periods"], acting_user=by(request)
            ),
        )
        if done is not None:
            messages.success(request, gettext("“%(name)s” was saved.") % {"name": given["name"]})
            return redirect("office:hours-page", pk)
    return _page(request, hours, HoursForm(instance=hours), form)


@require_POST
@role(*LEADERS)
def remove_special_day(request: HttpRequest, pk: int, day_id: int) -> HttpResponse:
    """Make a day usual again."""
    get_object_or_404(SpecialDay, pk=day_id, hours_id=pk)
    tell(request, lambda: actions.remove_special_day(day_id, acting_user=by(request)), gettext("Removed."))
    return redirect("office:hours-page", pk)


@require_POST
@role(*LEADERS)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete hours that nothing uses."""
    get_object_or_404(Hours, pk=pk)
    done = tell(request, lambda: actions.delete_hours(pk, acting_user=by(request)), gettext("Deleted."))
    return redirect("office:hours") if done else redirect("office:hours-page", pk)


def _create(name: str, acting_user: int) -> Hours:
    made = actions.create_hours(name, acting_user=acting_user)
    weekly = [USUAL] * 5 + [()] * 2
    return actions.change_hours(made.pk, {}, weekly=weekly, acting_user=acting_user)


def _page(request: HttpRequest, hours: Hours, form: HoursForm, special: SpecialDayForm) -> HttpResponse:
    context = {
        "row": hours,
        "form": form,
        "special_form": special,
        "special_days": [
            (day, format_periods(tuple(Period(*ends) for ends in day.periods)))
            for day in hours.special_days.filter(date__gte=local(now()).date())
        ],
        "days": _next_days(hours),
    }
    return render(request, "office/hours.html", context, status=422 if form.errors or special.errors else 200)


def _next_days(hours: Hours) -> list[dict[str, Any]]:
    read, today = read_hours(hours), local(now()).date()
    days = (today + timedelta(days=offset) for offset in range(SHOWN_DAYS))
    return [_shown(on, read.day(on), read.always_open) for on in days]


def _shown(on: date, day: Day, always_open: bool) -> dict[str, Any]:
    periods = (Period(0, DAY_MIN),) if always_open else day.periods
    return {
        "date": on,
        "weekday": WEEKDAYS_ABBR[on.weekday()],
        "name": day.name or holiday_name(on) or "",
        "is_holiday": holiday_name(on) is not None,
        "words": format_periods(periods),
        "bars": [_bar(period) for period in periods],
    }


def _bar(period: Period) -> dict[str, int]:
    """Where a period lies on a line of 48 half hours from 6:00 to 30:00, for an SVG without styles."""
    begin, end = max(period.opens_min - 360, 0), min(period.closes_min - 360, DAY_MIN)
    return {"x": begin, "width": max(end - begin, 0)}
