"""Template tags of the shared parts: `{% load parts %}`. What each is for stands in README.md."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from madoguchi.domain.agents.states import Activity, Matter, Presence
from madoguchi.kit import phone_numbers
from madoguchi.screens.parts.navigation import entries

register = template.Library()

# Shape and tone of each word: the shape alone tells them apart, the colour only helps.
PRESENCE_LOOK = {
    Presence.AVAILABLE: ("disc", "good"),
    Presence.OTHER_WORK: ("half", "busy"),
    Presence.MEETING: ("square", "ink"),
    Presence.TRAINING: ("square", "ink"),
    Presence.BREAK: ("bars", "ink"),
    Presence.AWAY: ("ring", "ink"),
    Presence.TRIP: ("diamond", "ink"),
    Presence.GONE_HOME: ("dash", "off"),
    Presence.DAY_OFF: ("dash", "off"),
}
ACTIVITY_LOOK = {
    Activity.IDLE: ("ring", "ink"),
    Activity.RINGING: ("triangle", "busy"),
    Activity.DIALLING: ("triangle", "ink"),
    Activity.TALKING: ("disc", "busy"),
    Activity.HOLDING: ("bars", "soon"),
    Activity.WRAP_UP: ("square", "ink"),
}
_DAY_MIN = 24 * 60
# The first mark that is found counts: most browsers name others beside themselves.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[dict[str, object]]:
    """The screens that this person may open, with the one they are in marked."""
    request = context.get("request")
    account = getattr(request, "user", None)
    # A person without a place at the phone has no agent, and reading it raises what hasattr understands.
    at_the_phone = hasattr(account, "agent")
    return entries(getattr(account, "role", ""), getattr(request, "path", "/"), at_the_phone=at_the_phone)


@register.filter
def device(user_agent: str) -> str:
    """What a browser calls itself, as people would: Chrome・Windows; else its own words."""
    found = (next((name for mark, name in marks if mark in user_agent), "") for marks in (BROWSERS, SYSTEMS))
    return "・".join(name for name in found if name) or user_agent[:40]


@register.filter
def unlocalized(number: float) -> str:
    """A number as SVG wants it, whatever the language writes between units and tenths."""
    return f"{number:g}"


@register.simple_tag
def clock(
    at: datetime | None, soon: int | None = None, hurt: int | None = None, until: bool = False
) -> SafeString:
    """A running clock since `at` (0:42), or down to it; amber and red after `soon` and `hurt` seconds."""
    if at is None:
        return SafeString("")
    span_s = int((timezone.now() - at).total_seconds()) * (-1 if until else 1)
    limits = format_html("{}{}", _limit("soon", soon), _limit("hurt", hurt))
    return format_html(
        '<time-since {}="{}"{}>{}</time-since>',
        "until" if until else "at",
        at.isoformat(),
        limits,
        running_clock(span_s),
    )


def _limit(name: str, seconds: int | None) -> SafeString:
    return SafeString("") if seconds is None else format_html(' {}-after="{}"', name, seconds)


@register.simple_tag
def ago(at: datetime | None) -> SafeString:
    """A past or coming moment in words (3分前, 昨日 14:05), exact when pointed at."""
    if at is None:
        return SafeString("")
    return format_html('<time-since at="{}" form="ago">{}</time-since>', at.isoformat(), short_time(at))


@register.filter
def running_clock(span: float | timedelta | None) -> str:
    """A span as 0:42, 12:05, 1:02:03 or 2日21時間; seconds or a timedelta; empty for None."""
    if span is None:
        return ""
    seconds = max(0, int(span.total_seconds() if isinstance(span, timedelta) else span))
    minutes, rest = divmod(seconds, 60)
    if minutes >= _DAY_MIN:
        # Nobody counts the seconds of a day ago, and a clock of 69 hours has to be worked out.
        days, hours = minutes // _DAY_MIN, minutes % _DAY_MIN // 60
        return f"{days}日{hours}時間" if get_language() == "ja" else f"{days} d {hours} h"
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


@register.filter
def short_time(at: datetime | None) -> str:
    """A moment as 11/20 (木) 18:30 in the centre's zone; with the year when it is not this one."""
    if at is None:
        return ""
    zone = ZoneInfo(settings.TIME_ZONE)
    local, now = at.astimezone(zone), timezone.now().astimezone(zone)
    days = "月火水木金土日" if get_language() == "ja" else ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    year = "" if local.year == now.year else f"{local.year}/"
    return f"{year}{local.month}/{local.day} ({days[local.weekday()]}) {local.hour}:{local.minute:02}"


@register.filter
def phone_number(number: object) -> SafeString:
    """A telephone number hyphenated as people write it; a missing one says why."""
    if not number:
        return SafeString("")
    shown = phone_numbers.display(number if isinstance(number, phone_numbers.PhoneNumber) else str(number))
    return format_html('<span class="phone-number">{}</span>', shown)


@register.simple_tag
def badge(word: str, shape: str = "disc", tone: str = "ink", since: datetime | None = None) -> SafeString:
    """A word with its shape and tone; README.md lists both."""
    running = format_html(" {}", clock(since)) if since else SafeString("")
    return format_html(
        '<span class="badge" data-shape="{}" data-tone="{}">{}{}</span>', shape, tone, word, running
    )


@register.simple_tag
def presence_badge(presence: str, since: datetime | None = None, matter: str = "") -> SafeString:
    """What the person chose; on another matter, the matter too."""
    member = Presence(presence)
    word = str(member.label)
    if matter:
        word = pgettext("presence and its matter", "%(presence)s: %(matter)s") % {
            "presence": word,
            "matter": Matter(matter).label,
        }
    shape, tone = PRESENCE_LOOK[member]
    return badge(word, shape, tone, since)


@register.simple_tag
def activity_badge(activity: str, since: datetime | None = None) -> SafeString:
    """What the system has the person doing."""
    member = Activity(activity)
    shape, tone = ACTIVITY_LOOK[member]
    return badge(str(member.label), shape, tone, since)


@register.simple_tag
def key(name: str) -> SafeString:
    """A key as it is drawn beside what it does: `{% key "Shift+F2" %}` → ⇧F2."""
    return format_html('<kbd aria-hidden="true">{}</kbd>', name.replace("Shift+", "⇧"))


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, help_text: str = "", **attributes: Any) -> dict[str, object]:
    """A form field with its label, help and errors, tied together for screen readers.

    Keyword arguments become attributes of the widget, `_` read as `-`.
    """
    attrs = {name.replace("_", "-"): value for name, value in attributes.items()}
    described = [f"{bound.id_for_label}-help"] if help_text or bound.help_text else []
    if bound.errors:
        attrs["aria-invalid"] = "true"
        described.append(f"{bound.id_for_label}-error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    input_type = getattr(bound.field.widget, "input_type", "")
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attrs),
        "help": help_text or bound.help_text,
        "is_check": input_type == "checkbox" and not getattr(bound.field, "choices", None),
        "is_group": input_type in {"radio", "checkbox"} and bool(getattr(bound.field, "choices", None)),
        "must": bound.field.required,
        "must_word": _("Required"),
    }
