"""The floor of this moment: callers in the order of service, people by need, what asks for a decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import QueueVisit
from madoguchi.domain.calls.queries.floor import attention, people_now, queues_now
from madoguchi.domain.calls.tests.a_day import Centre, seconds
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.ledger.actions import write
from madoguchi.kit.ids import new_id

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def centre() -> Centre:
    return Centre(NOW)


def test_callers_stand_in_the_order_in_which_they_are_served(centre: Centre) -> None:
    second, first = centre.waiting(30), centre.waiting(90)
    urgent = centre.waiting(10)
    QueueVisit.objects.filter(pk=urgent.pk).update(priority=5)
    centre.ring(first, centre.agents[0], NOW - seconds(5), None, "open")
    repair, orders = queues_now(NOW)
    assert [caller.call.pk for caller in repair.callers] == [urgent.call_id, first.call_id, second.call_id]
    assert repair.callers[1].rings_at == ("佐藤 恵",)
    assert repair.longest_since == first.enqueued_at
    assert (orders.count, orders.longest_since) == (0, None)


def test_who_is_free_and_who_is_on_duty_is_counted_per_queue(centre: Centre) -> None:
    agents = centre.agents
    centre.talking(60, None, agents[1])
    Agent.objects.filter(pk=agents[3].pk).update(presence="break")
    Agent.objects.filter(pk=agents[5].pk).update(presence="gone_home")
    Agent.objects.filter(pk=agents[7].pk).update(cooling_off_until=NOW + seconds(5))
    orders = next(each for each in queues_now(NOW) if each.queue == centre.orders)
    assert (orders.free, orders.on_duty) == (1, 4)
    later = next(each for each in queues_now(NOW + seconds(6)) if each.queue == centre.orders)
    assert later.free == 2


def test_whoever_needs_a_look_stands_first(centre: Centre) -> None:
    agents = centre.agents
    talk = centre.talking(300, centre.customers[0], agents[0])
    hold = centre.talking(200, centre.customers[1], agents[1])
    write(centre.does(agents[1], hold, ("holding", NOW - seconds(100))))
    Agent.objects.filter(pk=agents[2].pk).update(phone_reachable=False)
    Agent.objects.filter(pk=agents[3].pk).update(presence="day_off", phone_reachable=False)
    Agent.objects.filter(pk=agents[4].pk).update(presence="meeting")
    people = people_now(NOW)
    order = [person.agent for person in people]
    assert order[:3] == [agents[2], agents[1], agents[0]]
    assert order[-2:] == [agents[4], agents[3]]
    assert people[0].needs == ("phone_unreachable",)
    assert people[2].call == talk
    assert people[2].since == NOW - seconds(300)


def test_reading_the_floor_takes_few_statements_however_many_wait(centre: Centre) -> None:
    for number in range(5):
        centre.waiting(number)
    with CaptureQueriesContext(connection) as statements:
        queues_now(NOW)
        people_now(NOW)
        attention(NOW)
    assert len(statements) <= 14


def test_what_asks_for_a_decision_is_listed_once(centre: Centre) -> None:
    client = centre.client.pk
    lost = cases.promise_for_lost_call(
        new_id(), client_id=client, contact_id=None, customer_id=None, number="", at=NOW - timedelta(hours=2)
    )
    promises = [
        cases.make_promise(
            kind="call_back",
            customer_id=None,
            client_id=client,
            contact_id=None,
            call_id=None,
            due_at=NOW + seconds(offset),
            number="+819012345678",
            acting_user=None,
        )
        for offset in (-60, 60)
    ]
    cases.mark_overdue(NOW)
    call = centre.answered(NOW - seconds(900), None, centre.agents[0])
    call.recordings.update(stage="missing", missing_reason="no sound")
    found = attention(NOW)
    assert [found.lost_calls, found.broken, found.call_backs] == [[lost], [promises[0]], [promises[1]]]
    assert [each.call for each in found.missing_recordings] == [call]
    assert found.count == 4
    assert attention(NOW + timedelta(days=8)).missing_recordings == []
