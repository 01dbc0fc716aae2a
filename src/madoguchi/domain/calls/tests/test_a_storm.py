"""In a storm of matchers, callers and people nobody is ever in two rings, and the first is served first.

`bin/bench offers` is the same with 10,000 rings and processes instead of threads.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from madoguchi.domain.calls.actions import waiting
from madoguchi.domain.calls.tests.storm import ROLES, Storm, calm, examine, lay_out, unspoken
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

RINGS = 400
"""Enough for every pair of deeds to meet many times."""
PEOPLE = 10
LONGEST_S = 30


def test_in_a_storm_everything_that_must_hold_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "playable", unspoken)
    lay_out(PEOPLE)
    since = now() - timedelta(seconds=1)
    storms = [Storm(RINGS, time.time() + LONGEST_S, seed) for seed in range(len(ROLES))]

    def alone(storm: Storm, role: str) -> None:
        try:
            storm.play(role)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(ROLES)) as pool:
        for done in [pool.submit(alone, storm, role) for storm, role in zip(storms, ROLES, strict=True)]:
            done.result()
    calm()
    tally = examine(since)
    assert tally.broken == ()
    # That it was one: many rings, many taken, and many who could have been taken out of turn.
    assert tally.rings >= 60
    assert tally.taken >= 10
    assert tally.choices >= tally.rings / 4
