"""Chance that can be replayed, and compared: every draw is a pure function of (seed, purpose, whose it is).

A common generator hands out numbers in the order in which they are asked for: one caller more, and everybody
after gets another patience, so that two runs differ by luck as much as by what was changed. Here the n-th
caller's patience is computed from the seed, the word "patience" and the caller's own key, and stays the
same whatever else is changed (common random numbers).

Source: the mixing is SplitMix64 (Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA
2014) used as a counter: its n-th output is a function of n alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation.compiled import compiled

ARRIVAL, PATIENCE, TALK, WRAP_UP, PICK_UP, MISS, REDIAL, REDIAL_DELAY = range(8)
RETURN, RETURN_DELAY, MENU, SELF_SERVED, CONSULT, CONSULT_TIME, CASE, CASEWORK = range(8, 16)
FIRST, WEAR, ASK, DEPARTMENT, CALL_BACK, CALL_BACK_TIME, CHASE, CHASE_DELAY = range(16, 24)
NAMED, MAIL_TIME, MAIL, OUTSIDE, ACCEPT, AWAY, HIDE, LATE = range(24, 32)
PURPOSES = 32

EXPONENTIAL, CONSTANT, LOGNORMAL, TABLE, NEVER = range(5)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_SALT = np.uint64(0xD1B54A32D192ED03)
_30, _27, _31, _11, _1 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11), np.uint64(1)
_UNIT = 2.0**-53


@compiled
def mixed(bits: Any) -> Any:
    """64 bits, each depending on each of `bits` (uint64 in and out)."""
    bits = (bits ^ (bits >> _30)) * _FIRST
    bits = (bits ^ (bits >> _27)) * _SECOND
    return bits ^ (bits >> _31)


@compiled
def child(key: Any, number: int) -> Any:
    """The key of the `number`-th thing that comes from the one with `key`."""
    return mixed(key ^ ((np.uint64(number) + _1) * _SALT))


@compiled
def uniform(stream: Any, key: Any) -> float:
    """A number between 0 and 1, both excluded."""
    bits = mixed((key + _1) * _GOLDEN + stream)
    return (np.float64(bits >> _11) + 0.5) * _UNIT


@compiled
def draw(of: Any, tables: NDArray[np.float64], stream: Any, key: Any) -> float:
    """Seconds drawn from the distribution `of` (a row of `distributions.ROW`)."""
    if of.kind == EXPONENTIAL:
        return float(-of.a * math.log(uniform(stream, key)))
    if of.kind == CONSTANT:
        return float(of.a)
    if of.kind == LOGNORMAL:
        radius = math.sqrt(-2.0 * math.log(uniform(stream, key)))
        return math.exp(of.a + of.b * radius * math.cos(2.0 * math.pi * uniform(stream ^ _SALT, key)))
    if of.kind == TABLE:
        return from_table(of, tables, uniform(stream, key))
    return math.inf


@compiled
def at_place(of: Any, tables: NDArray[np.float64], place: float) -> float:
    """The same of a number between 0 and 1 that is given; not for `LOGNORMAL`, which takes two."""
    if of.kind == EXPONENTIAL:
        return float(-of.a * math.log(place))
    if of.kind == CONSTANT:
        return float(of.a)
    if of.kind == TABLE:
        return from_table(of, tables, place)
    return math.inf


@compiled
def from_table(of: Any, tables: NDArray[np.float64], share: float) -> float:
    """The value that `share` of all do not exceed: between the table's points a line, beyond them a tail."""
    if share >= of.a:
        return float(tables[of.first + of.count - 1] - of.b * math.log((1.0 - share) / (1.0 - of.a)))
    place = share / of.a * (of.count - 1)
    below = int(place)
    low, high = tables[of.first + below], tables[of.first + below + 1]
    return float(low + (place - below) * (high - low))


def streams(seed: int) -> NDArray[np.uint64]:
    """One stream a purpose for a replication: far apart, whatever the seeds."""
    numbers = np.arange(1, PURPOSES + 1, dtype=np.uint64)
    base = np.uint64(seed & 0xFFFFFFFFFFFFFFFF)
    with np.errstate(over="ignore"):
        return np.asarray(_mixed(_mixed(base + _GOLDEN) ^ numbers * _SALT))


def uniforms(stream: np.uint64, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """`uniform` for many keys at once."""
    with np.errstate(over="ignore"):
        bits = _mixed((keys + _1) * _GOLDEN + stream)
    return np.asarray(((bits >> _11).astype(np.float64) + 0.5) * _UNIT)


def keys(kind: int, numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Keys of the first, second… of a kind: of a queue's callers, of the mails."""
    with np.errstate(over="ignore"):
        return np.asarray(_mixed(numbers.astype(np.uint64) + np.uint64(kind + 1) * _SALT))


def _mixed(bits: Any) -> Any:
    bits = (bits ^ (bits >> _30)) * _FIRST
    bits = (bits ^ (bits >> _27)) * _SECOND
    return bits ^ (bits >> _31)
