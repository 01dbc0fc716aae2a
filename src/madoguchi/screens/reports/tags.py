"""Template tags of the history: `{% load reports %}`: a call's events in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from madoguchi.domain.calls.models import Call, QueueVisit
from madoguchi.domain.calls.queries.way import Event, ReasonHeld
from madoguchi.domain.calls.states import ConsultStage, OfferStage, Phase, RecordingStage
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.states import PromiseStage
from madoguchi.domain.contacts.models import Contact, Mark
from madoguchi.domain.customers.models import Customer
from madoguchi.screens.parts.call_tags import missing_words
from madoguchi.screens.parts.tags import running_clock

register = template.Library()

LONGEST_RUBY = 24
"""A reading above a name is never broken into lines: a longer one is wider than a phone's screen."""


@register.simple_tag
def with_reading(customer: Customer) -> SafeString:
    """A customer's name with the reading above it; a long one stands behind it."""
    name, kana = customer.name, customer.name_kana
    if not name or not kana:
        return format_html("{}", customer)
    if max(len(name), len(kana)) > LONGEST_RUBY:
        return format_html('{} <small class="kana">{}</small>', name, kana)
    return format_html("<ruby>{}<rt>{}</rt></ruby>", name, kana)


@register.filter
def event_words(event: Event) -> str:
    """What happened, as one would tell it."""
    return _TELLERS[event.kind](event)


@register.filter
def event_tone(event: Event) -> str:
    """hurt where the customer was hurt, good where they were served, soon where a ring was missed."""
    if event.kind == "phase" and event.word == Phase.RESTORING:
        return "hurt"
    if event.kind == "visit" and event.word in {QueueVisit.Left.ABANDONED, QueueVisit.Left.LOST}:
        return "hurt"
    if event.kind == "recording" and event.word == RecordingStage.MISSING:
        return "hurt"
    if event.kind == "phase" and event.word == Phase.TALKING:
        return "good"
    missed = event.kind == "offer" and event.word in {OfferStage.MISSED, OfferStage.FAILED}
    return "soon" if missed else ""


@register.filter
def lasted(event: Event) -> str:
    """How long it lasted; empty for what has no length or still lasts."""
    return running_clock(event.until - event.at) if event.lasts and event.until else ""


@register.filter
def mark_words(contact: Contact) -> list[str]:
    """The marks of a contact in words."""
    return [str(Mark(mark).label) for mark in contact.marks if mark in Mark.values]


@register.filter
def held_words(held: ReasonHeld) -> list[str]:
    """Why a call waited, as "5 people were busy", the commonest reason first."""
    ordered = sorted(held.counts.items(), key=lambda pair: -pair[1])
    return [_reason_words(code, number) for code, number in ordered]


@register.filter
def bar_title(kind: str, span: timedelta) -> str:
    """What a bar of the drawing means and how long it is."""
    return f"{_BARS[kind]()} {running_clock(span)}"


@register.filter
def bar_name(kind: str) -> str:
    """What a kind of bar means."""
    return _BARS[kind]()


@register.filter
def talk_of(call: Call) -> timedelta | None:
    """How long an ended call was talked in."""
    return call.ended_at - call.answered_at if call.ended_at and call.answered_at else None


@register.filter
def lane_name(kind: str) -> str:
    """The name of a lane that is nobody's own."""
    names = {"customer": pgettext("lane", "Customer"), "recording": pgettext("lane", "Recording")}
    return names.get(kind, "")


@register.filter
def promise_line(promise: Promise) -> str:
    """A promise in one line: its kind, what, and its message."""
    parts = [str(promise.get_kind_display()), promise.what, promise.wished_hours, promise.message]
    return "・".join(part for part in parts if part)


@register.filter
def promise_tone(promise: Promise) -> str:
    """hurt while it is overdue, soon while open, good when kept."""
    if promise.stage == PromiseStage.BROKEN:
        return "hurt"
    return {PromiseStage.OPEN: "soon", PromiseStage.KEPT: "good"}.get(PromiseStage(promise.stage), "ink")


def _phase(event: Event) -> str:
    if event.word == Phase.ENDED:
        return pgettext("timeline", "The call ended")
    word = str(Phase(event.word).label)
    return f"{word}（{event.who}）" if event.who else word


