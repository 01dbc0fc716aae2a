"""The kernels over columns of numbers: one row, one centre."""

import math

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.kernels.least import least_impatient, least_patient
from madoguchi.science.staffing.kernels.loss import (
    blocking,
    carried_share,
    empty,
    lines_for,
    load_for,
    log_blocking,
)
from madoguchi.science.staffing.kernels.orbit import all_attempts
from madoguchi.science.staffing.kernels.priority import percentile as wait_at
from madoguchi.science.staffing.kernels.priority import tail
from madoguchi.science.staffing.kernels.queue import at, measures, percentile

Floats = NDArray[np.float64]


def blocking_rows(lines: Floats, load: Floats, out: Floats) -> None:
    """Columns of `out`: Erlang B, 1 − Erlang B, its logarithm."""
    for i in range(len(lines)):
        a = float(load[i])
        out[i, 0] = blocking(int(lines[i]), a)
        out[i, 1] = carried_share(int(lines[i]), a)
        out[i, 2] = -math.inf if a == 0.0 else log_blocking(int(lines[i]), a)


def empty_rows(agents: Floats, load: Floats, out: Floats) -> None:
    for i in range(len(agents)):
        out[i] = 1.0 if load[i] == 0.0 else empty(int(agents[i]), float(load[i]))


def lines_for_rows(load: Floats, wanted: Floats, most: int, out: Floats) -> None:
    for i in range(len(load)):
        out[i] = lines_for(float(load[i]), float(wanted[i]), most)


def load_for_rows(lines: Floats, wanted: Floats, out: Floats) -> None:
    for i in range(len(lines)):
        out[i] = load_for(int(lines[i]), float(wanted[i]))


def measure_rows(centres: Floats, out: Floats) -> None:
    """`centres`: agents, load, impatience, places; columns of `out`: see `queue.Measures`."""
    for i in range(len(centres)):
        centre = (int(centres[i, 0]), float(centres[i, 1]), float(centres[i, 2]), int(centres[i, 3]))
        found = measures(centre)
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = found[0], found[1], found[2], found[3]
        out[i, 4], out[i, 5], out[i, 6] = found[4], found[5], found[6]


def at_rows(centres: Floats, times: Floats, out: Floats) -> None:
    """Columns of `out`: see `queue.AtTime`."""
    for i in range(len(centres)):
        centre = (int(centres[i, 0]), float(centres[i, 1]), float(centres[i, 2]), int(centres[i, 3]))
        out[i, 0], out[i, 1], out[i, 2], out[i, 3], out[i, 4] = at(centre, float(times[i]))


def percentile_rows(centres: Floats, shares: Floats, offered: bool, out: Floats) -> None:
    for i in range(len(centres)):
        centre = (int(centres[i, 0]), float(centres[i, 1]), float(centres[i, 2]), int(centres[i, 3]))
        out[i] = percentile(centre, float(shares[i]), offered)


def least_patient_rows(load: Floats, times: Floats, share: Floats, most: int, out: Floats) -> None:
    for i in range(len(load)):
        a = float(load[i])
        out[i] = 0 if a == 0.0 else least_patient(a, float(times[i]), float(share[i]), most)


def least_impatient_rows(centres: Floats, times: Floats, share: Floats, most: int, out: Floats) -> None:
    """`centres`: load, impatience."""
    for i in range(len(centres)):
        centre = (float(centres[i, 0]), float(centres[i, 1]))
        out[i] = 0 if centre[0] == 0.0 else least_impatient(centre, float(times[i]), float(share[i]), most)


def all_attempts_rows(centres: Floats, redial: Floats, returns: Floats, out: Floats) -> None:
    """`centres`: agents, load, impatience, places."""
    for i in range(len(centres)):
        centre = (int(centres[i, 0]), float(centres[i, 1]), float(centres[i, 2]), int(centres[i, 3]))
        out[i] = all_attempts(centre, float(redial[i]), float(returns[i]))


def priority_tail_rows(centres: Floats, times: Floats, out: Floats) -> None:
    """`centres`: agents, load of the higher classes, load of this one."""
    for i in range(len(centres)):
        behind = (float(centres[i, 0]), float(centres[i, 1]), float(centres[i, 2]))
        out[i] = tail(behind, float(times[i]))


def priority_percentile_rows(centres: Floats, delayed: Floats, shares: Floats, out: Floats) -> None:
    for i in range(len(centres)):
        behind = (float(centres[i, 0]), float(centres[i, 1]), float(centres[i, 2]))
        out[i] = wait_at(behind, float(delayed[i]), float(shares[i]))


def load_rows(target: Floats, kept: Floats, first: float, begin: Floats, end: Floats) -> None:
    """The load moves towards each interval's target, keeping a share of its distance."""
    load = first
    for i in range(len(target)):
        begin[i] = load
        load = target[i] + (load - target[i]) * kept[i]
        end[i] = load
