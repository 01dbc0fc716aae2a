"""The simulator against simpy and Ciw, on a queue of 100 people whose callers give up (M/M/100+M).

bin/bench simulate [--calls 20000] [--peers simpy==4.1.2 ciw==3.2.7]
Fails when the three do not agree, when ours is not 100 times as fast as simpy, or a goal of speed is missed.
The peers are installed for the occasion into an environment beside the product's own. Seconds are of
processor time, so that what else runs on the machine does not count; all speeds are those of one core.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, stdev
from typing import Any

ARRIVALS_PER_S, HANDLING_S, PATIENCE_S, AGENTS = 100 / 180.0, 180.0, 300.0, 100
RUNS, STUDENT = 10, 4.781  # 99.9 % bound of Student's t of nine degrees of freedom
CALLS_PER_S, EVENTS_PER_S, MONTH_S, TIMES_SIMPY = 5e6, 2e6, 5.0, 100.0
PEERS = ("simpy==4.1.2", "ciw==3.2.7")


def main() -> int:
    """Measure, compare, say; 1 when a goal is missed or the answers differ."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--calls", type=int, default=20_000, help="callers in each of the peers' runs")
    asked.add_argument("--peers", nargs="*", default=list(PEERS))
    asked.add_argument("--as-peer", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.as_peer:
        print(json.dumps(_PEERS[options.as_peer](options.calls)))
        return 0
    peers = _run_peers(options.peers, options.calls)
    ours = [_single_queue(), _events(), _month()]
    return _verdict(peers, *ours)


def _single_queue() -> dict[str, Any]:
    from madoguchi.science.staffing.simulation.distributions import exponential
    from madoguchi.science.staffing.simulation.single_queue import SingleQueue, simulate

    queue = SingleQueue(ARRIVALS_PER_S, exponential(HANDLING_S), AGENTS, exponential(PATIENCE_S))
    began = time.process_time()
    simulate(queue, calls=1_000, seed=1, runs=1)
    first = time.process_time() - began
    calls, runs = 1_000_000, 20
    began = time.process_time()
    found = simulate(queue, calls=calls, seed=1, runs=runs, level=0.999)
    seconds = time.process_time() - began
    gone, wait = found["abandon_probability"], found["mean_wait"]
    return {
        "calls_per_s": calls * runs / seconds,
        "first_s": first,
        "abandoned": (gone.mean, gone.high - gone.mean),
        "wait": (wait.mean, wait.high - wait.mean),
    }


def _events() -> dict[str, float]:
    from madoguchi.science.staffing.simulation.building import build
    from madoguchi.science.staffing.simulation.running import finish
    from madoguchi.science.staffing.simulation.tests.cast import everything

    began = time.process_time()
    finish(build(everything(), 0))
    first = time.process_time() - began
    events, seconds = 0, 0.0
    for seed in range(40):
        world = build(everything(), seed)
        began = time.process_time()
        finish(world)
        seconds += time.process_time() - began
        events += int(world.sys[0]["events"])
    return {"events_per_s": events / seconds, "first_s": first}


def _month() -> dict[str, float]:
    from madoguchi.science.staffing.simulation.running import simulate
    from madoguchi.science.staffing.simulation.tests.cast import everything

    centre = everything(days=30)
    began = time.process_time()
    found = simulate(centre, 1)
    return {"month_s": time.process_time() - began, "calls": len(found.calls)}


def _run_peers(wanted: list[str], calls: int) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        _quietly(sys.executable, "-m", "venv", folder)
        _quietly(str(python), "-m", "pip", "--disable-pip-version-check", "install", *wanted)
        found = {}
        for name in _PEERS:
            said = _quietly(str(python), __file__, "--as-peer", name, "--calls", str(calls))
            found[name] = json.loads(said)
    return found


def _quietly(*command: str) -> str:
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, env=alone)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def _as_simpy(calls: int) -> dict[str, Any]:
    import simpy  # type: ignore[import-not-found]

    def caller(env: Any, people: Any, draw: Any, seen: list[tuple[bool, float]]) -> Any:
        began = env.now
        with people.request() as request:
            result = yield request | env.timeout(draw.expovariate(1 / PATIENCE_S))
            seen.append((request in result, env.now - began))
            if request in result:
                yield env.timeout(draw.expovariate(1 / HANDLING_S))

    def source(env: Any, people: Any, draw: Any, seen: list[tuple[bool, float]]) -> Any:
        for _ in range(calls):
            yield env.timeout(draw.expovariate(ARRIVALS_PER_S))
            env.process(caller(env, people, draw, seen))

    def once(seed: int) -> list[tuple[bool, float]]:
        import random

        env, seen = simpy.Environment(), []
        env.process(source(env, simpy.Resource(env, AGENTS), random.Random(seed), seen))
        env.run()
        return seen

    return _timed(once, calls)