def _visit(event: Event) -> str:
    words = {
        "": _("Waiting in {queue}"),
        QueueVisit.Left.TAKEN: _("Waited in {queue}: taken"),
        QueueVisit.Left.ABANDONED: _("Waited in {queue}: gave up"),
        QueueVisit.Left.EVICTED: _("Waited in {queue}: longer than the limit"),
        QueueVisit.Left.CLOSED: _("Waited in {queue}: closing time"),
        QueueVisit.Left.MOVED: _("Waited in {queue}: moved on"),
        QueueVisit.Left.LOST: _("Waited in {queue}: lost by a fault"),
    }
    text = words.get(event.word, words[""]).format(queue=event.who)
    return f"{text} {_('(for {name})').format(name=event.other)}" if event.other else text


def _offer(event: Event) -> str:
    return _("Rang at {name}: {end}").format(name=event.who, end=OfferStage(event.word).label)


def _consult(event: Event) -> str:
    words = _("{name} asked {other}: {end}")
    return words.format(name=event.who, other=event.other, end=ConsultStage(event.word).label)


def _recording(event: Event) -> str:
    words = _("Recording: {stage}").format(stage=RecordingStage(event.word).label)
    return f"{words}（{missing_words(event.other)}）" if event.other else words


def _wrap_up(event: Event) -> str:
    ends = {
        "operator": pgettext("wrap-up", "finished"),
        "time": pgettext("wrap-up", "ended by time"),
        "dialled": pgettext("wrap-up", "ended by dialling"),
    }
    end = ends.get(event.word, pgettext("wrap-up", "under way"))
    return _("Wrap-up of {name}: {end}").format(name=event.who, end=end)


def _promise(event: Event) -> str:
    if event.word == PromiseStage.OPEN:
        return _("A promise was made")
    return _("Promise: {stage}").format(stage=PromiseStage(event.word).label)


def _identity(event: Event) -> str:
    return _("Identity checked: {items}").format(items=event.other)


def _point(event: Event) -> str:
    return _("Important point seen: {text}").format(text=event.other)


_TELLERS: dict[str, Callable[[Event], str]] = {
    "phase": _phase,
    "visit": _visit,
    "offer": _offer,
    "consult": _consult,
    "recording": _recording,
    "wrap_up": _wrap_up,
    "promise": _promise,
    "identity": _identity,
    "point": _point,
}
_BARS: dict[str, Callable[[], str]] = {
    "waiting": lambda: pgettext("bar", "Waiting"),
    "talking": lambda: pgettext("bar", "Talking"),
    "holding": lambda: pgettext("bar", "On hold"),
    "ringing": lambda: pgettext("bar", "Ringing"),
    "missed": lambda: pgettext("bar", "Rang in vain"),
    "menu": lambda: pgettext("bar", "Menu"),
    "wrap_up": lambda: pgettext("bar", "Wrap-up"),
    "recording": lambda: pgettext("bar", "Recorded"),
    "asking": lambda: pgettext("bar", "Asked"),
    "other": lambda: pgettext("bar", "Message"),
}


def _reason_words(code: str, number: int) -> str:
    words = {
        "not_member": ngettext("{n} does not serve this queue", "{n} do not serve this queue", number),
        "presence": ngettext("{n} was not taking calls", "{n} were not taking calls", number),
        "reserved": ngettext("{n} had a ring under way", "{n} had a ring under way", number),
        "busy": ngettext("{n} was busy with a call", "{n} were busy with calls", number),
        "phone_unreachable": ngettext("{n} phone not reachable", "{n} phones not reachable", number),
        "cooling_off": ngettext(
            "{n} in the pause after a missed call", "{n} in the pause after a missed call", number
        ),
        "skill_missing": ngettext("{n} lacks the skill", "{n} lack the skill", number),
        "skill_level": ngettext("{n} not skilled enough", "{n} not skilled enough", number),
        "held_for_preferred": ngettext(
            "{n} passed over: kept for one person", "{n} passed over: kept for one person", number
        ),
        "tried_lately": ngettext(
            "{n} had just not answered this call", "{n} had just not answered this call", number
        ),
        "outranked": ngettext("{n} got a call that came earlier", "{n} got calls that came earlier", number),
    }
    return words.get(code, "{n}: " + code).format(n=number)
