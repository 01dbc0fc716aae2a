"""A recorded day that is run again has the callers that it had."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from madoguchi.science.staffing.simulation import chance, flat
from madoguchi.science.staffing.simulation.calibration import as_it_was, calibrated
from madoguchi.science.staffing.simulation.centre import Aftermath, Centre, Person, Queue, Redial
from madoguchi.science.staffing.simulation.distributions import constant, exponential, lognormal, table
from madoguchi.science.staffing.simulation.flat import OUTCOME, is_lost
from madoguchi.science.staffing.simulation.hindsight import lucks, places_in
from madoguchi.science.staffing.simulation.kinds import Past
from madoguchi.science.staffing.simulation.running import Run, simulate
from madoguchi.science.staffing.simulation.tests.cast import HOUR

pytestmark = pytest.mark.pure

OPEN = ((9 * HOUR, 17 * HOUR),)
QUEUE = Queue(
    rates_per_h=(0.0,) * 18 + (200.0,) * 16 + (0.0,) * 14, talk=lognormal(180.0, 0.8),
    wrap_up=lognormal(40.0, 0.5), patience=exponential(150.0), redial=Redial(0.4, 0.0, exponential(400.0)),
    aftermath=Aftermath(share=0.2, casework=exponential(150.0), first=1.0), consult=0.2,
    consulting=constant(60.0),
)  # fmt: skip
PEOPLE = (Person(planned=OPEN, miss=0.3),) * 18 + (Person(planned=OPEN, leader=True, queues={}),) * 2
TRUE = Centre((QUEUE,), PEOPLE, 24 * HOUR, open=OPEN, pick_up=lognormal(4.0, 0.4))


@cache
def day(seed: int) -> Past:
    run = simulate(TRUE, seed)
    calls = run.calls.copy()
    calls["kind"] = flat.FRESH
    return Past(calls, run.spells, run.cases, TRUE.horizon_s)


@cache
def again(seed: int) -> Centre:
    people = tuple(replace(person, miss=0.0) for person in TRUE.people)
    return as_it_was(calibrated(replace(TRUE, people=people), day(seed)), day(seed))


def lost(run: Run) -> int:
    return int(is_lost(run.calls).sum())


def test_days_are_told_apart_that_the_same_rates_brought() -> None:
    was, found, blind = [], [], []
    for seed in range(6):
        was.append(int(is_lost(day(seed).calls).sum()))
        of = again(seed)
        found.append(np.mean([lost(simulate(of, 50 + n)) for n in range(6)]))
        blind.append(np.mean([lost(simulate(replace(of, hindsight=None), 50 + n)) for n in range(6)]))
    off, off_blind = np.abs(np.subtract(found, was)).mean(), np.abs(np.subtract(blind, was)).mean()
    assert off < 0.6 * off_blind, (was, found, blind)
    assert off < 0.1 * np.mean(was)


def test_who_left_bears_as_long_as_they_did_and_who_was_answered_bears_longer() -> None:
    of, calls = again(1), day(1).calls
    assert of.hindsight is not None
    patience = of.queues[0].patience
    numbers = lucks(of.hindsight, 5)[:, chance.PATIENCE]
    answered = calls["outcome"] == OUTCOME["answered"]
    left = is_lost(calls)
    assert np.all(numbers[answered] >= places_in(patience, calls["wait_s"][answered]) - 1e-9)
    assert numbers[left] == pytest.approx(places_in(patience, calls["wait_s"][left]), abs=1e-9)
    other = lucks(of.hindsight, 6)[:, chance.PATIENCE]
    assert np.all(numbers[left] == other[left]), "what was seen is no chance"
    assert np.mean(numbers[answered] != other[answered]) > 0.99, "how much longer is"


def test_half_as_long_a_wrap_up_is_half_as_long_for_everybody() -> None:
    of = again(2)
    queue = of.queues[0]
    # Nobody is lost, so that everybody's wrap-up is seen.
    many = tuple(replace(person, miss=0.0) for person in of.people[:18]) * 4 + of.people[18:]
    roomy = replace(of, people=many)
    brief = replace(roomy, queues=(replace(queue, wrap_up=queue.wrap_up.scaled(0.5)),))
    whole_s, half_s = (
        {row["arrived_s"]: row["wrap_up_s"] for row in simulate(each, 3).calls if row["kind"] == flat.FRESH}
        for each in (roomy, brief)
    )
    assert [half_s[at] for at in half_s] == pytest.approx([whole_s[at] / 2 for at in half_s])
    recorded = {row["arrived_s"]: row["wrap_up_s"] for row in day(2).calls if row["wrap_up_s"] > 0}
    seen = [(whole_s[at], seconds) for at, seconds in recorded.items() if at in whole_s]
    assert np.mean([abs(one - other) < 2.0 for one, other in seen]) > 0.99


def test_rings_cut_short_do_not_make_people_look_better_than_they_are() -> None:
    found = [np.mean([person.miss for person in again(seed).people[:18]]) for seed in range(6)]
    assert np.mean(found) == pytest.approx(0.3, abs=0.012)


@pytest.mark.parametrize(
    "of", [exponential(100.0), table([0.0, 5.0, 5.0, 40.0]), table([1.0, 9.0], reached=0.5, tail_mean_s=30.0)]
)
def test_a_place_is_the_number_of_which_its_seconds_are_made(of: object) -> None:
    seconds = np.array([1.0, 3.0, 8.0, 30.0])
    made = Centre((replace(QUEUE, talk=of),), PEOPLE, HOUR).queues[0].talk  # type: ignore[arg-type]
    place = places_in(made, seconds)
    if made.kind == chance.EXPONENTIAL:
        assert -made.a * np.log(place) == pytest.approx(seconds)
        return
    values, inner = np.array(made.values), np.minimum(place / made.a, 1.0) * (len(made.values) - 1)
    below = np.minimum(inner.astype(int), values.size - 2)
    line = values[below] + (inner - below) * (values[below + 1] - values[below])
    tail = values[-1] - made.b * np.log((1.0 - place) / (1.0 - made.a)) if made.a < 1 else line
    assert np.where(place >= made.a, tail, line) == pytest.approx(seconds)


def test_two_numbers_have_no_place_in_one() -> None:
    assert np.isnan(places_in(lognormal(180.0, 0.8), np.array([100.0]))).all()
