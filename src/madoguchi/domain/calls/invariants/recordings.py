"""What must be true of recordings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from madoguchi.domain.calls.invariants.asking import rows
from madoguchi.domain.ledger.violations import Violation


def answered_calls_are_recorded(since: datetime, until: datetime) -> Iterator[Violation]:
    """Each answered call that has ended, of a client that records, has its recording or a reason why not.

    A customer whom we called and who left while the notice of the recording was said spoke with nobody.
    """
    found = rows(
        """
        SELECT c.id, c.answered_at FROM calls_call c LEFT JOIN clients_client k ON k.id = c.client_id
        WHERE k.recording_days IS DISTINCT FROM 0 AND c.answered_at IS NOT NULL
          AND c.phase = 'ended' AND c.ended_at < %(settled)s
          AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
          AND EXISTS (SELECT 1 FROM ledger_transition t
                      WHERE t.call_id = c.id AND t.subject = 'call' AND t.new = 'talking')
          AND NOT EXISTS (SELECT 1 FROM calls_recording r WHERE r.call_id = c.id
                          AND (r.stage <> 'missing' OR r.missing_reason <> ''))
        """,
        since,
        until,
    )
    for call_id, at in found:
        yield Violation("answered_calls_are_recorded", "no recording and no reason", str(call_id), at=at)


def recordings_are_finished(since: datetime, until: datetime) -> Iterator[Violation]:
    """Ten minutes after the call no recording is still being made or stored."""
    found = rows(
        """
        SELECT c.id, r.id, r.stage, c.ended_at FROM calls_recording r JOIN calls_call c ON c.id = r.call_id
        WHERE r.stage IN ('requested', 'running', 'ended') AND c.ended_at < %(settled)s - interval '10 min'
          AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
        """,
        since,
        until,
    )
    for call_id, recording_id, stage, at in found:
        words = f"a recording is {stage} long after the call"
        yield Violation("recordings_are_finished", words, str(call_id), (str(recording_id),), at)
