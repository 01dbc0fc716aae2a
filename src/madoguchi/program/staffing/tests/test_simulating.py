"""`madoguchi staffing simulate`: the formulas' answers, found by trying."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madoguchi.program.main import program
from madoguchi.science.staffing import erlang_a, erlang_b
from madoguchi.science.staffing.orbit import Centre
from madoguchi.science.staffing.orbit_exact import exact

pytestmark = pytest.mark.pure


def run(line: str) -> Result:
    return CliRunner().invoke(program, ["staffing", "simulate", *line.split()])


def answer(line: str) -> dict[str, Any]:
    result = run(f"{line} --confidence 99.9% --json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def holds(found: dict[str, Any], key: str, value: float) -> bool:
    low, high = found["intervals"][key]
    return bool(low <= value <= high)


def test_it_finds_what_erlang_a_computes() -> None:
    found = answer("--arrivals 100/30min --handle 180s --patience 5min --agents 12 --within 20s")
    queue = erlang_a.queue(12, 10.0, handle_s=180.0, patience_s=300.0)
    steady, within = queue.measures(), queue.within(20.0, short_abandon_s=5.0)
    assert found["load"] == pytest.approx(10.0)
    assert holds(found, "mean_wait", float(steady.mean_wait_s))
    assert holds(found, "abandon_probability", float(steady.abandon_probability))
    for letter in "abcd":
        assert holds(found, f"service_level_{letter}", float(getattr(within, f"service_level_{letter}")))
    assert holds(found, "wait_tail", float(within.wait_tail))


def test_it_finds_what_the_exact_chain_of_redials_computes() -> None:
    found = answer(
        "--arrivals 60/h --handle 5min --patience 3min --agents 6 --redial 60% --redial-after 2min --runs 40"
    )
    chain = exact(
        Centre(agents=6, load=5.0, handle_s=300.0, patience_s=180.0, redial=0.6, redial_after_s=120.0)
    )
    assert holds(found, "mean_wait", chain.mean_wait_s)
    assert holds(found, "abandon_probability", chain.abandon_probability)
    assert holds(found, "total_arrivals", chain.total_arrivals_per_s)


def test_without_waiting_places_it_is_erlang_b_whatever_the_spread() -> None:
    blocking = float(erlang_b.blocking(6, 5.0))
    for spread in ("", "--handle-spread 2"):
        found = answer(f"--load 5 --handle 3min --agents 6 --places 0 {spread} --runs 40")
        assert holds(found, "blocking_per_attempt", blocking)


def test_the_same_seed_gives_the_same_answer() -> None:
    line = "--load 5 --handle 3min --agents 7 --calls 1000 --runs 3"
    assert answer(line) == answer(line)
    assert answer(line) != answer(f"{line} --seed 2")


def test_people_read_a_table_with_intervals() -> None:
    result = run("--load 5 --handle 3min --agents 7 --calls 1000 --runs 3 --within 20s --percentile 90%")
    assert result.exit_code == 0, result.output
    assert "95 %" in result.output
    assert "20 s" in result.output


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--load 5 --agents 7", "handling time"),
        ("--load 24.5 --handle 3min --agents 20", "too much"),
        ("--load 24.5 --handle 3min --agents 20 --patience 5min --redial 100%", "too much"),
        ("--load 5 --handle 3min --agents 7 --handle-spread 0", "--handle-spread"),
        ("--load 5 --handle 3min --agents 7 --patience 0", "--patience"),
        ("--load 5 --handle 3min --agents 7 --confidence 100%", "--confidence"),
        ("--load 5 --handle 3min", "--agents"),
    ],
)
def test_what_cannot_be_is_refused_with_status_2(line: str, says: str) -> None:
    result = run(line)
    assert result.exit_code == 2
    assert says in result.output
