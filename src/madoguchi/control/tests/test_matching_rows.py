"""The matcher on real rows: first come, first served within a priority, and why somebody waits is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from madoguchi.control.matching import Matching
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, Offer, QueueVisit, WaitReason
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.domain.queues.models import Queue
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def matcher() -> Callable[[], float]:
    """One round after another of one matcher."""
    one = Matching()
    return lambda: asyncio.run(one.once())


def only(*agents: Agent) -> None:
    Agent.objects.exclude(pk__in=[one.pk for one in agents]).update(presence="break")


def rung() -> list[str]:
    legs = Call.objects.filter(phase="ringing", legs__role="customer").values_list("legs__id", flat=True)
    return list(legs)


def test_who_came_first_is_served_first(centre: Centre, matcher: Callable[[], float]) -> None:
    for n in range(3):
        call = centre.waiting(f"in-{n}")
        QueueVisit.objects.filter(call=call).update(enqueued_at=now() - timedelta(seconds=n))
    only(centre.sato)
    matcher()
    assert rung() == ["in-2"]


def test_a_higher_priority_comes_before_that(centre: Centre, matcher: Callable[[], float]) -> None:
    centre.waiting("in-1", at=now() - timedelta(minutes=5))
    urgent = centre.waiting("in-2")
    QueueVisit.objects.filter(call=urgent).update(priority=5)
    only(centre.sato)
    matcher()
    assert rung() == ["in-2"]


def test_everybody_free_gets_a_call_in_one_round_and_nobody_two(
    centre: Centre, matcher: Callable[[], float]
) -> None:
    for n in range(5):
        centre.waiting(f"in-{n}")
    matcher()
    assert Offer.objects.count() == 3
    assert set(Offer.objects.values_list("agent_id", flat=True)) == {
        centre.sato.pk,
        centre.suzuki.pk,
        centre.tanaka.pk,
    }
    matcher()
    assert Offer.objects.count() == 3


def test_why_a_call_waits_is_stored_when_it_changes_and_not_each_second(
    centre: Centre, matcher: Callable[[], float]
) -> None:
    only()
    call = centre.waiting()
    for _ in range(3):
        matcher()
    assert [row.counts["presence"] for row in WaitReason.objects.filter(visit__call=call)] == [3]
    Agent.objects.filter(pk=centre.sato.pk).update(presence="available", phone_reachable=False)
    matcher()
    assert WaitReason.objects.last().counts == {  # type: ignore[union-attr]
        "not_member": 1,
        "presence": 2,
        "phone_unreachable": 1,
    }


def test_a_queue_that_nobody_serves_hides_no_other(centre: Centre, matcher: Callable[[], float]) -> None:
    dead = Queue.objects.create(name="無人", client=centre.client, priority=9)
    template = centre.waiting("in-0")
    visits = []
    for n in range(3):
        call = centre.waiting(f"dead-{n}")
        visits.append(call.pk)
    QueueVisit.objects.filter(call_id__in=visits).update(queue=dead, priority=9)
    matcher()
    assert Call.objects.get(pk=template.pk).phase == "ringing"


def test_it_looks_again_when_a_pause_ends(centre: Centre, matcher: Callable[[], float]) -> None:
    only(centre.sato)
    Agent.objects.filter(pk=centre.sato.pk).update(cooling_off_until=now() + timedelta(seconds=0.5))
    centre.waiting()
    assert 0 < matcher() <= 0.5


def test_ring_all_rings_all(centre: Centre, matcher: Callable[[], float]) -> None:
    centre.queue.order = "ring_all"
    centre.queue.save()
    centre.waiting()
    matcher()
    assert Offer.objects.filter(ring_all=True, stage="open").count() == 3
