"""Causes planted into a sound centre are found again, alone and two at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from madoguchi.science.staffing.simulation.causes import CHANCE, Booking, book
from madoguchi.science.staffing.simulation.centre import Aftermath, Centre, Mail, Person, Queue, Redial
from madoguchi.science.staffing.simulation.distributions import constant, exponential, lognormal
from madoguchi.science.staffing.simulation.flat import is_lost
from madoguchi.science.staffing.simulation.norm import Cause, Norm, cured, needed, planned
from madoguchi.science.staffing.simulation.running import simulate
from madoguchi.science.staffing.simulation.tests.cast import HOUR, everything

pytestmark = pytest.mark.pure

HOURS = 8.0
NORM = Norm(beta=1.7)
"""32 people for 400 calls an hour: who is planned so loses hardly a call by chance."""
SOUND = Queue(
    rates_per_h=(400.0,), talk=lognormal(180.0, 0.8), wrap_up=lognormal(30.0, 0.5),
    patience=exponential(150.0), redial=Redial(0.4, 0.6, exponential(400.0)),
)  # fmt: skip
CENTRE = Centre((SOUND,), (Person(),) * 32, HOURS * HOUR, interval_s=HOURS * HOUR)


def with_queue(**changed: object) -> Centre:
    return replace(CENTRE, queues=(replace(SOUND, **changed),))  # type: ignore[arg-type]


SKILL = 7
SLOW = Aftermath(
    share=0.7, ask=1.0, department=constant(6 * HOUR), chase=0.95, chase_after=exponential(0.5 * HOUR)
)
PLANTED = {
    Cause.LINES: replace(CENTRE, lines=19),
    Cause.PLANNED_STAFF: replace(CENTRE, people=(Person(),) * 19),
    Cause.ADHERENCE: replace(CENTRE, adherence=0.65),
    Cause.WRAP_UP: with_queue(wrap_up=lognormal(130.0, 0.5)),
    Cause.CASEWORK: with_queue(aftermath=Aftermath(share=0.6, casework=exponential(200.0), first=1.0)),
    Cause.RING_NO_ANSWER: replace(CENTRE, people=(Person(miss=0.6),) * 32),
    Cause.SKILL_ROUTING: replace(
        with_queue(asks={SKILL: 3}),
        people=(Person(skills={SKILL: 3}),) * 18 + (Person(skills={SKILL: 2}),) * 14,
    ),
    Cause.CHASERS: with_queue(aftermath=SLOW),
    Cause.LEADERS: replace(
        with_queue(talk=lognormal(150.0, 0.8), consult=0.3, consulting=constant(100.0)),
        people=(Person(leader=True, queues={}),) * 2 + (Person(),) * 32,
    ),
}
WORN = replace(CENTRE, people=(Person(wear=0.7),) * 32, queues=(replace(SOUND, rates_per_h=(430.0,)),))


def means(booking: Booking) -> dict[str, float]:
    return {name: share.mean for name, share in booking.shares.items()}


def test_a_sound_centre_loses_little() -> None:
    run = simulate(CENTRE, 1)
    assert is_lost(run.calls).mean() < 0.02


@pytest.mark.parametrize("cause", list(Cause))
def test_a_planted_cause_is_booked_nine_tenths_of_the_lost_calls(cause: Cause) -> None:
    found = book(PLANTED[cause], seed=1, runs=6, norm=NORM)
    assert found.lost.mean > 200, "the plant is worth finding"
    assert means(found)[cause] >= 0.9, means(found)
    assert sum(means(found).values()) == pytest.approx(1.0)


def halves(morning: Queue, afternoon: Queue, people: tuple[Person, ...]) -> Centre:
    """Two centres in one: one queue before noon and one after, each with its own people."""
    half = HOURS / 2 * HOUR
    early, late = replace(morning, rates_per_h=(400.0, 0.0)), replace(afternoon, rates_per_h=(0.0, 400.0))
    return replace(CENTRE, queues=(early, late), people=people, interval_s=half)


def shift(number: int, count: int, **more: object) -> tuple[Person, ...]:
    """People of the morning's (0) or the afternoon's (1) queue, there at their half of the day."""
    half = HOURS / 2 * HOUR
    stretch = ((number * half, (number + 1) * half),)
    return (Person(queues={0: 1, 1: 1}, planned=stretch, **more),) * count  # type: ignore[arg-type]


LONG_WRAP_UP = replace(SOUND, wrap_up=lognormal(120.0, 0.5))
CASES = replace(SOUND, aftermath=Aftermath(share=0.6, casework=exponential(200.0), first=1.0))
SKILLED = replace(SOUND, asks={SKILL: 3})
PAIRS = {
    (Cause.RING_NO_ANSWER, Cause.PLANNED_STAFF): halves(SOUND, SOUND, shift(0, 32, miss=0.6) + shift(1, 20)),
    (Cause.WRAP_UP, Cause.SKILL_ROUTING): halves(
        LONG_WRAP_UP, SKILLED, shift(0, 32) + shift(1, 19, skills={SKILL: 3}) + shift(1, 13)
    ),
    (Cause.CASEWORK, Cause.ADHERENCE): halves(
        CASES,
        SOUND,
        shift(0, 32) + shift(1, 19) + shift(1, 13, present=()),
    ),
}


@pytest.mark.parametrize("pair", list(PAIRS))
def test_of_two_planted_causes_each_gets_its_half_of_the_day_within_five_points(
    pair: tuple[Cause, Cause],
) -> None:
    centre = PAIRS[pair]
    found = means(book(centre, seed=3, runs=8, norm=NORM))
    lost = np.concatenate(
        [calls[is_lost(calls)] for calls in (simulate(centre, 3 + n).calls for n in range(8))]
    )
    morning = float(np.mean(lost["queue"] == 0))
    assert found[pair[0]] == pytest.approx(morning, abs=0.05)
    assert found[pair[1]] == pytest.approx(1 - morning, abs=0.05)


def test_people_worn_out_are_booked_as_casework() -> None:
    found = book(WORN, seed=1, runs=6, norm=NORM)
    assert found.shares[Cause.CASEWORK].mean > 0.85


def test_the_books_add_up_in_a_centre_where_everything_is_wrong() -> None:
    centre = replace(everything(), lines=40, mail=Mail())
    found = book(centre, seed=1, runs=4, norm=NORM)
    total = sum(part.mean for part in found.calls.values())
    assert total == pytest.approx(found.lost.mean)
    assert sum(means(found).values()) == pytest.approx(1.0)
    assert all(share.low <= share.mean <= share.high for share in found.shares.values())
    for name, hours in found.hours.items():
        assert sum(hours) == pytest.approx(found.calls[name].mean)
    assert found == book(centre, seed=1, runs=4, cores=2, norm=NORM)


def test_what_is_at_its_norm_is_booked_nothing() -> None:
    found = book(PLANTED[Cause.LINES], seed=1, runs=2, norm=NORM)
    others = set(Cause) - {Cause.LINES}
    assert all(found.calls[cause].mean == 0.0 for cause in others)
    assert found.calls[CHANCE].mean >= 0.0


def test_missing_people_are_added_where_the_plan_falls_short() -> None:
    norm = Norm(staff=(4, 2))
    people = (Person(planned=((0.0, HOUR),)),) * 3 + (Person(planned=((HOUR, 2 * HOUR),)),) * 3
    short = Centre((Queue(),), people, 2 * HOUR, interval_s=HOUR)
    healed = cured(short, {Cause.PLANNED_STAFF}, norm)
    assert planned(short).tolist() == [3.0, 3.0]
    assert planned(healed).tolist() == [4.0, 3.0]
    assert cured(healed, {Cause.PLANNED_STAFF}, norm) == healed


def test_the_square_root_rule_says_how_many_are_needed() -> None:
    # 400 an hour of 210 s are 23.3 Erlang, and 1.7 times the root of that is 8.2.
    assert needed(CENTRE, NORM).tolist() == [32]
