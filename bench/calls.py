"""Calls a second through the queue, the delay to the operator's ring, and recorded calls at once.

    bin/bench calls [--seconds 60] [--operators 260] [--rates 10,20,30,40] [--recorded 200] [--only PART]
                    [--json FILE]

The peer is Asterisk's own app_queue with the same SIPp files, in the same run. Goals: 40 calls/s without a
failure; at 10 calls/s with free operators 100 ms from the queue to the operator's INVITE (p99); 0.8 of
app_queue's rate; 200 recorded calls at once, each with its sound. Exit status: 1 when an answer is wrong (a
call lost, an outcome wrong, a recording without sound) or 20 calls/s are not reached, 2 when only a goal is
missed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from staging import report
from staging.centre import Centre, NotInTime, Ports, used_cpu_s, wait_until
from staging.peer import AppQueue
from staging.registering import register
from staging.sipp import Crowd, Load, percentile

from madoguchi.config.installation import default_cache
from madoguchi.program import asterisk

TALK_S = 4.0
CALM_RATE = 10.0
WARM_UP_RATE, WARM_UP_S = 5.0, 12.0
CALM_S, CALM_SHARE = 3.0, 0.05
"""The worker has nothing of its own to do when it used less of a processor than this share for so long."""
PARTS = ("control", "postgres", "asterisk", "web", "worker", "gate")


@dataclass
class Step:
    """One rate, tried."""

    rate: float
    ok: bool
    offered: int
    failed: int
    retransmitted: int
    p50_ms: float
    p99_ms: float
    cpu_ms_per_call: dict[str, float] = field(default_factory=dict)
    load_average: float = 0.0
    """Of the last minute, the load's own programs included."""
    wrong: str = ""

    def line(self) -> str:
        """One readable line."""
        cpu = " ".join(f"{name} {ms:.1f}" for name, ms in self.cpu_ms_per_call.items())
        verdict = "ok" if self.ok else f"NOT: {self.failed} failed {self.wrong}"
        delay = f"INVITE→INVITE p50 {self.p50_ms:.0f} p99 {self.p99_ms:.0f} ms"
        return (
            f"{self.rate:6.1f} calls/s {delay}; CPU ms/call: {cpu}; {self.retransmitted} repeats; {verdict}"
        )


def step_of(load: Load, cpu: dict[str, float], wrong: str = "") -> Step:
    delays = load.delays_s()
    return Step(
        rate=load.rate,
        ok=load.failed == 0 and not wrong,
        offered=load.offered,
        failed=load.failed,
        retransmitted=load.retransmitted,
        p50_ms=1000 * percentile(delays, 0.5),
        p99_ms=1000 * percentile(delays, 0.99),
        cpu_ms_per_call={name: 1000 * used / load.offered for name, used in cpu.items()},
        load_average=os.getloadavg()[0],
        wrong=wrong,
    )


