"""Erlang A (M/M/n+M): callers give up after an exponential patience.

Always stable, and nearer to a real centre than `erlang_c`. Patience is the mean time a caller would wait for
nobody; it is estimated as the summed waits of all ÷ the number of those who gave up (kpi.md, 平均放棄時間).
Sources: C. Palm (1943/1957), "Research on telephone traffic carried by full availability groups"; O. Garnett,
A. Mandelbaum, M. Reiman (2002), "Designing a call center with impatient customers"; S. Zeltyn, A. Mandelbaum
(2005), "Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from madoguchi.science.staffing import compiled, inputs
from madoguchi.science.staffing.errors import OutOfReach
from madoguchi.science.staffing.inputs import Columns, Floats
from madoguchi.science.staffing.kernels import rows
from madoguchi.science.staffing.queue import NO_LIMIT, Queue


def queue(
    agents: ArrayLike,
    load: ArrayLike,
    *,
    handle_s: ArrayLike,
    patience_s: ArrayLike,
    places: ArrayLike = NO_LIMIT,
) -> Queue:
    """A queue whose callers give up; `load` in Erlang, `places` −1 for no limit.

    >>> centre = queue(agents=26, load=24.5, handle_s=180.0, patience_s=300.0)
    >>> found, at = centre.measures(), centre.within(20.0)
    >>> f"{found.abandon_probability:.4f} {found.mean_wait_s:.2f} s {at.service_level_a:.4f}"
    '0.0454 13.63 s 0.7205'
    """
    return Queue(agents, load, handle_s=handle_s, patience_s=patience_s, places=places)


def service_level(
    agents: ArrayLike, load: ArrayLike, *, handle_s: ArrayLike, patience_s: ArrayLike, within_s: ArrayLike
) -> Floats:
    """Share of offered callers answered within `within_s` seconds: definition (a) of docs/guides/measures.md.

    >>> f"{service_level(26, 24.5, handle_s=180.0, patience_s=300.0, within_s=20.0):.6f}"
    '0.720457'
    """
    return queue(agents, load, handle_s=handle_s, patience_s=patience_s).within(within_s).service_level_a


def agents_for(
    load: ArrayLike,
    *,
    handle_s: ArrayLike,
    patience_s: ArrayLike,
    share: ArrayLike,
    within_s: ArrayLike,
    most: int = 1_000_000,
) -> Floats:
    """The fewest agents that answer `share` (0–1) of the offered callers within `within_s` seconds.

    May be less than the load, since some give up; 0 for no load. Raises OutOfReach.

    >>> agents_for([0.0, 10.0, 24.5], handle_s=180.0, patience_s=300.0, share=0.8, within_s=20.0)
    array([ 0., 13., 28.])
    """
    given = Columns(
        load=(load, inputs.load),
        handle_s=(handle_s, inputs.positive),
        patience_s=(patience_s, inputs.positive),
        share=(share, inputs.reachable_share),
        within_s=(within_s, inputs.not_negative),
    )
    found = np.empty(given.count)
    centres = np.column_stack([given["load"], given["handle_s"] / given["patience_s"]])
    times = given["within_s"] / given["handle_s"]
    compiled.rows(rows.least_impatient_rows, given.count, centres, times, given["share"], most, found)
    if np.any(found > most):
        raise OutOfReach(most=most, goal="service_level_a")
    return given.shaped(found)
