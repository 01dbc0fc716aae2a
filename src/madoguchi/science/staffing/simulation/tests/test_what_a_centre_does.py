"""Each thing that a centre can do, seen in what the run wrote down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from madoguchi.science.measures import rates, service_level, waits
from madoguchi.science.measures.records import partition
from madoguchi.science.routing.model import Order
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Aftermath, Centre, Mail, Person, Queue, Redial
from madoguchi.science.staffing.simulation.distributions import constant, exponential, never
from madoguchi.science.staffing.simulation.figures import figures, seconds_by_kind
from madoguchi.science.staffing.simulation.flat import OUTCOME
from madoguchi.science.staffing.simulation.running import Run, compare, replicate, simulate
from madoguchi.science.staffing.simulation.tests.cast import HOUR, everything, plain

pytestmark = pytest.mark.pure


def outcomes(run: Run) -> dict[str, int]:
    counts = partition(flat.records(run.calls[run.calls["outcome"] >= 0]))
    return {name: number for name, number in counts.items() if number}


def spells(run: Run, kind: int) -> flat.Rows:
    return np.asarray(run.spells[run.spells["kind"] == kind])


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    centre = everything()
    one, two, other = simulate(centre, 7), simulate(centre, 7), simulate(centre, 8)
    assert one.calls.tobytes() == two.calls.tobytes()
    assert one.spells.tobytes() == two.spells.tobytes()
    assert one.calls.tobytes() != other.calls.tobytes()


def test_arrivals_are_the_sum_of_outcomes_and_of_the_calls_still_living() -> None:
    run = simulate(replace(everything(), horizon_s=12 * HOUR), 1)
    assert sum(outcomes(run).values()) + run.living == len(run.calls)
    assert run.living > 0
    assert {"answered", "queue_abandon", "ivr_self_served", "short_abandon"} <= outcomes(run).keys()


def test_nobody_does_two_things_at_once() -> None:
    run = simulate(everything(), 3)
    for agent in range(50):
        own = run.spells[(run.spells["agent"] == agent) & (run.spells["kind"] != flat.PRESENT)]
        own = np.sort(own, order="began_s")
        assert np.all(own["began_s"][1:] >= own["ended_s"][:-1] - 1e-6)


def test_the_columns_give_the_same_figures_as_the_measures() -> None:
    centre = everything()
    run = simulate(centre, 5)
    found, records = figures(run, centre), flat.records(run.calls)
    assert found["answer_rate"] == pytest.approx(float(rates.answer_rate(records) or 0))
    assert found["abandon_rate"] == pytest.approx(float(rates.abandon_rate(records) or 0))
    assert found["mean_wait_served"] == pytest.approx(waits.average_speed_of_answer_s(records))
    assert found["mean_wait_abandoned"] == pytest.approx(waits.average_time_to_abandon_s(records))
    for level in service_level.Level:
        expected = service_level.service_level(records, level, within_s=20.0)
        assert found[f"service_level_{level}"] == pytest.approx(float(expected or 0))


def test_one_thing_changed_shifts_nobody_elses_chance() -> None:
    centre = plain(talk=exponential(200.0), patience=exponential(300.0))
    more = replace(centre, people=(Person(),) * 40)
    one, two = simulate(centre, 1), simulate(more, 1)
    assert np.array_equal(one.calls["arrived_s"], two.calls["arrived_s"])
    both = (one.calls["outcome"] == OUTCOME["answered"]) & (two.calls["outcome"] == OUTCOME["answered"])
    assert both.sum() > 500
    assert np.allclose(one.calls["talk_s"][both], two.calls["talk_s"][both])


def test_the_same_chance_makes_differences_surer() -> None:
    before = plain(talk=exponential(240.0), patience=exponential(300.0))
    after = replace(before, people=(Person(),) * 11)
    alone = replicate(before, seed=1, runs=10)["answer_rate"]
    difference = compare(before, after, seed=1, runs=10)["answer_rate"]
    assert difference.low > 0
    assert difference.high - difference.low < alone.high - alone.low


def test_two_threads_find_what_one_finds() -> None:
    centre = everything()
    assert replicate(centre, seed=1, runs=4, cores=2) == replicate(centre, seed=1, runs=4, cores=1)


def test_lines_block_and_the_blocked_redial() -> None:
    found = outcomes(simulate(replace(plain(), lines=3), 1))
    assert found["blocked"] > 100
    redial = Redial(after_block=1.0, delay=constant(60.0))
    run = simulate(replace(plain(redial=redial), lines=3), 1)
    again = run.calls[run.calls["kind"] == flat.REDIAL]
    assert len(again) == np.count_nonzero(
        (run.calls["outcome"] == OUTCOME["blocked"]) & (run.calls["arrived_s"] < 8 * HOUR - 60.0)
    )
    assert np.isin(again["customer"], run.calls["customer"][run.calls["kind"] == flat.FRESH]).all()


def test_a_missed_ring_cools_the_person_off_and_keeps_the_callers_place() -> None:
    people = (Person(miss=1.0), Person())
    centre = replace(plain(per_h=20.0, talk=constant(60.0)), people=people, pick_up=constant(3.0))
    run = simulate(centre, 2)
    first = spells(run, flat.RINGING)
    missed = first[first["agent"] == 0]
    assert np.allclose(missed["ended_s"] - missed["began_s"], 20.0)
    assert np.all(np.diff(missed["began_s"]) >= 80.0 - 1e-6), "20 s of ringing and 60 s of pause"
    answered = run.calls[run.calls["missed"] > 0]
    assert len(answered) > 10
    assert np.all(answered["wait_s"] >= 23.0 - 1e-6)
    assert set(answered["agent"]) == {1}


def test_a_caller_who_leaves_while_it_rings_is_told_apart() -> None:
    centre = replace(plain(per_h=30.0, patience=constant(8.0)), pick_up=constant(10.0))
    found = outcomes(simulate(centre, 1))
    assert found == {"ring_abandon": sum(found.values())}
    short = simulate(replace(centre, queues=(replace(centre.queues[0], patience=constant(4.0)),)), 1)
    assert outcomes(short).keys() == {"short_abandon"}


def test_all_are_rung_at_once_and_the_first_to_pick_up_has_the_call() -> None:
    centre = replace(
        plain(per_h=10.0, agents=3, order=Order.RING_ALL, talk=constant(30.0)), pick_up=exponential(6.0)
    )
    run = simulate(centre, 1)
    alone = simulate(replace(centre, queues=(replace(centre.queues[0], order=Order.LONGEST_IDLE),)), 1)
    assert run.calls["rings"].max() == 3
    assert np.nanmean(run.calls["wait_s"]) < 0.6 * np.nanmean(alone.calls["wait_s"])


def test_people_are_called_in_their_shifts_only_and_finish_what_they_began() -> None:
    people = (
        Person(planned=((0.0, 2 * HOUR), (3 * HOUR, 5 * HOUR))),
        Person(planned=((1 * HOUR, 8 * HOUR),)),
    )
    centre = replace(plain(per_h=30.0, talk=constant(600.0), patience=exponential(600.0)), people=people)
    talks = spells(simulate(centre, 1), flat.TALKING)
    first = talks[talks["agent"] == 0]["began_s"] / HOUR
    assert len(first) > 5
    assert np.all((first < 2) | ((first >= 3) & (first < 5)))
    assert talks["ended_s"][talks["agent"] == 0].max() > 5 * HOUR


def test_adherence_is_the_share_of_planned_time_that_people_are_there() -> None:
    centre = replace(plain(per_h=1.0, agents=50, hours=20.0), adherence=0.8)
    there = seconds_by_kind(simulate(centre, 1).spells)[flat.PRESENT]
    assert there / (50 * 20 * HOUR) == pytest.approx(0.8, abs=0.02)


def test_outside_hours_nobody_is_served_and_closing_may_turn_the_waiting_away() -> None:
    centre = replace(plain(per_h=400.0, agents=2), open=((1 * HOUR, 4 * HOUR),))
    run = simulate(centre, 1)
    closed = run.calls["outcome"] == OUTCOME["out_of_hours"]
    hours = run.calls["arrived_s"] / HOUR
    assert np.array_equal(closed, (hours < 1) | (hours >= 4))
    assert outcomes(simulate(replace(centre, evict_at_close=True), 1))["system_evicted"] > 100


def test_a_crowd_turned_away_at_once_redials_at_once() -> None:
    redial = Redial(after_abandon=1.0, delay=constant(600.0))
    crowd = plain(per_h=20_000.0, agents=1, hours=3.0, talk=constant(3_000.0), redial=redial)
    run = simulate(replace(crowd, open=((0.0, HOUR),), evict_at_close=True), 1)
    evicted = np.count_nonzero(run.calls["outcome"] == OUTCOME["system_evicted"])
    again = run.calls[run.calls["kind"] == flat.REDIAL]
    assert len(again) == evicted > 19_000
    assert set(again["outcome"]) == {OUTCOME["out_of_hours"]}


def test_a_crowd_of_people_who_are_all_rung_at_once() -> None:
    centre = replace(
        plain(per_h=3_000.0, agents=600, hours=1.0, order=Order.RING_ALL, patience=exponential(5.0)),
        people=(Person(miss=0.5),) * 600,
        pick_up=exponential(10.0),
    )
    run = simulate(centre, 1)
    assert run.calls["rings"].max() == 600
    assert sum(outcomes(run).values()) + run.living == len(run.calls)


def test_who_waits_too_long_and_who_finds_no_place_is_turned_away() -> None:
    long = simulate(plain(per_h=400.0, agents=5, max_wait_s=100.0), 1)
    evicted = long.calls[long.calls["outcome"] == OUTCOME["system_evicted"]]
    assert np.allclose(evicted["wait_s"], 100.0)
    full = simulate(plain(per_h=400.0, agents=5, places=2), 1)
    assert np.all(full.calls["wait_s"][full.calls["outcome"] == OUTCOME["system_evicted"]] == 0.0)


def test_casework_keeps_people_from_the_phone_more_when_it_comes_first() -> None:
    def waits_when(first: float) -> float:
        after = Aftermath(share=0.5, casework=constant(300.0), first=first)
        centre = plain(per_h=120.0, agents=11, talk=exponential(180.0), aftermath=after)
        return replicate(centre, seed=1, runs=5)["mean_wait"].mean

    assert waits_when(1.0) > 2.0 * waits_when(0.0)


def test_slow_departments_breed_chasers_who_call_until_the_case_is_resolved() -> None:
    def run_with(department_s: float) -> Run:
        after = Aftermath(
            share=0.5, ask=1.0, department=constant(department_s), call_back=1.0, promised_s=2 * HOUR,
            chase=1.0, chase_after=constant(1.5 * HOUR),
        )  # fmt: skip
        return simulate(plain(per_h=60.0, agents=20, aftermath=after, hours=12.0), 1)

    quick, slow = run_with(HOUR), run_with(4 * HOUR)
    assert np.count_nonzero(quick.calls["kind"] == flat.CHASER) == 0
    chasers = slow.calls[slow.calls["kind"] == flat.CHASER]
    case = slow.cases[chasers["case"]]
    assert len(chasers) > 200
    assert np.all(chasers["arrived_s"] > case["opened_s"])
    assert not np.any(chasers["arrived_s"] > case["resolved_s"])
    assert np.array_equal(case["customer"], chasers["customer"])
    quick_due, slow_due = quick.cases["resolved_s"] <= quick.cases["due_s"], slow.cases["resolved_s"]
    assert quick_due[: len(quick.cases) // 2].all()
    assert not np.any(slow_due <= slow.cases["due_s"])
    assert np.array_equal(np.bincount(chasers["case"], minlength=len(slow.cases)), slow.cases["chasers"])


def test_a_chaser_who_names_the_owner_waits_for_them_first() -> None:
    after = Aftermath(
        share=1.0, ask=1.0, department=constant(9 * HOUR), chase=1.0, named=1.0, named_hold_s=1e6
    )
    run = simulate(plain(per_h=20.0, agents=12, aftermath=after), 1)
    named = run.calls[(run.calls["kind"] == flat.CHASER) & (run.calls["outcome"] == OUTCOME["answered"])]
    assert len(named) > 20
    assert np.array_equal(named["agent"], run.cases[named["case"]]["owner"])


def test_the_worn_hide_in_casework_while_callers_wait() -> None:
    fresh = plain(per_h=150.0, agents=9, patience=exponential(200.0))
    worn = replace(fresh, people=(Person(wear=0.5),) * 9)
    assert len(spells(simulate(fresh, 1), flat.HIDING)) == 0
    assert len(spells(simulate(worn, 1), flat.HIDING)) > 50
    assert compare(fresh, worn, seed=1, runs=4)["answer_rate"].high < -0.05


def test_mail_waits_for_the_calls_and_is_written_when_there_are_none() -> None:
    centre = replace(plain(per_h=30.0), mail=Mail((60.0,), constant(120.0)))
    written = spells(simulate(centre, 1), flat.MAIL)
    assert len(written) > 400
    busy = replace(plain(per_h=600.0), mail=Mail((60.0,), constant(120.0)))
    assert len(spells(simulate(busy, 1), flat.MAIL)) < 5


def test_a_leader_who_takes_calls_keeps_those_waiting_who_ask() -> None:
    queue = Queue(rates_per_h=(140.0,), talk=constant(200.0), consult=0.2, consulting=constant(60.0))
    people = (Person(leader=True, queues={}),) + (Person(),) * 9
    seeing = Centre((queue,), people, 8 * HOUR, interval_s=8 * HOUR)
    answering = replace(seeing, people=(Person(leader=True),) + people[1:])
    always = replace(seeing, leaders_always=True)
    length = {
        name: replicate(centre, seed=1, runs=3)["handling_s"].mean
        for name, centre in (("seeing", seeing), ("answering", answering), ("always", always))
    }
    assert length["always"] == pytest.approx(200.0 + 0.2 * 60.0, rel=0.02)
    assert length["always"] < length["seeing"] < length["answering"] - 10.0


def test_a_leader_asks_nobody_in_their_own_calls() -> None:
    queue = Queue(rates_per_h=(10.0,), consult=1.0)
    run = simulate(Centre((queue,), (Person(leader=True),), 8 * HOUR, interval_s=8 * HOUR), 1)
    assert outcomes(run)["answered"] > 50
    assert len(spells(run, flat.CONSULT)) == 0


def test_call_backs_offered_in_the_queue_are_made_when_there_is_time() -> None:
    centre = plain(per_h=150.0, patience=never(), offer_call_back_after_s=60.0, accept_call_back=0.5)
    short = replace(centre, people=(Person(),) * 6 + (Person(planned=((4 * HOUR, 8 * HOUR),)),) * 8)
    run = simulate(short, 1)
    accepted = run.calls[run.calls["outcome"] == OUTCOME["callback_accepted"]]
    assert np.allclose(accepted["wait_s"], 60.0)
    made = spells(run, flat.CALL_BACK)
    assert len(made) == len(accepted) > 50
    assert np.mean(made["began_s"] >= 4 * HOUR) > 0.5


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(plain(), horizon_s=0.0), "horizon"),
        (replace(plain(), adherence=0.0), "adherence"),
        (plain(consult=0.1), "leader"),
        (plain(self_served=1.5), "self_served"),
        (replace(plain(), people=(Person(queues={3: 1}),)), "serves a queue"),
    ],
)
def test_a_centre_that_cannot_be_is_refused_with_the_reason(wrong: Centre, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        simulate(wrong, 1)


def test_nobody_there_means_nobody_answered() -> None:
    centre = replace(plain(patience=exponential(60.0)), people=())
    assert "answered" not in outcomes(simulate(centre, 1))
