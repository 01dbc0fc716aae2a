"""Kills the processes of a busy centre at random moments, again and again, and looks what was lost.

bin/bench faults [--rounds 100] [--seed N] [--operators 6] [--only PART]
Every round ends with belief compared with truth; every tenth and the last with `madoguchi verify`.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from staging.centre import Centre, NotInTime, Ports, wait_until
from staging.phones import Caller
from staging.truth import Pair, e164, pairs, settle

RIGHT_WITHIN_S = 3.0
GAP_S = 0.6
VICTIMS = ("control", "postgres", "web", "worker", "asterisk", "two controllers")
WEIGHTS = (6, 4, 1, 1, 3, 1)
LONGEST_AWAY_S = {"control": 6.0, "postgres": 6.0, "web": 1.0, "worker": 1.0, "asterisk": 1.0}


class Traffic:
    """Customers who come, wait, talk, lose patience and leave; a little more than the operators can serve."""

    def __init__(self, centre: Centre, chance: random.Random) -> None:
        self._centre = centre
        self._chance = chance
        self._leaves_at: dict[Caller, float] = {}
        self._next_at = 0.0
        self.kept: set[Caller] = set()
        """Those who stay whatever happens, since they are watched."""

    def step(self) -> None:
        """Let happen what is due now."""
        now, phones = time.monotonic(), self._centre.phones
        for phone in phones.operators:
            if phone.place == "idle":
                phone.answer_after_s = self._chance.choice((0.1, 0.4, 0.8, 1.5, None))
        living = [one for one in phones.callers if one.living]
        for one in living:
            if now >= self._leaves_at.get(one, now) and one not in self.kept:
                phones.do(one.hang_up)
        if len(living) < len(phones.operators) + 4 and now >= self._next_at:
            self._next_at = now + self._chance.uniform(0.1, 0.8)
            self._leaves_at[phones.call(self._centre.number)] = now + self._chance.uniform(2, 14)

    def run(self, for_s: float) -> None:
        until = time.monotonic() + for_s
        while time.monotonic() < until:
            self.step()
            time.sleep(0.03)


@dataclass
class Report:
    """What came of all rounds."""

    rounds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    right_after_s: dict[str, list[float]] = field(default_factory=dict)
    silences_s: list[float] = field(default_factory=list)

    def fault(self, number: int, victim: str, words: str) -> None:
        self.faults.append(f"round {number} ({victim}): {words}")
        print(f"  FAULT {self.faults[-1]}", flush=True)


class Round:
    """One kill, and everything that must be so afterwards."""

    def __init__(self, centre: Centre, traffic: Traffic, chance: random.Random) -> None:
        self.centre, self.traffic, self.chance = centre, traffic, chance

    def run(self, victim: str, fault: Callable[[str], None], report: Report) -> None:
        self.traffic.run(self.chance.uniform(0.5, 3.0))
        kill = {"asterisk": self._asterisk, "two controllers": self._two}.get(victim)
        if kill is not None:
            kill(fault, report)
        else:
            self._survivable(victim, fault, report)
        self._rings(fault)
        self.centre.revive()

    def _survivable(self, victim: str, fault: Callable[[str], None], report: Report) -> None:
        watched, places = pairs(self.centre), self._places()
        # Only those who certainly talk both ways now.
        watched = [pair for pair in watched if pair.hear_each_other()]
        self.traffic.kept = {pair.caller for pair in watched}
        died = self.centre.kill(victim)
        self.traffic.run(self.chance.uniform(0.0, LONGEST_AWAY_S[victim]))
        self.centre.start(victim)
        if self._settle(victim, fault, report):
            self._talked_on(watched, died, fault, report)
        later = self._places()
        for number, place in places.items():
            if later.get(number, place) != place:
                fault(f"{number} lost the place {place}: {later[number]}")
        self.traffic.kept = set()

    def _two(self, fault: Callable[[str], None], report: Report) -> None:
        old = self.centre.running["control"]
        self.centre.pause("control")
        self.traffic.run(self.chance.uniform(0.0, 2.0))
        self.centre.start("control")
        self.traffic.run(1.0)
        old.signal(signal.SIGCONT)
        self._settle("two controllers", fault, report)
        try:
            wait_until(lambda: not old.alive(), 6, "the old controller has ended")
        except NotInTime as late:
            fault(str(late))

    def _asterisk(self, fault: Callable[[str], None], report: Report) -> None:
        phases = dict(self.centre.sql("SELECT customer_e164, phase FROM calls_call WHERE phase <> 'ended'"))
        lost = [one for one in self.centre.phones.callers if one.living and e164(one) in phases]
        self.centre.kill("asterisk")
        self.centre.phones.switch_died()
        time.sleep(self.chance.uniform(0.0, LONGEST_AWAY_S["asterisk"]))
        self.centre.start("asterisk")
        self._settle("asterisk", fault, report)
        try:
            wait_until(self.centre.all_reachable, 10, "all telephones are reachable again")
        except NotInTime as late:
            fault(str(late))
        for one in lost:
            self._lost(e164(one), phases[e164(one)], fault)

    def _lost(self, number: str, phase: str, fault: Callable[[str], None]) -> None:
        rows = self.centre.sql(
            "SELECT c.outcome, c.ending, EXISTS (SELECT 1 FROM cases_promise p"
            " WHERE p.call_id = c.id AND p.origin = 'lost_call') FROM calls_call c WHERE customer_e164 = %s",
            number,
        )
        if len(rows) != 1 or not rows[0][0]:
            fault(f"{number} was {phase} when the switch died, and has {rows}")
        elif phase in {"waiting", "ringing", "talking", "holding"} and not rows[0][2]:
            fault(f"{number} was {phase} when the switch died, and is owed no call back: {rows[0][:2]}")

    def _settle(self, victim: str, fault: Callable[[str], None], report: Report) -> bool:
        try:
            took_s = settle(self.centre, RIGHT_WITHIN_S, telephones=victim != "asterisk")
            report.right_after_s.setdefault(victim, []).append(took_s)
        except NotInTime as late:
            fault(f"{late} | {self._evidence()}")
            self._empty_the_floor(fault)
            return False
        return True

    def _empty_the_floor(self, fault: Callable[[str], None]) -> None:
        for one in self.centre.phones.callers:
            self.centre.phones.do(one.hang_up)
        try:
            settle(self.centre, 15)
        except NotInTime as late:
            fault(f"stuck for good: {late}")

    def _talked_on(
        self, watched: list[Pair], died: float, fault: Callable[[str], None], report: Report
    ) -> None:
        until = time.monotonic()
        for pair in watched:
            if not pair.caller.living:
                fault(f"{pair.caller.user} was talking and was cut off")
                continue
            silence_s = pair.longest_silence_s(died, until)
            report.silences_s.append(silence_s)
            if silence_s > GAP_S:
                fault(f"{pair.caller.user} and {pair.operator.user} heard nothing for {silence_s:.1f} s")

    def _places(self) -> dict[str, tuple[object, ...]]:
        rows = self.centre.sql(
            "SELECT c.customer_e164, v.id, v.enqueued_at FROM calls_queuevisit v"
            " JOIN calls_call c ON c.id = v.call_id WHERE v.left_at IS NULL"
        )
        return {str(number): tuple(place) for number, *place in rows}

    def _rings(self, fault: Callable[[str], None]) -> None:
        rings = [ring for phone in self.centre.phones.operators for ring in phone.rings]
        for offer, count in Counter(ring.offer_id for ring in rings).items():
            if count > 1:
                fault(f"offer {offer} was dialled {count} times")
        for ring in rings:
            if ring.while_busy:
                ring.while_busy = False
                fault(f"call {ring.call_id} rang at a busy phone at {ring.at:.3f}")

    def _evidence(self) -> str:
        rows = self.centre.sql(
            "SELECT to_char(at, 'HH24:MI:SS.MS'), subject, event, right(call_id::text, 6)"
            " FROM ledger_transition ORDER BY id DESC LIMIT 6"
        )
        return "; ".join(" ".join(map(str, row)) for row in rows)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=100)
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--operators", type=int, default=6)
    asked.add_argument("--only", choices=VICTIMS)
    asked.add_argument("--base", type=int, default=31_000, help="first port")
    given = asked.parse_args()
    print(f"seed {given.seed}, {given.rounds} rounds", flush=True)
    chance, report, began = random.Random(given.seed), Report(), time.monotonic()
    queue = {"ring_s": 5, "wrap_up_s": 2, "cooling_off_s": 3}
    with Centre(operators=given.operators, queue=queue, ports=Ports(given.base)) as centre:
        centre.seat_operators()
        traffic = Traffic(centre, chance)
        for number in range(1, given.rounds + 1):
            victim = given.only or chance.choices(VICTIMS, WEIGHTS)[0]
            report.rounds[victim] += 1
            print(f"{number:4} {victim}", flush=True)

            def fault(words: str, number: int = number, victim: str = victim) -> None:
                report.fault(number, victim, words)

            Round(centre, traffic, chance).run(victim, fault, report)
            if number % 10 == 0:
                _verify(centre, report, number, began, settled=False)
        for one in centre.phones.callers:
            centre.phones.do(one.hang_up)
        settle(centre, 10)
        # What may still be under way counts as such for half a minute.
        time.sleep(35)
        _verify(centre, report, given.rounds, began, settled=True)
        if report.faults:
            _keep_words(centre)
    return _tell(report)


def _verify(centre: Centre, report: Report, number: int, began: float, *, settled: bool) -> None:
    for violation in centre.violations(time.monotonic() - began + 60):
        words = f"verify: {violation}"
        if not any(words in known for known in report.faults):
            report.fault(number, "verify" if settled else "verify under way", words)


def _keep_words(centre: Centre) -> None:
    for name in ("control", "web", "worker"):
        with open(f"/tmp/faults-{name}.log", "w") as kept:  # noqa: PTH123
            kept.write(centre.words(name, 3000))


def _tell(report: Report) -> int:
    right = {name: sorted(times) for name, times in report.right_after_s.items()}
    figures = {
        "rounds": dict(report.rounds),
        "right_after_s": {
            n: {"median": round(t[len(t) // 2], 2), "max": round(t[-1], 2)} for n, t in right.items()
        },
        "conversations_watched": len(report.silences_s),
        "longest_silence_s": round(max(report.silences_s, default=0.0), 2),
        "faults": len(report.faults),
    }
    print(json.dumps(figures, indent=1))
    print("\n".join(report.faults) or "no fault")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
