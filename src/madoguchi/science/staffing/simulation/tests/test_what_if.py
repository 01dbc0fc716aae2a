"""The knobs of a planner turn what they say, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from madoguchi.science.staffing.simulation.centre import Person
from madoguchi.science.staffing.simulation.changes import Change
from madoguchi.science.staffing.simulation.distributions import exponential
from madoguchi.science.staffing.simulation.running import compare, simulate
from madoguchi.science.staffing.simulation.tests.cast import everything, plain

pytestmark = pytest.mark.pure

SHORT = plain(per_h=150.0, agents=8, talk=exponential(200.0), patience=exponential(240.0))


def test_no_change_is_the_same_centre() -> None:
    assert Change().apply(everything()) == everything()


@pytest.mark.parametrize(
    "cure",
    [
        Change(people=2),
        Change(handling=0.8),
        Change(self_served=0.2),
        Change(outside=0.2),
        Change(call_back=0.6, call_back_after_s=45.0),
    ],
)
def test_each_cure_loses_fewer_calls(cure: Change) -> None:
    assert compare(SHORT, cure.apply(SHORT), seed=1, runs=6)["lost"].high < 0


def test_quicker_departments_mean_fewer_chasers_and_less_casework_more_time() -> None:
    centre = everything()
    quick = compare(centre, Change(department=0.2).apply(centre), seed=1, runs=5)
    assert quick["chasers"].high < 0
    light = compare(centre, Change(casework=0.2).apply(centre), seed=1, runs=5)
    assert light["casework_share"].high < 0


def test_wrap_up_alone_and_with_all_handling() -> None:
    before = everything().queues[0]
    shorter = Change(wrap_up=0.5).apply(everything()).queues[0]
    assert shorter.wrap_up.mean_s == pytest.approx(before.wrap_up.mean_s / 2)
    assert shorter.talk == before.talk
    both = Change(handling=0.8, wrap_up=0.5).apply(everything()).queues[0]
    assert both.wrap_up.mean_s == pytest.approx(before.wrap_up.mean_s * 0.4)


def test_people_can_be_taken_away_but_not_more_than_there_are() -> None:
    assert len(Change(people=-3).apply(SHORT).people) == 5
    with pytest.raises(ValueError, match="cannot be taken"):
        Change(people=-9).apply(SHORT)


def test_added_people_keep_to_their_shift_and_can_do_everything() -> None:
    centre = replace(everything(), people=everything().people[:20])
    more = Change(people=1, shift=((36_000.0, 40_000.0),)).apply(centre)
    assert isinstance(more.people[-1], Person)
    run = simulate(more, 1)
    own = run.calls[run.calls["agent"] == 20]
    assert len(own) > 3
    assert set(own["queue"]) <= {0, 1}
    assert own["arrived_s"].min() > 34_000.0
