"""What the reading of a day makes of hiding, promises, questions to leaders, lines and the roster."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from madoguchi.domain.calls.models import Call, Consult
from madoguchi.domain.calls.tests.a_day import seconds
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.ledger.actions import write
from madoguchi.domain.planning.queries import rota
from madoguchi.domain.planning.queries.known import known_of, to_run_again
from madoguchi.domain.planning.queries.lines import Lines, lines_of
from madoguchi.domain.planning.queries.past import past_of
from madoguchi.domain.planning.tests.test_records_in_columns import Told, presence, spells
from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.ids import new_id
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.calibration import as_it_was, calibrated

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)


@pytest.fixture
def centre() -> Told:
    return Told(NOON)


def test_work_taken_up_unasked_while_callers_wait_is_hiding(centre: Told) -> None:
    for agent, other in ((centre.agents[0], 100.0), (centre.agents[1], 3_100.0)):
        centre.answered(NOON + seconds(other), centre.customers[0], agent, wait_s=6, talk_s=90, wrap_up_s=30)
        presence(agent, ("available", 0, {}), ("other_work", other + 126, {"matter": "research"}))
        presence(agent, ("available", other + 400, {}))
    centre.left(NOON + seconds(3_200), wait_s=60)
    found = past_of(TODAY)
    assert spells(found, centre.agents[0], flat.CASEWORK) == [(230.0, 500.0)], "nobody waited"
    assert spells(found, centre.agents[1], flat.HIDING) == [(3_230.0, 3_500.0)]
    assert not spells(found, centre.agents[1], flat.CASEWORK)


def test_what_was_promised_earlier_and_is_open_makes_a_call_a_chaser_of_before(centre: Told) -> None:
    before = centre.answered(NOON - timedelta(days=1), centre.customers[0], centre.agents[0])
    Promise.objects.create(kind="do", call_id=before.pk, made_at=NOON - timedelta(days=1))
    centre.answered(NOON, centre.customers[0], centre.agents[0])
    centre.answered(NOON + seconds(900), centre.customers[1], centre.agents[0])
    recorded = past_of(TODAY)
    assert recorded.past.cases["call"].tolist() == [-1]
    past = to_run_again(recorded)
    again = as_it_was(calibrated(known_of(recorded, past), past), past)
    assert [at - 43_200 for at, _ in again.chasers] == [0.0]
    assert [at - 43_200 for at, _ in again.trace or ()] == [900.0]


def test_a_promise_waits_for_others_between_the_work_on_it(centre: Told) -> None:
    agent = centre.agents[0]
    call = centre.answered(NOON, centre.customers[0], agent, wait_s=0, talk_s=60, wrap_up_s=40)
    promise = Promise.objects.create(
        kind="call_back", call_id=call.pk, made_at=NOON, due_at=NOON + seconds(9_000),
        ended_at=NOON + seconds(7_100),
    )  # fmt: skip
    back = centre.call(
        NOON + seconds(7_000), centre.customers[0], direction="outbound", promise_id=promise.pk
    )
    centre.end(back, NOON + seconds(7_100), "reached")
    rows = centre.does(agent, back, ("dialling", NOON + seconds(7_000)), ("idle", NOON + seconds(7_100)))
    write(rows)
    recorded = past_of(TODAY)
    case = recorded.past.cases[0]
    assert (case["asked_s"] - 43_200, case["answered_s"] - 43_200) == (104.0, 7_000.0)
    assert case["resolved_s"] - 43_200 == 7_100.0
    work = recorded.past.spells[recorded.past.spells["kind"] == flat.CALL_BACK]
    assert work["case"].tolist() == [0]


def test_a_supervisor_who_was_asked_is_a_leader_and_a_colleague_is_not(centre: Told) -> None:
    leader, colleague = centre.agents[8], centre.agents[9]
    leader.account.role = "supervisor"
    leader.account.save()
    centre.answered(NOON - seconds(600), centre.customers[1], colleague)
    for number, asked in enumerate((leader, colleague)):
        at = NOON + seconds(1_000 * number)
        call = centre.answered(at, centre.customers[number], centre.agents[0], wait_s=0, talk_s=200)
        Consult.objects.create(
            call=call, by_agent=centre.agents[0], to_agent=asked, leg_id=str(new_id()), stage="returned",
            began_at=at + seconds(50), answered_at=at + seconds(60), ended_at=at + seconds(90),
        )  # fmt: skip
        write(centre.does(asked, call, ("talking", at + seconds(60)), ("idle", at + seconds(90))))
    recorded = past_of(TODAY)
    assert recorded.leaders == {leader.pk}
    past = to_run_again(recorded)
    people = known_of(recorded, past).people
    assert [recorded.agents[n] for n, person in enumerate(people) if person.leader] == [leader.pk]
    asked = past.spells[past.spells["kind"] == flat.CONSULT]
    assert set(asked["agent"]) == {recorded.agents.index(leader.pk)}


def test_lines_are_known_where_every_trunk_says_how_many_it_has(centre: Told) -> None:
    for number in range(3):
        call = centre.left(NOON + seconds(10 * number), wait_s=100)
        Call.objects.filter(pk=call.pk).update(trunk_endpoint="t-1")
    recorded = past_of(TODAY)
    assert lines_of(recorded) == Lines()
    trunk = Trunk.objects.create(name="本線", endpoint="t-1", kind="address", host="192.0.2.1", channels=3)
    assert lines_of(recorded) == Lines(3, ((43_220.0, 43_304.0),))
    trunk.channels = 2
    trunk.save()
    assert lines_of(recorded) == Lines(), "more were seen at once than it says"
    Trunk.objects.create(name="予備", endpoint="t-2", kind="address", host="192.0.2.2")
    assert lines_of(recorded) == Lines()


def test_with_a_roster_planned_is_what_it_says(centre: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    late, absent, other = centre.agents[:3]
    shift = ((NOON - seconds(3_600), NOON), (NOON + seconds(1_800), NOON + seconds(7_200)))
    planned = {late.account_id: shift, absent.account_id: shift}
    monkeypatch.setattr(rota, "planned_stretches", lambda day: planned if day == TODAY else {})
    presence(late, ("available", -600, {}), ("meeting", 3_600, {}), ("available", 5_400, {}))
    presence(late, ("gone_home", 9_000, {}))
    presence(absent, ("gone_home", -40_000, {}))
    presence(other, ("available", 0, {}), ("gone_home", 60, {}))
    # Those of whom nothing was written down are what they are since then.
    centre.answered(NOON, centre.customers[0], late, wait_s=0)
    recorded = past_of(TODAY)
    people = known_of(recorded, to_run_again(recorded)).people
    found = {
        agent: [(since - 43_200, to - 43_200) for since, to in person.planned or ()]
        for agent, person in zip((*recorded.agents, absent.pk), people, strict=False)
    }
    kept = [(-3_600.0, 0.0), (1_800.0, 3_600.0)]
    assert found[late.pk] == [*kept, (5_400.0, 9_000.0)], "a meeting is no absence, and staying on is planned"
    assert found[absent.pk] == [(-3_600.0, 0.0), (1_800.0, 7_200.0)]
    assert found[other.pk] == [(0.0, 60.0)]


def test_who_came_late_or_left_early_was_absent_where_that_is_common(centre: Told) -> None:
    late, other, steady = centre.agents[:3]
    steps: list[tuple[str, float, dict[str, object]]] = []
    for number in range(31):
        steps += [("available", 400.0 * number, {}), ("away", 400.0 * number + 100, {})]
    presence(steady, *steps, ("available", 12_400, {}), ("gone_home", 12_600, {}))
    presence(late, ("available", 500, {}), ("gone_home", 12_100, {}))
    presence(other, ("available", 700, {}), ("gone_home", 11_900, {}))
    for at in (10.0, 12_590.0):
        centre.answered(NOON + seconds(at), centre.customers[0], steady, wait_s=0)
    recorded = past_of(TODAY)
    people = known_of(recorded, to_run_again(recorded)).people
    found = {
        agent: [(since - 43_200, to - 43_200) for since, to in person.planned or ()]
        for agent, person in zip(recorded.agents, people, strict=True)
    }
    # They are away for 300 s as a rule: up to twice that is absence, more is another shift.
    assert found[late.pk] == [(0.0, 12_600.0)]
    assert found[other.pk] == [(700.0, 11_900.0)]
    assert found[steady.pk] == [(0.0, 12_600.0)]
