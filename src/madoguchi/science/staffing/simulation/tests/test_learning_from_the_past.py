"""A centre simulated and forgotten is found again in what it wrote down."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from madoguchi.science.measures.waits import impatience_per_s
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.calibration import as_it_was, calibrated, rates_per_h
from madoguchi.science.staffing.simulation.causes import book
from madoguchi.science.staffing.simulation.centre import Aftermath, Centre, Person, Queue
from madoguchi.science.staffing.simulation.distributions import constant, exponential
from madoguchi.science.staffing.simulation.flat import is_lost
from madoguchi.science.staffing.simulation.kinds import Past
from madoguchi.science.staffing.simulation.norm import Cause, Norm
from madoguchi.science.staffing.simulation.reproduction import reproduced
from madoguchi.science.staffing.simulation.running import Run, simulate
from madoguchi.science.staffing.simulation.survival import (
    exponential_mean_s,
    fitted,
    fitted_with_some_who_never,
    kaplan_meier,
)
from madoguchi.science.staffing.simulation.tests.cast import DAY, HOUR, everything, plain

pytestmark = pytest.mark.pure

DAYS = 15
TRUE = everything(days=DAYS)


@cache
def run() -> Run:
    return simulate(TRUE, 99)


@cache
def past() -> Past:
    calls = run().calls.copy()
    calls["kind"] = flat.FRESH  # nobody wrote down why they called
    return Past(calls, run().spells, run().cases, TRUE.horizon_s)


def forgotten(queue: Queue) -> Queue:
    """What the centre knows of a queue by itself: its rules."""
    return Queue(
        queue.name, priority=queue.priority, order=queue.order, asks=queue.asks, max_wait_s=queue.max_wait_s,
        menu=queue.menu, offer_call_back_after_s=queue.offer_call_back_after_s,
        accept_call_back=queue.accept_call_back,
    )  # fmt: skip


@cache
def learned() -> Centre:
    people = tuple(replace(person, miss=0.0, wear=0.0) for person in TRUE.people)
    known = replace(TRUE, queues=tuple(map(forgotten, TRUE.queues)), people=people, adherence=1.0)
    return calibrated(replace(known, pick_up=constant(0.0)), past())


def test_why_customers_called_is_told_from_who_called_when() -> None:
    told, true = past().with_kinds().calls["kind"], run().calls["kind"]
    for kind in (flat.FRESH, flat.REDIAL, flat.CHASER):
        assert np.mean(told[true == kind] == kind) > 0.95


def test_handling_times_are_found_again() -> None:
    for found, true in zip(learned().queues, TRUE.queues, strict=True):
        assert found.talk.mean_s == pytest.approx(true.talk.mean_s, rel=0.03)
        assert found.wrap_up.mean_s == pytest.approx(true.wrap_up.mean_s, rel=0.03)
    chaser = learned().queues[0].chaser_talk
    assert chaser is not None
    assert chaser.mean_s == pytest.approx(150.0, rel=0.05)


def test_patience_is_found_although_most_callers_were_answered() -> None:
    for found, true in zip(learned().queues, TRUE.queues, strict=True):
        assert found.patience.mean_s == pytest.approx(true.patience.mean_s, rel=0.15)


def test_rates_redials_and_what_the_menu_serves_are_found_again() -> None:
    for found, true in zip(learned().queues, TRUE.queues, strict=True):
        assert sum(found.rates_per_h) == pytest.approx(sum(true.rates_per_h), rel=0.03)
        assert found.redial.after_abandon == pytest.approx(true.redial.after_abandon, abs=0.05)
        assert found.redial.delay.mean_s == pytest.approx(true.redial.delay.mean_s, rel=0.15)
        assert found.self_served == pytest.approx(true.self_served, abs=0.02)


def test_cases_departments_and_chasers_are_found_again() -> None:
    found, true = learned().queues[0].aftermath, TRUE.queues[0].aftermath
    assert found.share == pytest.approx(true.share, abs=0.02)
    assert found.ask == pytest.approx(true.ask, abs=0.03)
    assert found.call_back == pytest.approx(true.call_back, abs=0.03)
    assert found.casework.mean_s == pytest.approx(true.casework.mean_s, rel=0.05)
    assert found.department.mean_s == pytest.approx(true.department.mean_s, rel=0.1)
    assert found.promised_s == pytest.approx(true.promised_s, abs=1.0)
    assert learned().queues[1].aftermath.share == 0.0


def test_peoples_habits_are_found_again() -> None:
    found = learned()
    assert found.adherence == pytest.approx(0.93, abs=0.015)
    assert found.pick_up.mean_s == pytest.approx(4.0, rel=0.1)
    assert np.mean([person.miss for person in found.people]) == pytest.approx(0.03, abs=0.006)


def test_a_ring_let_go_counts_though_it_came_back_to_the_same_person() -> None:
    few = plain(per_h=20.0, agents=2, hours=40.0, talk=constant(60.0))
    true = replace(few, people=(Person(miss=0.5),) * 2, pick_up=constant(3.0))
    seen = simulate(true, 4)
    found = calibrated(
        replace(true, people=(Person(),) * 2), Past(seen.calls, seen.spells, ended_s=40 * HOUR)
    )
    assert np.mean([person.miss for person in found.people]) == pytest.approx(0.5, abs=0.05)
    assert found.pick_up.mean_s == pytest.approx(3.0, abs=0.1)


def test_the_learned_centre_reproduces_the_past_and_says_so() -> None:
    found = reproduced(learned(), past(), seed=5, runs=8)
    assert len(found) > 15
    # At 95 % one measure in twenty lies outside by chance, and they hang together.
    assert np.mean([measure.holds for measure in found.values()]) > 0.8
    for name in ("arrivals", "answer_rate", "handling_s", "occupancy"):
        assert abs(found[name].error) < 0.03, name
    assert abs(found["abandon_rate"].error) < 0.15


def test_a_centre_that_is_not_the_one_of_the_past_is_told_apart() -> None:
    other = replace(learned(), people=learned().people[:40])
    found = reproduced(other, past(), seed=5, runs=4)
    assert not found["answer_rate"].holds
    assert not found["mean_wait"].holds


def test_a_past_day_is_run_again_with_its_own_calls_and_people() -> None:
    planted = replace(plain(per_h=150.0, agents=16, talk=exponential(240.0), patience=exponential(150.0)),
                      adherence=0.6)  # fmt: skip
    day = simulate(planted, 7)
    records = Past(day.calls, day.spells, day.cases, planted.horizon_s)
    again = as_it_was(calibrated(replace(planted, adherence=1.0), records), records)
    run = simulate(again, 1)
    assert np.array_equal(run.calls["arrived_s"], day.calls["arrived_s"])
    lost, was = (int(is_lost(calls).sum()) for calls in (run.calls, day.calls))
    assert was > 100
    assert lost == pytest.approx(was, rel=0.2)
    shares = book(again, seed=1, runs=4, norm=Norm(beta=1.7)).shares
    assert shares[Cause.ADHERENCE].mean > 0.85


def test_the_past_and_the_runs_must_be_as_long() -> None:
    with pytest.raises(ValueError, match="cannot be held against"):
        reproduced(replace(learned(), horizon_s=DAY), past(), seed=1)


def test_calls_alone_are_enough_to_learn_from() -> None:
    centre = plain(per_h=150.0, agents=10, talk=exponential(200.0), patience=exponential(240.0))
    calls = simulate(centre, 4).calls
    known = replace(centre, queues=(Queue(),))
    found = calibrated(known, Past(calls, ended_s=8 * HOUR)).queues[0]
    assert found.talk.mean_s == pytest.approx(200.0, rel=0.1)
    assert found.patience.mean_s == pytest.approx(240.0, rel=0.25)
    assert found.aftermath == Aftermath()


def test_little_seen_leaves_what_is_known() -> None:
    known = Centre((Queue(talk=constant(77.0)),), (Person(),), DAY)
    found = calibrated(known, Past(np.zeros(0, flat.CALLS))).queues[0]
    assert found.talk == known.queues[0].talk
    assert sum(found.rates_per_h) == 0.0


def test_rates_of_a_day_half_recorded_count_what_was_recorded() -> None:
    centre = Centre((Queue(),), (Person(),), horizon_s=DAY, interval_s=DAY / 2)
    assert rates_per_h(np.array([1.0, DAY + 1.0, 50_000.0]), 1.5 * DAY, centre) == (2 / 24, 1 / 12)


def test_cut_off_cases_lengthen_the_estimate_as_they_should() -> None:
    draws = np.random.default_rng(1)
    true, cut = draws.exponential(300.0, 20_000), draws.exponential(100.0, 20_000)
    lasted, ended = np.minimum(true, cut), true <= cut
    assert exponential_mean_s(lasted, ended) == pytest.approx(300.0, rel=0.05)
    assert fitted(lasted, ended).mean_s == pytest.approx(300.0, rel=0.05)
    times, left = kaplan_meier(lasted, ended)
    at = np.searchsorted(times, 200.0) - 1
    assert left[at] == pytest.approx(math.exp(-200.0 / 300.0), abs=0.02)


def test_the_maximum_likelihood_patience_is_that_of_the_measures() -> None:
    calls = run().calls
    left = np.isin(
        calls["outcome"], [flat.OUTCOME[n] for n in ("short_abandon", "queue_abandon", "ring_abandon")]
    )
    waited = ~np.isnan(calls["wait_s"])
    rate = impatience_per_s(flat.records(calls[calls["outcome"] >= 0]))
    assert exponential_mean_s(calls["wait_s"][waited], left[waited]) == pytest.approx(1 / (rate or 1))


def test_some_never_do_it_and_are_counted_as_such() -> None:
    draws = np.random.default_rng(2)
    happens, time = draws.random(5_000) < 0.6, draws.exponential(100.0, 5_000)
    lasted = np.where(happens, np.minimum(time, 1_000.0), 1_000.0)
    share, takes = fitted_with_some_who_never(lasted, happens & (time < 1_000.0))
    assert share == pytest.approx(0.6, abs=0.03)
    assert takes.mean_s == pytest.approx(100.0, rel=0.05)
    assert fitted_with_some_who_never([5.0], [False])[0] == 0.0


def test_nothing_that_ended_means_it_never_ends() -> None:
    assert math.isinf(fitted([10.0, 20.0], [False, False]).mean_s)
