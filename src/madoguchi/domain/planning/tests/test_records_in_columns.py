"""What the centre wrote down, in the simulator's columns, gives the figures of the reports."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, Offer
from madoguchi.domain.calls.queries.figures import day_of
from madoguchi.domain.calls.queries.history import CallFilter, calls_of
from madoguchi.domain.calls.tests.a_day import Centre, seconds
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.ledger.actions import step, write
from madoguchi.domain.planning.queries.past import Recorded, past_of
from madoguchi.science.measures.rates import answer_rate
from madoguchi.science.measures.service_level import Level, service_level
from madoguchi.science.measures.waits import answer_waits_s, average_time_to_abandon_s
from madoguchi.science.staffing.simulation import flat

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)


class Told(Centre):
    """The cast, whose steps of activity carry their call, as the centre's own do."""

    def does(self, agent: Agent, call: Call | None, *activities: tuple[str, datetime]) -> list[Any]:
        rows = super().does(agent, call, *activities)
        for row in rows:
            row.call_id = call.pk if call else None
        return rows


@pytest.fixture
def centre() -> Centre:
    made = Told(NOON)
    for place, wait_s in enumerate([3, 8, 19, 20, 25, 60]):
        at = NOON - seconds(4000 - 100 * place)
        made.answered(at, made.customers[place % 4], made.agents[place], wait_s=wait_s)
    made.left(NOON - seconds(3000), wait_s=4, outcome="short_abandon")
    made.left(NOON - seconds(2900), wait_s=50)
    made.left(NOON - seconds(2800), outcome="failed")
    made.out_of_hours(NOON - seconds(2700))
    made.waiting(30)
    return made


def presence(agent: Agent, *steps: tuple[str, float, dict[str, object]]) -> None:
    """Let somebody choose presences, so many seconds after noon."""
    write(
        step("presence", agent.pk, "", word, event="chose", at=NOON + seconds(at_s), cause=cause)
        for word, at_s, cause in steps
    )


def spells(found: Recorded, agent: Agent, kind: int) -> list[tuple[float, float]]:
    """From noon: (begin, end) of what one person did."""
    rows = found.past.spells
    own = rows[(rows["agent"] == found.agents.index(agent.pk)) & (rows["kind"] == kind)]
    return [(float(row["began_s"]) - 43_200, float(row["ended_s"]) - 43_200) for row in own]


def test_rates_and_levels_are_those_of_the_reports(centre: Centre) -> None:
    records = flat.records(past_of(TODAY).past.calls)
    day = day_of(TODAY)
    assert answer_rate(records) == day.figure("answer_rate").share
    assert service_level(records, Level.A, within_s=20) == day.figure("service_level").share
    assert len(records) == day.figure("arrivals").count - day.living == 10


def test_waits_are_those_of_the_history(centre: Centre) -> None:
    records = flat.records(past_of(TODAY).past.calls)
    listed = calls_of(CallFilter(since=TODAY, until=TODAY, outcomes=("answered",)))
    assert answer_waits_s(records) == sorted(call.waited.total_seconds() for call in listed)
    assert average_time_to_abandon_s(records) == 27.0


def test_talk_and_wrap_up_and_rings_stand_with_their_call(centre: Centre) -> None:
    found = past_of(TODAY)
    missed = centre.left(NOON - seconds(500), centre.customers[1], wait_s=40)
    ring = {"call": missed, "visit": missed.visits.get(), "agent": centre.agents[2], "stage": "missed"}
    at = NOON - seconds(490)
    Offer.objects.create(
        **ring, leg_id="x", offered_at=at, rings_until=at + seconds(20), ended_at=at + seconds(20)
    )
    answered = found.past.calls[found.past.calls["outcome"] == flat.OUTCOME["answered"]]
    assert set(answered["talk_s"]) == {180.0}
    assert set(answered["wrap_up_s"]) == {60.0}
    assert set(answered["rings"]) == {1}
    again = past_of(TODAY)
    row = again.past.calls[again.calls.index(missed.pk)]
    assert (row["rings"], row["missed"]) == (1, 1)
    assert spells(again, centre.agents[2], flat.RINGING)[-1] == (-490.0, -470.0)
    talks = again.past.spells[again.past.spells["kind"] == flat.TALKING]
    assert sorted(talks["ended_s"] - talks["began_s"]) == [180.0] * 6


def test_the_same_customer_has_the_same_number(centre: Centre) -> None:
    calls = past_of(TODAY).past.calls
    assert len(set(calls["customer"][calls["customer"] >= 0])) == 4
    assert np.count_nonzero(calls["customer"] == -1) == 4, "whose number is withheld is nobody"


def test_work_off_the_phone_is_time_at_work_and_belongs_to_the_last_call(centre: Centre) -> None:
    agent = centre.agents[0]
    call = centre.answered(NOON + seconds(100), centre.customers[0], agent, wait_s=6, talk_s=90, wrap_up_s=30)
    presence(
        agent,
        ("available", 0, {}),
        # Chosen while the wrap-up still runs: it begins with its end, at 230 s.
        ("other_work", 220, {"matter": "research"}),
        ("available", 400, {}),
        ("away", 700, {}),
        ("available", 1_000, {}),
        ("break", 1_300, {}),
    )
    found = past_of(TODAY)
    assert spells(found, agent, flat.CASEWORK) == [(230.0, 400.0)]
    assert spells(found, agent, flat.PRESENT) == [(0.0, 700.0), (1_000.0, 1_300.0)]
    away = [(each.began, each.ended) for each in found.away if each.agent == found.agents.index(agent.pk)]
    assert away == [(NOON + seconds(700), NOON + seconds(1_000))]
    case = found.past.cases[found.past.calls["case"][found.calls.index(call.pk)]]
    assert (case["opened_s"] - 43_200, case["resolved_s"] - 43_200) == (230.0, 400.0)
    assert case["owner"] == found.agents.index(agent.pk)


def test_a_promised_call_back_is_a_case_with_a_due_time(centre: Centre) -> None:
    call = centre.answered(NOON + seconds(100), centre.customers[0], centre.agents[0])
    Promise.objects.create(
        kind="call_back",
        customer=centre.customers[0],
        call_id=call.pk,
        made_at=NOON,
        due_at=NOON + seconds(9_000),
    )
    found = past_of(TODAY)
    assert found.past.cases["due_s"].tolist() == [43_200 + 9_000]
    assert np.isnan(found.past.cases["resolved_s"][0]), "still owed"


def test_a_day_without_calls_has_empty_columns() -> None:
    past = past_of(TODAY).past
    assert (past.calls.size, past.spells.size, past.cases.size) == (0, 0, 0)


def test_a_read_costs_the_same_statements_for_few_calls_and_many(
    centre: Centre, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        past_of(TODAY)
    for number in range(30):
        centre.answered(NOON + seconds(60 * number), centre.customers[0], centre.agents[1])
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        past_of(TODAY)


def test_too_long_a_period_is_refused() -> None:
    with pytest.raises(ValueError, match="62 days"):
        past_of(date(2026, 1, 1), date(2026, 4, 1))
