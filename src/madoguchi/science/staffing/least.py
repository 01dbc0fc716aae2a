"""The fewest agents that meet a goal, on any model.

Whatever is asked, more agents make it better; so the first number that is good enough is found by steps that
double and then by halving, for all intervals at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from madoguchi.science.staffing import inputs
from madoguchi.science.staffing.errors import AllLost, OutOfReach
from madoguchi.science.staffing.inputs import Columns, Floats

Meets = Callable[[Floats, NDArray[np.intp]], NDArray[np.bool_]]
"""Whether so many agents are enough, for each of the rows named in the second argument."""


def fewest(meets: Meets, first: Floats, *, most: int = 1_000_000, goal: str = "") -> Floats:
    """For each row the least number of agents, at least `first`, for which `meets` is true.

    `first` must be possible (stable). Raises OutOfReach when more than `most` would be needed.

    >>> fewest(lambda agents, rows: agents**2 >= 50, np.array([1.0, 8.0]))
    array([8., 8.])
    """
    low = first - 1.0  # not enough, or not allowed
    high = np.full(first.shape, math.inf)
    step, tried = np.ones(first.shape), first.copy()
    while True:
        open_ = np.flatnonzero(high - low > 1.0)
        if not len(open_):
            return high
        good = meets(tried[open_], open_)
        high[open_] = np.where(good, tried[open_], high[open_])
        low[open_] = np.where(good, low[open_], tried[open_])
        if np.any(low >= most):
            raise OutOfReach(most=most, goal=goal)
        growing = np.isinf(high)
        between = np.floor(0.5 * (low + np.where(growing, low, high)))
        tried = np.where(growing, np.minimum(low + step, float(most)), between)
        step = 2.0 * step


def agents_under(occupancy: ArrayLike, load: ArrayLike) -> Floats:
    """The fewest agents whose time `load` Erlang fill to no more than `occupancy` (0–1, not 0).

    For queues in which nobody is lost; where some give up, occupancy is a goal like others.

    >>> agents_under(0.85, [24.5, 17.0])
    array([29., 20.])
    """
    given = Columns(occupancy=(occupancy, _some), load=(load, inputs.load))
    return given.shaped(_up(given["load"] / given["occupancy"]))


def scheduled(agents: ArrayLike, shrinkage: ArrayLike) -> Floats:
    """How many must be on the roster so that `agents` are there, when `shrinkage` (0–1) of the time is lost.

    Holidays, sickness, training, breaks. Rounded up to whole people. Several queues that share people must be
    added before this, not after: each rounding up costs up to one person.

    >>> scheduled([24, 29], [0.2, 0.3])
    array([30., 42.])
    """
    given = Columns(agents=(agents, inputs.not_negative), shrinkage=(shrinkage, _not_all))
    return given.shaped(_up(given["agents"] / (1.0 - given["shrinkage"])))


def _up(values: Floats) -> Floats:
    # 24 ÷ (1 − 0.2) is 30.000000000000004 in floats, and 31 people would be one too many.
    return np.ceil(values * (1.0 - 1e-12))


def _some(name: str, values: Floats) -> None:
    inputs.share(name, values)
    inputs.positive(name, values)


def _not_all(name: str, values: Floats) -> None:
    inputs.share(name, values)
    if np.any(values == 1.0):
        raise AllLost(name=name, value=1)
