"""「もしも」: sliders, measures and refusals in a supervisor's words, and how their numbers are said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

MINUS, DASH = "−", "–"


@dataclass(frozen=True, slots=True)
class Words:
    """A slider: its name, unit, and what it means."""

    name: Promise
    unit: Promise
    meaning: Promise


KNOBS = {
    "people": Words(
        pgettext_lazy("knob", "People"),
        pgettext_lazy("knob", "people"),
        _("At the phone, in all queues. Below 0: those who were there longest stay away."),
    ),
    "handling": Words(
        pgettext_lazy("knob", "Handling time"),
        pgettext_lazy("knob", "%"),
        _("Talk and wrap-up of every call."),
    ),
    "wrap_up": Words(
        pgettext_lazy("knob", "Wrap-up"),
        pgettext_lazy("knob", "%"),
        _("Writing down after the call."),
    ),
    "casework": Words(
        pgettext_lazy("knob", "Work left by calls"),
        pgettext_lazy("knob", "%"),
        _("Research and arrangements after the call."),
    ),
    "department": Words(
        pgettext_lazy("knob", "Other departments' answers"),
        pgettext_lazy("knob", "%"),
        _("How long they take to answer our questions."),
    ),
    "call_back": Words(
        pgettext_lazy("knob", "Call back offered"),
        pgettext_lazy("knob", "% accept"),
        _("Offered to those who have waited 60 seconds; so many of them accept."),
    ),
    "self_served": Words(
        pgettext_lazy("knob", "Self-service"),
        pgettext_lazy("knob", "% of calls"),
        _("Served by the automatic answer, without a person."),
    ),
    "outside": Words(
        pgettext_lazy("knob", "Help from outside"),
        pgettext_lazy("knob", "% of calls"),
        _("Taken by helpers outside."),
    ),
}

MEASURES = {
    "answer_rate": (_("Answer rate (of calls that came to a queue)"), "share"),
    "lost": (pgettext_lazy("what if", "Calls lost"), "count"),
    "service_level_a": (_("Answered within 20 s (of calls that came to a queue)"), "share"),
    "mean_wait": (_("Mean wait of all who waited"), "seconds"),
    "mean_wait_served": (_("Mean wait of those answered"), "seconds"),
    "handling_s": (_("Mean talk and wrap-up"), "seconds"),
    "occupancy": (_("Occupancy (talk and wrap-up ÷ time at the phone)"), "share"),
    "call_backs": (_("Call backs accepted"), "count"),
    "chasers": (_("Calls that chase an open matter"), "count"),
}

UNFIT = {
    "few_answered": _(
        "Fewer than 50 calls were answered on this day: too few to learn how long calls take and how long "
        "callers wait."
    ),
    "nobody_there": _("For this day nobody's presence is on record, so who was there cannot be told."),
    "not_reproduced": _(
        "The day, run again on the computer, loses clearly more or fewer calls than it did in truth. "
        "What it would say of a change could not be relied upon. Choose another day."
    ),
    "not_runnable": _("The records of this day cannot be run again on the computer."),
    "too_few_people": _("So many people were not there: with this change nobody would be left."),
}

INERT = _("The records of this day hold nothing of the kind: turning this changes nothing.")


def turned(knob: str, value: int) -> str:
    """A slider's setting.

    >>> turned("people", 2), turned("handling", -10), turned("outside", 20)
    ('+2人', '−10%', '20%')
    """
    if knob == "people":
        return pgettext("knob", "{n} people").format(n=signed(value))
    if knob in ("call_back", "self_served", "outside"):
        return f"{value}%"
    return f"{signed(value)}%"


def cure(change: Mapping[str, int]) -> str:
    """Everything that is turned, as one line, in the order of the sliders."""
    said = [f"{KNOBS[knob].name} {turned(knob, change[knob])}" for knob in KNOBS if knob in change]
    if "since" in change or "until" in change:
        since, until = (half(change[name]) if name in change else "" for name in ("since", "until"))
        said[0] += f" ({since}{DASH}{until})"
    return pgettext("what if", ", ").join(said)


def half(number: int) -> str:
    """The half-hour of a day.

    >>> half(19), half(48)
    ('9:30', '24:00')
    """
    return f"{number // 2}:{'30' if number % 2 else '00'}"


def signed(value: int) -> str:
    """With its sign, as it is printed.

    >>> signed(23), signed(-23), signed(0)
    ('+23', '−23', '±0')
    """
    return f"{'+' if value > 0 else MINUS if value < 0 else '±'}{abs(value):,}"


def yen(value: int, *, sign: bool = False) -> str:
    """An amount of yen."""
    number = signed(value) if sign else f"{MINUS if value < 0 else ''}{abs(value):,}"
    return pgettext("what if", "{n} yen").format(n=number)


def said(value: float, unit: str) -> str:
    """A measure in its unit, never below 0."""
    value = max(value, 0.0)
    if unit == "share":
        return f"{100 * min(value, 1.0):.1f}%"
    return pgettext("what if", "{n} s").format(n=round(value)) if unit == "seconds" else f"{value:,.0f}"


def change_said(triple: Sequence[float], unit: str) -> tuple[str, str]:
    """A difference and its interval, the bound nearer to nothing first.

    >>> change_said([-22.8, -28.1, -17.6], "count")
    ('−23', '−18〜−28')
    """
    scale, digits = (100.0, 1) if unit == "share" else (1.0, 0)
    mean, low, high = (_rounded(scale * value, digits) for value in triple)
    near, far = (high, low) if triple[0] < 0 else (low, high)
    word = {"share": pgettext("what if", "{n} points"), "seconds": pgettext("what if", "{n} s")}.get(unit)
    return (word.format(n=mean) if word else mean), f"{near}〜{far}"


def _rounded(value: float, digits: int) -> str:
    number = round(value, digits)
    sign = "+" if number > 0 else MINUS if number < 0 else "±"
    return f"{sign}{abs(number):,.{digits}f}"


def hours(opens_s: float, closes_s: float) -> str:
    """From when to when the centre was open."""
    since, until = (timedelta(seconds=value).total_seconds() // 1800 for value in (opens_s, closes_s))
    return f"{half(int(since))}{DASH}{half(int(until))}"
