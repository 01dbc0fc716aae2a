"""What if: past days run again as they were and with a change, side by side.

Needs the compiled simulator: only the worker imports this. What was learned of a basis stays in the worker's
memory, by the version of its records, so that the next question about it only simulates.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import Any

import numpy as np

from madoguchi.domain.planning.basis import Found, Learned, Triple, Values, at_the_phone, hours, learn, mean
from madoguchi.domain.planning.knobs import HALVES, KNOBS, Turned, alone, key_of
from madoguchi.domain.planning.queries.supposed import records_version
from madoguchi.domain.planning.states import Unfit
from madoguchi.science.staffing.simulation.centre import Centre, Stretches
from madoguchi.science.staffing.simulation.changes import Change
from madoguchi.science.staffing.simulation.estimates import estimate
from madoguchi.science.staffing.simulation.figures import of_calls, of_time
from madoguchi.science.staffing.simulation.flat import OUTCOME, is_lost
from madoguchi.science.staffing.simulation.running import simulate

MEASURES = (
    "answer_rate", "lost", "service_level_a", "mean_wait", "occupancy", "call_backs", "chasers",
)  # fmt: skip
_OUTSIDE, _ENGAGED = len(MEASURES), len(MEASURES) + 1
_HALVES = len(MEASURES) + 2
_LOST = MEASURES.index("lost")
_HALF_S = 1_800.0
_RUNS = range(8, 41)
_CALLS_A_VARIANT = 160_000
"""So many calls are simulated for one variant, some half a second, while the runs stay within `_RUNS`."""
_BASES_KEPT = 8
_VARIANTS_KEPT = 200


_learned: OrderedDict[tuple[date, int], Learned] = OrderedDict()
_lock = Lock()
"""Around the two caches only: people who ask at once do not wait for each other's simulation."""


def suppose(day: date, weeks: int, turned: Turned) -> Found:
    """What the days of a basis would have been like with `turned`; or why that cannot be told.

    The same records and question give the same answer.

    1. The centre of each day is learned from its records, once per version of them, and run again. Days too
       thin, or not reproduced, are left out; with none left, that is the answer.
    2. As it was, and with the change, it runs under the same chance: the interval is of the difference.
    3. Of several cures each is run by itself as well.
    """
    learned = _learned_of(day, weeks)
    if learned.found.refusal:
        return learned.found
    try:
        return _answered(learned, turned)
    except _TooFewPeople:
        return replace(learned.found, refusal=Unfit.TOO_FEW_PEOPLE)
    except ValueError:
        # The simulator says why in English; who moved a slider can do nothing with it but tell us.
        return replace(learned.found, refusal=Unfit.NOT_RUNNABLE)


def forget() -> None:
    """Empty the worker's memory, as a new worker's."""
    with _lock:
        _learned.clear()


class _TooFewPeople(Exception):
    """More people would be taken away than there were, or all of them."""


def _learned_of(day: date, weeks: int) -> Learned:
    version, key = records_version(day, weeks), (day, weeks)
    with _lock:
        known = _learned.get(key)
        if known and known.found.version == version:
            _learned.move_to_end(key)
            return known
    fresh = learn(day, weeks, version)
    with _lock:
        _learned[key] = fresh
        while len(_learned) > _BASES_KEPT:
            _learned.popitem(last=False)
    return fresh


def _answered(learned: Learned, turned: Turned) -> Found:
    before = _variant(learned, {})
    after = _variant(learned, turned)
    several = [knob.name for knob in KNOBS if knob.name in turned]
    return replace(
        learned.found,
        runs=len(before),
        engaged=round(float(before[:, _ENGAGED].mean()), 1),
        measures=[
            {
                "measure": name,
                "before": _triple(before[:, place]),
                "after": _triple(after[:, place]),
                "difference": _triple(after[:, place] - before[:, place]),
            }
            for place, name in enumerate(MEASURES)
            if not np.isnan(before[:, place]).any() and not np.isnan(after[:, place]).any()
        ],
        halves=_halves(learned.found, before, after),
        amounts=_amounts(learned, turned, before, after),
        parts=[_part(learned, alone(turned, name), before) for name in several if len(several) > 1],
    )


def _part(learned: Learned, turned: Turned, before: Values) -> dict[str, Any]:
    after = _variant(learned, turned)
    name = next(iter(turned))
    return {
        "knob": name,
        "value": turned[name],
        "lost": _triple(after[:, _LOST] - before[:, _LOST]),
        "amounts": _amounts(learned, turned, before, after),
    }


