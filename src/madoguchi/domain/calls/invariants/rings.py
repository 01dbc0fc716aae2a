"""Who is rung, when, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from madoguchi.domain.calls.invariants.asking import rows
from madoguchi.domain.ledger.violations import Violation


def one_offer_at_a_time(since: datetime, until: datetime) -> Iterator[Violation]:
    """No person is rung for two calls at once, and no call at two people unless its queue rings all."""
    for column, other, words in (
        ("agent_id", "", "a person is rung twice at once"),
        ("call_id", "AND NOT o.ring_all AND NOT p.ring_all", "a call rings at two people at once"),
    ):
        found = rows(
            f"""
            SELECT o.call_id, o.id, p.id, o.offered_at FROM calls_offer o
            JOIN calls_offer p ON p.{column} = o.{column} AND p.id <> o.id {other}
              AND (p.offered_at, p.id) < (o.offered_at, o.id)
              AND COALESCE(p.ended_at, 'infinity') > o.offered_at + interval '50 ms'
              AND p.offered_at > o.offered_at - interval '1 h'
            WHERE o.offered_at >= %(since)s AND o.offered_at < %(until)s
            """,
            since,
            until,
        )
        for call_id, offer_id, before, at in found:
            yield Violation("one_offer_at_a_time", words, str(call_id), (str(before), str(offer_id)), at)


def dialled_once(since: datetime, until: datetime) -> Iterator[Violation]:
    """No leg is dialled twice: a repeated dial rings again at somebody who has just put the phone down."""
    found = rows(
        """
        SELECT m.call_id, m.fields ->> 'leg_id', min(m.issued_at), count(*)
        FROM switchboard_command m JOIN calls_call c ON c.id = m.call_id
        WHERE m.kind = 'Dial' AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
        GROUP BY m.call_id, m.fields ->> 'leg_id' HAVING count(*) > 1
        """,
        since,
        until,
    )
    for call_id, leg_id, at, times in found:
        yield Violation("dialled_once", f"a leg was dialled {times} times", str(call_id), (leg_id,), at)


def rung_only_while_the_caller_is_there(since: datetime, until: datetime) -> Iterator[Violation]:
    """No offer begins after its call ended, and none outlives it.

    Besides the moments, the order of writing is asked: steps of one call are numbered while it is locked,
    so an offer with a later number than the end was made although the end stood in the database.
    """
    found = rows(
        """
        SELECT c.id, o.id, o.offered_at, 'somebody is rung for a caller who has left'
        FROM calls_offer o JOIN calls_call c ON c.id = o.call_id
        WHERE o.offered_at >= %(since)s AND o.offered_at < %(until)s AND c.ended_at IS NOT NULL
          AND (o.offered_at > c.ended_at OR COALESCE(o.ended_at, 'infinity') > c.ended_at + interval '1 s')
        UNION ALL
        SELECT o.call_id, o.id, o.offered_at, 'the ring was written down after the end of its call'
        FROM calls_offer o
        JOIN ledger_transition made ON made.call_id = o.call_id AND made.subject = 'offer'
          AND made.subject_id = o.id::text AND made.old = ''
        JOIN ledger_transition ended ON ended.call_id = o.call_id AND ended.subject = 'call'
          AND ended.new = 'ended' AND ended.id < made.id
        WHERE o.offered_at >= %(since)s AND o.offered_at < %(until)s
        """,
        since,
        until,
    )
    for call_id, offer_id, at, words in found:
        yield Violation("rung_only_while_the_caller_is_there", words, str(call_id), (str(offer_id),), at)


def served_in_order(since: datetime, until: datetime) -> Iterator[Violation]:
    """In one queue, of equal priority, who came first is answered first.

    A later caller may be answered earlier only where the earlier one rang, or could not be given to that
    person: they had an offer open when the later one was offered, wait for a named person, had been tried
    at the same person already, or were put back after their first ring. Only rings at one person are
    compared: where all ring, the fastest hand decides.
    """
    found = rows(
        """
        SELECT a.call_id, a.id, b.id, o.offered_at FROM calls_offer o
        JOIN calls_queuevisit b ON b.id = o.visit_id
        JOIN calls_queuevisit a ON a.queue_id = b.queue_id AND a.priority = b.priority AND a.id <> b.id
          AND a.enqueued_at < b.enqueued_at - interval '50 ms'
          AND COALESCE(a.left_at, 'infinity') > o.offered_at + interval '1 s'
        JOIN ledger_transition e ON e.subject = 'visit' AND e.subject_id = a.id::text AND e.old = ''
          AND e.at < o.offered_at - interval '1 s'
        WHERE o.offered_at >= %(since)s AND o.offered_at < %(until)s AND NOT o.ring_all
          AND (a.named_agent_id IS NULL OR a.named_until < o.offered_at)
          AND (b.named_agent_id IS NULL)
          AND NOT EXISTS (SELECT 1 FROM calls_offer r WHERE r.call_id = a.call_id
                          AND r.offered_at <= o.offered_at + interval '1 s'
                          AND COALESCE(r.ended_at, 'infinity') >= o.offered_at - interval '1 s')
          AND NOT EXISTS (SELECT 1 FROM calls_offer r WHERE r.visit_id = a.id AND r.agent_id = o.agent_id
                          AND r.offered_at < o.offered_at)
          AND COALESCE((a.tried ->> o.agent_id::text)::timestamptz, 'infinity') > o.offered_at
        """,
        since,
        until,
    )
    for call_id, earlier, later, at in found:
        words = "passed over: a later caller of the queue rang at somebody first (visits)"
        yield Violation("served_in_order", words, str(call_id), (str(earlier), str(later)), at)
