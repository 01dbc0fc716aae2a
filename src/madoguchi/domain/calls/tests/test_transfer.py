"""Giving the customer to a queue or a named person without asking first."""

from datetime import timedelta

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls import floor_plan
from madoguchi.domain.calls.actions import (
    hang_up,
    hearing,
    hold,
    offer,
    transfer_to_agent,
    transfer_to_queue,
    waiting,
)
from madoguchi.domain.calls.due import due
from madoguchi.domain.calls.errors import CallGone, NotNow, TargetBusy
from madoguchi.domain.calls.models import Call, Recording, WrapUp
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.queues.models import Queue
from madoguchi.kit.clock import now
from madoguchi.science.routing import choose

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def given_to_sales(centre: Centre) -> Call:
    call = centre.talking()
    sales = Queue.objects.create(name="営業", client=centre.client)
    transfer_to_queue(call.pk, sales.pk, "見積りの件", acting_user=centre.sato.account_id)
    call.refresh_from_db()
    return call


def named(centre: Centre) -> Call:
    call = centre.talking()
    transfer_to_agent(call.pk, centre.suzuki.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    return call


def test_the_customer_waits_in_the_other_queue_at_the_place_of_their_arrival(centre: Centre) -> None:
    call = given_to_sales(centre)
    visit = centre.visit(call)
    assert (call.phase, call.note, visit.queue.name) == ("waiting", "見積りの件", "営業")
    assert visit.enqueued_at == call.arrived_at
    assert call.visits.count() == 2


def test_the_operator_writes_down_and_falls_silent(centre: Centre) -> None:
    call = given_to_sales(centre)
    assert (centre.now(centre.sato), WrapUp.objects.get().agent) == ("wrap_up", centre.sato)
    assert centre.commands(call.pk)[-4:] == ["Leave", "StopRecording", "StartMusic", "HangUp"]


def test_each_part_of_the_talk_has_its_own_recording(centre: Centre) -> None:
    call = given_to_sales(centre)
    assert offer(centre.visit(call).pk, [centre.tanaka.pk])
    centre.answer(centre.tanaka)
    assert list(Recording.objects.order_by("requested_at").values_list("agent_id", flat=True)) == [
        centre.sato.pk,
        centre.tanaka.pk,
    ]


def test_what_was_given_away_is_no_longer_ones_own(centre: Centre) -> None:
    call = given_to_sales(centre)
    for verb in (hang_up, hold):
        with pytest.raises(CallGone):
            verb(call.pk, acting_user=centre.sato.account_id)


def test_the_givers_line_ends_without_harm(centre: Centre) -> None:
    call = centre.talking()
    leg_id = centre.leg_of(centre.sato)
    transfer_to_queue(call.pk, centre.queue.pk, acting_user=centre.sato.account_id)
    hearing.leg_ended(call.pk, leg_id, cause=16)
    call.refresh_from_db()
    assert (call.phase, call.hung_up_by) == ("waiting", "")


def test_a_customer_on_hold_can_be_given_away(centre: Centre) -> None:
    call = centre.talking()
    hold(call.pk, acting_user=centre.sato.account_id)
    transfer_to_queue(call.pk, centre.queue.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.phase, centre.now(centre.sato)) == ("waiting", "wrap_up")


def test_who_leaves_on_the_way_was_answered_and_transferred(centre: Centre) -> None:
    call = given_to_sales(centre)
    hearing.leg_ended(call.pk, "in-1", cause=16)
    call.refresh_from_db()
    assert (call.outcome, call.ending) == ("answered", "transferred")


def test_a_queue_that_is_not_in_use_takes_nobody(centre: Centre) -> None:
    call = centre.talking()
    closed = Queue.objects.create(name="旧", client=centre.client, active=False)
    with pytest.raises(NotNow):
        transfer_to_queue(call.pk, closed.pk, acting_user=centre.sato.account_id)
    assert centre.now(centre.sato) == "talking"


def test_a_named_person_is_the_only_one_to_get_the_call(centre: Centre) -> None:
    call = named(centre)
    plan = floor_plan.read()
    (pair,) = choose.choose(now(), plan.visits, plan.agents).pairs
    assert (pair.visit.id, pair.agent_ids) == (centre.visit(call).pk, (centre.suzuki.pk,))


def test_a_named_person_who_does_not_come_is_waited_for_so_long_and_no_longer(centre: Centre) -> None:
    call = named(centre)
    visit = centre.visit(call)
    Agent.objects.filter(pk=centre.suzuki.pk).update(presence="meeting")
    plan = floor_plan.read()
    assert choose.choose(now(), plan.visits, plan.agents).pairs == ()
    later = now() + timedelta(seconds=60)
    assert ("named", str(visit.pk)) in {(one.kind, one.id) for one in due(later)}
    waiting.free_named(visit.pk)
    plan = floor_plan.read()
    (pair,) = choose.choose(now(), plan.visits, plan.agents).pairs
    assert pair.agent_ids == (centre.tanaka.pk,)


def test_a_person_without_a_phone_cannot_be_named(centre: Centre) -> None:
    call = centre.talking()
    Agent.objects.filter(pk=centre.suzuki.pk).update(phone_reachable=False)
    for target in (centre.suzuki, centre.sato):
        with pytest.raises(TargetBusy):
            transfer_to_agent(call.pk, target.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert call.phase == "talking"
