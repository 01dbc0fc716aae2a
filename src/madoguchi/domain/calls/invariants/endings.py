"""How calls end: one outcome each, nothing left open, nobody forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from madoguchi.domain.calls.invariants.asking import rows
from madoguchi.domain.calls.states import Outcome
from madoguchi.domain.ledger.violations import Violation


def arrivals_are_outcomes(since: datetime, until: datetime) -> Iterator[Violation]:
    """Per number, client and half hour: arrivals = calls with an outcome + calls that live.

    Counted apart, from the ledger's arrivals on the one side and from the calls on the other: a call without
    its first transition, or a transition without its call, shows here.
    """
    found = rows(
        """
        WITH arrived AS (
            SELECT t.call_id, t.at, c.id AS call
            FROM ledger_transition t LEFT JOIN calls_call c ON c.id = t.call_id
            WHERE t.subject = 'call' AND t.old = '' AND t.at >= %(since)s AND t.at < %(until)s
              AND COALESCE(c.direction, 'inbound') = 'inbound'
        ), counted AS (
            SELECT c.id, c.arrived_at FROM calls_call c
            WHERE c.direction = 'inbound' AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
              AND (c.phase <> 'ended') = (c.outcome = '')
        )
        SELECT 'arrived, and no outcome and no living call is counted for it' AS words, a.call_id, a.at
        FROM arrived a LEFT JOIN calls_call c ON c.id = a.call_id
        WHERE c.id IS NULL OR (c.phase <> 'ended') <> (c.outcome = '')
        UNION ALL
        SELECT 'is counted, but never arrived', c.id, c.arrived_at FROM counted c
        WHERE NOT EXISTS (SELECT 1 FROM ledger_transition t
                          WHERE t.call_id = c.id AND t.subject = 'call' AND t.old = '')
        """,
        since,
        until,
    )
    for words, call_id, at in found:
        yield Violation("arrivals_are_outcomes", words, str(call_id), at=at)


def one_outcome(since: datetime, until: datetime) -> Iterator[Violation]:
    """An ended call ended once, with an outcome that fits its direction, and its answer somebody gave."""
    found = rows(
        """
        SELECT c.id, c.ended_at, c.outcome, c.direction, c.answered_at IS NOT NULL,
               c.agent_id IS NULL,
               (SELECT count(*) FROM ledger_transition t
                WHERE t.subject = 'call' AND t.subject_id = c.id::text AND t.new = 'ended')
        FROM calls_call c WHERE c.phase = 'ended' AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
        """,
        since,
        until,
    )
    for call_id, at, outcome, direction, answered, nobody, endings in found:
        if outcome not in Outcome.values:
            yield Violation("one_outcome", f"“{outcome}” is no outcome", str(call_id), at=at)
        if endings != 1:
            yield Violation("one_outcome", f"ended {endings} times", str(call_id), at=at)
        if answered and nobody:
            yield Violation("one_outcome", "answered, and nobody is written down for it", str(call_id), at=at)
        if (direction == "outbound") != (outcome in {"reached", "not_reached"}):
            yield Violation("one_outcome", f"outcome {outcome} of an {direction} call", str(call_id), at=at)
        elif answered != (outcome in {"answered", "reached"}):
            yield Violation("one_outcome", f"outcome {outcome}, answered {answered}", str(call_id), at=at)


def living_calls_have_legs(since: datetime, until: datetime) -> Iterator[Violation]:
    """A call under way has a customer's leg that lives, or is being dialled; an ended one has none."""
    found = rows(
        """
        SELECT c.id, c.phase_since, 'lives without a customer''s leg' FROM calls_call c
        WHERE c.phase NOT IN ('ended', 'dialling') AND c.phase_since < %(settled)s
          AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
          AND NOT EXISTS (SELECT 1 FROM calls_leg l
                          WHERE l.call_id = c.id AND l.role = 'customer' AND l.gone_at IS NULL)
        UNION ALL
        SELECT c.id, c.ended_at, 'has ended, and a leg lives' FROM calls_call c
        WHERE c.phase = 'ended' AND c.ended_at < %(settled)s
          AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
          AND EXISTS (SELECT 1 FROM calls_leg l WHERE l.call_id = c.id AND l.gone_at IS NULL)
        """,
        since,
        until,
    )
    for call_id, at, words in found:
        yield Violation("living_calls_have_legs", words, str(call_id), at=at)


