"""The fewest agents for 80 % in 20 s in each of 17,520 half-hours (a year), ours and the peers in one run.

bin/bench staffing [--intervals 17520] [--slow 40]
Erlang C against pyworkforce, call-center-tools, CallCenterDim and erlanglib; Erlang A, patience 5 min,
against pyworkforce. Processor time, so that a shared machine disturbs less. Slow peers do `--slow` intervals,
and their time for all is extrapolated. Where an answer differs from ours, 40-digit arithmetic says who is
right. Fails when ours is ever wrong, or a goal is missed.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing import erlang_a, erlang_c
from madoguchi.science.staffing.tests import reference

TOP = Path(__file__).resolve().parent.parent
PEERS = TOP / ".venv-peers-staffing"
SHARE, WITHIN_S, HANDLE_S, PATIENCE_S, INTERVAL_S = 0.8, 20.0, 240.0, 300.0, 1800.0
GOAL_C, GOAL_A = 40.0, 3_000.0

Numbers = NDArray[np.float64]


@dataclass
class Timed:
    """What one library answered, and how long that took it."""

    name: str
    agents: Numbers
    per_interval_s: float
    wrong: int = 0

    @property
    def extrapolated(self) -> str:
        return f", {len(self.agents)} intervals timed" if len(self.agents) < 10_000 else ""


def a_year(count: int) -> Numbers:
    """Calls of each half-hour: quiet nights, a morning and an afternoon peak, chance on top."""
    rng = np.random.default_rng(20261122)
    hour = (np.arange(count) % 48) / 2
    shape = 0.04 + np.exp(-((hour - 10.5) ** 2) / 6) + 0.8 * np.exp(-((hour - 15) ** 2) / 8)
    weekday = np.where((np.arange(count) // 48) % 7 < 5, 1.0, 0.4)
    return np.maximum(rng.poisson(260 * shape * weekday), 1).astype(np.float64)


def peers() -> None:
    """Put the peers into a folder of their own, by hash and without what they depend on."""
    if not (PEERS / "pyworkforce").exists():
        lock = TOP / "requirements" / "bench_staffing.txt"
        asked = ["install", "--quiet", "--no-deps", "--ignore-requires-python", "--require-hashes"]
        subprocess.run([sys.executable, "-m", "pip", *asked, "--target", PEERS, "-r", lock], check=True)
    sys.path.append(str(PEERS))
    # pyworkforce's front door imports ortools, and its queueing part joblib for what is not used here.
    front, parallel = types.ModuleType("pyworkforce"), types.ModuleType("joblib")
    front.__path__ = [str(PEERS / "pyworkforce")]
    parallel.__dict__.update(Parallel=None, delayed=None)
    sys.modules |= {"pyworkforce": front, "joblib": parallel, "pandas": types.ModuleType("pandas")}


def timed(name: str, calls: Numbers, one: Callable[[float], float]) -> Timed:
    began = time.process_time()
    agents = np.array([one(float(count)) for count in calls], dtype=np.float64)
    return Timed(name, agents, (time.process_time() - began) / len(calls))


def ours(name: str, solve: Callable[[], Numbers], count: int) -> Timed:
    """The best of five, after a first time that compiles or reads what was compiled."""
    began = time.perf_counter()
    solve()
    print(
        f"{name}: first call {time.perf_counter() - began:.2f} s (compiling, or reading the cache)",
        flush=True,
    )
    took = []
    for _ in range(5):
        began = time.process_time()
        agents = solve()
        took.append(time.process_time() - began)
    return Timed(name, agents, min(took) / count)


def level(agents: int, load: float, *, impatient: bool) -> Any:
    """Service level (a) in 40 digits."""
    with mp.workdps(reference.DIGITS):
        t = WITHIN_S / HANDLE_S
        if impatient:
            return reference.erlang_a(agents, load, HANDLE_S / PATIENCE_S, t)["service_level_a"]
        return reference.erlang_c(agents, load, t)["service_level_a"] if agents > load else mp.mpf(0)


def is_least(agents: int, load: float, *, impatient: bool) -> bool:
    """Whether so many are enough and one fewer is not."""
    enough = level(agents, load, impatient=impatient) >= SHARE
    return bool(enough and (agents == 1 or level(agents - 1, load, impatient=impatient) < SHARE))


def judge(mine: Timed, peer: Timed, loads: Numbers, *, impatient: bool) -> list[str]:
    """Count the peer's wrong answers; ours that are wrong come back as complaints."""
    count = len(peer.agents)
    different = np.flatnonzero(mine.agents[:count] != peer.agents)
    peer.wrong = len(different)
    ours_wrong = [
        f"{mine.name}: {mine.agents[row]:.0f} agents for {loads[row]:.4f} Erlang is wrong"
        for row in different[:300]
        if not is_least(int(mine.agents[row]), float(loads[row]), impatient=impatient)
    ]
    first = ""
    if len(different):
        row = different[0]
        first = f", first {peer.agents[row]:.0f} for {mine.agents[row]:.0f} at {loads[row]:.3f} Erlang"
    times = peer.per_interval_s / mine.per_interval_s
    said = f"{1e6 * peer.per_interval_s:>12.2f} µs {times:>10.0f} ×  {peer.wrong} of {count} wrong{first}"
    print(f"  {peer.name:<18} {said}{peer.extrapolated}", flush=True)
    return ours_wrong


