"""The page 「もしも」: a past day as it would have been with more people, shorter work, or help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.domain.people.models import Role
from madoguchi.domain.planning.actions import supposing as actions
from madoguchi.domain.planning.errors import BasisRefused, DayNotOver, KnobRefused, YenRefused
from madoguchi.domain.planning.knobs import HALVES, KNOBS, SHIFT, Turned, key_of, read
from madoguchi.domain.planning.models import Supposed
from madoguchi.domain.planning.queries import supposed as queries
from madoguchi.domain.planning.states import SupposingStage
from madoguchi.kit.clock import business_day, day_typed, now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of, role
from madoguchi.screens.planning import what_if_figures as figures
from madoguchi.screens.planning import what_if_words as words

FRAGMENT = "X-What-If"
"""Header of requests by the page's own script: it wants the answer's part only."""
_leaders = role(Role.SUPERVISOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks about."""

    day: date
    weeks: int
    values: Mapping[str, str]
    """The sliders, as they came."""


@_leaders
@require_GET
def what_if(request: HttpRequest) -> HttpResponse:
    """The basis, the sliders, and the answer as far as there is one."""
    try:
        asked = _question(request.GET)
        return _page(request, asked)
    except MadoguchiError as error:
        plain = Question(_latest_full(), 1, {})
        return _page(request, plain, error=_said(error), status=error.status)


@_leaders
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Send a worker to find out; the page, or its script, waits for it."""
    try:
        asked = _question(request.POST)
        change = _change(asked)
        row = actions.ask(asked.day, asked.weeks, change, acting_user=account_of(request).pk)
    except MadoguchiError as error:
        return _refused(request, error)
    if FRAGMENT in request.headers:
        return _fragment(request, row)
    return redirect(figures.address(row.day, row.weeks, row.change))


@_leaders
@require_GET
def answer(request: HttpRequest, supposed_id: int) -> HttpResponse:
    """The part of the page that answers one question."""
    row = queries.one(supposed_id)
    if row is None:
        raise Http404
    if FRAGMENT in request.headers:
        return _fragment(request, row)
    return redirect(figures.address(row.day, row.weeks, row.change))


@_leaders
@require_POST
def keep(request: HttpRequest, supposed_id: int) -> HttpResponse:
    """Put an answer into the table under a name."""
    by = account_of(request).pk
    try:
        other_yen = _yen(request.POST.get("other_yen", ""), low=-actions.MOST_YEN)
        row = actions.keep(supposed_id, request.POST.get("name", ""), other_yen, acting_user=by)
    except MadoguchiError as error:
        messages.error(request, _said(error))
        return _back(supposed_id)
    except Supposed.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("“{name}” is in the table.").format(name=row.name))
    return _back(supposed_id)


@_leaders
@require_POST
def let_go(request: HttpRequest, supposed_id: int) -> HttpResponse:
    """Take an answer off the table."""
    try:
        actions.let_go(supposed_id, acting_user=account_of(request).pk)
    except Supposed.DoesNotExist as missing:
        raise Http404 from missing
    return _back(supposed_id)


@_leaders
@require_POST
def prices(request: HttpRequest) -> HttpResponse:
    """Write down what people and helpers cost."""
    fields = figures.price_list(queries.prices())
    try:
        given = {name: _yen(request.POST.get(name, "")) for name in fields}
        actions.set_prices(given, acting_user=account_of(request).pk)
    except MadoguchiError as error:
        messages.error(request, _said(error))
    else:
        messages.success(request, _("The prices are written down."))
    try:
        asked = _question(request.POST)
        return redirect(figures.address(asked.day, asked.weeks, _change(asked)))
    except MadoguchiError:
        return redirect("planning-what-if")


def _page(request: HttpRequest, asked: Question, *, error: str = "", status: int = 200) -> HttpResponse:
    basis = queries.question(asked.day, asked.weeks, "")
    done = basis is not None and basis.stage == SupposingStage.DONE
    change, error = _change_or_error(asked, error)
    row = queries.question(asked.day, asked.weeks, key_of(change)) if done and change else basis
    own = queries.prices()
    context = {
        "asked": asked,
        "latest": business_day(now()) - timedelta(days=1),
        "basis": basis,
        "done": done,
        "working": _is_at(basis, SupposingStage.WORKING),
        "silent": basis is not None and now() - basis.beat_at > actions.STALE_AFTER,
        "refusal": words.UNFIT.get(basis.refusal, "") if basis else "",
        "resembled": figures.resembled(basis.found.get("past", ())) if basis else [],
        "facts": _facts(basis) if basis and done else None,
        "sliders": _sliders(asked, basis.found) if basis and done else [],
        "inert_words": words.INERT,
        "halves": [(number, words.half(number)) for number in range(HALVES + 1)],
        "shift": [asked.values.get(name, "") for name in SHIFT],
        "error": error,
        "kept": figures.kept_rows(queries.kept(), own),
        "prices": own,
        "change": change,
        "waits": done and _is_at(row, SupposingStage.WORKING),
        **_answer(row, basis if done else None, change),
    }
    # What a person may mend is an error of theirs to any program, too.
    code = 422 if error and status == 200 else status
    return render(request, "planning/what_if.html", context, status=code)


def _answer(row: Supposed | None, basis: Supposed | None, change: Turned) -> dict[str, Any]:
    """What the answer's part shows: of a question without an answer yet, the days as they were."""
    shown = row if _is_at(row, SupposingStage.DONE) else basis
    if shown is None:
        return {"shown": None}
    prices = queries.prices()
    stage = row.stage if row is not None else "unasked"
    return {
        "row": row,
        "shown": shown,
        "stage": stage,
        "headline": figures.headline(shown),
        "compared": figures.compared(shown.found.get("measures", ())),
        "picture": figures.picture(shown.found.get("halves", ())),
        "bought": figures.bought(shown, prices),
        "examples": prices.changed_at is None,
        "link": figures.address(shown.day, shown.weeks, change),
        "cure": words.cure(shown.change),
        "refused": words.UNFIT.get(row.refusal, "") if row and row.stage == SupposingStage.REFUSED else "",
    }


