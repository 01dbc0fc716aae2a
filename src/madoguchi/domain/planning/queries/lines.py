"""The lines of some recorded days: how many there are for calls that come in, and when none was free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from madoguchi.domain.calls.models import Call
from madoguchi.domain.planning.queries.past import Recorded
from madoguchi.domain.trunks.models import Trunk
from madoguchi.science.staffing.simulation.centre import Stretches
from madoguchi.science.staffing.simulation.engaged import without_a_free_line


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines, where it is known how many there are."""

    for_callers: int = -1
    """Calls from outside that can be connected at once, ours to the outside taken off; -1: not known."""
    full: Stretches = ()
    """Seconds of the records from and until which every line was taken."""


def lines_of(recorded: Recorded) -> Lines:
    """What the office says of its lines (`Trunk.channels`), held against the calls on them.

    Not known when a line in use does not say how many calls it carries, or when more were seen at once.
    """
    trunks = Trunk.objects.filter(active=True, demonstration=False)
    each = dict(trunks.values_list("endpoint", "channels"))
    counts = [channels for channels in each.values() if channels]
    if not counts or len(counts) < len(each):
        return Lines()
    end = recorded.begin + timedelta(seconds=recorded.past.ended_s)
    calls = Call.objects.filter(
        trunk_endpoint__in=each,
        arrived_at__gte=recorded.begin,
        arrived_at__lt=end,
        ended_at__isnull=False,
    ).values_list("direction", "arrived_at", "ended_at")
    spans = np.array(
        [
            (
                way == Call.Direction.OUTBOUND,
                (began - recorded.begin).total_seconds(),
                (ended - recorded.begin).total_seconds(),
            )
            for way, began, ended in calls
            if ended is not None
        ],
        dtype=float,
    ).reshape(-1, 3)
    lines = sum(counts)
    if without_a_free_line(spans[:, 1], spans[:, 2], lines + 1):
        return Lines()
    full = without_a_free_line(spans[:, 1], spans[:, 2], lines)
    return Lines(max(1, lines - round(_ours(spans[spans[:, 0] > 0], full))), full)


def _ours(spans: NDArray[np.float64], full: Stretches) -> float:
    """Calls of ours to the outside at once while no line was free, on average."""
    whole = sum(to - since for since, to in full)
    taken = sum(
        float(np.clip(np.minimum(spans[:, 2], to) - np.maximum(spans[:, 1], since), 0.0, None).sum())
        for since, to in full
    )
    return taken / whole if whole else 0.0
