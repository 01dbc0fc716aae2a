"""Rules, broken or clashing, in a supervisor's words and with people's names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.models import ShiftType
from madoguchi.domain.roster.on_paper import Broken
from madoguchi.science.staffing.shifts.rules import bundles

BROKEN: Mapping[str, Promise] = {
    "day off": _("{person} has {day} off"),
    "skill": _("{person} lacks the skill for the shift on {day}"),
    "contract": _("the contract of {person} does not have the shift on {day}"),
    "hours a day": _("{person} works too many hours on {day}"),
    "hours a week": _("{person} works too many hours in the week from {day}"),
    "overtime a month": _("{person} has too much overtime in {month}"),
    "overtime of 100 hours": _(
        "{person} has 100 hours of overtime or more in {month}, which the law forbids"
    ),
    "months above 45 hours": _("{person} has more than 45 hours of overtime in a seventh month, {month}"),
    "overtime over months": _(
        "{person} has more than 80 hours of overtime as the mean of two to six months up to {month}"
    ),
    "overtime a year": _("{person} has too much overtime in the year from {month}"),
    "day off each week": _("{person} has no day off in the week from {day}"),
    "four days off in four weeks": _("{person} has no four days off in the four weeks from {day}"),
    "day off from midnight": _(
        "{person} has no whole day off (0:00–24:00): a night reaches into it, in the time from {day}"
    ),
    "rest between shifts": _("{person} has too little rest before the shift on {day}"),
    "days in a row": _("{person} works too many days in a row up to {day}"),
    "one duty a day": _("{person} has two shifts on {day}"),
    "unknown": _("{person} (on {day}) is no longer with us, or has no contract"),
}
CLASHING: Mapping[str, Promise] = {
    "need": _("{people} × {duty} on {day}"),
    "need of people who can": _("{people} × {duty} on {day}, which only {able} people can do"),
    "duty longer than contracts": pgettext_lazy(
        "rule", "{duty} is longer than the hours a day of {people} people who could do it"
    ),
    "room in a week": pgettext_lazy(
        "rule",
        "week of {day}: {people} shifts ({duty}) are needed, hours a week and days off leave room for {able}",
    ),
    "day off": pgettext_lazy("rule", "Day off of {person} on {day}"),
    "skill": pgettext_lazy("rule", "{person} lacks the skill for {duty}"),
    "contract": pgettext_lazy("rule", "{duty} is not in the contract of {person}"),
    "hours a day": pgettext_lazy("rule", "Most hours a day of {person}"),
    "hours a week": pgettext_lazy("rule", "Most hours a week of {person} (week from {day})"),
    "overtime a month": pgettext_lazy("rule", "Overtime of {person} ({month})"),
    "overtime of 100 hours": pgettext_lazy("rule", "Less than 100 hours of overtime of {person} ({month})"),
    "months above 45 hours": pgettext_lazy(
        "rule", "Six months a year above 45 hours of overtime at most, {person} ({month})"
    ),
    "overtime over months": pgettext_lazy(
        "rule", "80 hours of overtime of {person} as the mean of the months up to {month}"
    ),
    "overtime a year": pgettext_lazy("rule", "Overtime of {person} in the year from {month}"),
    "day off each week": pgettext_lazy("rule", "A day off each week for {person} (week from {day})"),
    "four days off in four weeks": pgettext_lazy("rule", "Four days off in four weeks for {person}"),
    "day off from midnight": pgettext_lazy("rule", "Whole days off (0:00–24:00) of {person} (from {day})"),
    "rest between shifts": pgettext_lazy("rule", "Rest of {person} after {duty} on {day}"),
    "days in a row": pgettext_lazy("rule", "Most days in a row of {person} (from {day})"),
    "one duty a day": pgettext_lazy("rule", "One shift a day for {person} ({day})"),
    "capacity": _(
        "week from {day}: {people} shifts are needed, contracts and days off leave room for {able}"
    ),
    "uncovered": _("no shift reaches {since}–{until} on {day}"),
}
LOOSEN: Mapping[str, Promise] = {
    "need": _("Lower the number of people for that day, or make the roster with people missing."),
    "need of people who can": _("Teach one more person the skill, or add the shift to a contract."),
    "duty longer than contracts": _("A shorter shift, or contracts with more hours a day."),
    "room in a week": _("Make it with people missing, ask more people in, or lower the people needed."),
    "day off": _("Ask whether the day off can be moved."),
    "skill": _("Teach the skill, or take it off the shift."),
    "contract": _("Agree on the shift with this person, and add it to the contract."),
    "hours a day": _("Shorter shifts."),
    "hours a week": _("Agree on more hours, or ask somebody else in."),
    "overtime a month": _("An agreement on more overtime, or somebody else."),
    "overtime of 100 hours": _("The law allows no more; somebody else must come in."),
    "months above 45 hours": _("The law allows six such months a year; somebody else must come in."),
    "overtime over months": _("The law allows no more; somebody else must come in."),
    "overtime a year": _("An agreement on more overtime, or somebody else."),
    "day off each week": _("The law asks for it; somebody else must come in."),
    "four days off in four weeks": _("The law asks for it; somebody else must come in."),
    "day off from midnight": _(
        "No night before the day off; with three rotating shifts say so in the contract: 24 hours on end do."
    ),
    "rest between shifts": _("A later shift the day after, or an earlier one before."),
    "days in a row": _("One more day off between, or a contract with more days in a row."),
    "one duty a day": _("Longer shifts, or one more person."),
    "capacity": _("Make it with people missing, ask more people in, or lower the people needed."),
    "uncovered": _("Make a shift that reaches these hours, or set the people needed there to 0."),
}

_NAMED = 5
"""So many people are named in one line."""


@dataclass(frozen=True, slots=True)
class Said:
    """A rule in words, and what would loosen it."""

    words: str
    loosen: str


def names_of(found: Sequence[Broken]) -> list[str]:
    """Each broken rule in words, in the order given."""
    names = _names(one.account_id for one in found)
    return [
        str(BROKEN[one.code]).format(
            person=names.get(one.account_id, "?"), day=_day(one.day), month=date_format(one.day, "F")
        )
        for one in found
    ]


def clash_of(rules: Sequence[Mapping[str, Any]]) -> list[Said]:
    """The rules of a stored clash, in words, and what would loosen each; the same of many people as one."""
    names = _names(int(rule["account"]) for rule in rules if rule.get("account"))
    duties = {one.pk: one.name for one in ShiftType.objects.all()}
    known = [rule for rule in rules if rule["code"] in CLASHING]
    return [
        Said(
            str(CLASHING[some[0]["code"]]).format(**_fields(some, names, duties)),
            str(LOOSEN[some[0]["code"]]),
        )
        for some in bundles(known, lambda rule: (rule["code"], str(_types(rule))))
    ]


def _fields(
    some: Sequence[Mapping[str, Any]], names: Mapping[int, str], duties: Mapping[int, str]
) -> dict[str, Any]:
    """What is filled into the words of a rule, or of the same rule of several people and days."""
    first = some[0]
    days = sorted(date.fromisoformat(rule["day"]) for rule in some)
    people = list(dict.fromkeys(names.get(rule.get("account") or 0, "") for rule in some))
    said = "、".join(people[:_NAMED])
    if len(people) > _NAMED:
        said = _now("{names} and {n} more").format(names=said, n=len(people) - _NAMED)
    return {
        "person": said,
        "duty": "、".join(duties.get(one, _now("a shift")) for one in _types(first)) or _now("a shift"),
        "day": _day(days[0]) if days[0] == days[-1] else f"{_day(days[0])}–{_day(days[-1])}",
        "month": date_format(days[0], "F"),
        "people": sum(rule.get("people") or 0 for rule in some),
        "able": first.get("able"),
        "since": _clock(first.get("since", 0)),
        "until": _clock(first.get("until", 0)),
    }


def _types(rule: Mapping[str, Any]) -> list[int]:
    """Ids of the shift types that a stored rule is about; older rules name one at most."""
    one = rule.get("shift_type")
    return rule.get("shift_types") or ([one] if one else [])


def _names(ids: Iterable[int]) -> dict[int, str]:
    return dict(Account.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def _day(day: date) -> str:
    return date_format(day, "n/j(D)")


def _clock(half_hour: int) -> str:
    return f"{half_hour // 2}:{half_hour % 2 * 30:02d}"
