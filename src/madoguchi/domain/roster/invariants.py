"""What must be true of every roster that people work by, or worked by: `madoguchi verify`.

Whether a roster keeps the law is not asked here: contracts and days off may change after it was published.
That is told by `on_paper.broken`, on its page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from madoguchi.domain.ledger.violations import Check, Violation
from madoguchi.domain.roster.models import Shift
from madoguchi.domain.roster.queries import as_planned
from madoguchi.domain.roster.seal import SEAL, seal_of
from madoguchi.domain.roster.states import WORKED_BY
from madoguchi.kit.clock import local

_MAKING_AT_MOST = timedelta(hours=1)
"""A worker that died is replaced after minutes, and given up after three."""


def violations(since: datetime, until: datetime) -> Iterator[Violation]:
    """Every violation in rosters whose days end in the period or after it."""
    for check in CHECKS:
        yield from check(since, until)


def stages_are_the_last_step(since: datetime, until: datetime) -> Iterator[Violation]:
    """A roster's stage is what its last transition says; who works by it was let to at a known moment."""
    for roster_id, stage, told, published in _rows(
        """
        SELECT r.id, r.stage, t.new, r.published_at IS NOT NULL FROM roster_roster r
        LEFT JOIN LATERAL (SELECT new FROM ledger_transition t WHERE t.subject = 'roster'
                           AND t.subject_id = r.id::text ORDER BY t.id DESC LIMIT 1) t ON true
        WHERE r.last >= %(since)s
        """,
        since,
    ):
        if stage != told:
            words = f"is {stage}, the ledger says {told or 'nothing'}"
            yield Violation("stages_are_the_last_step", words, ids=(f"roster {roster_id}",))
        if published != (stage in WORKED_BY):
            words = f"is {stage}, and {'has' if published else 'lacks'} a moment of publication"
            yield Violation("stages_are_the_last_step", words, ids=(f"roster {roster_id}",))


def published_shifts_are_sealed(since: datetime, until: datetime) -> Iterator[Violation]:
    """The shifts that people work by are those of the last step: none changes without one."""
    for roster_id, at, sealed in _rows(
        """
        SELECT r.id, t.at, t.seal FROM roster_roster r
        JOIN LATERAL (SELECT at, cause ->> 'seal' AS seal FROM ledger_transition t
                      WHERE t.subject = 'roster' AND t.subject_id = r.id::text ORDER BY t.id DESC LIMIT 1) t
             ON true
        WHERE r.stage = ANY(%(worked_by)s) AND r.last >= %(since)s
        """,
        since,
    ):
        # Steps of before there were seals have none.
        if sealed is not None and seal_of(roster_id)[SEAL] != sealed:
            words = "a shift changed without a step"
            yield Violation("published_shifts_are_sealed", words, ids=(f"roster {roster_id}",), at=at)


def nobody_works_two_shifts_at_once(since: datetime, until: datetime) -> Iterator[Violation]:
    """Shifts that somebody works by do not overlap, unless a leader wrote why, as for too little rest."""
    for account_id, day, one, other in _rows(
        """
        SELECT * FROM (
            SELECT s.account_id, s.day, s.id, lag(s.id) OVER w AS before,
                   s.day + s.begin_min * interval '1 min' AS begins,
                   lag(s.day + s.end_min * interval '1 min') OVER w AS ended
            FROM roster_shift s JOIN roster_roster r ON r.id = s.roster_id
            WHERE r.stage = ANY(%(worked_by)s) AND s.day >= %(since)s - 2
            WINDOW w AS (PARTITION BY s.account_id ORDER BY s.day, s.begin_min, s.id)
        ) worked WHERE begins < ended AND NOT EXISTS (
            SELECT 1 FROM roster_waiver v WHERE v.account_id = worked.account_id AND v.day = worked.day
            AND v.code IN ('rest between shifts', 'one duty a day'))
        """,
        since,
        columns=4,
    ):
        words = f"account {account_id} works two shifts at once on {day}"
        yield Violation("nobody_works_two_shifts_at_once", words, ids=(f"shift {other}", f"shift {one}"))


