"""Whatever happens in a day, at its end every call has its outcome, and everybody is free."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.control.tests.a_simulated_day import Day, consultations_open
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls import invariants, jobs
from madoguchi.domain.calls.models import Call, Leg, Offer, QueueVisit, Recording
from madoguchi.domain.calls.tests.conftest import Centre

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


LONGEST_S = 240
"""Of a day in real time; a controller that cannot be stopped, or a call that never ends, takes longer."""


def lived(centre: Centre, monkeypatch: pytest.MonkeyPatch, *, seed: int, mischief: float) -> Day:
    folder = Path(settings.INSTALLATION.recordings)
    folder.mkdir(parents=True, exist_ok=True)
    day = Day(centre, folder, seed, monkeypatch)

    async def whole() -> None:
        await day.pass_by(100, calls=0.25, mischief=mischief)
        await day.close()

    asyncio.run(asyncio.wait_for(whole(), LONGEST_S))
    day.clock.advance(120)
    jobs.tend_recordings.func(0)
    return day


def check(day: Day) -> None:
    told = {
        "calls that go on": Call.objects.exclude(phase="ended").count(),
        "legs that live": Leg.objects.filter(gone_at=None, call__phase="ended").count(),
        "rings": Offer.objects.filter(stage="open").count(),
        "waits": QueueVisit.objects.filter(left_at=None).count(),
        "askings": consultations_open(),
        "people who are not free": Agent.objects.exclude(activity="idle").count(),
        "recordings without an end": Recording.objects.exclude(stage__in=["stored", "missing"]).count(),
    }
    assert {name: count for name, count in told.items() if count} == {}
    written = set(Leg.objects.filter(role="customer", call__direction="inbound").values_list("pk", flat=True))
    assert written == set(day.arrived)
    assert Call.objects.count() == len(day.arrived)
    found = list(invariants.violations(day.began - timedelta(minutes=1), day.clock.now()))
    assert [(one.rule, str(one)) for one in found] == []


def test_a_plain_day(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    day = lived(centre, monkeypatch, seed=1, mischief=0.0)
    check(day)
    assert Call.objects.filter(outcome="answered").exists()
    assert not Call.objects.filter(outcome="failed").exists()


@pytest.mark.parametrize("seed", [2, 3])
def test_a_day_of_lost_events_lost_lines_dead_switches_and_killed_controllers(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    day = lived(centre, monkeypatch, seed=seed, mischief=0.15)
    check(day)
    assert len(set(day.done)) >= 4, "things went wrong in several ways"
    assert len(day.arrived) >= 10
