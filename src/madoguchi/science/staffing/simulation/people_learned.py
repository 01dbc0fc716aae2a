"""People's habits, learned from their time: rings let go, absences, hiding when pressed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Centre
from madoguchi.science.staffing.simulation.distributions import Distribution
from madoguchi.science.staffing.simulation.flat import Rows
from madoguchi.science.staffing.simulation.kinds import Past, waiting_at
from madoguchi.science.staffing.simulation.survival import observed

_ENOUGH = 30
_PRIOR_RINGS = 20.0
"""Everybody's share of missed rings counts beside a person's own as so many rings: five rings prove nothing.
Source: empirical Bayes for shares, Efron, Morris, JASA 70 (1975)."""
_ROUNDS = 20
"""Of expectation and maximization: each brings the share some ten times nearer."""
_USUAL = 0.995
"""A ring longer than this share of those answered was let go, though the caller may have left."""


def with_habits(centre: Centre, past: Past) -> Centre:
    """The people with their shares of missed rings, and how readily everybody hides when pressed."""
    spells = past.spells
    rings, missed = _rings(len(centre.people), spells)
    common = missed.sum() / max(1.0, rings.sum())
    shares = (missed + _PRIOR_RINGS * common) / (rings + _PRIOR_RINGS)
    wear = _wear(past, centre.pressed_from)
    hiding = spells[spells["kind"] == flat.HIDING]
    people = tuple(
        replace(person, miss=float(share), wear=wear)
        for person, share in zip(centre.people, shares, strict=True)
    )
    lengths = hiding["ended_s"] - hiding["began_s"]
    return replace(
        centre, people=people, hiding=observed(lengths) if lengths.size >= _ENOUGH else centre.hiding
    )


def pick_up_of(spells: Rows, given: Distribution) -> Distribution:
    """How long it rings at those who answer."""
    ringing = spells[spells["kind"] == flat.RINGING]
    taken = ringing[_was_answered(ringing, spells)]
    lengths = taken["ended_s"] - taken["began_s"]
    if lengths.size < _ENOUGH:
        return given
    return observed(lengths)


def presence_of(centre: Centre, spells: Rows, ended_s: float) -> tuple[float, float]:
    """(time at the phone ÷ planned time, mean length in seconds of an absence within a shift).

    What somebody stayed beyond the plan does not count against their absences.
    """
    there = np.sort(spells[spells["kind"] == flat.PRESENT], order=["agent", "began_s"])
    bounds = np.searchsorted(there["agent"], np.arange(len(centre.people) + 1))
    planned_s = spent_s = 0.0
    gaps: list[float] = []
    for number, person in enumerate(centre.people):
        own = there[bounds[number] : bounds[number + 1]]
        for since, to in person.planned or ((0.0, centre.horizon_s),):
            to = min(to, ended_s)
            began, ended = np.maximum(own["began_s"], since), np.minimum(own["ended_s"], to)
            within = ended > began
            planned_s += max(0.0, to - since)
            spent_s += float(np.sum((ended - began)[within]))
            gaps += (began[within][1:] - ended[within][:-1]).tolist()
    away_s = float(np.mean(gaps)) if len(gaps) >= _ENOUGH else centre.away_s
    return (min(1.0, max(0.01, spent_s / planned_s)) if planned_s else 1.0), away_s


def _rings(people: int, spells: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rings of each person, and how many of them were let go."""
    ringing, let_go = rings_let_go(spells)
    rings = np.bincount(ringing["agent"], minlength=people)[:people]
    missed = np.bincount(ringing["agent"], weights=let_go, minlength=people)[:people]
    return rings.astype(np.float64), missed.astype(np.float64)


def rings_let_go(spells: Rows) -> tuple[Rows, NDArray[np.float64]]:
    """All rings, and whether each was let go: 0, 1, or how likely that is.

    Of a ring that ended early, since the caller left or somebody else answered, nobody can say what would
    have become of it. It counts as let go with the chance that follows from how long it rang: leaving such
    rings out would make people look better than they are, for it is the long rings that end early.
    Source: expectation and maximization, Dempster, Laird, Rubin, J. R. Stat. Soc. B 39 (1977).
    """
    ringing = spells[spells["kind"] == flat.RINGING]
    answered = _was_answered(ringing, spells)
    lengths = ringing["ended_s"] - ringing["began_s"]
    taken = np.sort(lengths[answered])
    let_go = (~answered & (lengths > (np.quantile(taken, _USUAL) if taken.size else 0.0))).astype(np.float64)
    cut = ~answered & (let_go == 0.0)
    # Of the rings that somebody takes, so many would have lasted longer than this one did.
    longer = 1.0 - np.searchsorted(taken, lengths[cut]) / max(1, taken.size)
    share = float(let_go.sum()) / max(1.0, float(let_go.sum()) + taken.size)
    for _ in range(_ROUNDS):
        let_go[cut] = share / np.maximum(share + (1.0 - share) * longer, 1e-9)
        share = float(let_go.mean()) if let_go.size else 0.0
    return ringing, let_go


def _was_answered(ringing: Rows, spells: Rows) -> NDArray[np.bool_]:
    """Of the rings of a call at somebody who talked in it the last: whoever let it go may get it again."""
    talks = spells[spells["kind"] == flat.TALKING]
    key = ringing["agent"] * 2.0**40 + ringing["call"]
    order = np.lexsort((ringing["ended_s"], key))
    last = np.zeros(ringing.size, dtype=bool)
    last[order] = np.append(key[order][1:] != key[order][:-1], np.ones(min(1, ringing.size), dtype=bool))
    return last & np.isin(key, talks["agent"] * 2.0**40 + talks["call"])


def _wear(past: Past, pressed_from: int) -> float:
    """Times that somebody hid ÷ times that somebody got free while callers waited."""
    spells = past.spells
    hid = np.count_nonzero(spells["kind"] == flat.HIDING)
    done = spells[
        np.isin(spells["kind"], (flat.WRAP_UP, flat.CASEWORK, flat.CALL_BACK, flat.MAIL, flat.HIDING))
    ]
    waiting = waiting_at(past, done["ended_s"])
    pressed = np.count_nonzero(waiting >= pressed_from)
    return float(min(1.0, hid / pressed)) if pressed else 0.0
