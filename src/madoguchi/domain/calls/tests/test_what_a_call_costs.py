"""A whole answered call asks the database at most fifty times: a busy floor has forty calls a second."""

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
from madoguchi.kit.clock import now
from madoguchi.science.routing import choose

pytestmark = [pytest.mark.action, pytest.mark.django_db]

MOST = {
    "arrive": 10,
    "key": 6,
    "match": 2,
    "offer": 5,
    "ring": 3,
    "answer": 8,
    "hang_up": 5,
    "line_ends": 3,
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


def test_no_step_asks_more_than_its_share(centre: Centre) -> None:
    hearing.leg_ended(centre.waiting("in-0").pk, "in-0", cause=16)
    counts: Counter[str] = Counter()
    with counting(counts, "arrive"):
        call = centre.arrive()
    with counting(counts, "key"):
        hearing.key_heard(call.pk, "in-1", "1")
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
        hearing.leg_ended(call.pk, "in-1", cause=16)
    with counting(counts, "line_ends"):
        hearing.leg_ended(call.pk, rung.leg_id, cause=16)
    row = WrapUp.objects.select_related("agent").get()
    with counting(counts, "end_wrap_up"):
        end_wrap_up(row.pk, acting_user=row.agent.account_id)
    assert {step: count for step, count in counts.items() if count > MOST[step]} == {}
    assert counts.total() <= 50
