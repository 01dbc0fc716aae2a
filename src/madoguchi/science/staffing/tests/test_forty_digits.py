"""Every formula against 40-digit arithmetic, to a relative error of 1e-12, up to 50,000 agents."""

import math
import warnings
from typing import Any

import mpmath as mp
import pytest

from madoguchi.science.staffing import erlang_a, erlang_b, erlang_c
from madoguchi.science.staffing.errors import VanishinglySmall
from madoguchi.science.staffing.queue import Queue
from madoguchi.science.staffing.tests import reference

pytestmark = pytest.mark.pure

EXACT = 1e-12
SIZES = (1, 2, 7, 30, 250, 2_000, 50_000)
CALM = (1e-6, 0.1, 0.5, 0.9, 0.98, 0.9999)
"""Load ÷ agents in a queue without end."""


@pytest.fixture(autouse=True)
def _forty_digits() -> Any:
    with mp.workdps(reference.DIGITS), warnings.catch_warnings():
        warnings.simplefilter("ignore", VanishinglySmall)
        yield


def error(found: Any, true: Any) -> float:
    """Relative; what no float can hold counts when it was not given as zero."""
    if abs(true) < 1e-300:
        return float(abs(mp.mpf(float(found))) > 2e-300)
    return float(abs(mp.mpf(float(found)) / true - 1))


@pytest.mark.parametrize("lines", SIZES)
@pytest.mark.parametrize("share", [1e-6, 0.5, 0.98, 1.0, 1.1, 1e4])
def test_erlang_b(lines: int, share: float) -> None:
    load = lines * share
    true = reference.erlang_b(lines, load)
    assert error(erlang_b.blocking(lines, load), true) <= EXACT
    assert error(erlang_b.carried_share(lines, load), 1 - true) <= EXACT
    assert error(erlang_b.log_blocking(lines, load), mp.log(true)) <= EXACT


@pytest.mark.parametrize("lines", SIZES)
@pytest.mark.parametrize("wanted", [1e-200, 1e-12, 1e-3, 0.01, 0.2, 0.9, 1 - 1e-9])
def test_the_load_for_lines_leads_back_to_the_blocking(lines: int, wanted: float) -> None:
    load = float(erlang_b.load_for(lines, wanted))
    around = [reference.erlang_b(lines, load * (1 + sign * EXACT)) for sign in (-1, 1)]
    assert around[0] <= mp.mpf(wanted) <= around[1]


@pytest.mark.parametrize("agents", SIZES)
@pytest.mark.parametrize("share", CALM)
@pytest.mark.parametrize("t", [0.0, 0.01, 0.2, 5.0])
def test_erlang_c(agents: int, share: float, t: float) -> None:
    load = agents * share
    true = reference.erlang_c(agents, load, t)
    queue = erlang_c.queue(agents, load, handle_s=1.0)
    assert_all(true, queue.measures(), queue.within(t))


@pytest.mark.parametrize(
    ("agents", "impatience"),
    [(1, 0.05), (1, 20.0), (2, 0.6), (7, 1e-3), (30, 0.6), (250, 0.05), (2_000, 1.0), (50_000, 3.0)],
)
@pytest.mark.parametrize("share", [1e-6, 0.9, 1.0, 1.02, 1.3])
@pytest.mark.parametrize("t", [0.01, 0.3])
def test_erlang_a(agents: int, impatience: float, share: float, t: float) -> None:
    load = agents * share
    # The handling time is 1 s, so impatience is 1 ÷ patience, as it is rounded.
    patience_s = 1.0 / impatience
    true = reference.erlang_a(agents, load, 1.0 / patience_s, t)
    queue = erlang_a.queue(agents, load, handle_s=1.0, patience_s=patience_s)
    assert_all(true, queue.measures(), queue.within(t))


@pytest.mark.parametrize(
    ("agents", "load", "impatience", "places", "t"),
    [
        (5, 4.0, 0.5, 10, 0.3),
        (50, 60.0, 0.0, 100, 0.5),
        (50, 45.0, 0.25, 20, 2.0),
        (300, 400.0, 0.0, 2000, 5.0),
        (2, 1.0, 4.0, 5, 6.0),
        (10, 12.0, 0.0625, 40, 30.0),
        (5_000, 5_200.0, 0.125, 3_000, 0.2),
        (50_000, 49_000.0, 0.0, 500, 0.01),
    ],
)
def test_limited_places(agents: int, load: float, impatience: float, places: int, t: float) -> None:
    with mp.workdps(60):
        true = reference.limited(agents, load, impatience, places, t)
        patience_s = 1.0 / impatience if impatience else math.inf
        queue = Queue(agents, load, handle_s=1.0, patience_s=patience_s, places=places)
        assert_all(true, queue.measures(), queue.within(t))


@pytest.mark.parametrize("t", [0.1, 0.1123, 0.2, 0.46])
def test_a_tail_of_two_hundred_zeros_keeps_its_digits(t: float) -> None:
    true = reference.erlang_c(50_000, 49_000.0, t)["wait_tail"]
    found = erlang_c.queue(50_000, 49_000.0, handle_s=1.0).within(t).wait_tail
    assert error(found, true) <= EXACT
    assert float(found) < 1e-40


def assert_all(true: dict[str, Any], *found: Any) -> None:
    off = {}
    for name, value in true.items():
        source = next(one for one in found if hasattr(one, name))
        wrong = error(getattr(source, name), value)
        if not wrong <= EXACT:
            off[name] = (wrong, mp.nstr(value, 6))
    assert off == {}
