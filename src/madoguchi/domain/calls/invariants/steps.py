"""The ledger against the rows that it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from madoguchi.domain.calls.invariants.asking import rows
from madoguchi.domain.ledger.violations import Violation


def transitions_chain(since: datetime, until: datetime) -> Iterator[Violation]:
    """Each step begins where the one before it of the same subject ended.

    Versions of a flow were once written down under the flow alone, with their number in the cause: what is
    on record is not written anew, so such a step is read here as one of its version, `<flow>/<number>`.
    """
    found = rows(
        """
        SELECT * FROM (
            SELECT t.id, t.subject, t.subject_id, t.call_id, t.at, t.old,
                   lag(t.new) OVER (
                       PARTITION BY t.subject, CASE
                           WHEN t.subject = 'flow' AND strpos(t.subject_id, '/') = 0 AND t.cause ? 'number'
                           THEN t.subject_id || '/' || (t.cause ->> 'number') ELSE t.subject_id END
                       ORDER BY t.id) AS before
            -- A refused command is an event of its own; one call may have several. A cell of a roster is no
            -- stage but a reading: it also changes when the machine makes a draft anew, when a day off is
            -- settled or a shift's usual hours are others. Those of published rosters are sealed (its room).
            FROM ledger_transition t WHERE t.at < %(until)s AND t.subject NOT IN ('command', 'shift')
              AND (t.subject, t.subject_id) IN (SELECT s.subject, s.subject_id FROM ledger_transition s
                                                WHERE s.at >= %(since)s AND s.at < %(until)s)
        ) chain WHERE at >= %(since)s AND before IS NOT NULL AND before <> old
        """,
        since,
        until,
    )
    for step_id, subject, subject_id, call_id, at, old, before in found:
        words = f"{subject} {subject_id} steps from {old or 'nothing'}, but was {before}"
        yield Violation("transitions_chain", words, str(call_id or ""), (str(step_id),), at)


def phases_are_the_last_step(since: datetime, until: datetime) -> Iterator[Violation]:
    """A call's phase and a person's activity are what their last transition says."""
    found = rows(
        """
        SELECT c.id::text, 'call ' || c.id, c.phase, t.new FROM calls_call c
        JOIN LATERAL (SELECT new FROM ledger_transition t WHERE t.subject = 'call'
                      AND t.subject_id = c.id::text ORDER BY t.id DESC LIMIT 1) t ON t.new <> c.phase
        WHERE c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
        UNION ALL
        SELECT '', 'agent ' || a.id, a.activity, t.new FROM agents_agent a
        JOIN LATERAL (SELECT new FROM ledger_transition t WHERE t.subject = 'activity'
                      AND t.subject_id = a.id::text ORDER BY t.id DESC LIMIT 1) t ON t.new <> a.activity
        """,
        since,
        until,
    )
    for call_id, subject, stands, told in found:
        yield Violation("phases_are_the_last_step", f"{subject} is {stands}, the ledger says {told}", call_id)
