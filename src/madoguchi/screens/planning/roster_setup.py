"""What rosters are made of: ways to work, contracts, and who works under which."""

from __future__ import annotations

import json
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
    """Three lists, each row a form of its own; htmx gets the row alone, so that nothing else moves."""
    if request.method == "POST":
        error = ""
        try:
            _store(request, account_of(request).pk)
        except ValidationError as refused:
            error = " ".join(refused.messages) or _("Please check what you entered.")
        except MadoguchiError as refused:
            error = refused.shown()
        if "HX-Request" in request.headers:
            return _row_alone(request, error)
        if error:
            messages.error(request, error)
        else:
            messages.success(request, _("Saved."))
        return redirect("planning-roster-setup")
    terms = dict(Term.objects.values_list("account_id", "contract_id"))
    people = Account.objects.filter(is_active=True).order_by("role", "name_kana")
    context = {
        "types": [_type_row(one) for one in ShiftType.objects.all()],
        "contracts": [
            (_contract_row(one), {what.pk for what in one.shift_types.all()})
            for one in Contract.objects.prefetch_related("shift_types")
        ],
        "people": [(person, terms.get(person.pk)) for person in people],
    }
    return render(request, "planning/roster_setup.html", context | _choices())


def _choices() -> dict[str, Any]:
    return {"skills": list(Skill.objects.all()), "all_types": list(ShiftType.objects.filter(active=True))}


def _row_alone(request: HttpRequest, error: str) -> HttpResponse:
    """The row that was sent: stored, or as it was typed beside what is wrong with it.

    Only a new row has the whole page fetched anew: what stands unsaved in other rows stays as it was typed.
    """
    form, what = request.POST, request.POST.get("what", "")
    if what == "people" or not (error or form.get("pk")):
        said = {"toast": error or _("Saved.")} | ({} if what == "people" else {"setup-changed": ""})
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})
    context: dict[str, Any] = {"error": error, "saved": not error, "one": form.dict()} | _choices()
    if what == "contract":
        context["agreed"] = {int(str(pk)) for pk in form.getlist("shift_types") if str(pk).isdecimal()}
    else:
        skill = form.get("skill", "")
        context["one"] |= {"skill_id": int(skill) if skill.isdecimal() else None, "active": "active" in form}
    row = "planning/roster_contract.html" if what == "contract" else "planning/roster_type.html"
    return render(request, row, context, status=422 if error else 200)


def _contract_row(one: Contract) -> dict[str, Any]:
    hours = ("week_hours", "day_hours", "rest_hours", "overtime_month_hours")
    row = {"pk": one.pk, "name": one.name, "days_in_row": one.days_in_row}
    row |= {"special_clause": one.special_clause, "rotating": one.rotating}
    row |= {"year_from_month": one.year_from_month}
    year = one.overtime_year_hours
    row["overtime_year_hours"] = "" if year is None else f"{year:g}"
    return row | {name: f"{getattr(one, name):g}" for name in hours}


def _type_row(one: ShiftType) -> dict[str, Any]:
    return {
        "pk": one.pk,
        "mark": one.mark,
        "name": one.name,
        "break": one.break_min,
        "skill_id": one.skill_id,
        "least": one.least,
        "active": one.active,
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
    names = ("week_hours", "day_hours", "rest_hours", "overtime_month_hours", "overtime_year_hours")
    for name in names:
        try:
            values[name] = float(form.get(name, "") or 0)
        except ValueError as error:
            raise ValidationError(_("Please write hours as a number, such as 7.5.")) from error
    return values | {
        "days_in_row": _whole(form.get("days_in_row", "")),
        # Empty: what the law allows.
        "overtime_year_hours": values["overtime_year_hours"] if form.get("overtime_year_hours") else None,
        "year_from_month": _whole(form.get("year_from_month") or "4"),
        "special_clause": "special_clause" in form,
        "rotating": "rotating" in form,
    }


def _minute(text: str) -> int:
    hour, _colon, minute = text.strip().partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 48 and int(minute) < 60):
        raise ValidationError(_("Please write times like 9:00, after midnight 25:00."))
    return 60 * int(hour) + int(minute)


def _whole(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 4:
        raise ValidationError(_("Please write a whole number."))
    return int(text)
