"""Keeps more wishes: whole weeks are given anew, exactly, so that as few as may be stay unkept.

Filling day by day keeps what a day by itself allows. Where everybody's week is full, nobody may take the
shift of whoever wishes for the day off unless they give away another one; a week as one model sees that.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from madoguchi.science.staffing.shifts.people import Duty, Worked
from madoguchi.science.staffing.shifts.rows import Question, build, columns_of
from madoguchi.science.staffing.shifts.scarcity import COLUMNS_A_S
from madoguchi.science.staffing.shifts.table import Table, Whole

_SOLVING = 3.0
"""A week takes so many times as long to solve as to write down, at least."""
_NEAR = 0.05
"""Share of the best week's cost that is not worth more time."""


def keep_more(table: Table, question: Question, ends: float) -> bool:
    """Give weeks anew in which wishes stay unkept, those with most first, until `ends` of the clock.

    Returns whether any was kept. Nothing is left open that was given, no rule is broken, and no week keeps
    fewer wishes than before.
    """
    weeks: dict[int, list[int]] = {}
    for day in table.planned:
        weeks.setdefault(int(table.week[day]), []).append(int(day))
    unkept, won = _unkept(table), False
    for days in sorted(weeks.values(), key=lambda days: -int(unkept[:, days].sum())):
        if not unkept[:, days].any():
            break
        part = around(table, question, np.array(days))
        takes_s = (1 + _SOLVING) * columns_of(part) / COLUMNS_A_S
        if _complete(table, days) and time.monotonic() + takes_s < ends:
            won |= _anew(table, part, days, ends)
    return won


def around(table: Table, question: Question, window: Whole) -> Question:
    """The part of `question` on some days, with what is given on all the others standing already."""
    days = {table.days[day] for day in window}
    need = {key: count for key, count in question.need.items() if key[0] in days}
    stands: dict[tuple[str, date], Duty | Worked] = dict(question.earlier)
    for who, day in np.argwhere((table.given >= 0) & ~table.fixed):
        if table.days[day] not in days:
            stands[table.people[who].name, table.days[day]] = table.duties[table.given[who, day]]
    return replace(question, need=need, earlier=stands)


def _unkept(table: Table) -> Whole:
    """People × days: wishes that are not kept, of people who could do what they wish for."""
    off = (table.wish > 0).any(axis=2).T & (table.given >= 0)
    wants = (table.wish < 0) & table.can[None]
    given = table.given.T[:, :, None] == np.arange(len(table.duties))
    missed = (wants & ~given).any(axis=2).T & table.free
    return np.asarray(off | missed, dtype=np.int64)


def _complete(table: Table, days: list[int]) -> bool:
    asked, given = (
        table.asked[days].sum(axis=0),
        Counter(table.given[:, days][~table.fixed[:, days]].tolist()),
    )
    return all(given[duty] >= many for duty, many in enumerate(asked))


def _anew(table: Table, part: Question, days: list[int], ends: float) -> bool:
    before = table.given.copy()
    unkept = _unkept(table)
    table.given[:, days] = np.where(table.fixed[:, days], before[:, days], -1)
    rows = build(part)
    places = {table.days[day]: day for day in days}
    names = {duty.name: at for at, duty in enumerate(table.duties)}
    dear = {day: table.dear(day) for day in days}
    cost = np.zeros(rows.width)
    for (who, when, what), column in rows.columns.items():
        cost[column] = dear[places[when]][who, names[what]]
    choices = (np.arange(rows.width) < len(rows.columns)).astype(np.float64)
    found = milp(
        cost,
        constraints=LinearConstraint(rows.matrix(), -np.inf, np.array(rows.limits)),
        integrality=choices,
        bounds=Bounds(0, np.where(choices > 0, 1.0, np.inf)),
        options={"time_limit": max(0.1, ends - time.monotonic()), "mip_rel_gap": _NEAR},
    )
    if found.x is not None:
        for (who, when, what), column in rows.columns.items():
            if found.x[column] > 0.5:
                table.given[who, places[when]] = names[what]
    if found.x is None or _unkept(table)[:, days].sum() >= unkept[:, days].sum():
        table.given[:] = before
        return False
    return True