def _amounts(learned: Learned, turned: Turned, before: Values, after: Values) -> dict[str, float]:
    people = turned.get("people", 0)
    if people >= 0:
        shift = _shift(learned.centres[0], turned)
        added_h = people * sum(to - since for since, to in shift) / 3_600.0
    else:
        gone = [sum(map(hours, centre.people[people:])) for centre in learned.centres]
        added_h = -mean(gone)
    more = turned.get("self_served", 0) > learned.found.now["self_served"]
    return {
        "person_h": round(added_h, 2),
        "outside_calls": round(float((after[:, _OUTSIDE] - before[:, _OUTSIDE]).mean()), 2),
        "self_service": float(more),
    }


def _halves(found: Found, before: Values, after: Values) -> list[dict[str, Any]]:
    first, last = int(found.opens_s // _HALF_S), math.ceil(found.closes_s / _HALF_S)
    lost, came = _HALVES, _HALVES + HALVES
    return [
        {
            "at_s": half * _HALF_S,
            "arrivals": round(float(before[:, came + half].mean()), 1),
            "before": _triple(before[:, lost + half]),
            "after": _triple(after[:, lost + half]),
        }
        for half in range(first, min(last, HALVES))
    ]


def _variant(learned: Learned, turned: Turned) -> Values:
    """[run, measure] of the mean day under `turned`; what was asked lately comes from memory."""
    key = key_of(turned)
    with _lock:
        if key in learned.variants:
            learned.variants.move_to_end(key)
            return learned.variants[key]
    centres = [_turned(centre, turned) for centre in learned.centres]
    calls = max(1.0, learned.found.arrivals * len(centres))
    runs = min(max(int(_CALLS_A_VARIANT / calls), _RUNS.start), _RUNS.stop - 1)
    days = [
        [_measured(centre, seed + number) for number in range(runs)]
        for centre, seed in zip(centres, learned.seeds, strict=True)
    ]
    values = np.mean(np.array(days), axis=0)
    with _lock:
        learned.variants[key] = values
        while len(learned.variants) > _VARIANTS_KEPT:
            learned.variants.popitem(last=False)
    return np.asarray(values)


def _turned(centre: Centre, turned: Turned) -> Centre:
    def factor(name: str) -> float:
        return 1.0 + turned.get(name, 0) / 100.0

    def share(name: str) -> float | None:
        return turned[name] / 100.0 if name in turned else None

    people = turned.get("people", 0)
    if people < 0 and people <= -at_the_phone(centre):
        raise _TooFewPeople
    change = Change(
        people=people,
        shift=_shift(centre, turned),
        handling=factor("handling"),
        wrap_up=factor("wrap_up"),
        casework=factor("casework"),
        department=factor("department"),
        call_back=share("call_back"),
        self_served=share("self_served"),
        outside=share("outside"),
    )
    return change.apply(centre) if turned else centre


def _shift(centre: Centre, turned: Turned) -> Stretches:
    """When people added are there: as asked, else while the centre was open; never, if that is no time."""
    opens, closes = (centre.open or ((0.0, centre.horizon_s),))[0]
    since = turned["since"] * _HALF_S if "since" in turned else opens
    until = turned["until"] * _HALF_S if "until" in turned else closes
    return ((since, until),) if since < until else ()


def _measured(centre: Centre, seed: int) -> Values:
    run = simulate(centre, seed)
    calls = run.calls[run.calls["outcome"] >= 0]
    seen = {**of_calls(calls), **of_time(run.spells)}
    seen["call_backs"] = float(np.count_nonzero(calls["outcome"] == OUTCOME["callback_accepted"]))
    besides = [np.count_nonzero(calls["outcome"] == OUTCOME[name]) for name in ("overflow_out", "blocked")]
    half = np.minimum(calls["arrived_s"] // _HALF_S, HALVES - 1).astype(np.int64)
    lost = np.bincount(half, weights=is_lost(calls), minlength=HALVES)
    came = np.bincount(half, minlength=HALVES)
    return np.concatenate([[seen[name] for name in MEASURES], besides, lost, came])


def _triple(values: Values) -> Triple:
    found = estimate(values)
    return [found.mean, found.low, found.high]
