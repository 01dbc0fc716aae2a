"""Template tags for calls, on every screen that lists them: `{% load calls %}`.

`since` and `down_to` draw an empty clock that the browser fills: a fragment that is pushed must depend on
rows alone, and a clock written by the server would differ each second.
"""

from __future__ import annotations

import json
from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.states import Outcome, Phase
from madoguchi.kit import phone_numbers
from madoguchi.kit.callers import NoNumberReason
from madoguchi.kit.clock import local
from madoguchi.screens.parts.tags import badge

register = template.Library()

OUTCOME_LOOK = {
    Outcome.ANSWERED: ("disc", "good"),
    Outcome.REACHED: ("disc", "good"),
    Outcome.QUEUE_ABANDON: ("triangle", "soon"),
    Outcome.RING_ABANDON: ("triangle", "soon"),
    Outcome.SYSTEM_EVICTED: ("triangle", "soon"),
    Outcome.SHORT_ABANDON: ("ring", "ink"),
    Outcome.FAILED: ("triangle", "hurt"),
    Outcome.BLOCKED: ("triangle", "hurt"),
    Outcome.NOT_REACHED: ("ring", "ink"),
    Outcome.OUT_OF_HOURS: ("dash", "off"),
}


@register.simple_tag
def since(at: datetime | None, soon: int | None = None, hurt: int | None = None) -> SafeString:
    """A clock that the browser runs from `at`; amber and red after `soon` and `hurt` seconds."""
    if at is None:
        return SafeString("")
    limits = format_html("{}{}", _limit("soon", soon), _limit("hurt", hurt))
    return format_html('<time-since at="{}"{}></time-since>', at.isoformat(), limits)


@register.simple_tag
def down_to(at: datetime | None, soon: int | None = None, hurt: int | None = None) -> SafeString:
    """A clock that runs down to `at`; limits are seconds after it, negative for before."""
    if at is None:
        return SafeString("")
    limits = format_html("{}{}", _limit("soon", soon), _limit("hurt", hurt))
    return format_html('<time-since until="{}"{}></time-since>', at.isoformat(), limits)


@register.filter
def who(call: Call) -> str:
    """Who the customer of a call is, as a line of a list says it; without 様, which belongs to speech."""
    return str(call.customer) if call.customer is not None else line_of(call)


@register.filter
def line_of(call: Call) -> str:
    """The customer's telephone number as people write it, or why there is none."""
    if call.no_number_reason:
        return no_number_words(call.no_number_reason)
    return phone_numbers.display(call.customer_e164 or call.caller_raw) or no_number_words("")


def no_number_words(reason: str) -> str:
    """Why a caller has no number, in the words of Japanese number display."""
    words = {
        str(NoNumberReason.WITHHELD): pgettext("caller", "Number withheld"),
        str(NoNumberReason.PAYPHONE): pgettext("caller", "Payphone"),
        str(NoNumberReason.OUT_OF_AREA): pgettext("caller", "Number not available"),
    }
    return words.get(reason, pgettext("caller", "Number not received"))


@register.simple_tag
def dial_button(number: str, client_id: int | None = None, customer_id: int | None = None) -> SafeString:
    """Dials a number at the person's own desk, which may be open in another tab; for people at the phone."""
    wanted = {"number": phone_numbers.display(number), "client_id": client_id, "customer_id": customer_id}
    return format_html(
        '<button type="button" class="btn btn-small" data-dials="{}">{}</button>',
        json.dumps(wanted),
        pgettext("button", "Dial"),
    )


@register.filter
def missing_words(reason: str) -> str:
    """Why there is no sound of a talk; what only an engineer understands stands in brackets."""
    known = {
        "no track was found on the disk": _("nothing was found on the disk"),
        "neither track was written": _("neither voice was written"),
    }
    if reason in known:
        return known[reason]
    # A reason that was written for people stays as it is.
    return _("it could not be stored ({detail})").format(detail=reason) if reason.isascii() else reason


@register.simple_tag
def outcome_badge(call: Call) -> SafeString:
    """What became of a call; while it lives, where the customer is."""
    if call.phase != Phase.ENDED:
        return badge(str(Phase(call.phase).label), "half", "busy")
    outcome = Outcome(call.outcome)
    shape, tone = OUTCOME_LOOK.get(outcome, ("ring", "ink"))
    return badge(str(outcome.label), shape, tone)


@register.filter
def wall_time(at: datetime | None) -> str:
    """A moment as 14:05."""
    return f"{local(at):%-H:%M}" if at else ""


@register.filter
def wall_second(at: datetime | None) -> str:
    """A moment as 14:05:09."""
    return f"{local(at):%-H:%M:%S}" if at else ""


def _limit(name: str, seconds: int | None) -> SafeString:
    return SafeString("") if seconds is None else format_html(' {}-after="{}"', name, seconds)
