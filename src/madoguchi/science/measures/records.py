"""One call as the measures see it, and the partition that every inbound call falls into once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ANSWERED = "answered"
SHORT_ABANDON = "short_abandon"
ABANDONED = frozenset({SHORT_ABANDON, "queue_abandon", "ring_abandon"})
"""Left by themselves while waiting for a person, at once or later. Leavers of the menu are not in it."""
CALLBACK = "callback_accepted"
PARTITION = (
    "blocked",
    "out_of_hours",
    "ivr_abandoned",
    "ivr_error",
    "ivr_self_served",
    SHORT_ABANDON,
    "queue_abandon",
    "ring_abandon",
    "system_evicted",
    "overflow_out",
    "voicemail",
    CALLBACK,
    ANSWERED,
    "failed",
)
"""Every outcome of an inbound call, in the order in which a call can come to them."""


@dataclass(frozen=True, slots=True)
class Record:
    """One inbound call that has ended."""

    outcome: str
    """One of `PARTITION`."""
    wait_s: float | None = None
    """From entering the first queue until an operator had the customer, ringing included, or until the
    customer was no longer waiting. None: never came to a queue."""
    talk_s: float = 0.0
    """Customer and operator together, holds included."""
    group: str = ""
    """What the figures are split by, for instance number, client or interval."""

    @property
    def queued(self) -> bool:
        """Whether it ever waited for a person: the population *offered*."""
        return self.wait_s is not None


def partition(records: Iterable[Record]) -> dict[str, int]:
    """How many calls had each outcome; outcomes that did not occur stand with 0.

    Raises ValueError for an outcome outside the partition: a sum that silently leaves a call out is
    the error this exists to prevent.

    >>> counts = partition([Record("answered", 3.0), Record("out_of_hours"), Record("answered", 9.0)])
    >>> counts["answered"], counts["out_of_hours"], sum(counts.values())
    (2, 1, 3)
    """
    counts = Counter(record.outcome for record in records)
    strangers = counts.keys() - set(PARTITION)
    if strangers:
        raise ValueError(f"no outcome of an inbound call: {', '.join(sorted(strangers))}")
    return {outcome: counts[outcome] for outcome in PARTITION}


def by_group(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each group, groups in order of their name."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.group, []).append(record)
    return dict(sorted(groups.items()))


def unaccounted(arrivals: Mapping[str, int], records: Iterable[Record]) -> dict[str, int]:
    """Groups whose arrivals are not the sum of their outcomes, each with arrivals − outcomes.

    Empty is the invariant; a positive number is calls that got no outcome, a negative one calls
    that were counted twice.

    >>> unaccounted({"0312345678": 2}, [Record("answered", 1.0, group="0312345678")])
    {'0312345678': 1}
    """
    counted = {group: len(rows) for group, rows in by_group(records).items()}
    gaps = {
        group: arrivals.get(group, 0) - counted.get(group, 0) for group in arrivals.keys() | counted.keys()
    }
    return {group: gap for group, gap in sorted(gaps.items()) if gap}
