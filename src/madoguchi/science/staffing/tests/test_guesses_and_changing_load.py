"""Square-root staffing and the load that changes with time, against what they approximate or solve."""

import math

import numpy as np
import pytest

from madoguchi.science.staffing import erlang_a, erlang_c, offered_load, square_root
from madoguchi.science.staffing.errors import TooLarge, Unstable

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("beta", [0.1, 0.5, 1.5, 3.0])
def test_large_centres_come_near_the_limit(beta: float) -> None:
    errors = []
    for load in (100.0, 1e4, 1e6):
        agents = int(square_root.agents(load, beta))
        real = (agents - load) / math.sqrt(load)
        limit = square_root.delay_probability(real)
        errors.append(abs(erlang_c.delay_probability(agents, load) / limit - 1))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.02


@pytest.mark.parametrize("beta", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("impatience", [0.2, 1.0, 5.0])
def test_large_impatient_centres_too(beta: float, impatience: float) -> None:
    load = 1e5
    agents = int(square_root.agents(load, beta))
    found = erlang_a.queue(agents, load, handle_s=1.0, patience_s=1 / impatience).measures()
    limit = square_root.delay_probability((agents - load) / math.sqrt(load), impatience=impatience)
    assert found.delay_probability == pytest.approx(limit, rel=0.01)


@pytest.mark.parametrize("wanted", [0.001, 0.2, 0.9, 0.999])
@pytest.mark.parametrize("impatience", [0.0, 0.7])
def test_beta_leads_back_to_the_probability(wanted: float, impatience: float) -> None:
    beta = square_root.beta_for(wanted, impatience=impatience)
    assert square_root.delay_probability(beta, impatience=impatience) == pytest.approx(wanted, rel=1e-11)


def test_the_load_obeys_its_differential_equation() -> None:
    found = offered_load.sine(0.05, 0.03, 86400.0, handle_s=7200.0)
    t, d = np.linspace(0.0, 86400.0, 50), 1.0
    rate = 0.05 + 0.03 * np.sin(2 * np.pi * t / 86400.0)
    change = (found.at(t + d) - found.at(t - d)) / (2 * d)
    assert change == pytest.approx(rate - found.at(t) / 7200.0, abs=1e-9)


def test_steps_are_a_fine_sine() -> None:
    sine = offered_load.sine(0.05, 0.03, 86400.0, handle_s=3600.0)
    middle = (np.arange(2 * 8640) + 0.5) * 10.0
    rates = 0.05 + 0.03 * np.sin(2 * np.pi * middle / 86400.0)
    steps = offered_load.steps(rates, interval_s=10.0, handle_s=3600.0)
    assert steps.mean[8640:] == pytest.approx(sine.at(middle[8640:]), rel=1e-6)
    assert np.all(steps.peak >= steps.mean * (1 - 1e-12))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(TooLarge):
        offered_load.sine(1.0, 1.1, 60.0, handle_s=1.0)
    with pytest.raises(Unstable):
        square_root.delay_probability(0.0)
