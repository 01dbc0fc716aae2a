"""Every formula against 40-digit arithmetic, to a relative error of 1e-12, up to 50,000 agents."""

import json
import math
import warnings
from typing import Any

import mpmath as mp
import pytest

from madoguchi.science.staffing import erlang_b, erlang_c
from madoguchi.science.staffing.errors import VanishinglySmall
from madoguchi.science.staffing.queue import Queue
from madoguchi.science.staffing.tests import make_references, reference

pytestmark = pytest.mark.pure

EXACT = 1e-12
ROWS = [
    (formula, tuple(given), found) for formula, given, found in json.loads(make_references.KEPT.read_text())
]
FORMULAS = ("erlang_b", "erlang_c", "erlang_a", "limited")


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


def ours(formula: str, given: tuple[float, ...]) -> list[Any]:
    """Objects that hold the measures of one row, the handling time being 1 s."""
    agents, load = int(given[0]), given[1]
    if formula == "erlang_b":
        return []
    if formula == "erlang_c":
        queue = erlang_c.queue(agents, load, handle_s=1.0)
    else:
        patience_s = 1.0 / given[2] if given[2] else math.inf
        places = int(given[3]) if formula == "limited" else -1
        queue = Queue(agents, load, handle_s=1.0, patience_s=patience_s, places=places)
    return [queue.measures(), queue.within(given[-1])]


@pytest.mark.parametrize("formula", FORMULAS)
def test_all_answers_of_a_formula(formula: str) -> None:
    off = {}
    checked = 0
    for _formula, given, true in [row for row in ROWS if row[0] == formula]:
        sources = ours(formula, given)
        for name, value in true.items():
            if formula == "erlang_b":
                found = getattr(erlang_b, name)(int(given[0]), given[1])
            else:
                found = getattr(next(one for one in sources if hasattr(one, name)), name)
            wrong = error(found, mp.mpf(value))
            checked += 1
            if not wrong <= EXACT:
                off[given, name] = (wrong, value)
    assert off == {}
    assert checked > 50


def test_the_kept_answers_are_those_of_the_reference() -> None:
    kept = {(formula, given): found for formula, given, found in ROWS}
    assert list(kept) == [(formula, tuple(given)) for formula, given in make_references.cases()]
    again = [row for row in kept if row[1][0] <= 300 and (row[0] != "limited" or row[1][3] <= 100)][::7]
    assert {row[0] for row in again} == set(FORMULAS)
    for row in again:
        for name, value in make_references.answers(*row).items():
            assert mp.almosteq(mp.mpf(kept[row][name]), value, rel_eps=mp.mpf(10) ** -35), (row, name)


@pytest.mark.parametrize("lines", [1, 2, 30, 2_000])
@pytest.mark.parametrize("wanted", [1e-200, 1e-12, 1e-3, 0.01, 0.2, 0.5, 0.9, 1 - 1e-9])
def test_the_load_for_lines_leads_back_to_the_blocking(lines: int, wanted: float) -> None:
    load = float(erlang_b.load_for(lines, wanted))
    around = [reference.erlang_b(lines, load * (1 + sign * EXACT)) for sign in (-1, 1)]
    assert around[0] <= mp.mpf(wanted) <= around[1]


def test_the_load_for_fifty_thousand_lines() -> None:
    load = float(erlang_b.load_for(50_000, 0.01))
    around = [reference.erlang_b(50_000, load * (1 + sign * EXACT)) for sign in (-1, 1)]
    assert around[0] <= mp.mpf(0.01) <= around[1]


@pytest.mark.parametrize("t", [0.1, 0.1123, 0.2, 0.46])
def test_a_tail_of_two_hundred_zeros_keeps_its_digits(t: float) -> None:
    true = reference.erlang_c(50_000, 49_000.0, t)["wait_tail"]
    found = erlang_c.queue(50_000, 49_000.0, handle_s=1.0).within(t).wait_tail
    assert error(found, true) <= EXACT
    assert float(found) < 1e-40
