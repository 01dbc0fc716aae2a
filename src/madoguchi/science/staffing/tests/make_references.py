"""Compute references.json: 40-digit answers of `reference.py`, which the tests read.

python -m madoguchi.science.staffing.tests.make_references
"""

import itertools
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mpmath as mp

from madoguchi.science.staffing.tests import reference

KEPT = Path(__file__).with_name("references.json")
SIZES = (1, 2, 7, 30, 250, 2_000, 50_000)
MILLISECOND, AGE = 180.0 / 0.001, 180.0 / 1e9
"""Impatience where callers who need 3 minutes wait for 1 ms, or for 30 years."""

Case = tuple[str, tuple[float, ...]]
"""The formula, and its arguments: agents, load, then impatience, places and t as it has them."""


def cases() -> Iterator[Case]:
    """Light, heavy and overloaded; the smallest and the largest; every edge."""
    for agents, share in itertools.product(SIZES, (1e-6, 0.5, 0.98, 1.0, 1.1, 1e4)):
        yield "erlang_b", (agents, agents * share)
    for agents, share, t in itertools.product(
        SIZES, (1e-6, 0.1, 0.5, 0.9, 0.98, 0.9999), (0.0, 0.01, 0.2, 5.0)
    ):
        yield "erlang_c", (agents, agents * share, t)
    for agents, load in ((50_000, 49_999.0), (1, 1e-9), (50_000, 1e-9), (1, 1.0 - 1e-9)):
        yield from (("erlang_c", (agents, load, t)) for t in (0.0, 1.0))
    waiting = ((1, 0.05), (1, 20.0), (2, 0.6), (7, 1e-3), (30, 0.6), (250, 0.05), (2_000, 1.0), (50_000, 3.0))
    for (agents, impatience), share, t in itertools.product(
        waiting, (1e-6, 0.9, 1.0, 1.02, 1.3), (0.01, 0.3)
    ):
        yield "erlang_a", (agents, agents * share, impatience, t)
    for impatience, t in itertools.product((MILLISECOND, AGE), (0.0, 0.1)):
        yield "erlang_a", (26, 24.5, impatience, t)
    yield "erlang_a", (50_000, 49_999.0, 0.6, 0.1)
    yield "erlang_a", (50_000, 49_999.0, MILLISECOND, 0.1)
    yield "erlang_a", (1, 1e-9, 0.6, 0.0)
    yield from (("limited", given) for given in limited())


def limited() -> Iterator[tuple[float, ...]]:
    """agents, load, impatience, places, t."""
    yield from (
        (5, 4.0, 0.5, 10, 0.3),
        (50, 60.0, 0.0, 100, 0.5),
        (50, 45.0, 0.25, 20, 2.0),
        (300, 400.0, 0.0, 2_000, 5.0),
        (2, 1.0, 4.0, 5, 6.0),
        (10, 12.0, 0.0625, 40, 30.0),
        (5_000, 5_200.0, 0.125, 3_000, 0.2),
        (50_000, 49_000.0, 0.0, 500, 0.01),
        (12, 10.0, 0.6, 0, 0.1),
        (12, 10.0, 0.6, 1, 0.0),
        (12, 10.0, 0.0, 20_000, 0.1),
    )


def answers(formula: str, given: tuple[float, ...]) -> dict[str, Any]:
    """What `reference.py` says, in 40 digits."""
    agents = int(given[0])
    if formula == "erlang_b":
        blocked = reference.erlang_b(agents, given[1])
        return {"blocking": blocked, "carried_share": 1 - blocked, "log_blocking": mp.log(blocked)}
    if formula == "limited":
        with mp.workdps(60):
            return reference.limited(agents, given[1], given[2], int(given[3]), given[4])
    if formula == "erlang_a":
        # As the product has it: the handling time is 1 s, so impatience is 1 ÷ patience, as that is rounded.
        return reference.erlang_a(agents, given[1], 1.0 / (1.0 / given[2]), given[3])
    return reference.erlang_c(agents, given[1], given[2])


def main() -> None:
    """Write all answers; numbers as 40 digits in text."""
    rows = []
    with mp.workdps(reference.DIGITS):
        for formula, given in cases():
            found = {
                name: mp.nstr(value, reference.DIGITS) for name, value in answers(formula, given).items()
            }
            rows.append([formula, [value if math.isfinite(value) else None for value in given], found])
    KEPT.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