def _as_ciw(calls: int) -> dict[str, Any]:
    import ciw  # type: ignore[import-not-found]

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(ARRIVALS_PER_S)],
        service_distributions=[ciw.dists.Exponential(1 / HANDLING_S)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE_S)],
        number_of_servers=[AGENTS],
    )

    def once(seed: int) -> list[tuple[bool, float]]:
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(calls / ARRIVALS_PER_S)
        return [
            (one.record_type == "service", one.waiting_time)
            for one in sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
        ]

    return _timed(once, calls)


_PEERS: dict[str, Callable[[int], dict[str, Any]]] = {"simpy": _as_simpy, "ciw": _as_ciw}


def _timed(once: Callable[[int], list[tuple[bool, float]]], calls: int) -> dict[str, Any]:
    began = time.process_time()
    runs = [once(seed) for seed in range(RUNS)]
    seconds = time.process_time() - began
    # The first tenth warms up; the last callers of a run, still being served when it ends, are few.
    steady = [run[calls // 10 :] for run in runs]
    gone = [1 - mean(answered for answered, _ in run) for run in steady]
    waits = [mean(wait for _, wait in run) for run in steady]
    return {
        "calls_per_s": sum(map(len, runs)) / seconds,
        "abandoned": (mean(gone), _half(gone)),
        "wait": (mean(waits), _half(waits)),
    }


def _half(values: list[float]) -> float:
    """Half the 99.9 % interval of the mean."""
    return STUDENT * stdev(values) / math.sqrt(len(values))


def _verdict(
    peers: dict[str, dict[str, Any]],
    single: dict[str, Any],
    events: dict[str, float],
    month: dict[str, float],
) -> int:
    wrong = _differences(single, peers)
    print("M/M/100+M, 100 Erlang, patience 300 s      calls/s   abandoned           mean wait, s")
    for name, found in [("madoguchi", single), *peers.items()]:
        pairs = (found["abandoned"], found["wait"])
        figures = "".join(f"   {value:8.4f} ± {half:.4f}" for value, half in pairs)
        print(f"  {name:<38}{found['calls_per_s']:>12,.0f}{figures}")
    goals = [
        ("times simpy", single["calls_per_s"] / peers["simpy"]["calls_per_s"], TIMES_SIMPY, True),
        ("calls/s, single queue", single["calls_per_s"], CALLS_PER_S, True),
        ("events/s, all features", events["events_per_s"], EVENTS_PER_S, True),
        (f"s for 30 days of 50 seats, {month['calls']:,} calls", month["month_s"], MONTH_S, False),
    ]
    for name, value, goal, at_least in goals:
        kept = value >= goal if at_least else value <= goal
        print(
            f"  {'✓' if kept else '✗'} {value:>14,.2f}  {name} (goal {'≥' if at_least else '≤'} {goal:,.0f})"
        )
        if not kept:
            wrong.append(f"{name}: {value:,.2f}")
    first = f"{single['first_s']:.1f} s and {events['first_s']:.1f} s"
    print(f"  first call in a process: {first} (compiled, or read where it is kept)")
    for line in wrong:
        print(f"✗ {line}", file=sys.stderr)
    return 1 if wrong else 0


def _differences(single: dict[str, Any], peers: dict[str, dict[str, Any]]) -> list[str]:
    """Where the intervals of two do not even touch."""
    found = []
    for name, peer in peers.items():
        for what in ("abandoned", "wait"):
            (one, half), (other, other_half) = single[what], peer[what]
            if abs(one - other) > half + other_half:
                found.append(f"{name} and madoguchi do not agree: {what} {other:.4f} and {one:.4f}")
    return found


if __name__ == "__main__":
    sys.exit(main())
