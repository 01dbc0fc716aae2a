"""The demonstration's roster: last week and this one as people work by them, and wishes for the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.roster.actions import arranging, editing, making, wishing
from madoguchi.domain.roster.cells import Cell
from madoguchi.domain.roster.models import ShiftType
from madoguchi.kit.clock import business_day, now
from madoguchi.science.staffing.shifts.people import sunday_of

SHIFTS = (
    ("早番", "早", (9, 18), (12, 13)),
    ("中番", "中", (10, 19), (13, 14)),
    ("遅番", "遅", (17, 26), (20, 22)),
)
"""Name, mark, hours of work, first and last hour at which the break of an hour begins."""
WEEK = {
    "sato": "休早早早早早休",
    "suzuki": "早休早早早休早",
    "tanaka": "休中中中有中中",
    "ito": "中中中休中中休",
    "watanabe": "休休遅遅遅遅遅",
    "yamamoto": "遅遅休中中休中",
    "kobayashi": "休早早早早早休",
}
"""Sunday to Saturday; 有 is paid leave."""
WISHES = (("sato", 12, "", "学校行事"), ("ito", 8, "早", ""), ("watanabe", 13, "", ""))
"""Who, days after this week's Sunday, mark of the shift (none: a day off), and why."""


def plan(agents: Mapping[str, Agent], today: date) -> None:
    """Make ways to work, a contract, and the two weeks."""
    types = {mark: _shift_type(name, mark, hours, rest) for name, mark, hours, rest in SHIFTS}
    contract = arranging.set_contract(None, {"name": "フルタイム（週40時間）"}, acting_user=None)
    leader = agents["kobayashi"].account_id
    for name in WEEK:
        arranging.set_term(agents[name].account_id, contract.pk, acting_user=leader)
    first = sunday_of(today)
    for sunday in (first - timedelta(days=7), first):
        roster = making.open_roster(sunday, sunday + timedelta(days=6), acting_user=leader)
        cells = [
            (agents[name].account_id, sunday + timedelta(days=at), _cell(mark, types))
            for name, marks in WEEK.items()
            for at, mark in enumerate(marks)
        ]
        editing.take_in(roster.pk, cells, acting_user=leader)
        making.publish(roster.pk, {}, acting_user=leader)
    for name, at, mark, words in WISHES:
        day, account_id = first + timedelta(days=at), agents[name].account_id
        if day > business_day(now()):
            what = str(types[mark].pk) if mark else wishing.OFF
            wishing.wish(account_id, day, what, words=words, acting_user=account_id)


def hours_on(username: str, day: date) -> tuple[int, int, int] | None:
    """From which hour to which somebody works on a day, and at which hour they eat; None: not at all."""
    mark = WEEK.get(username, "休休休休休休休")[day.isoweekday() % 7]
    return next(((begin, end, eats) for _, at, (begin, end), (eats, _) in SHIFTS if at == mark), None)


def _shift_type(name: str, mark: str, hours: tuple[int, int], rest: tuple[int, int]) -> ShiftType:
    values = {
        "name": name,
        "mark": mark,
        "begin_min": 60 * hours[0],
        "end_min": 60 * hours[1],
        "break_from_min": 60 * rest[0],
        "break_until_min": 60 * rest[1],
    }
    return arranging.set_shift_type(None, values, acting_user=None)


def _cell(mark: str, types: Mapping[str, ShiftType]) -> Cell:
    if mark in types:
        return Cell(types[mark].pk)
    return Cell(off="paid" if mark == "有" else "rest")
