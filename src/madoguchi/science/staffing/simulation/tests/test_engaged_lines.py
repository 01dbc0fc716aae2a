"""Callers whom nobody saw, since no line was free, are found again in what the others did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Aftermath, Centre, Redial
from madoguchi.science.staffing.simulation.distributions import exponential
from madoguchi.science.staffing.simulation.engaged import with_those_turned_away, without_a_free_line
from madoguchi.science.staffing.simulation.flat import OUTCOME
from madoguchi.science.staffing.simulation.running import simulate
from madoguchi.science.staffing.simulation.tests.cast import plain

pytestmark = pytest.mark.pure

LINES = 8
REDIAL = Redial(after_block=0.5, delay=exponential(600.0))
TRUE = replace(plain(per_h=200.0, agents=20, redial=REDIAL), lines=LINES, interval_s=1_800.0)
RUN = simulate(replace(TRUE, queues=(replace(TRUE.queues[0], rates_per_h=(200.0,) * 16),)), 5)


def seen() -> tuple[Centre, tuple[tuple[float, float], ...]]:
    """The day as its records have it: who was turned away is not there, and whoever called again is fresh."""
    calls = RUN.calls[RUN.calls["outcome"] != OUTCOME["blocked"]]
    trace = tuple((float(at), 0) for at in calls["arrived_s"])
    full = without_a_free_line(calls["arrived_s"], calls["arrived_s"] + calls["talk_s"], LINES)
    return replace(TRUE, trace=trace), full


def test_moments_without_a_free_line_are_those_at_which_callers_were_turned_away() -> None:
    _, full = seen()
    turned_away = RUN.calls["arrived_s"][RUN.calls["outcome"] == OUTCOME["blocked"]]
    within = [any(since <= at <= to for since, to in full) for at in turned_away]
    assert len(within) > 300
    assert np.mean(within) > 0.99


def test_as_many_are_put_in_as_were_turned_away() -> None:
    day, full = seen()
    again = with_those_turned_away(day, full, seed=1)
    found = [simulate(again, seed).calls["outcome"] == OUTCOME["blocked"] for seed in range(6)]
    true = np.count_nonzero(RUN.calls["outcome"] == OUTCOME["blocked"])
    assert np.mean([np.count_nonzero(each) for each in found]) == pytest.approx(true, rel=0.15)
    assert again.trace is not None
    fresh = np.count_nonzero(RUN.calls["kind"] == flat.FRESH)
    assert len(again.trace) == pytest.approx(fresh, rel=0.05)


def test_chasers_are_turned_away_like_all_others() -> None:
    day, full = seen()
    chased = replace(day, queues=(replace(day.queues[0], aftermath=Aftermath(chase=0.2)),))
    assert with_those_turned_away(chased, full, seed=1).queues[0].aftermath.chase > 0.22


def test_with_a_line_free_at_all_times_nothing_changes() -> None:
    day, _ = seen()
    assert with_those_turned_away(day, (), seed=1) == day
    assert without_a_free_line([], [], 3) == ()
