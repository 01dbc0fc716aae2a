"""The simulation against queueing theory: what is exact must lie in the interval that the runs give.

The levels are 99.9 %, so that a right simulation fails one figure in a thousand; seeds are fixed besides.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from madoguchi.science.staffing.simulation import figures as of
from madoguchi.science.staffing.simulation import flat, single_queue
from madoguchi.science.staffing.simulation.centre import Centre, Person, Queue, Redial
from madoguchi.science.staffing.simulation.distributions import exponential, never
from madoguchi.science.staffing.simulation.estimates import Estimate
from madoguchi.science.staffing.simulation.running import Run, replicate
from madoguchi.science.staffing.simulation.single_queue import SingleQueue

pytestmark = pytest.mark.pure

Step = tuple[tuple[int, ...], tuple[int, ...], float]
Measured = Callable[[Run, Centre], dict[str, float]]
LEVEL = 0.999
HOURS = 3_600.0


def chain(rates: list[Step]) -> dict[tuple[int, ...], float]:
    """The long-run shares of the states of a Markov chain, by its balance equations."""
    states = sorted({one for a, b, _ in rates for one in (a, b)})
    place = {state: number for number, state in enumerate(states)}
    generator = np.zeros((len(states), len(states)))
    for a, b, rate in rates:
        generator[place[a], place[b]] += rate
        generator[place[a], place[a]] -= rate
    balance = generator.T.copy()
    balance[-1] = 1.0
    right = np.zeros(len(states))
    right[-1] = 1.0
    return dict(zip(states, np.linalg.solve(balance, right), strict=True))


def birth_and_death(up: float, down: Callable[[int], float], most: int) -> dict[tuple[int, ...], float]:
    steps: list[Step] = [((n,), (n + 1,), up) for n in range(most)]
    return chain(steps + [((n,), (n - 1,), down(n)) for n in range(1, most + 1)])


def erlang_a(arrivals: float, agents: int, handling_s: float, patience_s: float) -> tuple[float, float]:
    """(share that abandon, mean wait of all) by the chain of callers in the system."""

    def leave(n: int) -> float:
        return min(n, agents) / handling_s + max(0, n - agents) / patience_s

    shares = birth_and_death(arrivals, leave, 400)
    queue = sum(max(0, n - agents) * share for (n,), share in shares.items())
    return queue / patience_s / arrivals, queue / arrivals


def warm(
    measure: Callable[[Run, Centre], dict[str, float]], after_s: float
) -> Callable[[Run, Centre], dict[str, float]]:
    """The measure over the calls that came after `after_s`."""

    def measured(run: Run, centre: Centre) -> dict[str, float]:
        calls = run.calls[(run.calls["arrived_s"] >= after_s) & (run.calls["outcome"] >= 0)]
        return measure(Run(calls, run.spells, run.cases, run.living, run.events), centre)

    return measured


def steady(centre: Centre, seed: int, runs: int = 12) -> dict[str, Estimate]:
    def measure(run: Run, of_centre: Centre) -> dict[str, float]:
        answered = run.calls[run.calls["outcome"] == flat.OUTCOME["answered"]]
        by_queue = {
            f"wait {q}": float(answered["wait_s"][answered["queue"] == q].mean())
            for q in range(len(of_centre.queues))
        }
        return {**of.of_calls(run.calls), **by_queue}

    return replicate(centre, seed=seed, runs=runs, level=LEVEL, measure=warm(measure, 5 * HOURS))


def centre(*queues: Queue, agents: int, hours: float = 100.0, lines: int = -1) -> Centre:
    people = (Person(queues=dict.fromkeys(range(len(queues)), 1)),) * agents
    return Centre(queues, people, hours * HOURS, interval_s=hours * HOURS, lines=lines, keep_spells=False)


def test_erlang_a_of_a_single_queue() -> None:
    found = single_queue.simulate(
        SingleQueue(0.1, exponential(180.0), 19, exponential(300.0)), calls=40_000, seed=1, level=LEVEL
    )
    abandon, wait = erlang_a(0.1, 19, 180.0, 300.0)
    assert found["abandon_probability"].holds(abandon)
    assert found["mean_wait"].holds(wait)
    assert found["abandon_probability"].high - found["abandon_probability"].low < 0.2 * abandon


def test_erlang_c_of_a_single_queue() -> None:
    found = single_queue.simulate(SingleQueue(0.1, exponential(180.0), 22), calls=40_000, seed=2, level=LEVEL)
    shares = birth_and_death(0.1, lambda n: min(n, 22) / 180.0, 600)
    delay = sum(share for (n,), share in shares.items() if n >= 22)
    assert found["delay_probability"].holds(delay)
    assert found["mean_wait"].holds(delay * 180.0 / (22 - 18.0))
    assert found["occupancy"].holds(18.0 / 22)


def test_a_single_queue_that_grows_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="without end"):
        SingleQueue(0.2, exponential(180.0), 22)


def test_erlang_a_of_the_whole_centre() -> None:
    queue = Queue(rates_per_h=(360.0,), talk=exponential(120.0), patience=exponential(200.0))
    found = steady(centre(queue, agents=12), 3)
    abandon, wait = erlang_a(0.1, 12, 120.0, 200.0)
    assert found["abandon_rate"].holds(abandon)
    assert found["mean_wait"].holds(wait)
    assert found["abandon_rate"].high - found["abandon_rate"].low < 0.2 * abandon


def test_erlang_c_of_the_whole_centre() -> None:
    queue = Queue(rates_per_h=(360.0,), talk=exponential(120.0), patience=never())
    found = steady(centre(queue, agents=15), 4)
    shares = birth_and_death(0.1, lambda n: min(n, 15) / 120.0, 400)
    delay = sum(share for (n,), share in shares.items() if n >= 15)
    assert found["mean_wait"].holds(delay * 120.0 / 3)
    in_time = 1 - delay * math.exp(-(15 - 12) / 120.0 * 20)
    assert found["service_level_a"].holds(in_time)


def test_the_urgent_are_served_first() -> None:
    """Two classes, non-preemptive: Cobham's formula with the delay of M/M/n."""
    urgent = Queue(rates_per_h=(108.0,), talk=exponential(120.0), priority=1)
    other = Queue(rates_per_h=(252.0,), talk=exponential(120.0))
    found = steady(centre(urgent, other, agents=14), 5)
    shares = birth_and_death(0.1, lambda n: min(n, 14) / 120.0, 400)
    delay = sum(share for (n,), share in shares.items() if n >= 14)
    load, load_urgent = 12 / 14, 0.3 * 12 / 14
    wait_urgent = delay * 120.0 / 14 / (1 - load_urgent)
    assert found["wait 0"].holds(wait_urgent)
    assert found["wait 1"].holds(wait_urgent / (1 - load))


