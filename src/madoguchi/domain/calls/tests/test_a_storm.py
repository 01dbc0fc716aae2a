"""In a storm of matchers, callers and people nobody is ever in two rings, and the first is served first.

`bin/bench offers` is the same with 10,000 rings and processes instead of threads.
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

import pytest

from madoguchi.domain.calls.actions import waiting
from madoguchi.domain.calls.tests.storm import ROLES, Storm, calm, examine, lay_out, unspoken
from madoguchi.domain.ledger.tests.side_by_side import side_by_side
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
    side_by_side(*(partial(storm.play, role) for storm, role in zip(storms, ROLES, strict=True)))
    calm()
    tally = examine(since)
    assert tally.broken == ()
    # That it was one: many rings, many taken, and many who could have been taken out of turn.
    assert tally.rings >= 60
    assert tally.taken >= 10
    assert tally.choices >= tally.rings / 4
