"""A whole answered call goes to the database at most 35 times: a busy floor has forty calls a second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from madoguchi.domain.calls import floor_plan
from madoguchi.domain.calls.actions import end_wrap_up, hearing, offer
from madoguchi.domain.calls.models import WrapUp
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.ledger import kept
from madoguchi.kit.clock import now
from madoguchi.science.routing import choose

pytestmark = [pytest.mark.action, pytest.mark.django_db]

MOST = {
    "arrive": 5,
    "key": 3,
    "match": 2,
    "offer": 5,
    "ring": 2,
    "answer": 4,
    "hang_up": 4,
    "line_ends": 2,
    "end_wrap_up": 8,
}
"""Statements of each step, of the nothing-in-between kind: savepoints of the test are not counted."""


@contextmanager
def counting(counts: Counter[str], step: str) -> Iterator[None]:
    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        counts[step] += "SAVEPOINT" not in sql
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        yield


def one_call(centre: Centre, counts: Counter[str], leg_id: str) -> None:
    """From the first ring to the end of the wrap-up, as control hears and does it."""
    with counting(counts, "arrive"):
        call = centre.arrive(leg_id)
    with counting(counts, "key"):
        hearing.key_heard(call.pk, leg_id, "1")
    with counting(counts, "match"):
        plan = floor_plan.read()
    (pair,) = choose.choose(now(), plan.visits, plan.agents).pairs
    with counting(counts, "offer"):
        offer(pair.visit.id, pair.agent_ids)
    rung = call.offers.get()
    with counting(counts, "ring"):
        hearing.leg_rang(call.pk, rung.leg_id)
    with counting(counts, "answer"):
        hearing.leg_answered(call.pk, rung.leg_id)
    with counting(counts, "hang_up"):
        hearing.leg_ended(call.pk, leg_id, cause=16)
    with counting(counts, "line_ends"):
        hearing.leg_ended(call.pk, rung.leg_id, cause=16)
    row = WrapUp.objects.select_related("agent").get(call=call)
    with counting(counts, "end_wrap_up"):
        end_wrap_up(row.pk, acting_user=row.agent.account_id)


def test_no_step_asks_more_than_its_share(centre: Centre) -> None:
    kept.keep_from_now_on()
    try:
        # The first call prepares the connection, and reads what is kept.
        one_call(centre, Counter(), "in-0")
        counts: Counter[str] = Counter()
        one_call(centre, counts, "in-1")
    finally:
        kept.keep_nothing()
    assert {step: count for step, count in counts.items() if count > MOST[step]} == {}
    assert counts.total() <= 35