def nothing_stays_open(since: datetime, until: datetime) -> Iterator[Violation]:
    """With the call end its stay in a queue, its rings and its consultations."""
    found = rows(
        """
        SELECT c.id, o.kind, o.id, c.ended_at FROM calls_call c CROSS JOIN LATERAL (
            SELECT 'queue visit' AS kind, v.id::text AS id FROM calls_queuevisit v
            WHERE v.call_id = c.id AND v.left_at IS NULL
            UNION ALL SELECT 'offer', f.id::text FROM calls_offer f
            WHERE f.call_id = c.id AND f.stage = 'open'
            UNION ALL SELECT 'consultation', n.id::text FROM calls_consult n
            WHERE n.call_id = c.id AND n.stage IN ('ringing', 'talking')
        ) o WHERE c.phase = 'ended' AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
        """,
        since,
        until,
    )
    for call_id, kind, row_id, at in found:
        words = f"has ended, and a {kind} is still open"
        yield Violation("nothing_stays_open", words, str(call_id), (row_id,), at)


def legs_inside_their_call(since: datetime, until: datetime) -> Iterator[Violation]:
    """A leg begins not before its call, is answered within itself, and is gone soon after the call's end.

    After an outage an end is heard of late, and the other lines were held until then.
    """
    found = rows(
        """
        SELECT c.id, l.id, l.began_at,
               CASE WHEN l.began_at < c.arrived_at - interval '1 s' THEN 'begins before its call'
                    WHEN l.answered_at < l.began_at OR l.gone_at < COALESCE(l.answered_at, l.began_at)
                        THEN 'has its moments in the wrong order'
                    ELSE 'lasts longer than its call' END
        FROM calls_leg l JOIN calls_call c ON c.id = l.call_id
        WHERE c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
          AND (l.began_at < c.arrived_at - interval '1 s' OR l.answered_at < l.began_at
               OR l.gone_at < COALESCE(l.answered_at, l.began_at)
               OR (l.gone_at > c.ended_at + interval '30 s' AND l.gone_at > interval '30 s' + COALESCE(
                   (SELECT max((t.cause ->> 'heard_at')::timestamptz) FROM ledger_transition t
                    WHERE t.call_id = c.id AND t.subject = 'call' AND t.new = 'ended'), c.ended_at)))
        """,
        since,
        until,
    )
    for call_id, leg_id, at, words in found:
        yield Violation("legs_inside_their_call", f"a leg {words}", str(call_id), (leg_id,), at)


def lost_callers_are_called_back(since: datetime, until: datetime) -> Iterator[Violation]:
    """Each caller whom a fault cut off while waiting or talking has exactly one call back to make."""
    found = rows(
        """
        SELECT t.call_id, t.at, owed.number FROM ledger_transition t
        CROSS JOIN LATERAL (SELECT count(*) AS number FROM cases_promise p
                            WHERE p.call_id = t.call_id AND p.origin = 'lost_call') owed
        WHERE t.subject = 'call' AND t.new = 'ended' AND COALESCE(t.cause ->> 'fault', '') <> ''
          AND t.old NOT IN ('closing', 'dialling') AND t.at >= %(since)s AND t.at < %(until)s
          AND owed.number <> 1
        """,
        since,
        until,
    )
    for call_id, at, number in found:
        words = f"cut off by a fault, and {number} calls back are owed for it, not one"
        yield Violation("lost_callers_are_called_back", words, str(call_id), at=at)
