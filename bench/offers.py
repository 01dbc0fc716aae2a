"""Ten thousand rings in a storm: two matchers at once, people and callers of all moods, in many processes.

    bin/bench offers [--rings 10000] [--people 24] [--actors 2] [--minutes 20]

Goals: no person with two open rings, no leg dialled twice, no ring written after its caller's end, the first
served first among equals, and every other rule of `madoguchi verify`. All by the real actions on an embedded
PostgreSQL of its own, thrown away at the end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

from calls_actions import _installation


def main() -> int:
    """Let it storm; the exit code says whether everything held."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rings", type=int, default=10_000)
    asked.add_argument("--people", type=int, default=24)
    asked.add_argument("--actors", type=int, default=2, help="processes of each role, matchers twice as many")
    asked.add_argument("--minutes", type=float, default=20.0, help="at the longest")
    asked.add_argument("--play", help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.play:
        return _play(told.play, told.rings)
    with _installation():
        return _measure(told)


def _play(part: str, rings: int) -> int:
    """One actor, in a process of its own."""
    import django

    django.setup()
    from madoguchi.domain.calls.actions import waiting
    from madoguchi.domain.calls.tests.storm import Storm, unspoken

    waiting.playable = unspoken  # type: ignore[assignment]
    role, seed, until_s = part.split(":")
    storm = Storm(rings, float(until_s), int(seed))
    storm.play(role)
    print(" ".join(f"{why}={number}" for why, number in storm.refused.items()))
    return 0


def _measure(told: argparse.Namespace) -> int:
    from madoguchi.domain.calls.tests.storm import ROLES, calm, examine, lay_out
    from madoguchi.kit.clock import now

    lay_out(told.people)
    began, since = time.time(), now() - timedelta(seconds=1)
    until_s = began + 60 * told.minutes
    parts = [f"{role}:{seed}:{until_s}" for seed, role in enumerate(ROLES * told.actors)]
    command = [sys.executable, __file__, "--rings", str(told.rings), "--play"]
    actors = [
        subprocess.Popen([*command, part], env=os.environ, stdout=subprocess.PIPE, text=True)
        for part in parts
    ]
    refused = [actor.communicate()[0].strip() for actor in actors]
    took_s = time.time() - began
    calm()
    tally = examine(since)
    for part, why in zip(parts, refused, strict=True):
        print(f"  {part.split(':')[0]:<9} {why or 'was always first'}")
    failed = [part for part, actor in zip(parts, actors, strict=True) if actor.returncode]
    for rule, number in Counter(broken.split(":")[0] for broken in tally.broken).items():
        print(f"  ✗ {rule} {number} times, the first: {next(x for x in tally.broken if x.startswith(rule))}")
    met = not tally.broken and not failed and tally.rings >= told.rings
    print(
        f"{tally.rings} rings of {tally.calls} calls at {told.people} people by {len(parts)} processes in"
        f" {took_s:.0f} s; {tally.taken} taken; {tally.choices} times a later caller could have been first;"
        f" {len(tally.broken)} rules broken, {len(failed)} processes failed: {'met' if met else 'MISSED'}"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