def patient(calls: Numbers, slow: int) -> list[str]:
    """Erlang C; returns what is wrong."""
    loads = calls / INTERVAL_S * HANDLE_S
    asked = {"handle_s": HANDLE_S, "share": SHARE, "within_s": WITHIN_S}
    mine = ours("Erlang C", lambda: erlang_c.agents_for(loads, **asked), len(calls))
    print(f"  {'ours':<18} {1e6 * mine.per_interval_s:>12.2f} µs an interval")
    complaints, correct = [], []
    for name, one in rivals().items():
        some = slow if name == "erlanglib" else len(calls)
        peer = timed(name, _spread(calls, some), one)
        part = Timed(mine.name, _spread(mine.agents, some), mine.per_interval_s)
        complaints += judge(part, peer, _spread(loads, some), impatient=False)
        if not peer.wrong:
            correct.append(peer)
    if not correct:
        return [*complaints, "no peer is correct: nothing to be compared with"]
    fastest = min(correct, key=lambda rival: rival.per_interval_s)
    times = fastest.per_interval_s / mine.per_interval_s
    print(f"  {times:.0f} × the fastest correct peer ({fastest.name}); goal {GOAL_C:.0f} ×")
    return complaints + ([] if times >= GOAL_C else [f"Erlang C is only {times:.0f} × {fastest.name}"])


def rivals() -> dict[str, Callable[[float], float]]:
    """Calls of a half-hour → the fewest agents in Erlang C, by each peer."""
    pyworkforce = importlib.import_module("pyworkforce.queuing")
    tools = importlib.import_module("call_center_tools")
    dim = importlib.import_module("callcenterdim.Dimensionamento")
    lib = importlib.import_module("erlanglib")

    def by_pyworkforce(count: float) -> float:
        asked = {"transactions": count, "aht": HANDLE_S / 60, "asa": WITHIN_S / 60, "interval": 30}
        return float(pyworkforce.ErlangC(**asked).required_positions(SHARE)["raw_positions"])

    def by_tools(count: float) -> float:
        found = tools.calc_staffing(2 * count, HANDLE_S, None, 1.0, WITHIN_S, SHARE, None, tools.TimeUnit.SEC)
        return float(found.agents)

    def by_dim(count: float) -> float:
        return float(dim.AgentsReq(count, 30, HANDLE_S, SHARE, WITHIN_S))

    def by_lib(count: float) -> float:
        load = count / INTERVAL_S * HANDLE_S
        agents = int(load) + 1
        while lib.service_level(agents, load, lib.erlang_c(agents, load), WITHIN_S, HANDLE_S) < SHARE:
            agents += 1
        return float(agents)

    return {
        "pyworkforce": by_pyworkforce,
        "call-center-tools": _forgiving(by_tools),
        "CallCenterDim": _forgiving(by_dim),
        "erlanglib": by_lib,
    }


def impatient(calls: Numbers, slow: int) -> list[str]:
    """Erlang A; returns what is wrong."""
    loads = calls / INTERVAL_S * HANDLE_S
    asked = {"handle_s": HANDLE_S, "patience_s": PATIENCE_S, "share": SHARE, "within_s": WITHIN_S}
    mine = ours("Erlang A", lambda: erlang_a.agents_for(loads, **asked), len(calls))
    print(f"  {'ours':<18} {1e6 * mine.per_interval_s:>12.2f} µs an interval")
    pyworkforce = importlib.import_module("pyworkforce.queuing")

    def by_pyworkforce(count: float) -> float:
        asked = {"transactions": count, "aht": HANDLE_S / 60, "asa": WITHIN_S / 60, "interval": 30}
        return float(
            pyworkforce.ErlangA(**asked, patience=PATIENCE_S / 60).required_positions(SHARE)["raw_positions"]
        )

    peer = timed("pyworkforce", _spread(calls, slow), by_pyworkforce)
    part = Timed(mine.name, _spread(mine.agents, slow), mine.per_interval_s)
    complaints = judge(part, peer, _spread(loads, slow), impatient=True)
    checked = np.random.default_rng(1).choice(len(calls), 100, replace=False)
    complaints += [
        f"Erlang A: {mine.agents[row]:.0f} agents for {loads[row]:.4f} Erlang is wrong"
        for row in checked
        if not is_least(int(mine.agents[row]), float(loads[row]), impatient=True)
    ]
    times = peer.per_interval_s / mine.per_interval_s
    print(f"  {times:.0f} × pyworkforce; goal {GOAL_A:.0f} ×; 100 of our answers hold in 40 digits")
    return complaints + ([] if times >= GOAL_A else [f"Erlang A is only {times:.0f} × pyworkforce"])


def _spread(values: Numbers, count: int) -> Numbers:
    """`count` of the values, evenly taken from all."""
    return values[np.linspace(0, len(values) - 1, count).astype(int)]


def _forgiving(one: Callable[[float], float]) -> Callable[[float], float]:
    """Some peers divide by zero at whole or small loads: a wrong answer like others."""

    def answer(count: float) -> float:
        try:
            return one(count)
        except ZeroDivisionError:
            return -1.0

    return answer


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--intervals", type=int, default=17_520)
    asked.add_argument("--slow", type=int, default=40, help="intervals for slow peers")
    given = asked.parse_args()
    peers()
    calls = a_year(given.intervals)
    print(f"{len(calls)} intervals with {calls.mean():.0f} calls on average, handling {HANDLE_S:g} s")
    complaints = patient(calls, given.slow) + impatient(calls, given.slow)
    print("\n".join(complaints) or "every answer is right and every goal is met")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
