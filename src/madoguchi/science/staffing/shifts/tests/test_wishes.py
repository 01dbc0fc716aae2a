"""Wishes are kept where days by themselves do not let them be, and nobody pays for it with their hours."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np
import pytest

from madoguchi.science.staffing.shifts import roster as rosters
from madoguchi.science.staffing.shifts.check import breaches
from madoguchi.science.staffing.shifts.people import OFF, Contract, Duty, Person
from madoguchi.science.staffing.shifts.roster import Roster, roster

pytestmark = pytest.mark.pure

SUNDAY = date(2026, 11, 29)
EARLY = Duty("early", 7 * 60, 16 * 60, 60)
LATE = Duty("late", 13 * 60, 22 * 60, 60)
NIGHT = Duty("night", 22 * 60, 31 * 60, 60)
DUTIES = [EARLY, LATE, NIGHT]
NEED = {
    (SUNDAY + timedelta(days=at), what): many
    for at in range(28)
    for what, many in (("early", 10), ("late", 8), ("night", 2))
}


def day(number: int) -> date:
    return SUNDAY + timedelta(days=number)


def team() -> list[Person]:
    """All that 28 people may work in a week is needed; each would like four days off, one at a weekend."""
    rng = np.random.default_rng(3)
    weekends = [day(at) for at in range(28) if day(at).weekday() >= 5]
    people = []
    for who in range(28):
        off = dict.fromkeys((day(int(at)) for at in rng.choice(28, 3, replace=False)), OFF)
        off |= dict.fromkeys((weekends[int(at)] for at in rng.choice(8, 1, replace=False)), OFF)
        people.append(Person(f"P{who:02d}", wishes=off))
    return people


def given_anew(monkeypatch: pytest.MonkeyPatch, more: Callable[..., bool] | None) -> Roster:
    if more is not None:
        monkeypatch.setattr(rosters, "keep_more", more)
    return roster(team(), DUTIES, NEED)


def test_weeks_given_anew_keep_more_wishes_and_spread_hours_as_evenly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = given_anew(monkeypatch, None)
    by_days = given_anew(monkeypatch, lambda *_: False)
    assert breaches(more.given, team(), DUTIES, NEED) == []
    assert more.wishes_kept >= by_days.wishes_kept + 0.1 * by_days.wishes
    assert len(more.given) == sum(NEED.values())
    assert _apart(more.minutes) <= _apart(by_days.minutes)
    assert _apart(more.nights) <= max(2, _apart(by_days.nights))
    assert _apart(more.weekends) <= _apart(by_days.weekends) + 1


def _apart(counts: Mapping[str, int]) -> int:
    return max(counts.values()) - min(counts.values())


def test_without_time_the_roster_is_the_one_of_days(monkeypatch: pytest.MonkeyPatch) -> None:
    need = {(on, what): many - 2 * (what == "early") for (on, what), many in NEED.items()}
    quick = roster(team(), DUTIES, need, seconds=1e-3)
    assert not quick.left_open
    monkeypatch.setattr(rosters, "keep_more", lambda *_: False)
    assert dict(quick.given) == dict(roster(team(), DUTIES, need).given)


def test_wishes_that_nothing_lets_be_are_told_apart() -> None:
    monday = day(1)
    people = [
        Person("Sato", days_off=frozenset({monday}), wishes={monday: "early", day(2): OFF}),
        Person("Ito", Contract(duties=frozenset({"late"})), wishes={monday: "early", day(2): "late"}),
        Person("Abe"),
    ]
    found = roster(people, DUTIES, {(monday, "early"): 1, (day(2), "late"): 1})
    assert (found.wishes, found.wishes_possible, found.wishes_kept) == (4, 2, 2)
