"""The measures of `science.measures`, over the columns of a whole run at once.

They say the same as the functions there, which a test holds; a planner asks for them thousands of times.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, SupportsFloat

import numpy as np

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Centre
from madoguchi.science.staffing.simulation.flat import OUTCOME, Rows, is_lost

if TYPE_CHECKING:
    from madoguchi.science.staffing.simulation.running import Run

WITHIN_S = 20.0
_ABANDONED = [OUTCOME[name] for name in ("short_abandon", "queue_abandon", "ring_abandon")]
_BUSY = (flat.TALKING, flat.WRAP_UP)
_OFF_THE_PHONE = (flat.CASEWORK, flat.CALL_BACK, flat.MAIL, flat.HIDING)


def figures(run: Run, centre: Centre, *, within_s: float = WITHIN_S) -> dict[str, float]:
    """The usual figures of a run; NaN where nothing was in the population.

    Populations as in `science.measures`: arrivals are all calls with an outcome; times in seconds.
    `occupancy` is (talk + wrap-up) ÷ time at the phone, less work off the phone; `casework_share` is that
    work ÷ time at the phone.
    """
    calls = run.calls[run.calls["outcome"] >= 0]
    return {**of_calls(calls, within_s=within_s), **of_time(run.spells), **of_cases(run.cases)}


def of_calls(calls: Rows, *, within_s: float = WITHIN_S) -> dict[str, float]:
    """The figures that calls alone give."""
    outcome, wait = calls["outcome"], calls["wait_s"]
    answered, abandoned = outcome == OUTCOME["answered"], np.isin(outcome, _ABANDONED)
    queued = ~np.isnan(wait)
    with np.errstate(invalid="ignore"):
        soon = wait <= within_s
    offered = np.count_nonzero(queued)
    short = np.count_nonzero(outcome == OUTCOME["short_abandon"])
    served = soon & (answered | abandoned | (outcome == OUTCOME["callback_accepted"]))
    in_time = np.count_nonzero(answered & soon)
    return {
        "arrivals": float(calls.size),
        "fresh": float(np.count_nonzero(calls["kind"] == flat.FRESH)),
        "redials": float(np.count_nonzero(calls["kind"] == flat.REDIAL)),
        "chasers": float(np.count_nonzero(calls["kind"] == flat.CHASER)),
        "lost": float(np.count_nonzero(is_lost(calls))),
        "answer_rate": _ratio(np.count_nonzero(answered), calls.size),
        "abandon_rate": _ratio(np.count_nonzero(abandoned), calls.size),
        "busy_rate": _ratio(np.count_nonzero(outcome == OUTCOME["blocked"]), calls.size),
        "service_level_a": _ratio(in_time, offered),
        "service_level_b": _ratio(in_time, offered - short),
        "service_level_c": _ratio(np.count_nonzero(served), offered),
        "service_level_d": _ratio(in_time, np.count_nonzero(answered & queued)),
        "mean_wait": _mean(wait[queued]),
        "mean_wait_served": _mean(wait[answered & queued]),
        "mean_wait_abandoned": _mean(wait[abandoned & queued]),
        "handling_s": _mean(calls["talk_s"][answered] + calls["wrap_up_s"][answered]),
        "missed_rings": _ratio(int(calls["missed"].sum()), int(calls["rings"].sum())),
    }


def of_time(spells: Rows) -> dict[str, float]:
    """The figures that people's time gives; NaN without spells."""
    spent = seconds_by_kind(spells)
    present = spent[flat.PRESENT]
    off = sum(spent[kind] for kind in _OFF_THE_PHONE)
    return {
        "occupancy": _ratio(sum(spent[kind] for kind in _BUSY), present - off),
        "casework_share": _ratio(off, present),
    }


def of_cases(cases: Rows) -> dict[str, float]:
    """約束遵守率 of call backs whose case has ended, and hours from call to resolution."""
    ended = ~np.isnan(cases["resolved_s"])
    due = ended & ~np.isnan(cases["due_s"])
    with np.errstate(invalid="ignore"):
        kept = due & (cases["resolved_s"] <= cases["due_s"])
    return {
        "promises_kept": _ratio(np.count_nonzero(kept), np.count_nonzero(due)),
        "hours_to_resolution": _mean((cases["resolved_s"] - cases["opened_s"])[ended]) / 3600.0,
    }


def seconds_by_kind(spells: Rows) -> dict[int, float]:
    """Seconds that all people together spent with each kind of thing."""
    lengths = np.bincount(spells["kind"], weights=spells["ended_s"] - spells["began_s"], minlength=9)
    return dict(enumerate(lengths.tolist()))


def _ratio(part: SupportsFloat, whole: SupportsFloat) -> float:
    return float(part) / float(whole) if float(whole) > 0 else math.nan


def _mean(values: Iterable[float] | Rows) -> float:
    seen = np.asarray(values)
    return float(seen.mean()) if seen.size else math.nan
