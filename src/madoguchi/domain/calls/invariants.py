"""What must be true of the calls of any period, however many processes died meanwhile: `madoguchi verify`.

Each check is a question to the database whose right answer is "nobody". A violation names the rule and the
rows, and is never repaired here: repairing would hide what broke it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from madoguchi.kit.clock import now

SETTLED_S = 30
"""Calls and legs that changed later than so long ago may still be under way, and are left out where said."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, with the rows that break it."""

    rule: str
    """Name of the check; stable."""
    words: str
    call_id: str = ""
    ids: tuple[str, ...] = ()
    at: datetime | None = None

    def __str__(self) -> str:
        rows = " ".join(self.ids)
        return f"{self.rule}: {self.words}" + (f" [call {self.call_id}]" if self.call_id else "") + f" {rows}"


Check = Callable[[datetime, datetime], Iterator[Violation]]


def violations(since: datetime, until: datetime) -> Iterator[Violation]:
    """Every violation among what happened from `since` up to, but not including, `until`."""
    for check in CHECKS:
        yield from check(since, until)


def arrivals_are_outcomes(since: datetime, until: datetime) -> Iterator[Violation]:
    """Per number, client and half hour: arrivals = calls with an outcome + calls that live.

    Counted apart, from the ledger's arrivals on the one side and from the calls on the other: a call without
    its first transition, or a transition without its call, shows here.
    """
    rows = _rows(
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
    for words, call_id, at in rows:
        yield Violation("arrivals_are_outcomes", words, str(call_id), at=at)


def one_outcome(since: datetime, until: datetime) -> Iterator[Violation]:
    """An ended call ended once, with an outcome that fits its direction, and its answer somebody gave."""
    rows = _rows(
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
    for call_id, at, outcome, direction, answered, nobody, endings in rows:
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
    rows = _rows(
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
    for call_id, at, words in rows:
        yield Violation("living_calls_have_legs", words, str(call_id), at=at)


def nothing_stays_open(since: datetime, until: datetime) -> Iterator[Violation]:
    """With the call end its stay in a queue, its rings and its consultations."""
    rows = _rows(
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
    for call_id, kind, row_id, at in rows:
        words = f"has ended, and a {kind} is still open"
        yield Violation("nothing_stays_open", words, str(call_id), (row_id,), at)


def legs_inside_their_call(since: datetime, until: datetime) -> Iterator[Violation]:
    """A leg begins not before its call, is answered within itself, and is gone soon after the call's end."""
    rows = _rows(
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
               OR (c.ended_at IS NOT NULL AND l.gone_at > c.ended_at + interval '30 s'))
        """,
        since,
        until,
    )
    for call_id, leg_id, at, words in rows:
        yield Violation("legs_inside_their_call", f"a leg {words}", str(call_id), (leg_id,), at)


def answered_calls_are_recorded(since: datetime, until: datetime) -> Iterator[Violation]:
    """Each answered call that has ended, of a client that records, has its recording or a reason why not."""
    rows = _rows(
        """
        SELECT c.id, c.answered_at FROM calls_call c LEFT JOIN clients_client k ON k.id = c.client_id
        WHERE k.recording_days IS DISTINCT FROM 0 AND c.answered_at IS NOT NULL
          AND c.phase = 'ended' AND c.ended_at < %(settled)s
          AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
          AND NOT EXISTS (SELECT 1 FROM calls_recording r WHERE r.call_id = c.id
                          AND (r.stage <> 'missing' OR r.missing_reason <> ''))
        """,
        since,
        until,
    )
    for call_id, at in rows:
        yield Violation("answered_calls_are_recorded", "no recording and no reason", str(call_id), at=at)


def recordings_are_finished(since: datetime, until: datetime) -> Iterator[Violation]:
    """Ten minutes after the call no recording is still being made or stored."""
    rows = _rows(
        """
        SELECT c.id, r.id, r.stage, c.ended_at FROM calls_recording r JOIN calls_call c ON c.id = r.call_id
        WHERE r.stage IN ('requested', 'running', 'ended') AND c.ended_at < %(settled)s - interval '10 min'
          AND c.arrived_at >= %(since)s AND c.arrived_at < %(until)s
        """,
        since,
        until,
    )
    for call_id, recording_id, stage, at in rows:
        words = f"a recording is {stage} long after the call"
        yield Violation("recordings_are_finished", words, str(call_id), (str(recording_id),), at)


def people_do_one_thing(since: datetime, until: datetime) -> Iterator[Violation]:
    """Nobody talks in two calls at once: answered legs of a person do not overlap (a second is forgiven)."""
    rows = _rows(
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
    for agent_id, call_id, leg_id, at, before, _gone in rows:
        words = f"agent {agent_id} talks in two calls at once"
        yield Violation("people_do_one_thing", words, str(call_id), (before, leg_id), at)


def one_offer_at_a_time(since: datetime, until: datetime) -> Iterator[Violation]:
    """No person is rung for two calls at once, and no call at two people unless its queue rings all."""
    for column, other, words in (
        ("agent_id", "", "a person is rung twice at once"),
        ("call_id", "AND NOT o.ring_all AND NOT p.ring_all", "a call rings at two people at once"),
    ):
        rows = _rows(
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
        for call_id, offer_id, before, at in rows:
            yield Violation("one_offer_at_a_time", words, str(call_id), (str(before), str(offer_id)), at)


def rung_only_while_the_caller_is_there(since: datetime, until: datetime) -> Iterator[Violation]:
    """No offer begins after its call ended, and none outlives it."""
    rows = _rows(
        """
        SELECT c.id, o.id, o.offered_at FROM calls_offer o JOIN calls_call c ON c.id = o.call_id
        WHERE o.offered_at >= %(since)s AND o.offered_at < %(until)s AND c.ended_at IS NOT NULL
          AND (o.offered_at > c.ended_at OR COALESCE(o.ended_at, 'infinity') > c.ended_at + interval '1 s')
        """,
        since,
        until,
    )
    for call_id, offer_id, at in rows:
        words = "somebody is rung for a caller who has left"
        yield Violation("rung_only_while_the_caller_is_there", words, str(call_id), (str(offer_id),), at)


def served_in_order(since: datetime, until: datetime) -> Iterator[Violation]:
    """In one queue, of equal priority, who came first is answered first.

    A later caller may be answered earlier only where the earlier one rang, or could not be given to that
    person: they had an offer open when the later one was offered, wait for a named person, had been tried
    at the same person already, or were put back after their first ring. Only rings at one person are
    compared: where all ring, the fastest hand decides.
    """
    rows = _rows(
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
    for call_id, earlier, later, at in rows:
        words = "passed over: a later caller of the queue rang at somebody first (visits)"
        yield Violation("served_in_order", words, str(call_id), (str(earlier), str(later)), at)


def transitions_chain(since: datetime, until: datetime) -> Iterator[Violation]:
    """Each step begins where the one before it of the same subject ended."""
    rows = _rows(
        """
        SELECT * FROM (
            SELECT t.id, t.subject, t.subject_id, t.call_id, t.at, t.old,
                   lag(t.new) OVER (PARTITION BY t.subject, t.subject_id ORDER BY t.id) AS before
            -- A refused command is an event of its own; one call may have several.
            FROM ledger_transition t WHERE t.at < %(until)s AND t.subject <> 'command'
              AND (t.subject, t.subject_id) IN (SELECT s.subject, s.subject_id FROM ledger_transition s
                                                WHERE s.at >= %(since)s AND s.at < %(until)s)
        ) chain WHERE at >= %(since)s AND before IS NOT NULL AND before <> old
        """,
        since,
        until,
    )
    for step_id, subject, subject_id, call_id, at, old, before in rows:
        words = f"{subject} {subject_id} steps from {old or 'nothing'}, but was {before}"
        yield Violation("transitions_chain", words, str(call_id or ""), (str(step_id),), at)


def phases_are_the_last_step(since: datetime, until: datetime) -> Iterator[Violation]:
    """A call's phase and a person's activity are what their last transition says."""
    rows = _rows(
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
    for call_id, subject, stands, told in rows:
        yield Violation("phases_are_the_last_step", f"{subject} is {stands}, the ledger says {told}", call_id)


def activities_have_their_call(since: datetime, until: datetime) -> Iterator[Violation]:
    """Nobody rings, talks or holds for a call that has ended or that somebody else has (pains 1)."""
    rows = _rows(
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
    for agent_id, activity, call_id, at in rows:
        words = f"agent {agent_id} is {activity} in a call that is over or not theirs"
        yield Violation("activities_have_their_call", words, str(call_id), at=at)


def lost_callers_are_called_back(since: datetime, until: datetime) -> Iterator[Violation]:
    """Each caller whom a fault cut off while waiting or talking has exactly one call back to make."""
    rows = _rows(
        """
        SELECT t.call_id, t.at FROM ledger_transition t
        WHERE t.subject = 'call' AND t.new = 'ended' AND COALESCE(t.cause ->> 'fault', '') <> ''
          AND t.old NOT IN ('closing', 'dialling') AND t.at >= %(since)s AND t.at < %(until)s
          AND NOT EXISTS (SELECT 1 FROM cases_promise p
                          WHERE p.call_id = t.call_id AND p.origin = 'lost_call')
        """,
        since,
        until,
    )
    for call_id, at in rows:
        words = "cut off by a fault, and nobody is to call back"
        yield Violation("lost_callers_are_called_back", words, str(call_id), at=at)


CHECKS: tuple[Check, ...] = (
    arrivals_are_outcomes,
    one_outcome,
    living_calls_have_legs,
    nothing_stays_open,
    legs_inside_their_call,
    answered_calls_are_recorded,
    recordings_are_finished,
    people_do_one_thing,
    one_offer_at_a_time,
    rung_only_while_the_caller_is_there,
    served_in_order,
    transitions_chain,
    phases_are_the_last_step,
    activities_have_their_call,
    lost_callers_are_called_back,
)


def _rows(query: str, since: datetime, until: datetime) -> list[tuple[Any, ...]]:
    settled = now() - timedelta(seconds=SETTLED_S)
    with connection.cursor() as cursor:
        cursor.execute(query, {"since": since, "until": until, "settled": settled})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
