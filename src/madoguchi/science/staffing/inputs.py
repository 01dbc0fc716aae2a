"""The wall: what comes in is checked once, broadcast, and handed on as flat columns of floats."""

import math
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from madoguchi.science.staffing.errors import (
    NeverCertain,
    NotANumber,
    NotAShare,
    NotBetween,
    NotPositive,
    NotWhole,
    ShapesDiffer,
    TooLarge,
    TooSmall,
    VanishinglySmall,
)

Floats = NDArray[np.float64]
Check = Callable[[str, Floats], None]

MOST_AGENTS = 10_000_000
"""More than any centre has; beyond it the recurrences take seconds."""
_LEAST_LOAD = 1e-150


class Columns:
    """Checked arguments, broadcast against each other.

    `shape` is that of the answers; `flat[name]` one float a row.
    """

    def __init__(self, **given: tuple[ArrayLike, Check]) -> None:
        arrays = {name: _numbers(name, value) for name, (value, _) in given.items()}
        for name, (_, check) in given.items():
            check(_spoken(name), arrays[name])
        try:
            together = np.broadcast_arrays(*arrays.values())
        except ValueError as error:
            shapes = ", ".join(f"{_spoken(name)} {array.shape}" for name, array in arrays.items())
            raise ShapesDiffer(shapes=shapes) from error
        self.shape: tuple[int, ...] = together[0].shape
        self.count = int(np.prod(self.shape))
        self.flat = {
            name: np.ascontiguousarray(array, dtype=np.float64).ravel()
            for name, array in zip(arrays, together, strict=True)
        }

    def __getitem__(self, name: str) -> Floats:
        return self.flat[name]

    def shaped(self, flat: Floats) -> Floats:
        """A column in the shape of the arguments; a plain number when all of them were."""
        answer: Floats = flat.reshape(self.shape)[()]
        return answer


def told(values: Floats, possible: NDArray[np.bool_]) -> Floats:
    """`values`, with a warning when one is 0 although `possible`: too small for a float, not impossible."""
    if np.any((values == 0.0) & possible):
        warnings.warn("A probability below 2.2e-308 is given as 0.", VanishinglySmall, stacklevel=4)
    return values


def whole(least: int, most: int = MOST_AGENTS) -> Check:
    """Whole numbers from `least` on."""

    def check(name: str, values: Floats) -> None:
        _finite(name, values)
        _refuse(values != np.floor(values), values, lambda value: NotWhole(name=name, value=value))
        _refuse(values < least, values, lambda value: TooSmall(name=name, least=least, value=value))
        _refuse(values > most, values, lambda value: TooLarge(name=name, most=most, value=value))

    return check


def load(name: str, values: Floats) -> None:
    """A load in Erlang: 0 or more. Loads below 1e-150 are no traffic that anybody measures."""
    not_negative(name, values)
    tiny = (values > 0.0) & (values < _LEAST_LOAD)
    _refuse(tiny, values, lambda value: TooSmall(name=name, least=_LEAST_LOAD, value=value))
    _refuse(values > 1e12, values, lambda value: TooLarge(name=name, most=1e12, value=value))


def positive(name: str, values: Floats) -> None:
    """Finite and more than 0."""
    _finite(name, values)
    _refuse(values <= 0.0, values, lambda value: NotPositive(name=name, value=value))


def patience(name: str, values: Floats) -> None:
    """More than 0; infinite: nobody gives up."""
    if np.any(np.isnan(values)):
        raise NotANumber(name=name)
    _refuse(values <= 0.0, values, lambda value: NotPositive(name=name, value=value))


def not_negative(name: str, values: Floats) -> None:
    """Finite, 0 or more."""
    _finite(name, values)
    _refuse(values < 0.0, values, lambda value: TooSmall(name=name, least=0, value=value))


def finite(name: str, values: Floats) -> None:
    """Any finite number."""
    _finite(name, values)


def share(name: str, values: Floats) -> None:
    """0 to 1, both included."""
    _finite(name, values)
    _refuse((values < 0.0) | (values > 1.0), values, lambda value: NotAShare(name=name, value=value))


def inner_share(name: str, values: Floats) -> None:
    """0 to 1, without the ends: what only an infinite answer would fit."""
    _finite(name, values)
    _refuse((values <= 0.0) | (values >= 1.0), values, lambda value: NotBetween(name=name, value=value))


def reachable_share(name: str, values: Floats) -> None:
    """0 to less than 1: no number of people serves everybody in time for certain."""
    share(name, values)
    if np.any(values == 1.0):
        raise NeverCertain(most="∞", goal="100 %")


def place(name: str, values: Floats) -> None:
    """Waiting places: a whole number from 0 on; −1 stands for no limit (`queue`)."""
    whole(-1, 1_000_000)(name, values)


def _numbers(name: str, value: ArrayLike) -> Floats:
    try:
        array = np.asarray(value)
        if array.dtype == np.bool_ or array.dtype.kind not in "iuf":
            raise NotANumber(name=_spoken(name))
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise NotANumber(name=_spoken(name)) from error


def _finite(name: str, values: Floats) -> None:
    if not np.all(np.isfinite(values)):
        raise NotANumber(name=name)


def _refuse(wrong: NDArray[np.bool_], values: Floats, error: Callable[[float], Exception]) -> None:
    if np.any(wrong):
        value = float(values[wrong].flat[0])
        raise error(int(value) if math.isfinite(value) and value == int(value) else value)


def _spoken(name: str) -> str:
    """`handle_s` → “handle”: the unit is part of the argument's name, not of what people call it."""
    return name.removesuffix("_s").replace("_", " ")
