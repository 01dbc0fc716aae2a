"""A line is called dead on evidence only: who never answered a question is not dead for being silent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.domain.trunks.health import GRACE, Evidence, Health, dead_since, judge

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=10)
JUST_NOW = NOW - GRACE / 2


def said(before: Health = Health.WORKS, **facts: Any) -> Health:
    return judge(Evidence(**facts), NOW, before=before)


def test_a_registration_that_does_not_hold_is_dead_whatever_else_is_seen() -> None:
    gone: dict[str, Any] = {"registered": False, "registered_since": LONG_AGO}
    assert said(**gone) is Health.DEAD
    assert said(**gone, answers=True, heard_at=NOW) is Health.DEAD
    assert dead_since(Evidence(**gone)) == LONG_AGO


def test_a_registered_line_that_never_answers_a_question_works() -> None:
    assert said(Health.UNKNOWN, registered=True, answers=False, answers_since=LONG_AGO) is Health.WORKS


def test_a_line_that_never_answered_is_not_dead_for_its_silence() -> None:
    silent: dict[str, Any] = {"answers": False, "answers_since": LONG_AGO}
    assert said(Health.UNKNOWN, **silent) is Health.UNKNOWN
    assert said(Health.UNKNOWN, **silent, heard_at=LONG_AGO) is Health.WORKS


def test_a_line_that_used_to_answer_is_dead_unless_a_call_proves_it() -> None:
    silent: dict[str, Any] = {"answers": False, "answers_since": LONG_AGO, "has_answered": True}
    assert said(**silent) is Health.DEAD
    assert said(**silent, heard_at=LONG_AGO - timedelta(minutes=1)) is Health.DEAD
    assert said(**silent, heard_at=LONG_AGO + timedelta(minutes=1)) is Health.WORKS


def test_calls_that_met_only_silence_speak_against_a_line_that_nothing_speaks_for() -> None:
    in_vain: dict[str, Any] = {"in_vain_since": LONG_AGO, "heard_at": LONG_AGO - timedelta(minutes=1)}
    assert said(**in_vain, answers=False, answers_since=LONG_AGO) is Health.DEAD
    assert said(**in_vain, answers=True) is Health.WORKS
    assert said(**in_vain, registered=True) is Health.WORKS


def test_where_the_network_says_that_nobody_is_there_nobody_is() -> None:
    assert said(nobody_there=True, answers=False, answers_since=LONG_AGO) is Health.DEAD
    assert said(nobody_there=True, answers=True) is Health.WORKS


@pytest.mark.parametrize("before", list(Health))
def test_young_evidence_changes_nothing(before: Health) -> None:
    assert said(before, registered=False, registered_since=JUST_NOW) is before
    assert said(before, answers=False, answers_since=JUST_NOW, has_answered=True) is before


@given(
    answers=st.sampled_from([None, False]),
    registered=st.sampled_from([None, True]),
    heard_at=st.sampled_from([None, LONG_AGO, NOW]),
    before=st.sampled_from(list(Health)),
)
def test_no_silence_alone_ever_makes_a_line_dead(
    answers: bool | None, registered: bool | None, heard_at: datetime | None, before: Health
) -> None:
    seen = Evidence(
        answers=answers,
        answers_since=LONG_AGO,
        registered=registered,
        registered_since=LONG_AGO,
        heard_at=heard_at,
    )
    assert judge(seen, NOW, before=before) is not Health.DEAD
