"""Why there is no roster: the rules of named people and days that cannot be kept together.

The roster as a linear model in which people may be split. What is impossible even so is impossible; the
proof names the rules it needs, and a smallest set of them is kept. What only undivided people cannot do is
found by `undivided`, which takes longer.

Looked at are parts of the roster, small ones first: the duties that stay open and the people who can do them
are often a handful, even in a month of hundreds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from madoguchi.science.staffing.shifts.clash import least_clash
from madoguchi.science.staffing.shifts.people import sunday_of
from madoguchi.science.staffing.shifts.room import too_little_room
from madoguchi.science.staffing.shifts.rows import Question, Rows, build, columns_of, unable
from madoguchi.science.staffing.shifts.rules import Rule
from madoguchi.science.staffing.shifts.undivided import whole_clash

_TINY = 1e-7
_IMPOSSIBLE = 2
"""What SciPy says of a model without an answer."""
_FEW = 40
"""Rules in a proof from which on those of one kind are left out together first."""
_LEAST_S = 3.0
"""Seconds in which a proof is made smaller: what is longer then, is long for whoever reads it anyway."""
COLUMNS_A_S = 8_000
"""Choices that are certainly written down and solved within a second; more are not begun."""
Open = Collection[tuple[date, str]]
"""(day, duty) that lacks people."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Rules that no roster keeps together."""

    rules: tuple[Rule, ...] = ()
    """Empty: none were found."""
    least: bool = True
    """Whether it is shown that none of them can be left out; else the time was over."""

    def __bool__(self) -> bool:
        return bool(self.rules)


NO_CLASH = Clash()


def clashing(question: Question, left_open: Open, ends: float) -> Clash:
    """Rules that no roster keeps together; the fewest, where there is the time until `ends` of the clock.

    `left_open`: what the best roster lacks; other days clash with nothing. First with people who may be
    split, which takes little time; then with undivided people. `clashing_in_a_day` was asked before.
    """
    if weeks := tuple(too_little_room(question, {day for day, _ in left_open})):
        return Clash(weeks)
    parts = list(windows(question, left_open))
    for part in parts:
        if not _one_day(part) and (found := _split_clash(part, ends)):
            return found
    for number, part in enumerate(parts):
        # A part that is hard to decide leaves time for the others.
        share = 1.0 if number == len(parts) - 1 else 0.5
        left = ends - time.monotonic()
        if _fits(part, ends) and (whole := whole_clash(part, time.monotonic() + share * left)):
            return Clash(tuple(whole))
    return NO_CLASH


def clashing_in_a_day(question: Question, left_open: Open, ends: float) -> Clash:
    """The same of single days, where most clashes are; one day is looked at, however little time there is.

    `left_open`: what stays open on a day even if nobody works on any other.
    """
    if nobody := tuple(unable(question.people, question.duties, question.need)):
        return Clash(nobody)
    for number, part in enumerate(windows(question, left_open)):
        if not _one_day(part):
            break
        if found := _split_clash(part, ends if number else max(ends, time.monotonic() + 1.0)):
            return found
    return NO_CLASH


def _one_day(question: Question) -> bool:
    return len({day for day, _ in question.need}) == 1


def _fits(question: Question, ends: float) -> bool:
    return time.monotonic() + columns_of(question) / COLUMNS_A_S < ends


def windows(question: Question, left_open: Open) -> Iterator[Question]:
    """Days, weeks and the whole that hold something open: with the duties that stay open, and with all.

    A clash within one day is said with the fewest rules; weeks begin on Sundays, as those of the law do.
    """
    days = {day for day, _ in question.need}
    single, whole = [{day} for day in sorted(days)], [days]
    weeks = [{day for day in days if sunday_of(day) == sunday} for sunday in sorted({*map(sunday_of, days)})]
    lacking, every = {what for _, what in left_open}, {what for _, what in question.need}
    seen: set[frozenset[tuple[date, str]]] = set()
    for stretches, duties in (
        (single, lacking),
        (single, every),
        (weeks, lacking),
        (whole, lacking),
        (weeks, every),
        (whole, every),
    ):
        for some in stretches:
            part = {
                key: count
                for key, count in question.need.items()
                if count and key[0] in some and key[1] in duties
            }
            if frozenset(part) not in seen and any(day in some for day, _ in left_open):
                seen.add(frozenset(part))
                yield replace(question, need=part)


def _split_clash(question: Question, ends: float) -> Clash:
    if not _fits(question, ends):
        return NO_CLASH
    rows = build(question)
    matrix, limits, short = rows.matrix(), np.array(rows.limits), rows.needs()
    slack = sparse.csr_matrix((-np.ones(len(short)), (short, range(len(short)))), (len(limits), len(short)))
    cost = np.concatenate([np.zeros(rows.width), np.ones(len(short))])
    elastic = _linear(cost, sparse.hstack([matrix, slack]), limits, ends)
    if elastic is None or elastic.status != 0 or elastic.fun < _TINY:
        return NO_CLASH
    used = np.flatnonzero(np.abs(elastic.ineqlin.marginals) > _TINY)
    proof = [int(at) for at in used if not rows.always[at]]
    kept, least = _smaller(rows, proof, min(ends, time.monotonic() + _LEAST_S))
    return Clash(tuple(rows.rules[at] for at in kept), least)


def _linear(cost: Any, matrix: Any, limits: Any, ends: float) -> Any:
    """None: the time is over."""
    left = ends - time.monotonic()
    if left <= 0:
        return None
    within = {"time_limit": left}
    return linprog(cost, A_ub=matrix, b_ub=limits, method="highs", options=within)


def _smaller(rows: Rows, proof: Sequence[int], ends: float) -> tuple[list[int], bool]:
    """The rules of a proof that it needs, and whether that was decided for each."""
    matrix, limits = rows.matrix(), np.array(rows.limits)
    fixed = [at for at, always in enumerate(rows.always) if always]
    asked = [at for at in proof if limits[at] < 0]
    # Who is asked for nothing takes no part.
    part = np.unique(matrix[asked].indices)
    columns = np.union1d(part, np.arange(len(rows.columns), rows.width))
    matrix = matrix[:, columns]
    late = False

    def possible(kept: Sequence[int]) -> bool:
        nonlocal late
        some = [*fixed, *kept]
        answer = _linear(np.zeros(len(columns)), matrix[some], limits[some], ends) if not late else None
        # Without an answer in time a rule stays in the clash.
        status = -1 if answer is None else int(answer.status)
        late = late or status not in (0, _IMPOSSIBLE)
        return status != _IMPOSSIBLE

    if len(proof) > _FEW:
        proof = _fewer_kinds(rows, proof, possible)
    found = proof if late else least_clash(proof, possible)
    return list(found), not late


def _fewer_kinds(rows: Rows, proof: Sequence[int], possible: Callable[[Sequence[int]], bool]) -> list[int]:
    """The same rule of many people, or of a duty on many days, is needed or not as one."""
    kinds: dict[tuple[str, object], list[int]] = {}
    for at in proof:
        rule = rows.rules[at]
        kinds.setdefault((rule.code.value, rule.day if rule.person else rule.duty), []).append(at)
    groups = list(kinds.values())
    chosen = least_clash(
        range(len(groups)), lambda kept: possible([at for group in kept for at in groups[group]])
    )
    return [at for group in chosen for at in groups[group]]
