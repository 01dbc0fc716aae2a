"""Why there is no roster of hundreds: said in words that can be read, within the time given."""

import time
from datetime import date, timedelta

import pytest

from madoguchi.science.staffing.shifts import scarcity
from madoguchi.science.staffing.shifts.errors import RulesClash
from madoguchi.science.staffing.shifts.people import Contract, Duty, Person
from madoguchi.science.staffing.shifts.roster import roster
from madoguchi.science.staffing.shifts.rules import Rule, RuleCode, bundled, fields_of

pytestmark = pytest.mark.pure

SUNDAY = date(2026, 11, 29)
EARLY = Duty("early", 7 * 60, 16 * 60, 60)
LATE = Duty("late", 13 * 60, 22 * 60, 60)
RARE = Duty("rare", 9 * 60, 20 * 60, 60, skill="rare")


def day(number: int) -> date:
    return SUNDAY + timedelta(days=number)


def many(count: int, contract: Contract | None = None) -> list[Person]:
    return [
        Person(f"P{who:03d}", contract or Contract(), days_off=frozenset({day(who % 7)}))
        for who in range(count)
    ]


def test_a_week_without_room_is_said_in_one_line() -> None:
    need = {(day(at), what): 30 for at in range(7) for what in ("early", "late")}
    with pytest.raises(RulesClash) as caught:
        roster(many(80), [EARLY, LATE], need)
    assert caught.value.rules == (
        f"420 shifts (early, late) in the week of {SUNDAY}: hours a week and days off leave room for 400",
    )
    assert caught.value.least


def test_room_counts_what_stands_already() -> None:
    need = {(day(at), "early"): 30 for at in range(7)}
    assert not roster(many(60), [EARLY], need).left_open
    stands = {(f"P{who:03d}", day((who + 3) % 7)): EARLY for who in range(60)}
    stands |= {(f"P{who:03d}", day((who + 5) % 7)): EARLY for who in range(60)}
    with pytest.raises(RulesClash) as caught:
        roster(many(60), [EARLY], need, earlier=stands)
    assert [rule.code for rule in caught.value.clash] == [RuleCode.ROOM]
    assert caught.value.clash[0].able < 210


def test_one_persons_month_among_many_people_is_named() -> None:
    agreed = Contract("36", week_hours=60, day_hours=10, overtime_month_hours=20)
    people = [*many(60), Person("Sato", agreed, frozenset({"rare"}))]
    need = {(day(at), "early"): 20 for at in range(28)}
    need |= {(day(7 * week + at), "rare"): 1 for week in range(4) for at in (1, 2, 3, 4, 5)}
    with pytest.raises(RulesClash) as caught:
        roster(people, [EARLY, RARE], need)
    assert {rule.code for rule in caught.value.clash} == {RuleCode.ABLE, RuleCode.OVERTIME}
    assert {rule.person for rule in caught.value.clash} == {"", "Sato"}
    assert len(caught.value.clash) == 12, "eleven days of two hours each are more than 20 hours"


def test_rest_over_the_end_of_a_week_is_named() -> None:
    night = Duty("rare night", 22 * 60, 31 * 60, 60, skill="rare")
    morning = Duty("rare morning", 7 * 60, 16 * 60, 60, skill="rare")
    people = [*many(60), Person("Sato", skills=frozenset({"rare"}))]
    need = {(day(at), "early"): 20 for at in range(14)}
    need |= {(day(6), "rare night"): 1, (day(7), "rare morning"): 1}
    with pytest.raises(RulesClash) as caught:
        roster(people, [EARLY, night, morning], need)
    assert f"rest of Sato after rare night on {day(6)}" in caught.value.rules
    assert len(caught.value.clash) == 3


def test_contracts_that_are_too_short_for_every_duty_are_told_apart_from_skills() -> None:
    need = {(day(0), "early"): 1, (day(1), "early"): 1, (day(1), "rare"): 1}
    with pytest.raises(RulesClash) as caught:
        roster(many(30, Contract(day_hours=6)), [EARLY, RARE], need)
    assert caught.value.rules == (
        f"need 1 × early on {day(0)}, which 0 people can do",
        "early is longer than the hours a day of 30 people who could do it",
        f"need 1 × rare on {day(1)}, which 0 people can do",
    )


def test_a_proof_without_time_to_shorten_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    people, need = many(20, Contract(week_hours=8)), {(day(at), "early"): 4 for at in range(7)}
    with pytest.raises(RulesClash) as caught:
        roster(people, [EARLY], need)
    least = set(caught.value.clash)
    assert caught.value.least
    monkeypatch.setattr(scarcity, "_LEAST_S", -1.0)
    with pytest.raises(RulesClash) as caught:
        roster(people, [EARLY], need)
    assert not caught.value.least
    assert set(caught.value.clash) >= least


@pytest.mark.parametrize("times", [1.3, 2.0])
def test_the_fullest_roster_keeps_its_time(times: float) -> None:
    need = {(day(at), what): int(40 * times) for at in range(28) for what in ("early", "late")}
    began = time.process_time()
    found = roster(many(120), [EARLY, LATE], need, partial=True, seconds=1.0)
    # Time at the processor, since a test's machine is seldom its own.
    assert time.process_time() - began < 2.0
    assert found.left_open
    assert found.clash


def test_the_same_rule_of_many_people_is_one_line() -> None:
    rules = [Rule(RuleCode.WEEK_HOURS, SUNDAY, f"P{at}") for at in range(7)]
    rules += [Rule(RuleCode.NEED, day(at), duty="early", people=2) for at in range(4)]
    rules += [Rule(RuleCode.DAY_OFF, SUNDAY, "Sato")]
    assert [some[0].message.format(**fields_of(some)) for some in bundled(rules)] == [
        "hours a week of P0, P1, P2, P3, P4 and 2 more from 2026-11-29",
        "need 8 × early on 2026-11-29 – 2026-12-02",
        "day off of Sato on 2026-11-29",
    ]
