"""Template tags of the floor: `{% load floor %}`. All depend on rows alone, since fragments are pushed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.domain.agents.states import Activity, Presence
from madoguchi.domain.calls.queries.floor import PersonNow
from madoguchi.domain.calls.queries.history import CallFilter
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.roster.queries import Planned, Standing
from madoguchi.kit.clock import local
from madoguchi.screens.floor.late import HOME, late_since
from madoguchi.screens.parts.call_tags import down_to, since, who
from madoguchi.screens.parts.tags import activity_badge, badge, presence_badge

register = template.Library()

# Seconds after which an activity asks to be looked at, and after which a customer is hurting.
LIMITS_S: dict[str, tuple[int | None, int | None]] = {
    Activity.HOLDING: (60, 180),
    Activity.WRAP_UP: (300, None),
    Activity.TALKING: (900, None),
}


@register.simple_tag
def figure_calls(calls: CallFilter) -> str:
    """The address of the list that holds exactly the calls of a figure."""
    return f"{reverse('calls')}?{urlencode(calls.in_words())}"


@register.simple_tag
def tile_clock(person: PersonNow, plans: Mapping[int, Standing], at: datetime) -> SafeString:
    """How long what stands on the tile has been so."""
    agent = person.agent
    if missed := late_since(person, plans, at):
        return since(missed)
    if agent.activity == Activity.IDLE and "cooling_off" in person.needs:
        return down_to(agent.cooling_off_until)
    if agent.activity == Activity.IDLE and agent.presence in {Presence.GONE_HOME, Presence.DAY_OFF}:
        return SafeString("")
    return since(person.since, *LIMITS_S.get(agent.activity, (None, None)))


@register.simple_tag
def tile_words(person: PersonNow, plans: Mapping[int, Standing], at: datetime) -> SafeString:
    """The activity; while idle the presence; what asks for a look goes before both."""
    agent = person.agent
    if late_since(person, plans, at):
        return badge(_("Not here yet"), "triangle", "soon")
    if "restoring" in person.needs:
        return badge(_("Line being restored"), "triangle", "hurt")
    if agent.activity != Activity.IDLE:
        return activity_badge(agent.activity)
    if "phone_unreachable" in person.needs:
        return badge(_("Phone not reachable"), "triangle", "soon")
    if "desk_silent" in person.needs:
        return badge(_("Desk does not answer"), "triangle", "soon")
    if "cooling_off" in person.needs:
        return badge(pgettext("cooling off", "Pause"), "triangle", "soon")
    return presence_badge(agent.presence, None, agent.matter)


@register.simple_tag
def tile_more(person: PersonNow) -> SafeString:
    """With whom, or why not, or until when."""
    agent = person.agent
    if "consulting" in person.needs:
        return format_html("{}", _("asks a colleague"))
    if agent.activity != Activity.IDLE and person.call is not None:
        shown = who(person.call)
        changed = agent.presence != Presence.AVAILABLE
        return format_html("{}{}", shown, f"・{agent.get_presence_display()}" if changed else "")
    if "cooling_off" in person.needs:
        return format_html("{}", cooling_off_words(agent.cooling_off_reason))
    if agent.expected_back_at and agent.presence != Presence.AVAILABLE:
        return format_html("{} {}", _("back in"), down_to(agent.expected_back_at, 0))
    return SafeString("")


@register.simple_tag
def tile_needs(person: PersonNow, plans: Mapping[int, Standing], at: datetime) -> bool:
    """Whether something on the tile asks a leader to look."""
    return bool(person.needs) or late_since(person, plans, at) is not None


@register.simple_tag
def tile_plan(person: PersonNow, plans: Mapping[int, Standing], at: datetime) -> SafeString:
    """What the roster says of somebody who is not at work: off today, from when, until when."""
    agent, plan = person.agent, plans.get(person.agent.account_id)
    if plan is None or not plan.known or agent.presence not in HOME or agent.activity != Activity.IDLE:
        return SafeString("")
    if plan.today is None:
        return format_html("{}", _("off today"))
    if plan.today.end <= at:
        return SafeString("")
    if plan.today.begin <= at and late_since(person, plans, at) is None:
        return format_html("{}", _("planned until {end}").format(end=f"{local(plan.today.end):%-H:%M}"))
    return format_html("{}", _("from {begin}").format(begin=f"{local(plan.today.begin):%-H:%M}"))


@register.filter
def breaks_words(planned: Planned) -> str:
    """The breaks of a shift: 12:00–13:00、15:00–15:15."""
    return "、".join(f"{local(begin):%-H:%M}–{local(end):%-H:%M}" for begin, end in planned.breaks)


@register.simple_tag
def cooling_off_words(reason: str) -> str:
    """Why the phone does not ring at somebody for a while."""
    words = {
        "missed": _("did not answer a call"),
        "refused": _("declined a call"),
        "phone_failed": _("phone could not be reached"),
    }
    return words.get(reason, _("pause after a call"))


@register.simple_tag
def attention_title(kind: str) -> str:
    """The heading of a list of things to decide."""
    titles = {
        "lost": _("Callers cut off by a fault"),
        "broken": _("Broken promises"),
        "call_backs": _("Call-backs to make"),
    }
    return titles[kind]


@register.simple_tag
def promise_words(promise: Promise) -> str:
    """What was promised, in one line."""
    if promise.origin == Promise.Origin.LOST_CALL:
        return _("The call was lost by a fault of ours: apologise and call back.")
    parts = [str(promise.get_kind_display()), promise.what, promise.wished_hours]
    return "・".join(part for part in parts if part)