class Ours:
    """The centre under SIPp's load."""

    def __init__(self, centre: Centre, crowd: Crowd) -> None:
        self.centre, self.crowd = centre, crowd
        self.phones = {one["endpoint"]: one["secret"] for one in centre.seeded["operators"]}
        self.last: Load | None = None

    def begin(self) -> None:
        """Let pass what is no call's work: a new centre speaks its sentences, and opens its connections."""
        with contextlib.suppress(NotInTime):
            wait_until(self._is_calm, 180, "the worker has spoken ahead", every_s=0)
        self.load(WARM_UP_RATE, WARM_UP_S)

    def _is_calm(self) -> bool:
        before = self.centre.cpu_s("worker")
        time.sleep(CALM_S)
        return self.centre.cpu_s("worker") - before < CALM_SHARE * CALM_S

    def load(self, rate: float, for_s: float) -> Step:
        """Call at one rate and count the outcomes."""
        port = self.centre.ports.settings()["sip_port"]
        register(self.phones, from_port=self.crowd.operators_port, server_port=port)
        self.crowd.seat()
        wait_until(self.centre.all_reachable, 20, "all telephones are reachable")
        before, cpu = self._outcomes(), {name: self.centre.cpu_s(name) for name in PARTS}
        load = self.last = self.crowd.call(rate, for_s)
        used = {name: self.centre.cpu_s(name) - cpu[name] for name in PARTS}
        step = step_of(load, used, self._wrong(before, load))
        self._rest()
        return step

    def queue_delays_ms(self) -> list[float]:
        """From each caller's entry into the queue (the database's word) to the operator's INVITE, sorted."""
        assert self.last is not None
        since = min(self.last.called_at.values())
        rows = self.centre.sql(
            "SELECT c.customer_e164, extract(epoch FROM v.enqueued_at)::float FROM calls_queuevisit v"
            " JOIN calls_call c ON c.id = v.call_id WHERE v.enqueued_at >= to_timestamp(%s)",
            since,
        )
        entered = {number.replace("+81", "0", 1): at for number, at in rows}
        rang = self.last.rang_at
        return sorted(1000 * (rang[number] - at) for number, at in entered.items() if number in rang)

    def _outcomes(self) -> dict[str, int]:
        return {
            str(name): int(count)
            for name, count in self.centre.sql("SELECT outcome, count(*) FROM calls_call GROUP BY outcome")
        }

    def _wrong(self, before: dict[str, int], load: Load) -> str:
        def counted() -> int:
            return self._outcomes().get("answered", 0) - before.get("answered", 0)

        with contextlib.suppress(NotInTime):
            wait_until(lambda: counted() >= load.succeeded, 5, "outcomes")
        now = self._outcomes()
        gained = {name: now[name] - before.get(name, 0) for name in now if now[name] != before.get(name, 0)}
        right = {"answered": load.offered}
        return "" if gained == right else f"outcomes {gained}, called {load.offered}"

    def _rest(self) -> None:
        """Until everybody is idle again, so that the next rate begins on an empty floor."""
        idle = "SELECT count(*) FROM agents_agent WHERE activity <> 'idle'"
        wait_until(lambda: self.centre.sql(idle) == [(0,)], 120, "everybody is free again")


def ours(given: argparse.Namespace, ports: Ports) -> dict[str, Any]:
    queue = {"ring_s": 20, "wrap_up_s": 1, "cooling_off_s": 1, "recorded": False}
    with Centre(operators=given.operators, queue=queue, ports=ports) as centre:
        crowd = Crowd(
            server_port=ports.settings()["sip_port"],
            number=centre.number,
            base_port=ports.base + 10,
            talk_s=TALK_S,
            media=False,
        )
        try:
            bench = Ours(centre, crowd)
            bench.begin()
            calm = bench.load(CALM_RATE, min(30.0, given.seconds))
            delays = bench.queue_delays_ms()
            print("ours  ", calm.line(), flush=True)
            steps = climb("ours", bench.load, given)
        finally:
            crowd.close()
    return {
        "calm": vars(calm),
        "queue_to_invite_ms": {
            "calls": len(delays),
            "p50": percentile(delays, 0.5),
            "p99": percentile(delays, 0.99),
        },
        "steps": [vars(step) for step in steps],
        "best": max((step.rate for step in steps if step.ok), default=0.0),
    }


def peer(given: argparse.Namespace, ports: Ports) -> dict[str, Any]:
    program = asterisk.required(default_cache(os.environ) / "current")
    phones = [f"phone{count}" for count in range(given.operators)]
    sip_port, base = ports.settings()["sip_port"], ports.base + 10
    crowd = Crowd(server_port=sip_port, number="0312345678", base_port=base, talk_s=TALK_S, media=False)
    try:
        with AppQueue(program, phones, sip_port=sip_port, phones_port=base) as queue:

            def load(rate: float, for_s: float) -> Step:
                crowd.seat()
                before = used_cpu_s(queue.running.pid)
                done = crowd.call(rate, for_s)
                step = step_of(done, {"asterisk": used_cpu_s(queue.running.pid) - before})
                time.sleep(3)
                return step

            calm = load(CALM_RATE, min(30.0, given.seconds))
            print("peer  ", calm.line(), flush=True)
            steps = climb("peer", load, given)
    finally:
        crowd.close()
    best = max((step.rate for step in steps if step.ok), default=0.0)
    return {"calm": vars(calm), "steps": [vars(step) for step in steps], "best": best}


