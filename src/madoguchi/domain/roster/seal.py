"""The seal of a roster: what its shifts come to, kept with every step that changes what people work by.

A shift that is changed past the actions leaves a seal that no longer fits: `invariants` finds it.
"""

from __future__ import annotations

import hashlib
import json

from madoguchi.domain.roster.models import Shift

SEAL = "seal"


def seal_of(roster_id: int) -> dict[str, str]:
    """The seal as it goes into the cause of a step."""
    rows = Shift.objects.filter(roster=roster_id).order_by("account_id", "day")
    told = [
        [who, day.isoformat(), what, begin, end, breaks]
        for who, day, what, begin, end, breaks in rows.values_list(
            "account_id", "day", "shift_type_id", "begin_min", "end_min", "breaks"
        )
    ]
    return {SEAL: hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}
