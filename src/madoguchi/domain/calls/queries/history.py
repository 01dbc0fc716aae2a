"""The list of calls: one filter, which is also what every figure is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from madoguchi.domain.calls.models import Call, Leg, QueueVisit, Recording
from madoguchi.domain.calls.queries.waits import IN_TIME, with_targets, with_waits
from madoguchi.domain.calls.states import Outcome, Phase, RecordingStage
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.states import PromiseStage
from madoguchi.kit.clock import business_day_start, day_typed
from madoguchi.kit.phone_numbers import parse
from madoguchi.kit.times_of_day import format_minutes

PAGE = 50
LONGEST_SECONDS = 8
"""Digits of a wait in an address: three years; an interval of the database has an end too."""
FOR_A_PERSON = Q(direction=Call.Direction.INBOUND) & (
    Q(phase=Phase.ENDED)
    & ~Q(
        outcome__in=[Outcome.OUT_OF_HOURS, Outcome.IVR_ABANDONED, Outcome.IVR_ERROR, Outcome.IVR_SELF_SERVED]
    )
    | ~Q(phase__in=[Phase.ENDED, Phase.ARRIVED, Phase.MENU, Phase.CLOSING])
)
"""Calls that wanted somebody: those out of hours, and those that ended in the menu, did not."""
_MOST_MIN = 2 * 24 * 60
HAS_SOUND = [RecordingStage.STORED, RecordingStage.ENDED, RecordingStage.RUNNING]


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are meant. Days are days at the centre; empty fields ask for nothing."""

    since: date | None = None
    until: date | None = None
    """Last day, included."""
    direction: str = ""
    outcomes: tuple[str, ...] = ()
    ended: bool = False
    """Leave out calls under way: they have no outcome yet and stand in no rate."""
    queue_id: int | None = None
    agent_id: int | None = None
    """Anybody who had the customer in it, not only the last."""
    client_id: int | None = None
    number_id: int | None = None
    """Our number."""
    customer_id: int | None = None
    number: str = ""
    """Part of the customer's number, as people write it."""
    recording: str = ""
    """yes, no, or missing."""
    promise: str = ""
    """made, owed or broken."""
    queued: bool = False
    within_s: int | None = None
    """Wait at most so long."""
    in_time: bool = False
    """Wait no longer than the target of their first queue."""
    for_a_person: bool = False
    """`FOR_A_PERSON`: what forecasts of calls count."""
    from_min: int | None = None
    to_min: int | None = None
    """Only calls that arrived from and up to these minutes since 0:00 of `since`."""

    @property
    def part_of_day(self) -> str:
        """9:30–10:00; empty for whole days."""
        if self.from_min is None or self.to_min is None:
            return ""
        return f"{format_minutes(self.from_min)}–{format_minutes(self.to_min)}"

    def in_words(self) -> dict[str, str]:
        """The filter as the parameters of an address; `from_words` reads them back."""
        words: dict[str, str] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None or value is False or value in ("", ()):
                continue
            words[each.name] = ",".join(value) if isinstance(value, tuple) else _word(value)
        return words

    @classmethod
    def from_words(cls, words: Mapping[str, str]) -> CallFilter:
        """Read an address's parameters; what cannot be read asks for nothing, so that no link breaks."""
        values: dict[str, Any] = {}
        for each in fields(cls):
            text = (words.get(each.name) or "").strip()
            value = _READERS.get(each.name, _text)(text) if text else None
            if value is not None:
                values[each.name] = value
        return cls(**values)

    def only(self, **changed: Any) -> CallFilter:
        """The same filter, narrowed."""
        return replace(self, **changed)


@dataclass(frozen=True, slots=True)
class Page:
    """Some calls of the list, newest first, and where the next ones begin."""

    calls: list[Call]
    after: str = ""
    """Give it back for the next page; empty: that was all."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whose calls may be seen: everybody's, or those of one person."""

    agent_id: int | None = None
    everything: bool = field(default=False, kw_only=True)


def calls_of(wanted: CallFilter) -> QuerySet[Any]:
    """All calls of a filter with their waits, in no order."""
    conditions = _plain_conditions(wanted)
    conditions &= _of_queue(wanted) & _of_number(wanted.number) & _of_promise(wanted.promise)
    if wanted.agent_id is not None:
        conditions &= _had_by(wanted.agent_id)
    if wanted.recording:
        kept = Recording.objects.filter(call=OuterRef("pk"))
        stages = [RecordingStage.MISSING] if wanted.recording == "missing" else HAS_SOUND
        found = Exists(kept.filter(stage__in=stages))
        conditions &= ~Q(found) if wanted.recording == "no" else Q(found)
    if wanted.for_a_person:
        conditions &= FOR_A_PERSON
    rows = with_waits(Call.objects.filter(conditions))
    if wanted.queued:
        rows = rows.filter(queued_at__isnull=False)
    if wanted.within_s is not None:
        rows = rows.filter(waited__lte=timedelta(seconds=wanted.within_s))
    return with_targets(rows).filter(IN_TIME) if wanted.in_time else rows


