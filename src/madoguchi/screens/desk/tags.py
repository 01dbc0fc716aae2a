"""Template tags of the desk: `{% load desk %}`. What they draw depends on rows alone, never on the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from madoguchi.domain.calls.models import Call, Offer
from madoguchi.domain.calls.states import Phase
from madoguchi.domain.contacts.models import Mark
from madoguchi.kit.clock import local
from madoguchi.screens.parts.tags import badge, running_clock

register = template.Library()

PHASE_LOOK = {
    Phase.TALKING: ("disc", "busy"),
    Phase.HOLDING: ("bars", "soon"),
    Phase.DIALLING: ("triangle", "ink"),
    Phase.RINGING: ("triangle", "busy"),
}


@register.simple_tag
def since(at: datetime | None, soon: int | None = None, hurt: int | None = None) -> SafeString:
    """A clock that the browser runs from `at`; amber after `soon` seconds, red after `hurt`."""
    if at is None:
        return SafeString("")
    limits = [(name, value) for name, value in (("soon", soon), ("hurt", hurt)) if value is not None]
    drawn = format_html_join("", ' {}-after="{}"', limits)
    return format_html('<time-since at="{}"{}></time-since>', at.isoformat(), drawn)


@register.simple_tag
def down_to(at: datetime | None, soon: int = -10) -> SafeString:
    """A clock that runs down to `at`; amber from `soon` (negative seconds before the end)."""
    if at is None:
        return SafeString("")
    return format_html('<time-since until="{}" soon-after="{}"></time-since>', at.isoformat(), soon)


@register.simple_tag
def lasted(begin: datetime, end: datetime) -> str:
    """A finished span as a clock."""
    return running_clock(end - begin)


@register.filter
def clock_time(at: datetime | None) -> str:
    """A moment of today as 14:05."""
    if at is None:
        return ""
    wall = local(at)
    return f"{wall.hour}:{wall.minute:02}"


@register.filter
def short_day(at: datetime | None) -> str:
    """A day as 11/18."""
    if at is None:
        return ""
    wall = local(at)
    return f"{wall.month}/{wall.day}"


@register.simple_tag
def phase_badge(phase: str) -> SafeString:
    """Where the customer is, as the operator says it."""
    shape, tone = PHASE_LOOK.get(Phase(phase), ("disc", "ink"))
    return badge(str(Phase(phase).label), shape, tone)


@register.simple_tag
def offer_word(purpose: str) -> str:
    """What kind of ring it is."""
    return {
        Offer.Purpose.RESTORE: pgettext("offer purpose", "Reconnecting your call"),
        Offer.Purpose.CONSULT: pgettext("offer purpose", "A colleague asks you"),
        Offer.Purpose.OUTBOUND: pgettext("offer purpose", "Dialling"),
    }.get(Offer.Purpose(purpose), pgettext("offer purpose", "Incoming call"))


@register.simple_tag
def cooling_off(reason: str) -> str:
    """Why this person is not rung for a while."""
    return {
        "missed": pgettext("cooling-off", "Pause: not answered"),
        "refused": pgettext("cooling-off", "Pause: declined"),
        "phone_failed": pgettext("cooling-off", "Pause: phone not reached"),
    }.get(reason, pgettext("cooling-off", "Pause"))


@register.filter
def mark_word(value: str) -> str:
    """The word of a mark; an unknown one as it is."""
    return str(Mark(value).label) if value in Mark.values else value


@register.filter
def of_contact(calls: Mapping[UUID, Call], call_id: UUID | None) -> Call | None:
    """The call of a past contact, among those that nobody answered."""
    return calls.get(call_id) if call_id else None
