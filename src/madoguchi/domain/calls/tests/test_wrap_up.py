"""Wrap-up is a state with an end: never cut by a call."""

from datetime import timedelta
from typing import Any

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls import floor_plan
from madoguchi.domain.calls.actions import (
    acknowledge,
    end_wrap_up,
    extend_wrap_up,
    hearing,
    offer,
)
from madoguchi.domain.calls.actions.wrapping import MOST_GRACES, wrap_up_fell_due
from madoguchi.domain.calls.errors import PointsUnread, WrapUpOver
from madoguchi.domain.calls.models import Call, WrapUp
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.customers.models import Customer, CustomerNumber, ImportantPoint
from madoguchi.kit.clock import local, now
from madoguchi.science.routing import choose

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def wrapping(centre: Centre) -> tuple[Call, WrapUp]:
    call = centre.talking()
    hearing.leg_ended(call.pk, "in-1", cause=16)
    return Call.objects.get(pk=call.pk), WrapUp.objects.get(call=call)


def time_over(row: WrapUp) -> None:
    WrapUp.objects.filter(pk=row.pk).update(due_at=now() - timedelta(seconds=1))
    wrap_up_fell_due(row.pk)
    row.refresh_from_db()


def with_point(centre: Centre, **fields: Any) -> ImportantPoint:
    customer = Customer.objects.create(client=centre.client, name="山田太郎")
    CustomerNumber.objects.create(customer=customer, e164="+819012345678", raw="090-1234-5678")
    return ImportantPoint.objects.create(customer=customer, text="耳が遠い", noted_at=now(), **fields)


def test_no_call_is_offered_to_a_person_who_wraps_up(centre: Centre) -> None:
    wrapping(centre)
    other = centre.waiting("in-2")
    assert offer(centre.visit(other).pk, [centre.sato.pk]) == []
    plan = floor_plan.read()
    assert centre.sato.pk not in choose.choose(now(), plan.visits, plan.agents).pairs[0].agent_ids
    assert WrapUp.objects.get().ended_at is None


def test_it_is_ones_own(centre: Centre) -> None:
    _, row = wrapping(centre)
    with pytest.raises(WrapUpOver):
        extend_wrap_up(row.pk, 60, acting_user=centre.suzuki.account_id)
    with pytest.raises(WrapUpOver):
        end_wrap_up(row.pk, acting_user=centre.suzuki.account_id)


def test_more_time_is_more_time(centre: Centre) -> None:
    _, row = wrapping(centre)
    before = row.due_at
    extend_wrap_up(row.pk, 60, acting_user=centre.sato.account_id)
    row.refresh_from_db()
    assert before is not None
    assert (row.due_at, row.extended) == (before + timedelta(seconds=60), 1)
    extend_wrap_up(row.pk, -9_999_999, acting_user=centre.sato.account_id)
    row.refresh_from_db()
    assert row.due_at == before + timedelta(seconds=60)


def test_a_wrap_up_without_an_end_is_not_given_one_by_more_time(centre: Centre) -> None:
    centre.queue.wrap_up_s = 0
    centre.queue.save()
    _, row = wrapping(centre)
    extend_wrap_up(row.pk, 60, acting_user=centre.sato.account_id)
    row.refresh_from_db()
    assert row.due_at is None


def test_time_ends_it(centre: Centre) -> None:
    call, row = wrapping(centre)
    time_over(row)
    assert (row.ended_by, centre.now(centre.sato)) == ("time", "idle")
    call.contact.refresh_from_db()
    assert call.contact.closed_at is not None


def test_time_that_is_not_over_ends_nothing(centre: Centre) -> None:
    _, row = wrapping(centre)
    wrap_up_fell_due(row.pk)
    row.refresh_from_db()
    assert row.ended_at is None


def test_ended_it_is_over(centre: Centre) -> None:
    _, row = wrapping(centre)
    end_wrap_up(row.pk, acting_user=centre.sato.account_id)
    with pytest.raises(WrapUpOver):
        end_wrap_up(row.pk, acting_user=centre.sato.account_id)


def test_who_wrapped_up_goes_to_the_end_of_the_line(centre: Centre) -> None:
    _, row = wrapping(centre)
    end_wrap_up(row.pk, acting_user=centre.sato.account_id)
    last = Agent.objects.order_by("-idle_since").first()
    assert last == centre.sato


def test_important_points_must_be_acknowledged_first(centre: Centre) -> None:
    point = with_point(centre)
    call, row = wrapping(centre)
    assert call.customer == point.customer
    with pytest.raises(PointsUnread):
        end_wrap_up(row.pk, acting_user=centre.sato.account_id)
    for _ in range(2):
        acknowledge(call.pk, point.pk, acting_user=centre.sato.account_id)
    end_wrap_up(row.pk, acting_user=centre.sato.account_id)
    assert centre.now(centre.sato) == "idle"


@pytest.mark.parametrize(
    "fields", [{"until": local(now()).date() - timedelta(days=1)}, {"withdrawn_at": now()}]
)
def test_points_that_hold_no_longer_keep_nobody(centre: Centre, fields: dict[str, Any]) -> None:
    with_point(centre, **fields)
    _, row = wrapping(centre)
    end_wrap_up(row.pk, acting_user=centre.sato.account_id)
    assert centre.now(centre.sato) == "idle"


def test_unread_points_give_some_graces_and_no_more(centre: Centre) -> None:
    with_point(centre)
    _, row = wrapping(centre)
    for _ in range(MOST_GRACES):
        time_over(row)
        assert row.ended_at is None
    time_over(row)
    assert row.ended_by == "time"


def test_a_break_begun_meanwhile_stays_a_break(centre: Centre) -> None:
    from madoguchi.domain.agents.actions import choose_presence

    _, row = wrapping(centre)
    choose_presence(centre.sato.pk, "break", acting_user=centre.sato.account_id)
    assert centre.now(centre.sato) == "wrap_up"
    end_wrap_up(row.pk, acting_user=centre.sato.account_id)
    after = Agent.objects.get(pk=centre.sato.pk)
    assert (after.presence, after.activity) == ("break", "idle")
