"""What rosters are made of: ways to work, contracts, and who works under which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.domain.agents.models import Skill
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.roster.actions import arranging
from madoguchi.domain.roster.cells import clock
from madoguchi.domain.roster.models import Contract, ShiftType, Term
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of, role


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Three lists, each row a form of its own."""
    if request.method == "POST":
        try:
            _store(request, account_of(request).pk)
            messages.success(request, _("Saved."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages) or _("Please check what you entered."))
        except MadoguchiError as error:
            messages.error(request, error.shown())
        return redirect("planning-roster-setup")
    skills = list(Skill.objects.all())
    terms = dict(Term.objects.values_list("account_id", "contract_id"))
    people = Account.objects.filter(is_active=True).order_by("role", "name_kana")
    context = {
        "types": [_type_row(one) for one in ShiftType.objects.all()],
        "skills": skills,
        "contracts": [
            (one, {what.pk for what in one.shift_types.all()})
            for one in Contract.objects.prefetch_related("shift_types")
        ],
        "all_types": list(ShiftType.objects.filter(active=True)),
        "people": [(person, terms.get(person.pk)) for person in people],
    }
    return render(request, "planning/roster_setup.html", context)


def _type_row(one: ShiftType) -> dict[str, Any]:
    return {
        "row": one,
        "begin": clock(one.begin_min),
        "end": clock(one.end_min),
        "break_from": clock(one.break_from_min),
        "break_until": clock(one.break_until_min),
    }


def _store(request: HttpRequest, me: int) -> None:
    form, what = request.POST, request.POST.get("what", "")
    number = str(form.get("pk", ""))
    pk = int(number) if number.isdecimal() else None
    if what == "type":
        arranging.set_shift_type(pk, _type_values(form), acting_user=me)
    elif what == "contract":
        chosen = [int(str(one)) for one in form.getlist("shift_types") if str(one).isdecimal()]
        arranging.set_contract(pk, _contract_values(form), shift_types=chosen, acting_user=me)
    elif what == "people":
        for name, value in form.items():
            if name.startswith("contract-") and name[9:].isdecimal():
                contract = int(str(value)) if str(value).isdecimal() else None
                arranging.set_term(int(name[9:]), contract, acting_user=me)
    else:
        raise Http404


def _type_values(form: Mapping[str, str]) -> dict[str, Any]:
    minutes = {
        f"{name}_min": _minute(form.get(name, "")) for name in ("begin", "end", "break_from", "break_until")
    }
    if minutes["end_min"] <= minutes["begin_min"]:
        minutes["end_min"] += 1440
    for name in ("break_from_min", "break_until_min"):
        if minutes[name] < minutes["begin_min"]:
            minutes[name] += 1440
    skill = form.get("skill", "")
    return {
        "name": form.get("name", "").strip(),
        "mark": form.get("mark", "").strip(),
        **minutes,
        "break_min": _whole(form.get("break", "0")),
        "skill_id": int(skill) if skill.isdecimal() else None,
        "least": _whole(form.get("least", "0")),
        "active": "active" in form,
    }


def _contract_values(form: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {"name": form.get("name", "").strip()}
    for name in ("week_hours", "day_hours", "rest_hours", "overtime_month_hours"):
        try:
            values[name] = float(form.get(name, "") or 0)
        except ValueError as error:
            raise ValidationError(_("Please write hours as a number, such as 7.5.")) from error
    return values | {"days_in_row": _whole(form.get("days_in_row", ""))}


def _minute(text: str) -> int:
    hour, _colon, minute = text.strip().partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 48 and int(minute) < 60):
        raise ValidationError(_("Please write times like 9:00, after midnight 25:00."))
    return 60 * int(hour) + int(minute)


def _whole(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 4:
        raise ValidationError(_("Please write a whole number."))
    return int(text)
