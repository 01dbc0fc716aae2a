"""The queue's measures against a Markov chain that knows none of the formulas."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from madoguchi.science.staffing import erlang_a, erlang_c

pytestmark = pytest.mark.pure

HANDLE_S = 1.0


def steady(agents: int, load: float, impatience: float, most: int) -> NDArray[np.float64]:
    """Probabilities of 0 … `most` callers, by solving the balance equations as they stand."""
    rates = np.zeros((most + 1, most + 1))
    for k in range(most):
        rates[k, k + 1] = load
        rates[k + 1, k] = min(k + 1, agents) + max(k + 1 - agents, 0) * impatience
    rates -= np.diag(rates.sum(axis=1))
    system = np.vstack([rates.T, np.ones(most + 1)])
    solved = np.linalg.lstsq(system, np.append(np.zeros(most + 1), 1.0), rcond=None)[0]
    return np.asarray(solved)


def fates(agents: int, impatience: float, most: int, t: float) -> NDArray[np.float64]:
    """For a caller who finds 0 … most − 1 waiting: still waiting, served, gone at `t` (columns)."""
    served, gone = most, most + 1
    rates = np.zeros((most + 2, most + 2))
    for ahead in range(most):
        rates[ahead, ahead - 1 if ahead else served] = agents + ahead * impatience
        rates[ahead, gone] = impatience
        rates[ahead, ahead] = -(agents + (ahead + 1) * impatience)
    after = expm(rates * t)[:most]
    return np.column_stack([after[:, :most].sum(axis=1), after[:, served], after[:, gone]])


@pytest.mark.parametrize(
    ("agents", "load", "impatience", "places"),
    [
        (3, 2.0, 0.5, 6),
        (5, 7.5, 0.2, 12),
        (4, 3.6, 2.5, 1),
        (2, 1.0, 0.0, 8),
        (6, 9.0, 0.0, 15),
        (1, 0.2, 1.0, 3),
    ],
)
@pytest.mark.parametrize("t", [0.05, 0.7, 3.0])
def test_limited_places(agents: int, load: float, impatience: float, places: int, t: float) -> None:
    most = agents + places
    chance = steady(agents, load, impatience, most)
    entered = 1.0 - chance[most]
    found = fates(agents, impatience, places, t)
    waiting = chance[agents:most]
    patience_s = 1.0 / impatience if impatience else np.inf
    queue = erlang_a.queue(agents, load, handle_s=HANDLE_S, patience_s=patience_s, places=places)
    measures, within = queue.measures(), queue.within(t)
    mean_queue = sum(chance[k] * (k - agents) for k in range(agents, most + 1))
    assert measures.blocking == pytest.approx(chance[most], rel=1e-9)
    assert measures.delay_probability == pytest.approx(waiting.sum() / entered, rel=1e-9)
    assert measures.mean_queue == pytest.approx(mean_queue, rel=1e-9)
    assert measures.abandon_probability == pytest.approx(impatience * mean_queue / load / entered, rel=1e-9)
    assert measures.empty_probability == pytest.approx(chance[0], rel=1e-9)
    assert within.wait_tail == pytest.approx(waiting @ found[:, 0] / entered, rel=1e-9)
    at_once = chance[:agents].sum()
    assert within.service_level_a == pytest.approx((at_once + waiting @ found[:, 1]) / entered, rel=1e-9)
    both = at_once + waiting @ (found[:, 1] + found[:, 2])
    assert within.service_level_c == pytest.approx(both / entered, rel=1e-9)


@pytest.mark.parametrize(("agents", "load", "impatience"), [(3, 2.0, 0.5), (6, 8.0, 0.8), (2, 1.7, 0.0)])
def test_without_limit_is_many_places(agents: int, load: float, impatience: float) -> None:
    patience_s = 1.0 / impatience if impatience else np.inf
    endless = erlang_a.queue(agents, load, handle_s=HANDLE_S, patience_s=patience_s)
    many = erlang_a.queue(agents, load, handle_s=HANDLE_S, patience_s=patience_s, places=3_000)
    for name in endless.measures().__slots__:
        if name != "blocking":
            found, other = getattr(endless.measures(), name), getattr(many.measures(), name)
            assert found == pytest.approx(other, rel=1e-12), name
    for name in endless.within(0.4).__slots__:
        assert getattr(endless.within(0.4), name) == pytest.approx(getattr(many.within(0.4), name), rel=1e-12)


@pytest.mark.parametrize("places", [-1, 0, 5, 40])
@pytest.mark.parametrize("patience_s", [0.3, 3.0, np.inf])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999999])
@pytest.mark.parametrize("offered", [True, False])
def test_a_percentile_leads_back_to_its_share(
    places: int, patience_s: float, share: float, offered: bool
) -> None:
    queue = erlang_a.queue(4, 3.9, handle_s=HANDLE_S, patience_s=patience_s, places=places)
    found = queue.wait_percentile_s(share, offered=offered)
    name = "wait_tail_offered" if offered else "wait_tail"
    longer = getattr(queue.within(found), name)
    if found > 0:
        assert longer == pytest.approx(1 - share, rel=1e-11)
    else:
        assert longer <= 1 - share


def test_arrays_give_what_single_numbers_give() -> None:
    agents = np.arange(3, 403).reshape(2, 200)  # enough to be compiled
    load, at = agents * 0.93, 0.2
    many = erlang_a.queue(agents, load, handle_s=180.0, patience_s=[[60.0], [400.0]])
    one = erlang_a.queue(60, 60 * 0.93, handle_s=180.0, patience_s=60.0)
    assert many.measures().mean_wait_s.shape == (2, 200)
    for name in one.measures().__slots__:
        assert getattr(many.measures(), name)[0, 57] == pytest.approx(
            getattr(one.measures(), name), rel=1e-13
        )
    assert many.within(at).wait_tail[0, 57] == pytest.approx(one.within(at).wait_tail, rel=1e-13)
    assert erlang_c.delay_probability(agents, load)[0, 57] == pytest.approx(
        erlang_c.delay_probability(60, 60 * 0.93), rel=1e-13
    )
