"""One cell of the roster in a dialog: what stands, what it could be, why, and what became of it before."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.planning.actions import rostering as actions
from madoguchi.domain.roster.cells import OFF_MARKS, Cell, cell_of, clock, read, token_of
from madoguchi.domain.roster.errors import BreakTooShort, ReasonMissing, RulesBroken
from madoguchi.domain.roster.models import Roster, ShiftType, Wish
from madoguchi.domain.roster.sheet import changes_of
from madoguchi.domain.roster.states import WORKED_BY, OffKind
from madoguchi.kit.clock import day_typed
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of, role


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, roster_id: int, account_id: int, day: str) -> HttpResponse:
    """The form of one cell; a change is checked against the rules at once."""
    row = get_object_or_404(Roster, pk=roster_id)
    on = day_typed(day)
    if on is None:
        raise Http404
    person = get_object_or_404(Account, pk=account_id)
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            wanted = _wanted(request)
            edited = actions.change_cell(
                row.pk,
                (person.pk, on),
                wanted,
                expected=request.POST.get("expected", ""),
                reason=request.POST.get("reason", ""),
                acting_user=account_of(request).pk,
            )
        except ValidationError as error:
            context, status = {"error": " ".join(error.messages), "wrong_hours": True}, 422
        except MadoguchiError as error:
            asks = isinstance(error, ReasonMissing | RulesBroken)
            hours = isinstance(error, BreakTooShort)
            context = {"error": error.shown(), "asks": asks, "rules": _rules(error), "wrong_hours": hours}
            status = 422
        else:
            if edited.done:
                return HttpResponse(status=204, headers={"HX-Trigger": "roster-changed"})
            context, status = {"error": _("Somebody else has just changed this cell. See what stands.")}, 422
    context |= _form(row, person, on, request)
    return render(request, "planning/roster_cell.html", context, status=status)


def _rules(error: MadoguchiError) -> list[str]:
    """Each rule that would be broken; empty where something else is wrong."""
    return list(error.data["each"]) if isinstance(error, RulesBroken) else []


def _form(row: Roster, person: Account, on: date, request: HttpRequest) -> dict[str, Any]:
    stands = token_of(row, person.pk, on)
    now_is = read(stands) or Cell()
    types = ShiftType.objects.filter(active=True) | ShiftType.objects.filter(pk=now_is.shift_type_id or 0)
    words = _words(list(ShiftType.objects.all()))
    return {
        "roster": row,
        "person": person,
        "on": on,
        "stands": stands,
        "chosen": request.POST.get("what", "") or _choice(now_is),
        "hours": request.POST.get("hours", "") or _hours(now_is),
        "reason": request.POST.get("reason", ""),
        "types": [(one, f"{clock(one.begin_min)}–{clock(one.end_min)}") for one in types.distinct()],
        "offs": OffKind.choices,
        "published": row.stage in WORKED_BY,
        "wish": Wish.objects.filter(account=person, day=on).select_related("shift_type").first(),
        "changes": [
            (step, words(step.cause.get("from", "")), words(step.cause.get("to", "")), _who(step.by))
            for step in changes_of(row.pk, person.pk, on)
        ],
    }


def _wanted(request: HttpRequest) -> Cell:
    """The cell that was chosen; other hours are written 8:30-15:00, then breaks 12:00-12:45."""
    chosen = read(request.POST.get("what", ""))
    if chosen is None:
        raise Http404
    if chosen.shift_type_id is None:
        return chosen
    one = get_object_or_404(ShiftType, pk=chosen.shift_type_id)
    hours = request.POST.get("hours", "").strip()
    usual = cell_of(one)
    if not hours or hours == _hours(usual):
        return Cell(one.pk)
    pairs = [_pair(part) for part in hours.replace("、", " ").replace(",", " ").split()]
    return Cell(one.pk, pairs[0], tuple(pairs[1:]))


def _pair(text: str) -> tuple[int, int]:
    try:
        begin, end = (part.split(":") for part in text.replace("–", "-").replace("~", "-").split("-"))
        first, last = 60 * int(begin[0]) + int(begin[1]), 60 * int(end[0]) + int(end[1])
    except (ValueError, IndexError) as error:
        raise ValidationError(
            _(
                "“{text}” is not understood. Write hours like 8:30-15:00, then breaks like 12:00-12:45."
            ).format(text=text)
        ) from error
    return first, last


def _choice(cell: Cell) -> str:
    return str(cell.shift_type_id) if cell.shift_type_id else cell.token


def _hours(cell: Cell) -> str:
    if cell.hours is None:
        return ""
    return " ".join(f"{clock(begin)}-{clock(end)}" for begin, end in (cell.hours, *cell.breaks))


def _words(types: list[ShiftType]) -> Any:
    names = {one.pk: one.name for one in types}

    def words(token: str) -> str:
        found = read(token)
        if found is None or found == Cell():
            return "–"
        if found.off:
            return OFF_MARKS[OffKind(found.off)]
        hours = f" {_hours(found)}" if found.hours else ""
        return f"{names.get(found.shift_type_id or 0, '?')}{hours}"

    return words


def _who(account_id: int | None) -> str:
    return Account.objects.filter(pk=account_id or 0).values_list("name", flat=True).first() or _("System")
