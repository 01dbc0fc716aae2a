"""`madoguchi staffing`: what is typed, what comes back, and what is refused."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madoguchi.program.main import program
from madoguchi.program.staffing import MODELS, words
from madoguchi.program.translations import merge
from madoguchi.science.staffing import erlang_a, erlang_c, errors

pytestmark = pytest.mark.pure


def run(line: str) -> Result:
    return CliRunner().invoke(program, ["staffing", *line.split()])


def answer(line: str) -> dict[str, Any]:
    result = run(f"{line} --json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_erlang_c_finds_the_least_staff() -> None:
    found = answer("erlang-c --arrivals 100/30min --handle 180s --target 80% --within 20s --shrinkage 30%")
    assert found["agents"] == 14
    assert found["scheduled"] == 20
    assert found["load"] == pytest.approx(10.0)
    assert found["service_level_a"] == float(
        erlang_c.service_level(14, found["load"], handle_s=180.0, within_s=20.0)
    )
    assert isinstance(found["agents"], int)


def test_what_is_asked_twice_is_answered_twice() -> None:
    found = answer(
        "erlang-a --load 24.5 --service-rate 20/h --patience 5min --agents 26 --within 20s --within 60s"
    )
    queue = erlang_a.queue(26, 24.5, handle_s=180.0, patience_s=300.0)
    expected = [float(queue.within(at).service_level_b) for at in (20.0, 60.0)]
    assert found["service_level_b"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("goal", "key", "fits"),
    [
        ("--goal abandon_probability<=3%", "abandon_probability", lambda value: value <= 0.03),
        ("--goal mean_wait<=2s", "mean_wait", lambda value: value <= 2),
        ("--goal occupancy<=0.8", "occupancy", lambda value: value <= 0.8),
        ("--goal wait_percentile_offered@95%<=10s", "delay_probability", lambda value: value < 0.5),
        ("--goal service_level_d@10s>=95%", "delay_probability", lambda value: value < 0.2),
        ("--target 90% --within 10s --max-occupancy 75%", "occupancy", lambda value: value <= 0.75),
    ],
)
def test_goals_are_reached_with_no_one_to_spare(goal: str, key: str, fits: Any) -> None:
    base = "erlang-a --load 24.5 --handle 3min --patience 5min"
    found = answer(f"{base} {goal}")
    assert fits(found[key])
    fewer = f"{base} --agents {found['agents'] - 1} --within 10s --percentile 95%"
    before = answer(fewer)
    checks = {"wait_percentile_offered@95%": 10, "service_level_d@10s": 0.95}
    if "@" in goal:
        name = re.split(r"[<>]=", goal.removeprefix("--goal "))[0]
        measure = name.split("@")[0]
        assert (before[measure] > 10) if "percentile" in name else (before[measure] < checks[name])
    else:
        assert not fits(before[key]) or before["service_level_a"] < 0.9


def test_blocking_load_and_lines_follow_from_each_other() -> None:
    lines = answer("erlang-b --load 5 --blocking 1%")
    assert lines["agents"] == 11
    assert answer("erlang-b --lines 10 --blocking 1%")["load"] == pytest.approx(4.461177, rel=1e-6)
    again = answer("erlang-b-extended --arrivals 160/h --handle 3min --lines 10 --recall 50%")
    assert again["blocking"] < again["blocking_per_attempt"]
    assert again["total_arrivals"] > 160 / 3600


def test_classes_wait_by_their_rank() -> None:
    base = "priority --class gold=20/h --class others=100/h --handle 5min"
    found = answer(f"{base} --agents 12 --within 20s --percentile 90%")
    gold, others = found["classes"]["gold"], found["classes"]["others"]
    assert gold["mean_wait"] < others["mean_wait"]
    assert gold["service_level_a"] == pytest.approx(1 - gold["wait_tail"])
    assert answer(f"{base} --goal gold.mean_wait<=5s")["agents"] == 14


def test_orbits_by_both_methods() -> None:
    base = "orbit --arrivals 60/h --handle 5min --patience 3min --agents 6 --redial 60% --redial-after 1h"
    true, near = answer(f"{base} --method exact"), answer(f"{base} --method fixed-point")
    assert 0 < true["error_bound"] <= 1e-5
    assert near["mean_wait"] == pytest.approx(true["mean_wait"], rel=1.001 * near["error_estimate"])
    assert answer(f"{base} --method exact --percentile 90%")["wait_percentile_actual"] > true["mean_wait"]
    assert true["redial_orbit"] == pytest.approx(near["redial_orbit"], rel=0.05)


def test_square_root_and_offered_load() -> None:
    found = answer("square-root --load 100 --beta 0.5")
    assert found == {"load": 100.0, "agents": 105, "delay_probability": pytest.approx(0.504538641)}
    load = answer("offered-load --sine 100/h,60/h,24h --handle 1h --at 6h")
    assert load["lag"] == pytest.approx(43200 / math.pi * math.atan(math.pi / 12), rel=1e-12)
    assert 155 < load["load"] < 157


def test_intervals_in_and_out(tmp_path: Path) -> None:
    given, made = tmp_path / "in.csv", tmp_path / "out.csv"
    given.write_text(
        "時刻,arrivals,handle\n09:00,100,180s\n09:30,0,3min\n10:00,200/h,240\n", encoding="cp932"
    )
    result = run(f"erlang-c --csv {given} --target 80% --within 20s --output {made}")
    assert result.exit_code == 0, result.output
    lines = made.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("時刻,arrivals,handle,load,agents,")
    assert lines[1].startswith("09:00,100,180s,10.0,14,")
    assert lines[2].startswith("09:30,0,3min,0.0,0,")
    assert len(lines) == 4
    assert "Intervals" in result.stderr


def test_people_and_a_goal_are_both_answered(tmp_path: Path) -> None:
    found = answer("erlang-c --load 10 --handle 3min --agents 14 --target 90% --within 20s --shrinkage 30%")
    assert (found["agents"], found["scheduled"]) == (14, 20)
    assert (found["least_agents"], found["least_scheduled"]) == (15, 22)
    assert found["service_level_a"] < 0.9
    given = tmp_path / "in.csv"
    given.write_text("着信数,人数\n100,12\n50,\n0,0\n", encoding="utf-8")
    for model in ("erlang-a --patience 5min", "orbit --patience 5min --redial 50%"):
        result = run(f"{model} --csv {given} --handle 3min --target 80% --within 20s --json")
        assert result.exit_code == 0, result.output
        rows = json.loads(result.stdout)
        assert [row["agents"] for row in rows] == [12, rows[1]["least_agents"], 0]
        assert rows[0]["least_agents"] > 12
        assert rows[0]["line"] == {"着信数": "100", "人数": "12"}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("priority --class gold --class others --handle 3min --target 80% --within 20s", "gold.mean_wait"),
        ("erlang-b --handle 3min --blocking 1%", "blocking"),
        ("erlang-b-extended --handle 3min --lines 20 --recall 50%", "blocking_per_attempt"),
        ("square-root --handle 3min --beta 1", "delay_probability"),
        ("offered-load --handle 10min", "load_peak"),
        ("orbit --handle 3min --patience 5min --redial 50% --agents 14 --within 20s", "redial_orbit"),
    ],
)
def test_every_formula_takes_intervals(line: str, key: str, tmp_path: Path) -> None:
    given = tmp_path / "in.csv"
    given.write_text("arrivals,gold,others\n100,20,80\n60,0,60\n", encoding="utf-8")
    result = run(f"{line} --csv {given}")
    assert result.exit_code == 0, result.output
    titles, *rows = result.stdout.splitlines()
    assert key in titles.split(",")
    assert len(rows) == 2


def test_the_line_that_cannot_be_is_named(tmp_path: Path) -> None:
    given = tmp_path / "in.csv"
    given.write_text("arrivals,agents\n10,5\n100,5\n", encoding="utf-8")
    result = run(f"erlang-c --csv {given} --handle 3min")
    assert result.exit_code == 2
    assert "Line 3: The load of 10 Erlang is too much for 5 agents" in result.stderr
    given.write_text("calls;agents\n10;5\n", encoding="utf-8")
    assert "its columns are: calls;agents" in run(f"erlang-c --csv {given} --handle 3min").stderr


def test_the_load_of_lines_with_callers_who_try_again() -> None:
    found = answer("erlang-b-extended --lines 10 --recall 50% --blocking 2%")
    again = answer(f"erlang-b-extended --lines 10 --recall 50% --load {found['load']}")
    assert again["blocking"] == pytest.approx(0.02, rel=1e-9)


def test_the_load_at_a_time_of_a_measured_day(tmp_path: Path) -> None:
    given = tmp_path / "in.csv"
    given.write_text("arrivals\n10\n50\n", encoding="utf-8")
    found = answer(f"offered-load --csv {given} --handle 15min --at 0s --at 1h")
    assert found["load"] == pytest.approx([5.0, 22.2933], rel=1e-5)


def test_times_without_wait_are_times() -> None:
    shown = run("erlang-c --load 5 --handle 3min --agents 7 --within 0s --within 90s").stdout
    assert "(0 s)" in shown
    assert "(90 s)" in shown


def test_callers_turned_away_to_reach_a_goal_are_mentioned() -> None:
    line = "erlang-c --load 10 --handle 3min --places 0 --target 80% --within 20s"
    assert "turned away" in run(line).stderr
    assert "turned away" not in run(f"{line} --goal blocking<=1%").stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("erlang-c --load 24.5 --agents 20", "At least 25"),
        ("erlang-c --load 24.5", "goal"),
        ("erlang-c --agents 5", "How much work"),
        ("erlang-c --load -1 --agents 5", "load must be at least 0"),
        ("erlang-c --load nan --agents 5", "no number"),
        ("erlang-c --load 5 --agents 0", "begins at 1"),
        ("erlang-c --arrivals 120/h --handle 5min --agents 10", "At least 11"),
        ("priority --class a=20/h --class b=100/h --handle 5min --agents 10", "At least 11"),
        ("erlang-c --load 5 --agents 2.5", "no whole number"),
        ("erlang-c --load 5 --agents 7 --shrinkage 100%", "nobody is ever there"),
        ("erlang-c --load 5 --agents 7 --handle 60s --percentile 100%", "both excluded"),
        ("erlang-c --load 1e999 --agents 7", "no number"),
        ("erlang-c --lod 5 --agents 7", "no option --lod"),
        ("erlang-c --csv nowhere.csv", "no such file"),
        ("erlang-c --within", "--within needs a value. See madoguchi staffing"),
        ("erlang --load 5", "no such model. See madoguchi staffing --help"),
        ("erlang-b-extended --load 5 --lines 4", "--recall"),
        ("erlang-c --load 5 --target 80%", "--within"),
        ("erlang-c --load 5 --target 80 --within 20s --handle 60s", "no share"),
        ("erlang-c --load 5 --target 100% --within 20s --handle 60s", "for certain"),
        ("erlang-c --load 5 --agents 7 --within 20s", "handling time"),
        ("erlang-c --arrivals 100 --handle 60s --agents 7", "no rate"),
        ("erlang-c --load 5 --handle 60s --goal abandon_probability<=3%", "no goal"),
        ("erlang-c --load 5 --handle 60s --goal occupancy>=3%", "no goal"),
        ("erlang-a --load 5 --handle 60s --agents 4", "--patience"),
        ("erlang-a --load 5 --handle 60s --agents 4 --patience 0s", "patience must be more than zero"),
        ("erlang-b --load 5", "two of"),
        ("erlang-b-extended --load 5 --lines 4 --recall 100%", "too much"),
        ("priority --class a=9/h --handle 1h --agents 9", "too much"),
        ("priority --class a --handle 1h --agents 9", "no class"),
        ("orbit --load 5 --handle 1min --agents 6 --return 20%", "too much"),
        ("square-root --load 5 --beta 0", "more than zero"),
        ("offered-load --sine 5/h,6/h,24h --handle 1h", "amplitude"),
    ],
)
def test_what_cannot_be_is_refused_in_words(line: str, said: str) -> None:
    result = run(line)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_every_model_explains_itself_with_examples_that_run() -> None:
    for model in MODELS:
        shown = run(f"{model} --help").output
        examples = re.findall(r"madoguchi staffing (.*)", shown)
        assert examples or model == "simulate", model
        for example in examples:
            if "--csv" not in example and model not in {"simulate", "roster"}:
                assert run(example.replace("'", "")).exit_code == 0, example


def test_every_refusal_has_its_japanese() -> None:
    known = {entry.message for entry in merge() if entry.translated[0]}
    said = {
        str(error.message)
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.StaffingError) and "message" in vars(error)
    }
    assert said
    assert said <= known


def test_the_terminals_language_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de:en")
    words._catalogue.cache_clear()
    assert words._("Give up") == "Give up"
    words._catalogue.cache_clear()
