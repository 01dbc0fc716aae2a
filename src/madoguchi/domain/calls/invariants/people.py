"""What people do, and that it is one thing at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from madoguchi.domain.calls.invariants.asking import rows
from madoguchi.domain.ledger.violations import Violation


def people_do_one_thing(since: datetime, until: datetime) -> Iterator[Violation]:
    """Nobody talks in two calls at once: answered legs of a person do not overlap (a second is forgiven)."""
    found = rows(
        """
        SELECT * FROM (
            SELECT l.agent_id, l.call_id, l.id, l.answered_at,
                   lag(l.id) OVER w, lag(COALESCE(l.gone_at, 'infinity')) OVER w AS before_gone
            FROM calls_leg l WHERE l.agent_id IS NOT NULL AND l.answered_at IS NOT NULL
              AND l.answered_at < %(until)s AND COALESCE(l.gone_at, 'infinity') >= %(since)s
            WINDOW w AS (PARTITION BY l.agent_id ORDER BY l.answered_at, l.id)
        ) spoken WHERE before_gone > answered_at + interval '1 s'
        """,
        since,
        until,
    )
    for agent_id, call_id, leg_id, at, before, _gone in found:
        words = f"agent {agent_id} talks in two calls at once"
        yield Violation("people_do_one_thing", words, str(call_id), (before, leg_id), at)


def activities_have_their_call(since: datetime, until: datetime) -> Iterator[Violation]:
    """Nobody rings, talks or holds for a call that has ended or that somebody else has (pains 1)."""
    found = rows(
        """
        SELECT a.id, a.activity, a.activity_call_id, a.activity_since FROM agents_agent a
        LEFT JOIN calls_call c ON c.id = a.activity_call_id
        WHERE a.activity IN ('ringing', 'dialling', 'talking', 'holding') AND a.activity_since < %(settled)s
          AND (c.id IS NULL OR c.phase = 'ended'
               OR (a.activity IN ('talking', 'holding') AND c.agent_id IS DISTINCT FROM a.id
                   AND NOT EXISTS (SELECT 1 FROM calls_consult n WHERE n.call_id = c.id
                                   AND n.to_agent_id = a.id AND n.stage IN ('ringing', 'talking'))))
        """,
        since,
        until,
    )
    for agent_id, activity, call_id, at in found:
        words = f"agent {agent_id} is {activity} in a call that is over or not theirs"
        yield Violation("activities_have_their_call", words, str(call_id), at=at)
