"""Each rule of `verify` names what it is for: a lie planted in a true day, past every constraint, is found.

The lies are told in SQL, as a bug in the actions or a hand in the database would tell them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.domain.calls import invariants
from madoguchi.domain.calls.models import Call, Offer
from madoguchi.domain.calls.tests.a_day import Centre, seconds
from madoguchi.domain.ledger.tests.lies import Lie, plant

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


ENDED = "ALTER TABLE calls_call DROP CONSTRAINT ended_call_has_one_outcome"
ONE_RING = "DROP INDEX one_open_offer_an_agent; DROP INDEX one_open_offer_a_call"
WITH_CALL = "ALTER TABLE agents_agent DROP CONSTRAINT activity_has_its_call"
ONE_CALL_BACK = "DROP INDEX one_call_back_a_lost_call"

STEP = (
    "INSERT INTO ledger_transition (subject, subject_id, old, new, event, at, cause, call_id) VALUES "
    "('{subject}', '{id}', '{old}', '{new}', 'lie', %(at)s, '{cause}', {call})"
)
PROMISE = (
    "INSERT INTO cases_promise (kind, origin, call_id, client_id, what, made_at, due_at, number,"
    " number_repeated, wished_hours, message, stage, tries) SELECT 'call_back', 'lost_call', %(call)s,"
    " client_id, '', %(at)s, %(at)s, '', false, '', '', 'open', 0 FROM calls_call WHERE id = %(call)s"
)
CUT_OFF = (
    """UPDATE ledger_transition SET cause = '{"fault": "the switch stopped"}'"""
    " WHERE subject = 'call' AND call_id = %(call)s AND new = 'ended'"
)
OFFER = (
    "INSERT INTO calls_offer (id, call_id, visit_id, agent_id, purpose, ring_all, leg_id, stage, offered_at,"
    " rings_until, ended_at) SELECT gen_random_uuid(), {call}, NULL, {agent}, 'queue', false,"
    " 'lie-' || gen_random_uuid(), '{stage}', o.offered_at + interval '{later}', o.rings_until, {ended}"
    " FROM calls_offer o WHERE o.call_id = %(call)s"
)
DIAL = (
    "INSERT INTO switchboard_command (node, call_id, kind, fields, stage, issued_at, expires_at, reason)"
    " SELECT 'node-1', %(call)s, 'Dial', '{\"leg_id\": \"o-1\"}', 'done', %(at)s, %(at)s, ''"
    " FROM generate_series(1, 2)"
)

LIES = (
    Lie(
        "arrivals_are_outcomes",
        "no living call is counted",
        STEP.format(
            subject="call",
            id="00000000-0000-0000-0000-00000000dead",
            old="",
            new="arrived",
            cause="{}",
            call="'00000000-0000-0000-0000-00000000dead'",
        ),
    ),
    Lie(
        "arrivals_are_outcomes",
        "no living call is counted",
        "UPDATE calls_call SET outcome = '' WHERE id = %(call)s",
        ENDED,
    ),
    Lie(
        "arrivals_are_outcomes",
        "no living call is counted",
        "UPDATE calls_call SET outcome = 'answered' WHERE id = %(living)s",
        ENDED,
    ),
    Lie(
        "arrivals_are_outcomes",
        "never arrived",
        "DELETE FROM ledger_transition WHERE subject = 'call' AND call_id = %(call)s AND old = ''",
    ),
    Lie(
        "one_outcome",
        "ended 0 times",
        "DELETE FROM ledger_transition WHERE subject = 'call' AND call_id = %(call)s AND new = 'ended'",
    ),
    Lie(
        "one_outcome",
        "ended 2 times",
        STEP.replace("'{id}'", "%(call)s::text").format(
            subject="call", old="ended", new="ended", cause="{}", call="%(call)s"
        ),
    ),
    Lie("one_outcome", "nobody is written down", "UPDATE calls_call SET agent_id = NULL WHERE id = %(call)s"),
    Lie("one_outcome", "of an inbound call", "UPDATE calls_call SET outcome = 'reached' WHERE id = %(call)s"),
    Lie(
        "one_outcome",
        "answered True",
        "UPDATE calls_call SET outcome = 'queue_abandon' WHERE id = %(call)s",
    ),
    Lie("one_outcome", "is no outcome", "UPDATE calls_call SET outcome = 'vanished' WHERE id = %(call)s"),
    Lie(
        "living_calls_have_legs",
        "without a customer's leg",
        "UPDATE calls_leg SET gone_at = %(at)s WHERE call_id = %(living)s AND role = 'customer'",
    ),
    Lie(
        "living_calls_have_legs",
        "a leg lives",
        "UPDATE calls_leg SET gone_at = NULL WHERE call_id = %(call)s AND role = 'operator'",
    ),
    Lie(
        "nothing_stays_open",
        "a queue visit is still open",
        "UPDATE calls_queuevisit SET left_at = NULL WHERE call_id = %(call)s",
    ),
    Lie(
        "nothing_stays_open",
        "a offer is still open",
        "UPDATE calls_offer SET stage = 'open' WHERE call_id = %(call)s",
    ),
    Lie(
        "nothing_stays_open",
        "a consultation is still open",
        "INSERT INTO calls_consult (id, call_id, by_agent_id, to_number, leg_id, stage, began_at)"
        " SELECT gen_random_uuid(), id, agent_id, '', 'lie', 'ringing', arrived_at FROM calls_call"
        " WHERE id = %(call)s",
    ),
    Lie(
        "legs_inside_their_call",
        "begins before its call",
        "UPDATE calls_leg SET began_at = began_at - interval '1 min' WHERE call_id = %(call)s"
        " AND role = 'customer'",
    ),
    Lie(
        "legs_inside_their_call",
        "in the wrong order",
        "UPDATE calls_leg SET answered_at = began_at - interval '1 ms' WHERE call_id = %(call)s"
        " AND role = 'customer'",
    ),
    Lie(
        "legs_inside_their_call",
        "in the wrong order",
        "UPDATE calls_leg SET gone_at = answered_at - interval '1 ms' WHERE call_id = %(call)s"
        " AND role = 'operator'",
    ),
    Lie(
        "legs_inside_their_call",
        "longer than its call",
        "UPDATE calls_leg SET gone_at = gone_at + interval '31 s' WHERE call_id = %(call)s"
        " AND role = 'customer'",
    ),
    Lie(
        "answered_calls_are_recorded",
        "no recording",
        "DELETE FROM calls_recording WHERE call_id = %(call)s",
    ),
    Lie(
        "answered_calls_are_recorded",
        "no recording",
        "UPDATE calls_recording SET stage = 'missing', missing_reason = '' WHERE call_id = %(call)s",
    ),
    *(
        Lie(
            "recordings_are_finished",
            f"is {stage} long after",
            f"UPDATE calls_recording SET stage = '{stage}' WHERE call_id = %(call)s",
        )
        for stage in ("requested", "running", "ended")
    ),
    Lie(
        "people_do_one_thing",
        "talks in two calls",
        "UPDATE calls_leg SET agent_id = %(agent)s, answered_at = (SELECT answered_at FROM calls_call"
        " WHERE id = %(call)s) + interval '2 s' WHERE call_id = %(other)s AND role = 'operator'",
    ),
    Lie(
        "one_offer_at_a_time",
        "a person is rung twice",
        OFFER.format(
            call="%(other)s",
            agent="%(agent)s",
            stage="missed",
            later="1 s",
            ended="o.offered_at + interval '2 s'",
        ),
    ),
    Lie(
        "one_offer_at_a_time",
        "a call rings at two people",
        OFFER.format(
            call="%(call)s",
            agent="%(nobody)s",
            stage="missed",
            later="1 s",
            ended="o.offered_at + interval '2 s'",
        ),
    ),
    Lie(
        "one_offer_at_a_time",
        "a person is rung twice",
        "UPDATE calls_offer SET stage = 'open', ended_at = NULL, agent_id = %(agent)s",
        ONE_RING,
    ),
    Lie("dialled_once", "dialled 2 times", DIAL),
    Lie(
        "rung_only_while_the_caller_is_there",
        "for a caller who has left",
        "UPDATE calls_offer SET offered_at = (SELECT ended_at FROM calls_call WHERE id = %(call)s)"
        " + interval '1 ms' WHERE call_id = %(call)s",
    ),
    Lie(
        "rung_only_while_the_caller_is_there",
        "for a caller who has left",
        "UPDATE calls_offer SET ended_at = NULL WHERE call_id = %(call)s",
    ),
    Lie(
        "rung_only_while_the_caller_is_there",
        "written down after the end",
        "UPDATE ledger_transition SET id = id + 1000000 WHERE call_id = %(call)s AND subject = 'offer'"
        " AND old = ''",
    ),
    Lie(
        "served_in_order",
        "passed over",
        "UPDATE calls_queuevisit SET enqueued_at = %(at)s - interval '4 h' WHERE call_id = %(queued)s;"
        "UPDATE ledger_transition SET at = at - interval '4 h' WHERE call_id = %(queued)s",
    ),
    Lie(
        "transitions_chain",
        "but was",
        "UPDATE ledger_transition SET old = 'menu' WHERE call_id = %(call)s AND subject = 'call'"
        " AND new = 'talking'",
    ),
    Lie(
        "phases_are_the_last_step",
        "is holding, the ledger says talking",
        "UPDATE calls_call SET phase = 'holding' WHERE id = %(living)s",
    ),
    Lie(
        "phases_are_the_last_step",
        "is holding, the ledger says talking",
        "UPDATE agents_agent SET activity = 'holding' WHERE activity = 'talking'",
    ),
    Lie(
        "activities_have_their_call",
        "over or not theirs",
        "UPDATE agents_agent SET activity_call_id = %(call)s WHERE activity = 'talking'",
    ),
    Lie(
        "activities_have_their_call",
        "over or not theirs",
        "UPDATE agents_agent SET activity_call_id = NULL WHERE activity = 'talking'",
        WITH_CALL,
    ),
    Lie(
        "activities_have_their_call",
        "over or not theirs",
        "UPDATE calls_call SET agent_id = %(nobody)s WHERE id = %(living)s",
    ),
    Lie("lost_callers_are_called_back", "0 calls back are owed", CUT_OFF),
    Lie(
        "lost_callers_are_called_back",
        "2 calls back are owed",
        f"{CUT_OFF}; {PROMISE}; {PROMISE}",
        ONE_CALL_BACK,
    ),
)


@pytest.fixture
def centre() -> Centre:
    made = Centre(NOW)
    morning = NOW - timedelta(hours=3)
    made.answered(morning, made.customers[0], made.agents[0])
    made.answered(morning + seconds(30), made.customers[1], made.agents[1], wait_s=40)
    made.talking(60, made.customers[2], made.agents[2])
    made.waiting(40)
    return made


def _facts() -> dict[str, Any]:
    call, other = Call.objects.filter(outcome="answered").order_by("arrived_at")
    taken = Offer.objects.get(call=call)
    idle = Call.objects.get(phase="talking").agent_id
    return {
        "call": call.pk,
        "other": other.pk,
        "living": Call.objects.get(phase="talking").pk,
        "queued": Call.objects.get(phase="waiting").pk,
        "agent": taken.agent_id,
        "nobody": (idle or 0) + 3,
        "at": NOW - seconds(5),
    }


def _found() -> list[invariants.Violation]:
    return list(invariants.violations(NOW - timedelta(days=1), NOW + seconds(60)))


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_planted_lie_is_named_by_its_rule(centre: Centre, lie: Lie) -> None:
    assert _found() == []
    plant(lie, _facts())
    told = [one for one in _found() if one.rule == lie.rule]
    assert told, "nothing was found"
    assert any(lie.words in one.words for one in told), [one.words for one in told]


def test_no_rule_is_without_a_lie() -> None:
    assert {check.__name__ for check in invariants.CHECKS} == {lie.rule for lie in LIES}


def test_a_lost_caller_with_one_call_back_is_passed_over_in_silence(centre: Centre) -> None:
    plant(Lie("", "", f"{CUT_OFF}; {PROMISE}"), _facts())
    assert _found() == []


def test_a_cell_of_a_roster_that_the_machine_made_anew_in_between_is_no_broken_chain(centre: Centre) -> None:
    cell = {"subject": "shift", "id": "1:2:2026-11-22", "cause": "{}", "call": "NULL"}
    plant(Lie("", "", STEP.format(old="", new="3", **cell)), _facts())
    plant(Lie("", "", STEP.format(old="5", new="", **cell)), _facts())
    assert _found() == []