def test_callers_who_meet_engaged_lines_redial() -> None:
    """M/M/2/2 with an orbit: each blocked caller tries again for certain, until there is a line."""
    rate, serve, again = 0.02, 1 / 60.0, 1 / 90.0
    steps: list[Step] = []
    for busy in range(3):
        for orbit in range(60):
            here = (busy, orbit)
            if busy < 2:
                steps.append((here, (busy + 1, orbit), rate))
                if orbit:
                    steps.append((here, (busy + 1, orbit - 1), orbit * again))
            elif orbit < 59:
                steps.append((here, (busy, orbit + 1), rate))
            if busy:
                steps.append((here, (busy - 1, orbit), busy * serve))
    shares = chain(steps)
    full = sum(share for (busy, _), share in shares.items() if busy == 2)
    orbits = sum(orbit * share for (_, orbit), share in shares.items())
    tries = rate + orbits * again
    blocked = (rate * full + again * sum(o * share for (b, o), share in shares.items() if b == 2)) / tries
    redial = Redial(after_block=1.0, delay=exponential(90.0))
    queue = Queue(rates_per_h=(72.0,), talk=exponential(60.0), redial=redial)
    found = steady(centre(queue, agents=2, lines=2, hours=300.0), 6)
    assert found["busy_rate"].holds(blocked)


def test_customers_who_come_back_after_service() -> None:
    """Erlang-R: in the long run a queue with returns is one with more arrivals (open network of Jackson)."""
    queue = Queue(rates_per_h=(180.0,), talk=exponential(120.0), returns=0.5, return_delay=exponential(600.0))
    found = steady(centre(queue, agents=15, hours=120.0), 7)
    shares = birth_and_death(0.1, lambda n: min(n, 15) / 120.0, 400)
    delay = sum(share for (n,), share in shares.items() if n >= 15)
    assert found["mean_wait"].holds(delay * 120.0 / 3)
