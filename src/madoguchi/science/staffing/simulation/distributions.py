"""How long things take: the few shapes that a centre's times are described by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import chance

ROW = np.dtype([("kind", "i8"), ("a", "f8"), ("b", "f8"), ("first", "i8"), ("count", "i8")])


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of seconds. Made by the functions below."""

    kind: int
    a: float = 0.0
    b: float = 0.0
    values: tuple[float, ...] = ()

    @property
    def mean_s(self) -> float:
        """Its mean in seconds; infinite for what never happens."""
        if self.kind in (chance.EXPONENTIAL, chance.CONSTANT):
            return self.a
        if self.kind == chance.LOGNORMAL:
            return math.exp(self.a + self.b**2 / 2)
        if self.kind == chance.TABLE:
            return self._mean_of_table()
        return math.inf

    def scaled(self, factor: float) -> Distribution:
        """The same shape, `factor` times as long.

        >>> exponential(180.0).scaled(0.5).mean_s
        90.0
        """
        if self.kind == chance.LOGNORMAL:
            return replace(self, a=self.a + math.log(factor)) if factor > 0 else constant(0.0)
        if self.kind == chance.TABLE:
            return replace(self, b=self.b * factor, values=tuple(value * factor for value in self.values))
        return replace(self, a=self.a * factor)

    def _mean_of_table(self) -> float:
        inner = self.a * (sum(self.values) - (self.values[0] + self.values[-1]) / 2) / (len(self.values) - 1)
        return inner + (1 - self.a) * (self.values[-1] + self.b)


def exponential(mean_s: float) -> Distribution:
    """Without memory: however long it has taken, the rest is as long as ever."""
    return Distribution(chance.EXPONENTIAL, _length(mean_s))


def constant(seconds: float) -> Distribution:
    """Always the same."""
    return Distribution(chance.CONSTANT, _length(seconds))


def lognormal(mean_s: float, cv: float) -> Distribution:
    """The usual shape of talk times; `cv` is standard deviation ÷ mean.

    Source: Brown et al., Statistical Analysis of a Telephone Call Center, JASA 100 (2005), section 4.

    >>> round(lognormal(240.0, 0.8).mean_s, 6)
    240.0
    """
    if not (mean_s > 0 and cv > 0):
        raise ValueError(f"a lognormal time needs a mean and a spread above 0, not {mean_s} s and {cv}")
    spread = math.log1p(cv * cv)
    return Distribution(chance.LOGNORMAL, math.log(mean_s) - spread / 2, math.sqrt(spread))


def table(values_s: Sequence[float], *, reached: float = 1.0, tail_mean_s: float = 0.0) -> Distribution:
    """As observed: quantiles at equal steps from 0 up to `reached`, lines between them.

    Beyond `reached` (a share below 1) an exponential tail with mean `tail_mean_s` goes on from the last.

    >>> table([0.0, 10.0, 30.0]).mean_s
    12.5
    """
    if len(values_s) < 2 or not 0 < reached <= 1 or any(np.diff(values_s) < 0) or values_s[0] < 0:
        raise ValueError("a table needs two or more rising times from 0 on, and a share reached above 0")
    return Distribution(
        chance.TABLE, reached, _length(tail_mean_s), tuple(float(value) for value in values_s)
    )


def never() -> Distribution:
    """It does not happen: a caller who never gives up."""
    return Distribution(chance.NEVER)


class Shelf:
    """Collects distributions into the rows and the pool of tables that the loop reads."""

    def __init__(self) -> None:
        self._rows: dict[Distribution, int] = {}
        self._pool: list[float] = []
        self._packed: list[tuple[int, float, float, int, int]] = []

    def place(self, of: Distribution) -> int:
        """The row of `of`; equal ones share one."""
        if of not in self._rows:
            self._rows[of] = len(self._packed)
            self._packed.append((of.kind, of.a, of.b, len(self._pool), len(of.values)))
            self._pool.extend(of.values)
        return self._rows[of]

    def packed(self) -> tuple[NDArray[np.void], NDArray[np.float64]]:
        """The rows, and the values of all tables."""
        return np.array(self._packed, dtype=ROW), np.array(self._pool or [0.0])


def _length(seconds: float) -> float:
    if not 0 <= seconds < math.inf:
        raise ValueError(f"a time of {seconds} s cannot be")
    return float(seconds)
