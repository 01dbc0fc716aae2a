"""Erlang B (M/M/n/n): who finds all lines engaged is turned away; and with some of them trying again.

Sources: A. K. Erlang (1917); ITU-D Study Group 2, Teletraffic Engineering Handbook (2005), chapter 7; for the
extended formula R. I. Wilkinson (1956), "Theories for toll traffic engineering in the USA", and J. M. Jewett
et al. (1980), "Extended Erlang B".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from madoguchi.science.staffing import compiled, inputs
from madoguchi.science.staffing.errors import NeverCertain, NotBetween, OutOfReach, Unsolved, Unstable
from madoguchi.science.staffing.inputs import Columns, Floats
from madoguchi.science.staffing.kernels import rows


def blocking(lines: ArrayLike, load: ArrayLike) -> Floats:
    """Share of callers who find all lines engaged (呼損率 in its first sense).

    >>> f"{blocking(lines=10, load=5.0):.6f}"
    '0.018385'
    """
    given, found = _blocking(lines, load)
    return given.shaped(inputs.told(found[:, 0], given["load"] > 0))


def log_blocking(lines: ArrayLike, load: ArrayLike) -> Floats:
    """The natural logarithm of `blocking`, also where that is smaller than any float; −inf for no load.

    >>> f"{log_blocking(lines=1000, load=1.0):.6f}"
    '-5913.128178'
    """
    given, found = _blocking(lines, load)
    return given.shaped(found[:, 2])


def carried_share(lines: ArrayLike, load: ArrayLike) -> Floats:
    """Share of callers who get a line: 1 − `blocking` without its rounding."""
    given, found = _blocking(lines, load)
    return given.shaped(found[:, 1])


def lines_for(load: ArrayLike, most_blocking: ArrayLike, *, most: int = 1_000_000) -> Floats:
    """The fewest lines that turn away no more than `most_blocking` (0–1). Raises OutOfReach.

    >>> lines_for([0.0, 5.0, 100.0], 0.01)
    array([  0.,  11., 117.])
    """
    given = Columns(load=(load, inputs.load), most_blocking=(most_blocking, _reachable))
    found = np.empty(given.count)
    compiled.rows(rows.lines_for_rows, given.count, given["load"], given["most_blocking"], most, found)
    if np.any(found > most):
        raise OutOfReach(most=most, goal="blocking")
    return given.shaped(found)


def load_for(lines: ArrayLike, wanted: ArrayLike) -> Floats:
    """The load in Erlang at which `wanted` (0–1, without the ends) of the callers are turned away.

    >>> f"{load_for(lines=10, wanted=0.01):.6f}"
    '4.461177'
    """
    given = Columns(lines=(lines, inputs.whole(1)), wanted=(wanted, inputs.inner_share))
    found = np.empty(given.count)
    compiled.rows(rows.load_for_rows, given.count, given["lines"], given["wanted"], found)
    return given.shaped(found)


@dataclass(frozen=True, slots=True)
class Retrying:
    """Lines whose engaged callers try again."""

    blocking: Floats
    """Share of callers who never get a line."""
    blocking_per_attempt: Floats
    """Share of attempts that meet engaged lines."""
    total_load: Floats
    """Load of all attempts, first and again, in Erlang."""


def retrying(lines: ArrayLike, load: ArrayLike, recall: ArrayLike) -> Retrying:
    """Extended Erlang B: of those turned away, `recall` (0–1) try again at once, as often as they must.

    The load of all attempts T solves T·(1 − recall·B(T)) = load; attempts are taken as Poisson. Raises
    Unstable when everybody tries again and the lines cannot carry the load.

    >>> found = retrying(lines=10, load=8.0, recall=0.5)
    >>> f"{found.blocking_per_attempt:.6f} {found.blocking:.6f} {found.total_load:.6f}"
    '0.151952 0.082223 8.657784'
    """
    given = Columns(lines=(lines, inputs.whole(1)), load=(load, inputs.load), recall=(recall, inputs.share))
    refused = (given["recall"] == 1.0) & (given["load"] >= given["lines"])
    if np.any(refused):
        first = int(np.argmax(refused))
        wanted = float(given["load"][first])
        raise Unstable(load=wanted, agents=int(given["lines"][first]), least=int(wanted) + 1)
    total = _total(given["lines"], given["load"], given["recall"])
    _, found = _blocking(given["lines"], total)
    per_attempt, carried = found[:, 0], found[:, 1]
    again = given["recall"]
    lost = (1.0 - again) * per_attempt / (carried + (1.0 - again) * per_attempt)
    return Retrying(*(given.shaped(column) for column in (lost, per_attempt, total)))


def retrying_load_for(lines: ArrayLike, wanted: ArrayLike, recall: ArrayLike) -> Floats:
    """The load of first calls in Erlang at which `wanted` (0–1, without the ends) are turned away for good.

    `recall` below 1: who always tries again is never turned away for good.

    >>> f"{retrying_load_for(lines=10, wanted=0.082223, recall=0.5):.4f}"
    '8.0000'
    """
    given = Columns(
        lines=(lines, inputs.whole(1)), wanted=(wanted, inputs.inner_share), recall=(recall, inputs.share)
    )
    again, lost = given["recall"], given["wanted"]
    if np.any(again == 1.0):
        raise NotBetween(name="recall", value=1)
    # Turned away for good are (1 − r)·B ÷ (1 − r·B) of the callers, B of the attempts.
    per_attempt = lost / ((1.0 - again) + again * lost)
    total = np.atleast_1d(load_for(given["lines"], per_attempt))
    return given.shaped(total * (1.0 - again * per_attempt))


def _total(lines: Floats, load: Floats, recall: Floats) -> Floats:
    """Solve T·(1 − recall·B(T)) = load, whose left side increases with T, by bisection to the last digit."""
    low, high = load.copy(), load + 1.0

    def short(total: Floats) -> np.ndarray:
        found = _blocking(lines, total)[1]
        # 1 − r·B without cancellation: (1 − B) + (1 − r)·B.
        return np.asarray(total * (found[:, 1] + (1.0 - recall) * found[:, 0]) < load)

    for _ in range(200):
        again = short(high)
        if not np.any(again):
            break
        low, high = np.where(again, high, low), np.where(again, 2.0 * high, high)
        if np.any(high > 1e11):
            raise Unsolved(what="the load of all attempts")
    for _ in range(110):
        middle = 0.5 * (low + high)
        if np.all((middle <= low) | (middle >= high)):
            break
        less = short(middle)
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return np.where(load == 0.0, 0.0, high)


def _blocking(lines: ArrayLike, load: ArrayLike) -> tuple[Columns, Floats]:
    given = Columns(lines=(lines, inputs.whole(0)), load=(load, inputs.load))
    found = np.empty((given.count, 3))
    compiled.rows(rows.blocking_rows, given.count, given["lines"], given["load"], found)
    return given, found


def _reachable(name: str, values: Floats) -> None:
    inputs.share(name, values)
    if np.any(values == 0.0):
        raise NeverCertain(most="∞", goal="blocking<=0")
