"""The figures of a day: each one a filter, its definition, and a number computed from exactly those calls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import BooleanField, Case, Count, Max, Min, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.history import CallFilter, calls_of
from madoguchi.domain.calls.queries.waits import IN_TIME, with_targets
from madoguchi.domain.calls.states import Outcome
from madoguchi.domain.queues.models import Queue
from madoguchi.science.measures.records import ABANDONED, Record

IN_TIME_S, LATE_S = 0.0, math.inf
"""Stand for every wait within its queue's target and beyond it: of a wait only that is read."""
NOT_OURS = (Outcome.OUT_OF_HOURS, Outcome.SHORT_ABANDON)
"""Outcomes that the second answer rate leaves out; said beside it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number on a screen that explains itself and opens into its calls."""

    key: str
    name: str
    definition: str
    calls: CallFilter
    """The calls it counts: of a share, the numerator."""
    count: int
    of: int | None = None
    """The denominator of a share."""
    of_calls: CallFilter | None = None

    @property
    def share(self) -> Fraction | None:
        """The exact share; None for a plain count, and when the denominator is empty."""
        return Fraction(self.count, self.of) if self.of else None

    @property
    def percent(self) -> str:
        """The share to one decimal, rounded half up as people do; '–' when there is nothing to share."""
        if self.share is None:
            return "–"
        tenths = int(self.share * 1000 + Fraction(1, 2))
        return f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class Day:
    """All figures of a stretch of days, out of one read."""

    calls: CallFilter
    records: Sequence[Record] = field(repr=False)
    living: int

    def figure(self, key: str) -> Figure:
        """One figure by its key. Raises KeyError for an unknown one."""
        return _FIGURES[key](self)

    def figures(self, *keys: str) -> list[Figure]:
        """Several figures in the order asked."""
        return [self.figure(key) for key in keys]

    def count(self, *outcomes: str) -> int:
        """Ended calls with one of these outcomes."""
        return sum(record.outcome in outcomes for record in self.records)


def day_of(since: date, until: date | None = None, **narrowed: Any) -> Day:
    """The figures' base of some days: inbound calls that arrived then, grouped in the database.

    `narrowed`: client_id, number_id or queue_id. Only what the measures ask is read: outcome, whether the
    call came to a queue, and whether its wait was within that queue's target; so 10 rows stand for 10,000.
    """
    wanted = CallFilter(since=since, until=until or since, direction=Call.Direction.INBOUND, **narrowed)
    groups = (
        with_targets(calls_of(wanted))
        .annotate(
            came=_flag(Q(queued_at__isnull=False)),
            in_time=_flag(IN_TIME),
        )
        .values_list("outcome", "came", "in_time")
        .annotate(number=Count("pk"))
        .order_by()
    )
    records: list[Record] = []
    living = 0
    for outcome, came, soon, number in groups:
        if not outcome:
            living += number
            continue
        records += [Record(outcome, (IN_TIME_S if soon else LATE_S) if came else None)] * number
    return Day(wanted, tuple(records), living)


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _arrivals(day: Day) -> Figure:
    return Figure(
        "arrivals",
        pgettext("figure", "Arrivals"),
        _("Incoming calls that reached us, whatever became of them; calls under way included."),
        day.calls,
        len(day.records) + day.living,
    )


def _answered(day: Day) -> Figure:
    return Figure(
        "answered",
        pgettext("figure", "Answered"),
        _("Calls in which an operator had the customer."),
        day.calls.only(outcomes=(Outcome.ANSWERED,)),
        day.count(Outcome.ANSWERED),
    )


def _answer_rate(day: Day) -> Figure:
    answered = _answered(day)
    whole = len(day.records)
    return Figure(
        "answer_rate",
        _("Answer rate"),
        _("Answered ÷ all incoming calls that have ended, out of hours and leavers included."),
        answered.calls,
        answered.count,
        whole,
        day.calls.only(ended=True),
    )


def _answer_rate_open(day: Day) -> Figure:
    answered = _answered(day)
    others = tuple(str(each) for each in Outcome if each not in NOT_OURS)
    return Figure(
        "answer_rate_open",
        _("Answer rate in hours"),
        _("Answered ÷ ended incoming calls, without calls out of hours and those who left at once."),
        answered.calls,
        answered.count,
        len(day.records) - day.count(*NOT_OURS),
        day.calls.only(ended=True, outcomes=others),
    )


def _abandoned(day: Day) -> Figure:
    outcomes = tuple(sorted(ABANDONED))
    return Figure(
        "abandoned",
        pgettext("figure", "Gave up"),
        _("Left while waiting or ringing, those who left at once included."),
        day.calls.only(outcomes=outcomes),
        day.count(*outcomes),
    )


def _service_level(day: Day) -> Figure:
    in_time = [each for each in day.records if each.wait_s == IN_TIME_S]
    soon = sum(each.outcome == Outcome.ANSWERED for each in in_time)
    whole = sum(each.queued for each in day.records)
    return Figure(
        "service_level",
        _("Service level"),
        _(
            "Answered within the target of the queue ({target}) ÷ calls that came to a queue (a). "
            "The target is set for each queue in the office."
        ).format(target=_targets()),
        day.calls.only(outcomes=(Outcome.ANSWERED,), queued=True, in_time=True),
        soon,
        whole,
        day.calls.only(ended=True, queued=True),
    )


def _out_of_hours(day: Day) -> Figure:
    return Figure(
        "out_of_hours",
        pgettext("figure", "Out of hours"),
        _("Calls that met the message for closed hours."),
        day.calls.only(outcomes=(Outcome.OUT_OF_HOURS,)),
        day.count(Outcome.OUT_OF_HOURS),
    )


def _lost(day: Day) -> Figure:
    return Figure(
        "lost",
        pgettext("figure", "Lost by a fault"),
        _("Calls that a fault of ours ended before anybody had the customer."),
        day.calls.only(outcomes=(Outcome.FAILED,)),
        day.count(Outcome.FAILED),
    )


_FIGURES = {
    "arrivals": _arrivals,
    "answered": _answered,
    "answer_rate": _answer_rate,
    "answer_rate_open": _answer_rate_open,
    "abandoned": _abandoned,
    "service_level": _service_level,
    "out_of_hours": _out_of_hours,
    "lost": _lost,
}


def _targets() -> str:
    """The targets of the queues in use: 20 s, or 10–30 s where they differ."""
    found = Queue.objects.filter(active=True).aggregate(
        least=Min("service_level_s"), most=Max("service_level_s")
    )
    ends = [str(found[end]) for end in ("least", "most") if found[end] is not None]
    return "–".join(dict.fromkeys(ends)) + pgettext("seconds after a number", " s") if ends else "–"
