"""What calls left behind, learned from cases and from people's time (D2, second cause)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Aftermath, Centre
from madoguchi.science.staffing.simulation.distributions import Distribution
from madoguchi.science.staffing.simulation.flat import OUTCOME, Rows
from madoguchi.science.staffing.simulation.kinds import Past, open_case_of, waiting_at
from madoguchi.science.staffing.simulation.survival import fitted, fitted_with_some_who_never, observed

_ENOUGH = 30
_AT_ONCE_S = 1.0
"""Casework that begins so soon after the wrap-up came before the next ring."""


def aftermath_of(centre: Centre, queue: int, past: Past) -> Aftermath:
    """How often a case stays open, how much work it is, how long others take, who chases it."""
    given = centre.queues[queue].aftermath
    own = past.cases["queue"] == queue
    cases = past.cases[own]
    answered = (past.calls["queue"] == queue) & (past.calls["outcome"] == OUTCOME["answered"])
    could = np.count_nonzero(answered & ~_about_a_case(past.calls, past.cases))
    if not cases.size or not could:
        return replace(given, share=0.0)
    asked, backs = ~np.isnan(cases["asked_s"]), ~np.isnan(cases["due_s"])
    within = (cases["due_s"] - cases["opened_s"])[backs]
    chase, chase_after = _chasing(centre, past, own)
    return replace(
        given,
        share=cases.size / could,
        casework=_lengths(past, flat.CASEWORK, own, given.casework),
        first=_done_first(past, own, given.first),
        ask=float(asked.mean()),
        department=_department(cases[asked], past.ended_s) if asked.any() else given.department,
        call_back=float(backs.mean()),
        calling_back=_lengths(past, flat.CALL_BACK, own & ~np.isnan(past.cases["due_s"]), given.calling_back),
        promised_s=float(np.median(within)) if within.size else given.promised_s,
        chase=chase,
        chase_after=chase_after,
    )


def _about_a_case(calls: Rows, cases: Rows) -> NDArray[np.bool_]:
    """Calls about a case opened before them: they open none of their own."""
    about = open_case_of(calls, cases)
    if not cases.size:
        return np.zeros(calls.size, dtype=bool)
    return np.asarray((about >= 0) & (cases["call"][about] != np.arange(calls.size)))


def _department(asked: Rows, ended_s: float) -> Distribution:
    answered = ~np.isnan(asked["answered_s"])
    return fitted(np.where(answered, asked["answered_s"], ended_s) - asked["asked_s"], answered)


def _lengths(past: Past, kind: int, own: NDArray[np.bool_], given: Distribution) -> Distribution:
    """How long the work on a case takes, all stretches of it together; 0 where it ended without any."""
    done = past.spells[(past.spells["kind"] == kind) & (past.spells["case"] >= 0)]
    lengths = done["ended_s"] - done["began_s"]
    seconds = np.bincount(done["case"], weights=lengths, minlength=past.cases.size)
    seen = own & ((seconds > 0) | ~np.isnan(past.cases["resolved_s"]))
    return observed(seconds[seen]) if np.count_nonzero(seen) >= _ENOUGH else given


def _done_first(past: Past, own: NDArray[np.bool_], given: float) -> float:
    work = past.spells[(past.spells["kind"] == flat.CASEWORK) & (past.spells["case"] >= 0)]
    work = np.sort(work[own[work["case"]]], order=["case", "began_s"])
    # Only the first stretch of a case tells: the others follow it.
    work = work[np.diff(work["case"], prepend=-1) != 0]
    opened = past.cases["opened_s"][work["case"]]
    # With nobody waiting everybody begins at once: that tells nothing.
    pressed = waiting_at(past, opened) > 0
    if np.count_nonzero(pressed) < _ENOUGH:
        return given
    return float(np.mean((work["began_s"] - opened <= _AT_ONCE_S)[pressed]))


def _chasing(centre: Centre, past: Past, own: NDArray[np.bool_]) -> tuple[float, Distribution]:
    """From a case's opening, and each chaser, to the next, in opening hours; cut off at the case's end."""
    about = open_case_of(past.calls, past.cases)
    chaser = (past.calls["kind"] == flat.CHASER) & (about >= 0)
    chaser[chaser] = own[about[chaser]]
    ends = np.where(np.isnan(past.cases["resolved_s"]), past.ended_s, past.cases["resolved_s"])
    number = np.concatenate([np.flatnonzero(own), about[chaser]])
    at = np.concatenate([past.cases["opened_s"][own], past.calls["arrived_s"][chaser]])
    order = np.lexsort((at, number))
    number, at = number[order], at[order]
    more = np.append(number[1:] == number[:-1], False)
    until = np.where(more, np.append(at[1:], 0.0), ends[number])
    waited = _open_s(centre, until) - _open_s(centre, at)
    return fitted_with_some_who_never(np.maximum(waited, 0.0), more)


def _open_s(centre: Centre, moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """How long the centre had been open at each of `moments`."""
    if centre.open is None:
        return moments
    edges = np.array(sorted(centre.open)).ravel()
    lengths = np.diff(edges, prepend=edges[0])
    lengths[::2] = 0.0
    return np.asarray(np.interp(moments, edges, np.cumsum(lengths)), dtype=np.float64)
