"""Numbers that are names of things: kinds, phases, outcomes.

They are of one machine type on purpose: of a plain Python constant numba makes a type of its own, and
compiles each function anew for each of them.
"""

from __future__ import annotations

from typing import cast

import numpy as np


def number(value: int) -> int:
    """`value` as a name."""
    return cast(int, np.int64(value))


def numbers(count: int) -> tuple[int, ...]:
    """0, 1, 2… as names."""
    return tuple(number(value) for value in range(count))


NONE = number(-1)
"""No call, no case, nobody."""
