"""What time makes due waits until belief was compared, where the switch may know better by then."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from madoguchi.control import timers
from madoguchi.control.pool import run
from madoguchi.domain.calls.actions import hearing
from madoguchi.domain.calls.models import Call, Offer
from madoguchi.domain.calls.tests.conftest import Centre
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def overdue(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Call:
    """A call whose ring should have ended while control was away."""
    monkeypatch.setattr(timers, "EVERY_S", 0.02)
    monkeypatch.setattr(timers, "GRACE_S", 0.0)
    call = centre.ringing()
    Offer.objects.update(rings_until=now() - timedelta(seconds=5))
    return call


def stage_after(seconds: float, compared: asyncio.Event, meanwhile: object = None) -> str:
    """The stage of the one offer after so long a time of timers."""

    async def story() -> str:
        running = asyncio.create_task(timers.forever(compared))
        await asyncio.sleep(seconds / 2)
        if callable(meanwhile):
            await run(meanwhile)
        await asyncio.sleep(seconds / 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return await run(lambda: Offer.objects.get().stage)

    return asyncio.run(story())


def test_a_ring_is_not_ended_by_time_before_the_switch_was_asked(overdue: Call) -> None:
    assert stage_after(1.0, asyncio.Event()) == "open"


def test_a_ring_that_was_answered_unheard_is_answered(
    centre: Centre, overdue: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "GRACE_S", 60.0)
    compared = asyncio.Event()
    compared.set()
    leg_id = centre.leg_of(centre.sato)
    stage = stage_after(1.0, compared, lambda: hearing.leg_answered(overdue.pk, leg_id))
    assert stage == "accepted"


def test_a_ring_that_nobody_answered_ends_soon_after_it_was_asked(overdue: Call) -> None:
    compared = asyncio.Event()
    compared.set()
    assert stage_after(3.0, compared) == "missed"