def climb(name: str, load: Any, given: argparse.Namespace) -> list[Step]:
    """Try rising rates until one fails; the last good one is the figure."""
    steps = []
    for rate in given.rates:
        step = load(rate, given.seconds)
        steps.append(step)
        print(f"{name:6}", step.line(), flush=True)
        if not step.ok:
            break
    return steps


def recorded(given: argparse.Namespace, ports: Ports) -> dict[str, Any]:
    """As many recorded calls at once as asked for; every one must end up with a stored recording."""
    queue = {"ring_s": 20, "wrap_up_s": 1, "cooling_off_s": 1}
    rate, talk_s = 10.0, given.recorded / 10 + 20
    with Centre(operators=given.recorded + 10, queue=queue, ports=ports) as centre:
        sip_port = ports.settings()["sip_port"]
        base = ports.base + 10
        crowd = Crowd(server_port=sip_port, number=centre.number, base_port=base, talk_s=talk_s, media=True)
        try:
            bench = Ours(centre, crowd)
            began, cpu = time.time(), centre.cpu_s("asterisk")
            step = bench.load(rate, given.recorded / rate)
            print("record", step.line(), flush=True)
            used = (centre.cpu_s("asterisk") - cpu) / (time.time() - began)
            unstored = "SELECT count(*) FROM calls_recording WHERE stage <> 'stored'"
            wait_until(lambda: centre.sql(unstored) == [(0,)], 180, "every recording is stored", every_s=1)
            (most,) = centre.sql(_MOST_AT_ONCE)[0]
            (shortest,) = centre.sql("SELECT min(duration_s) FROM calls_recording")[0]
        finally:
            crowd.close()
    return {
        "at_once": most,
        "failed": step.failed,
        "wrong": step.wrong,
        "shortest_recording_s": round(shortest or 0, 1),
        "talk_s": talk_s,
        "asterisk_cores": round(used, 2),
    }


_MOST_AT_ONCE = """
SELECT max(at_once) FROM (
    SELECT sum(change) OVER (ORDER BY at) AS at_once FROM (
        SELECT began_at AS at, 1 AS change FROM calls_recording
        UNION ALL SELECT ended_at, -1 FROM calls_recording) changes) counts"""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--operators", type=int, default=260)
    asked.add_argument(
        "--rates", type=lambda text: [float(x) for x in text.split(",")], default=[10.0, 20.0, 30.0, 40.0]
    )
    asked.add_argument("--recorded", type=int, default=200)
    asked.add_argument("--only", choices=("ours", "peer", "recorded"))
    asked.add_argument("--json", type=Path, help="also write the figures there")
    asked.add_argument("--base", type=int, default=31_000)
    given = asked.parse_args()
    ports, figures = Ports(given.base), {}
    if given.only in (None, "ours"):
        figures["ours"] = ours(given, ports)
    if given.only in (None, "peer"):
        figures["peer"] = peer(given, ports)
    if given.only in (None, "recorded"):
        figures["recorded"] = recorded(given, ports)
    written = json.dumps(figures, indent=1)
    if given.json is not None:
        given.json.write_text(written + "\n")
    print(written)
    print(report.table(figures))
    wrong, missed = report.verdict(figures, given.recorded)
    print("\n".join([*wrong, *missed]) or "every answer is right, every goal is reached")
    return 1 if wrong else 2 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