def _fragment(request: HttpRequest, row: Supposed) -> HttpResponse:
    if row.stage in (SupposingStage.WORKING, SupposingStage.DROPPED):
        # Asked for many times a second: what the page shows meanwhile stays.
        waiting = {"row": row, "stage": row.stage, "shown": None}
        return render(request, "planning/what_if_answer.html", waiting)
    basis = queries.question(row.day, row.weeks, "")
    return render(request, "planning/what_if_answer.html", _answer(row, basis, dict(row.change)))


def _refused(request: HttpRequest, error: MadoguchiError) -> HttpResponse:
    if FRAGMENT in request.headers:
        return render(request, "planning/what_if_error.html", {"error": _said(error)}, status=error.status)
    try:
        asked = _question({name: request.POST[name] for name in ("day", "weeks") if name in request.POST})
    except MadoguchiError:
        asked = Question(_latest_full(), 1, {})
    return _page(request, asked, error=_said(error), status=error.status)


def _question(data: Mapping[str, str]) -> Question:
    text = data.get("day", "")
    day = day_typed(text) if text else _latest_full()
    if day is None or day >= business_day(now()):
        raise DayNotOver
    weeks = data.get("weeks", "1")
    if weeks not in ("1", "4"):
        raise BasisRefused
    names = (*(knob.name for knob in KNOBS), *SHIFT)
    return Question(day, int(weeks), {name: data[name] for name in names if name in data})


def _change(asked: Question) -> Turned:
    basis = queries.question(asked.day, asked.weeks, "")
    return read(asked.values, basis.found.get("now", {}) if basis else {})


def _change_or_error(asked: Question, error: str) -> tuple[Turned, str]:
    try:
        return _change(asked), error
    except MadoguchiError as wrong:
        return {}, error or _said(wrong)


def _sliders(asked: Question, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for knob in KNOBS:
        unturned = found.get("now", {}).get(knob.name, 0)
        low = max(knob.low, 1 - found["people"]) if knob.name == "people" else knob.low
        value = asked.values.get(knob.name) or str(unturned)
        rows.append(
            {
                "knob": knob,
                "words": words.KNOBS[knob.name],
                "low": low,
                "value": value,
                "unturned": unturned,
                "inert": knob.name in found.get("inert", ()),
            }
        )
    return rows


def _facts(basis: Supposed) -> dict[str, Any]:
    found = basis.found
    return {
        "days": [date.fromisoformat(day) for day in found["days"]],
        "left_out": [
            (date.fromisoformat(each["day"]), words.UNFIT[each["refusal"]]) for each in found["left_out"]
        ],
        "people": found["people"],
        "arrivals": found["arrivals"],
        "engaged": round(found.get("engaged", 0.0)),
        "hours": words.hours(found["opens_s"], found["closes_s"]),
        "runs": found["runs"],
        "usual": all(row["holds"] for row in found["past"] if row["measure"] == "lost"),
    }


def _back(supposed_id: int) -> HttpResponse:
    row = queries.one(supposed_id)
    return redirect(figures.address(row.day, row.weeks, row.change) if row else reverse("planning-what-if"))


def _said(error: MadoguchiError) -> str:
    if isinstance(error, KnobRefused):
        knob = error.data["knob"]
        name = words.KNOBS[knob].name if knob in words.KNOBS else _("Hours of the people added")
        return f"{name}: {error.shown()}"
    return error.shown()


def _yen(text: str, *, low: int = 0) -> int:
    """Yen as people write them, with commas or without. Raises YenRefused."""
    bare = text.replace(",", "").replace(words.MINUS, "-").strip()
    digits = bare.removeprefix("-").removeprefix("+")
    if not bare:
        return 0
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise YenRefused(low=f"{low:,}", high=f"{actions.MOST_YEN:,}")
    return int(bare)


def _is_at(row: Supposed | None, stage: str) -> bool:
    return row is not None and row.stage == stage


def _latest_full() -> date:
    return queries.last_full_day(business_day(now()) - timedelta(days=1))


urlpatterns = [
    path("", what_if, name="planning-what-if"),
    path("ask", ask, name="planning-what-if-ask"),
    path("answer/<int:supposed_id>", answer, name="planning-what-if-answer"),
    path("keep/<int:supposed_id>", keep, name="planning-what-if-keep"),
    path("let-go/<int:supposed_id>", let_go, name="planning-what-if-let-go"),
    path("prices", prices, name="planning-what-if-prices"),
]
