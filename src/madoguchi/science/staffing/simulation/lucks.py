"""How the loop draws what a caller does: as the records tell of that very call, else by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from madoguchi.science.staffing.simulation import chance
from madoguchi.science.staffing.simulation.chance import at_place, draw, uniform
from madoguchi.science.staffing.simulation.compiled import compiled
from madoguchi.science.staffing.simulation.hindsight import CUT_RING
from madoguchi.science.staffing.simulation.rows import luck_of, rung_of, tables_of, time_of


@compiled
def luck(w: Any, call: Any, purpose: int, key: np.uint64) -> float:
    """A number between 0 and 1."""
    if call.known >= 0:
        told = luck_of(w, call.known, purpose)
        if told >= 0.0:
            return told
    return uniform(w.of[purpose], key)


@compiled
def lasts(w: Any, call: Any, number: int, purpose: int, key: np.uint64) -> float:
    """Seconds, from the distribution `number`."""
    of = time_of(w, number)
    if call.known >= 0 and of.kind != chance.LOGNORMAL:
        told = luck_of(w, call.known, purpose)
        if told >= 0.0:
            return at_place(of, tables_of(w), told)
    return draw(of, tables_of(w), w.of[purpose], key)


@compiled
def ring_luck(w: Any, call: Any, key: np.uint64) -> float:
    """Below somebody's share of rings let go: they let it go. The n-th ring of a call is as it was."""
    by_chance = uniform(w.of[chance.MISS], key)
    if call.known < 0:
        return by_chance
    rung, usual = rung_of(w, call.known), luck_of(w, call.known, chance.MISS)
    if call.rings <= rung // 2:
        return by_chance * usual
    if call.rings == rung // 2 + 1 and rung % 2 == 1:
        return usual + by_chance * (1.0 - usual)
    cut = luck_of(w, call.known, CUT_RING)
    if call.rings == rung // 2 + 1 and cut > 0.0:
        # One number for both: within its part of 0 to 1 it is even again.
        if by_chance < cut:
            return by_chance / cut * usual
        return usual + (by_chance - cut) / (1.0 - cut) * (1.0 - usual)
    return by_chance