def page_of(wanted: CallFilter, access: Access, *, after: str = "", size: int = PAGE) -> Page:
    """One page of the history, newest first; `after` comes from the page before: nothing is skipped."""
    rows = visible(calls_of(wanted), access).select_related(
        "customer__company", "client", "number", "agent__account", "contact__reason"
    )
    place = _read_place(after)
    if place is not None:
        at, call_id = place
        rows = rows.filter(Q(arrived_at__lt=at) | Q(arrived_at=at, pk__lt=call_id))
    found = list(rows.order_by("-arrived_at", "-pk")[: size + 1])
    shown = found[:size]
    more = len(found) > size
    return Page(shown, f"{shown[-1].arrived_at.isoformat()}~{shown[-1].pk}" if more else "")


def visible(rows: QuerySet[Any], access: Access) -> QuerySet[Any]:
    """Only what the person may see: leaders everything, operators the calls they had a part in."""
    if access.everything:
        return rows
    return rows.filter(_had_by(access.agent_id)) if access.agent_id is not None else rows.none()


def count_up_to(wanted: CallFilter, access: Access, most: int = 10_000) -> int:
    """How many calls the list holds, counted no further than `most`."""
    return visible(calls_of(wanted), access).values("pk")[:most].count()


def _plain_conditions(wanted: CallFilter) -> Q:
    asked: dict[str, Any] = {
        "direction": wanted.direction or None,
        "outcome__in": list(wanted.outcomes) or None,
        "client_id": wanted.client_id,
        "number_id": wanted.number_id,
        "customer_id": wanted.customer_id,
        "phase": Phase.ENDED if wanted.ended else None,
    }
    if wanted.since is not None:
        asked["arrived_at__gte"] = business_day_start(wanted.since)
    if wanted.until is not None:
        asked["arrived_at__lt"] = business_day_start(wanted.until + timedelta(days=1))
    asked |= _part_of_day(wanted)
    return Q(**{name: value for name, value in asked.items() if value is not None})


def _part_of_day(wanted: CallFilter) -> dict[str, Any]:
    """Narrows the days of the filter, past midnight of the last one too: 25:30 is 1530."""
    if wanted.since is None or (wanted.from_min is None and wanted.to_min is None):
        return {}
    begin = business_day_start(wanted.since)
    found: dict[str, Any] = {}
    if wanted.from_min is not None:
        found["arrived_at__gte"] = begin + timedelta(minutes=wanted.from_min)
    if wanted.to_min is not None:
        found["arrived_at__lt"] = begin + timedelta(minutes=wanted.to_min)
    return found


def _of_queue(wanted: CallFilter) -> Q:
    if wanted.queue_id is None:
        return Q()
    return Q(Exists(QueueVisit.objects.filter(call=OuterRef("pk"), queue_id=wanted.queue_id)))


def _had_by(agent_id: int) -> Q:
    """Calls in which the person spoke, and those they have now (a leg that was never answered is a ring)."""
    spoke = Leg.objects.filter(call=OuterRef("pk"), agent_id=agent_id, answered_at__isnull=False)
    return Q(agent_id=agent_id) | Q(Exists(spoke))


def _of_number(text: str) -> Q:
    if not text:
        return Q()
    number = parse(text)
    if number.e164:
        return Q(customer_e164=number.e164)
    digits = "".join(character for character in number.digits or text if character.isdigit())
    if not digits:
        return Q(pk__in=[])
    # 090… is stored as +8190…: what was typed from its 0 on begins a number.
    inside = digits[1:] if digits.startswith("0") else digits
    return Q(customer_e164__contains=inside) | Q(caller_raw__contains=digits)


def _of_promise(asked: str) -> Q:
    if not asked:
        return Q()
    made = Promise.objects.filter(call_id=OuterRef("pk"))
    stages = {"owed": [PromiseStage.OPEN, PromiseStage.BROKEN], "broken": [PromiseStage.BROKEN]}
    return Q(Exists(made.filter(stage__in=stages[asked]) if asked in stages else made))


def _read_place(text: str) -> tuple[datetime, UUID] | None:
    at, _, call_id = text.partition("~")
    try:
        return datetime.fromisoformat(at), UUID(call_id)
    except ValueError:
        return None


def _word(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else "1" if value is True else str(value)


def _text(text: str) -> str:
    return text[:60].replace("\0", "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _seconds(text: str) -> int | None:
    return _number(text) if len(text) <= LONGEST_SECONDS else None


def _minutes(text: str) -> int | None:
    number = _number(text)
    return number if number is not None and number <= _MOST_MIN else None


def _outcomes(text: str) -> tuple[str, ...] | None:
    return tuple(word for word in text.split(",") if word in Outcome.values) or None


def _one_of(*words: str) -> Any:
    return lambda text: text if text in words else None


def _yes(text: str) -> bool | None:
    return True if text == "1" else None


_READERS: dict[str, Any] = {
    "since": day_typed,
    "until": day_typed,
    "outcomes": _outcomes,
    "direction": _one_of("inbound", "outbound"),
    "recording": _one_of("yes", "no", "missing"),
    "promise": _one_of("made", "owed", "broken"),
    "ended": _yes,
    "queued": _yes,
    "in_time": _yes,
    "within_s": _seconds,
    "for_a_person": _yes,
    "from_min": _minutes,
    "to_min": _minutes,
    **dict.fromkeys(["queue_id", "agent_id", "client_id", "number_id", "customer_id"], _number),
}
