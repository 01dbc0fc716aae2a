"""What must be true of the calls of any period, however many processes died meanwhile: `madoguchi verify`.

Each check is a question to the database whose right answer is "nobody". A violation names the rule and the
rows, and is never repaired here: repairing would hide what broke it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from madoguchi.domain.calls.invariants import asking
from madoguchi.domain.calls.invariants.endings import (
    arrivals_are_outcomes,
    legs_inside_their_call,
    living_calls_have_legs,
    lost_callers_are_called_back,
    nothing_stays_open,
    one_outcome,
)
from madoguchi.domain.calls.invariants.people import activities_have_their_call, people_do_one_thing
from madoguchi.domain.calls.invariants.recordings import answered_calls_are_recorded, recordings_are_finished
from madoguchi.domain.calls.invariants.rings import (
    dialled_once,
    one_offer_at_a_time,
    rung_only_while_the_caller_is_there,
    served_in_order,
)
from madoguchi.domain.calls.invariants.steps import phases_are_the_last_step, transitions_chain
from madoguchi.domain.ledger.violations import Check, Violation

__all__ = ["CHECKS", "Violation", "asking", "served_in_order", "violations"]

CHECKS: tuple[Check, ...] = (
    arrivals_are_outcomes,
    one_outcome,
    living_calls_have_legs,
    nothing_stays_open,
    legs_inside_their_call,
    answered_calls_are_recorded,
    recordings_are_finished,
    people_do_one_thing,
    one_offer_at_a_time,
    dialled_once,
    rung_only_while_the_caller_is_there,
    served_in_order,
    transitions_chain,
    phases_are_the_last_step,
    activities_have_their_call,
    lost_callers_are_called_back,
)


def violations(since: datetime, until: datetime) -> Iterator[Violation]:
    """Every violation among what happened from `since` up to, but not including, `until`."""
    for check in CHECKS:
        yield from check(since, until)