def a_day_has_one_roster(since: datetime, until: datetime) -> Iterator[Violation]:
    """Rosters that are not discarded share no day, and shifts lie on the days of their roster."""
    found = _rows(
        """
        SELECT 'shares days with roster ' || o.id, 'roster ' || r.id
        FROM roster_roster r JOIN roster_roster o ON o.id < r.id
             AND daterange(o.first, o.last, '[]') && daterange(r.first, r.last, '[]')
        WHERE r.stage <> 'discarded' AND o.stage <> 'discarded' AND r.last >= %(since)s
        UNION ALL
        SELECT 'lies on ' || s.day || ', outside its roster', 'shift ' || s.id
        FROM roster_shift s JOIN roster_roster r ON r.id = s.roster_id
        WHERE r.last >= %(since)s AND NOT s.day BETWEEN r.first AND r.last
        """,
        since,
    )
    for words, row in found:
        yield Violation("a_day_has_one_roster", words, ids=(row,))


def planned_time_is_the_same_everywhere(since: datetime, until: datetime) -> Iterator[Violation]:
    """The time at work that presence and adherence are fed is the paid one: breaks lie within the shift.

    Paid: hours less breaks, as the roster's page adds up. Fed: the stretches between the breaks.
    """
    rows = Shift.objects.filter(roster__stage__in=WORKED_BY, roster__last__gte=local(since).date())
    for row in rows.select_related("shift_type").iterator():
        paid = row.end_min - row.begin_min - sum(end - begin for begin, end in row.breaks)
        fed = sum((end - begin).total_seconds() for begin, end in as_planned(row).stretches) / 60
        if paid != fed:
            words = f"{paid} minutes are paid, presence is told of {fed:.0f}"
            yield Violation("planned_time_is_the_same_everywhere", words, ids=(f"shift {row.pk}",))


def broken_rules_have_a_reason(since: datetime, until: datetime) -> Iterator[Violation]:
    """Who let a rule be broken wrote why; the rule is of somebody whom the roster knows."""
    found = _rows(
        """
        SELECT v.id, v.code, v.at FROM roster_waiver v JOIN roster_roster r ON r.id = v.roster_id
        WHERE btrim(v.reason) = '' AND r.last >= %(since)s
        """,
        since,
    )
    for waiver_id, code, at in found:
        words = f"“{code}” is broken without a reason"
        yield Violation("broken_rules_have_a_reason", words, ids=(f"waiver {waiver_id}",), at=at)


def nothing_is_made_for_ever(since: datetime, until: datetime) -> Iterator[Violation]:
    """A worker that looks for people comes to an end: a roster, a clash, or the word that it broke off."""
    found = _rows(
        """
        SELECT r.id, r.asked_at FROM roster_roster r
        WHERE r.stage = 'making' AND (r.asked_at IS NULL OR r.asked_at < %(late)s)
        """,
        since,
        late=until - _MAKING_AT_MOST,
    )
    for roster_id, at in found:
        words = "has been in the making for more than an hour"
        yield Violation("nothing_is_made_for_ever", words, ids=(f"roster {roster_id}",), at=at)


CHECKS: tuple[Check, ...] = (
    stages_are_the_last_step,
    published_shifts_are_sealed,
    nobody_works_two_shifts_at_once,
    a_day_has_one_roster,
    planned_time_is_the_same_everywhere,
    broken_rules_have_a_reason,
    nothing_is_made_for_ever,
)


def _rows(query: str, since: datetime, *, columns: int | None = None, **facts: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        worked_by = [str(stage) for stage in WORKED_BY]
        cursor.execute(query, {"since": local(since).date(), "worked_by": worked_by, **facts})
        return [tuple(row[:columns]) for row in cursor.fetchall()]
