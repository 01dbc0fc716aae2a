"""Erlang C (M/M/n): callers wait as long as it takes.

Source: A. K. Erlang (1917), "Solution of some problems in the theory of probabilities of significance in
automatic telephone exchanges"; formulas as in ITU-D Study Group 2, Teletraffic Engineering Handbook (2005),
chapter 12. Overstates waits where callers give up: compare `erlang_a`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from madoguchi.science.staffing import compiled, inputs
from madoguchi.science.staffing.errors import OutOfReach
from madoguchi.science.staffing.inputs import Columns, Floats
from madoguchi.science.staffing.kernels import rows
from madoguchi.science.staffing.queue import NO_LIMIT, Queue


def queue(agents: ArrayLike, load: ArrayLike, *, handle_s: ArrayLike, places: ArrayLike = NO_LIMIT) -> Queue:
    """A queue whose callers never give up; `load` in Erlang, `places` −1 for no limit.

    Raises Unstable when load ≥ agents and places are not limited.

    >>> found = queue(agents=14, load=10.0, handle_s=180.0).measures()
    >>> f"{found.delay_probability:.4f} {found.mean_wait_s:.2f} s {found.occupancy:.3f}"
    '0.1741 7.84 s 0.714'
    """
    return Queue(agents, load, handle_s=handle_s, places=places)


def delay_probability(agents: ArrayLike, load: ArrayLike) -> Floats:
    """Share of callers who have to wait: Erlang's C.

    >>> f"{delay_probability(14, 10.0):.6f}"
    '0.174132'
    """
    return queue(agents, load, handle_s=1.0).measures().delay_probability


def service_level(agents: ArrayLike, load: ArrayLike, *, handle_s: ArrayLike, within_s: ArrayLike) -> Floats:
    """Share of callers answered within `within_s` seconds; all four definitions agree, since nobody leaves.

    >>> f"{service_level(14, 10.0, handle_s=180.0, within_s=20.0):.6f}"
    '0.888350'
    """
    return queue(agents, load, handle_s=handle_s).within(within_s).service_level_a


def agents_for(
    load: ArrayLike, *, handle_s: ArrayLike, share: ArrayLike, within_s: ArrayLike, most: int = 1_000_000
) -> Floats:
    """The fewest agents that answer `share` (0–1) of all callers within `within_s` seconds; 0 for no load.

    One pass over the recurrence of Erlang B. Raises OutOfReach when more than `most` would be needed.

    >>> agents_for([0.0, 10.0, 24.5], handle_s=180.0, share=0.8, within_s=20.0)
    array([ 0., 14., 29.])
    """
    given = Columns(
        load=(load, inputs.load),
        handle_s=(handle_s, inputs.positive),
        share=(share, inputs.reachable_share),
        within_s=(within_s, inputs.not_negative),
    )
    found = np.empty(given.count)
    times = given["within_s"] / given["handle_s"]
    compiled.rows(rows.least_patient_rows, given.count, given["load"], times, given["share"], most, found)
    if np.any(found > most):
        raise OutOfReach(most=most, goal="service_level_a")
    return given.shaped(found)
