"""What a day's records leave open widens the intervals by as much, and by no more."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.calibration import as_it_was, calibrated
from madoguchi.science.staffing.simulation.causes import _share, book
from madoguchi.science.staffing.simulation.centre import Centre
from madoguchi.science.staffing.simulation.flat import OUTCOME
from madoguchi.science.staffing.simulation.kinds import Past
from madoguchi.science.staffing.simulation.likely import as_likely
from madoguchi.science.staffing.simulation.norm import Cause, Norm, needed
from madoguchi.science.staffing.simulation.tests.test_that_very_day import TRUE, day
from madoguchi.science.staffing.simulation.tests.test_why_calls_were_lost import NORM, PLANTED

pytestmark = pytest.mark.pure
MANY = 300


@cache
def past() -> Past:
    return day(3).with_kinds()


@cache
def learned() -> Centre:
    return calibrated(replace(TRUE, people=tuple(replace(p, miss=0.0) for p in TRUE.people)), past())


def test_a_share_is_known_as_well_as_so_many_coins_tell() -> None:
    drawn = [as_likely(learned(), Norm(), past(), seed)[0].queues[0] for seed in range(MANY)]
    asked = learned().queues[0].consult
    answered = np.count_nonzero(past().calls["outcome"] == OUTCOME["answered"])
    found = np.array([queue.consult for queue in drawn])
    assert found.mean() == pytest.approx(asked, abs=0.003)
    assert found.std() == pytest.approx(np.sqrt(asked * (1 - asked) / answered), rel=0.15)
    talk = np.array([queue.talk.mean_s for queue in drawn])
    assert talk.std() / talk.mean() == pytest.approx(1 / np.sqrt(answered), rel=0.15)


def test_what_was_never_seen_is_not_made_up() -> None:
    for seed in range(20):
        queue = as_likely(learned(), Norm(), past(), seed)[0].queues[0]
        assert queue.returns == 0.0 == queue.aftermath.chase
        assert queue.redial.after_block == 0.0


def test_a_day_of_many_calls_may_have_been_planned_for_fewer() -> None:
    centre = as_it_was(learned(), past())
    staff = {int(needed(centre, as_likely(learned(), Norm(), past(), s)[1]).sum()) for s in range(40)}
    calls = np.count_nonzero(past().calls["kind"] == flat.FRESH)
    assert len(staff) > 5
    usual = needed(centre, Norm()).sum()
    assert max(abs(each - usual) for each in staff) < 6 * usual / np.sqrt(calls)


def test_the_same_seed_gives_the_same_centre() -> None:
    assert as_likely(learned(), Norm(), past(), 4) == as_likely(learned(), Norm(), past(), 4)
    assert as_likely(learned(), Norm(), past(), 4) != as_likely(learned(), Norm(), past(), 5)


def test_not_knowing_for_sure_widens_the_interval() -> None:
    centre = as_it_was(learned(), past())

    def other(number: int) -> tuple[Centre, Norm]:
        found, norm = as_likely(learned(), Norm(), past(), number)
        return as_it_was(found, past()), norm

    sure, unsure = book(centre, seed=5, runs=8), book(centre, seed=5, runs=8, likely=other)
    for cause in (Cause.PLANNED_STAFF, Cause.RING_NO_ANSWER):
        wide, narrow = unsure.shares[cause], sure.shares[cause]
        assert wide.mean == pytest.approx(narrow.mean, abs=0.05)
        assert wide.high - wide.low > 0
    total = sum(each.high - each.low for each in unsure.shares.values())
    assert total > sum(each.high - each.low for each in sure.shares.values())


def test_half_the_runs_are_enough_for_a_share_that_is_sure() -> None:
    centre = PLANTED[Cause.LINES]
    few = book(centre, seed=5, runs=8, norm=NORM, sure_within=0.9)
    assert few.lost.runs == 4
    assert few == book(centre, seed=5, runs=4, norm=NORM)
    assert book(centre, seed=5, runs=8, norm=NORM, sure_within=1e-6).lost.runs == 8


def test_the_choice_of_orders_is_no_chance_of_the_day() -> None:
    one_day = np.array([[[10.0, 30.0], [30.0, 10.0]], [[12.0, 28.0], [28.0, 12.0]]] * 4)
    found = _share(one_day, 0, 0.95)
    assert found.mean == pytest.approx(0.5)
    assert found.high - found.low < 0.01, "each day lost half by it, whatever one pair of orders said"
    differing = one_day + np.array([[[0.0, 0.0]], [[20.0, 0.0]]] * 4)
    assert _share(differing, 0, 0.95).high > 0.6
