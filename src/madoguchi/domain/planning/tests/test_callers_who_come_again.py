"""Redials and chasers are told apart from the calls that would have come anyhow, and are not planned for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.history import FOR_A_PERSON
from madoguchi.domain.calls.states import Outcome
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.models import Customer
from madoguchi.domain.planning.actions import bringing, preparing
from madoguchi.domain.planning.forecasting import again, make
from madoguchi.domain.planning.models import Forecast, ForecastDay
from madoguchi.domain.planning.queries.again import (
    LOST,
    Came,
    Usual,
    chasers,
    redials,
    share_who_redial,
    usual,
)
from madoguchi.domain.planning.queries.forecasts import SLOT, again_on
from madoguchi.domain.planning.queries.handling import USUAL_HANDLE_S, basis
from madoguchi.domain.planning.queries.outlook import outlook
from madoguchi.domain.planning.queries.past import past_of
from madoguchi.domain.planning.queries.required import (
    SLOT_S,
    expected_with,
    of_day,
    people_for,
    redials_of,
)
from madoguchi.domain.planning.queries.volumes import own_cells, recorded
from madoguchi.domain.planning.tests.planted_weeks import a_call, client, plant, today
from madoguchi.kit.clock import business_day_start
from madoguchi.science.staffing import orbit
from madoguchi.science.staffing.simulation import flat

pytestmark = [pytest.mark.action, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)


def put(*calls: Call, number: str = "", who: Customer | None = None) -> None:
    for call in calls:
        call.customer_e164, call.customer = number or call.customer_e164, who
        call.contact.save()
        call.save()


def promised(at: datetime, ended: datetime | None, **fields: object) -> None:
    stage = "kept" if ended else "open"
    Promise.objects.create(kind="call_back", made_at=at, ended_at=ended, stage=stage, **fields)


def test_lost_is_what_the_simulator_calls_lost() -> None:
    assert {flat.OUTCOME[outcome] for outcome in LOST} == set(flat.LOST)


def test_a_call_within_the_hour_of_a_lost_one_is_a_redial_and_only_the_next_one() -> None:
    a = client("A社")
    nine = business_day_start(today() - timedelta(days=2)) + timedelta(hours=9)
    lost, soon, later = (
        a_call(a, nine, outcome=Outcome.QUEUE_ABANDON),
        a_call(a, nine + 60 * MINUTE),
        a_call(a, nine + 61 * MINUTE),
    )
    put(lost, soon, later)
    put(a_call(a, nine + 5 * MINUTE), number="+81399998888")
    unknown = [a_call(a, nine, outcome=Outcome.QUEUE_ABANDON), a_call(a, nine + MINUTE)]
    for call in unknown:
        call.customer_e164 = ""
    put(*unknown)
    assert set(redials(nine, nine + timedelta(hours=3))) == {soon.pk}
    # What was before counts though it lies before the time asked for.
    assert set(redials(nine + 30 * MINUTE, nine + timedelta(hours=3))) == {soon.pk}
    assert share_who_redial(nine, nine + timedelta(hours=3)) == (1.0, 1)


def test_who_calls_while_we_owe_them_something_chases() -> None:
    a, who = client("A社"), Customer.objects.create(name="髙橋 花子", client=client("B社"))
    day = business_day_start(today() - timedelta(days=5))
    at = [day + timedelta(days=count, hours=9) for count in range(4)]
    first, asks, after = (a_call(a, each) for each in at[:3])
    put(first, asks, after, who=who)
    promised(at[0] + MINUTE, at[2] - MINUTE, customer=who)
    by_number = a_call(a, at[1] + MINUTE)
    put(by_number, number="+81399997777")
    promised(at[0], None, number="+81399997777")
    forgotten = a_call(a, at[3])
    put(forgotten, number="+81399996666")
    promised(at[0] - timedelta(days=32), None, number="+81399996666")
    Promise.objects.create(kind="customer_contacts", made_at=at[0] + MINUTE, customer=who, stage="open")
    assert set(chasers(day, at[3] + MINUTE)) == {asks.pk, by_number.pk}


def test_the_same_calls_come_again_as_the_simulator_finds() -> None:
    a, rng = client("A社"), np.random.default_rng(7)
    day = today() - timedelta(days=4)
    begin = business_day_start(day) + timedelta(hours=9)
    outcomes = ["answered", "answered", *sorted(LOST), "voicemail", "out_of_hours"]
    people = [Customer.objects.create(name=f"客 {number}", client=a) for number in range(12)]
    for place in range(400):
        who = people[place % 12] if place % 3 else None
        at = begin + timedelta(days=int(rng.integers(3)), seconds=float(rng.uniform(0, 30_000)))
        call = a_call(a, at, outcome=str(rng.choice(outcomes)))
        put(call, number=f"+8139999{int(rng.integers(20)):04}", who=who)
        if who and not who.promises.exists() and call.outcome == "answered" and call.ended_at:
            ended = call.ended_at + timedelta(hours=float(rng.uniform(1, 40)))
            promised(call.ended_at, ended, customer=who, call_id=call.pk)
    found = past_of(day, day + timedelta(days=2))
    kinds = found.past.with_kinds().calls["kind"]
    until = begin + timedelta(days=3)
    again = set(redials(begin, until))
    for kind, ours in ((flat.REDIAL, again), (flat.CHASER, set(chasers(begin, until)) - again)):
        theirs = {key for key, each in zip(found.calls, kinds, strict=True) if each == kind}
        assert ours == theirs
        assert len(theirs) > 20


def test_half_hours_count_all_calls_and_how_many_of_them_came_again() -> None:
    a = client("A社")
    nine = business_day_start(today() - timedelta(days=2)) + timedelta(hours=9)
    put(a_call(a, nine, outcome=Outcome.RING_ABANDON), a_call(a, nine + 5 * MINUTE))
    put(a_call(a, nine + 6 * MINUTE), number="+81399997777")
    promised(nine - timedelta(days=1), None, number="+81399997777")
    (cell,) = own_cells(nine, nine + 30 * MINUTE)
    assert (cell.calls, cell.redials, cell.chasers, cell.first) == (3.0, 1.0, 1.0, 1.0)


def test_bad_weeks_do_not_become_the_usual_ones_and_small_clients_have_everybodys() -> None:
    weeks = [Came(week, 1, 100.0, 4.0 if week > 2 else 80.0, 6.0) for week in range(12)]
    found = usual([*weeks, Came(0, 2, 20.0, 10.0, 0.0)])
    assert found[1] == Usual(0.04, 0.06)
    assert set(found) == {1, None}
    assert found[1].times == pytest.approx(1.1)


def numbered() -> list[Call]:
    """Each call in order, with a caller of its own."""
    calls = list(Call.objects.order_by("arrived_at", "pk"))
    for place, call in enumerate(calls):
        call.customer_e164 = f"+81{300000000 + place}"
    Call.objects.bulk_update(calls, ["customer_e164"])
    return calls


@pytest.fixture
def a_bad_week() -> tuple[Client, dict[str, int]]:
    """Six weeks of A; in the last, each caller is lost once and calls again within the hour."""
    a, since = client("A社"), today() - timedelta(weeks=6)
    plant(a, since, today())
    preparing.set_goal({"own_since": since}, acting_user=None)
    bad = business_day_start(today() - timedelta(days=7))
    first = [call for call in numbered() if call.arrived_at >= bad]
    lost = []
    for call in first:
        lost.append(a_call(a, call.arrived_at - 2 * MINUTE, outcome=Outcome.QUEUE_ABANDON))
        lost[-1].customer_e164 = call.customer_e164
    Contact.objects.bulk_create([call.contact for call in lost])
    Call.objects.bulk_create(lost)
    return a, {"first": len(first), "all": 2 * len(first)}


def test_a_bad_week_is_not_learned_as_demand(a_bad_week: tuple[Client, dict[str, int]]) -> None:
    a, planted = a_bad_week
    known = recorded(today())
    assert known.of_clients()[a.pk][-7:].sum() == planted["first"]
    assert known.again == {a.pk: Usual(0.0, 0.0), None: Usual(0.0, 0.0)}
    bad = business_day_start(today() - timedelta(days=7))
    assert Call.objects.filter(FOR_A_PERSON, arrived_at__gte=bad).count() == planted["all"]
    made = make(today())
    assert made.made_of["again"] == {"": [0.0, 0.0], str(a.pk): [0.0, 0.0]}
    Call.objects.filter(arrived_at__gte=bad, outcome="queue_abandon").delete()
    as_if_good = make(today())
    # A call stands in the half-hour in which it came first; the rest of the forecast is the same.
    calls, good = (sum(sum(day.calls) for day in one.days) for one in (made, as_if_good))
    assert calls == pytest.approx(good, rel=0.02)


def test_the_page_tells_how_many_of_those_who_came_came_again(
    a_bad_week: tuple[Client, dict[str, int]],
) -> None:
    _, planted = a_bad_week
    found = outlook(today() - timedelta(days=7), today() - timedelta(days=1))
    assert sum(day.came or 0 for day in found.days) == planted["all"]
    assert sum(day.came_redials for day in found.days) == planted["first"]
    assert found.known.redial == pytest.approx(0.95), "everybody redialled; not all of them ever do"


def forecast_of(**shares: list[float]) -> list[ForecastDay]:
    """A day with two clients, of whom one is too small for shares of its own."""
    a, b = client("A社"), client("B社")
    again_of = {"": shares["everybody"], str(a.pk): shares["a"]} if shares else None
    made_of = {"again": again_of} if again_of else {}
    forecast = Forecast.objects.create(
        stage="made", asked_at=business_day_start(today()), beat_at=business_day_start(today()),
        made_at=business_day_start(today()), origin=today(), made_of=made_of,
    )  # fmt: skip
    rows = []
    for whose, calls in ((None, 31.0), (a, 20.0), (b, 10.0)):
        line = [calls if place in (20, 21) else 0.0 for place in range(48)]
        opens = business_day_start(today()) + timedelta(hours=10)
        rows.append(
            ForecastDay.objects.create(
                forecast=forecast, day=today() + timedelta(days=1), client=whose, opens_at=opens,
                calls=line, low=[0.8 * each for each in line], high=[1.3 * each for each in line],
                day_low=1.6 * calls, day_high=2.4 * calls, day_variance=0.01, own_variance=[0.0] * 48,
            )
        )  # fmt: skip
    return rows


def test_who_usually_comes_again_is_expected_on_top_by_client() -> None:
    rows = forecast_of(everybody=[0.1, 0.2], a=[0.0, 0.5])
    whole, a = again_on(rows[0], rows), again_on(rows[1], rows)
    assert a[1][20] == pytest.approx(10.0)
    # B, and the one call that names no client, are like everybody.
    assert whole[0][20] == pytest.approx(1.1)
    assert whole[1][20] == pytest.approx(10.0 + 2.2)
    day = outlook(rows[0].day, rows[0].day).days[0]
    assert day.slots[20].expected == pytest.approx(31.0 + 1.1 + 12.2)
    assert day.expected == pytest.approx(2 * 44.3)
    assert day.redials == pytest.approx(2.2)
    assert day.chasers == pytest.approx(24.4)
    assert day.low == pytest.approx(1.6 * 44.3)
    need = day.slots[20].need
    assert need is not None
    assert need.calls == pytest.approx(31.0 + 12.2), "redials follow from the staff"
    assert need.chasers == pytest.approx(12.2)
    assert need.high == pytest.approx(1.3 * need.calls)


def test_forecasts_from_before_redials_were_known_stay_as_they_were() -> None:
    rows = forecast_of()
    day = outlook(rows[0].day, rows[0].day).days[0]
    assert day.expected == 62.0
    assert day.chasers == day.redials == 0.0
    need = of_day(rows[0], rows, replace(basis(today()), redial=0.5))[20]
    assert (need.calls, need.redials) == (31.0, 0.0)


def test_staff_is_counted_with_those_whom_it_would_lose_and_no_others() -> None:
    known = replace(basis(today()), redial=0.6)
    for calls in (5.0, 30.0, 150.0):
        people = people_for(calls + redials_of(calls, USUAL_HANDLE_S, known), USUAL_HANDLE_S, known)
        load = calls * USUAL_HANDLE_S / SLOT_S
        found = orbit.fixed_point(
            orbit.Centre(people, load, USUAL_HANDLE_S, known.patience.seconds, redial=0.6)
        )
        assert float(found.queue.within(20.0).service_level_a) >= 0.8
        assert redials_of(calls, USUAL_HANDLE_S, known) < 0.05 * calls
    assert redials_of(30.0, USUAL_HANDLE_S, replace(known, redial=0.0)) == 0.0
    calm, pressed = (expected_with(4, 30.0, USUAL_HANDLE_S, replace(known, redial=r)) for r in (0.0, 0.6))
    assert pressed.answer_rate < calm.answer_rate - 0.1
    assert pressed.wait_s > calm.wait_s


def test_files_count_those_who_come_again_too_so_they_are_taken_off() -> None:
    a, first = client("A社"), today() - timedelta(days=10)
    plant(a, first, today())
    preparing.set_goal({"own_since": first}, acting_user=None)
    for call in numbered()[::2]:
        promised(call.arrived_at - timedelta(days=1), None, number=call.customer_e164)
    day = first - timedelta(days=3)
    text = f"日時,着信数\n{day} 9:00,100\n{day} 9:30,80\n"
    file = bringing.bring_counts("x.csv", text.encode(), a.pk, acting_user=None)
    bringing.take_in_counts(file.pk, acting_user=None)
    known = recorded(today())
    assert known.again[a.pk].chasers == pytest.approx(1.0, abs=0.1)
    assert known.of_clients()[a.pk][0, 18] == pytest.approx(100 / known.again[a.pk].times)


def test_a_morning_of_redials_makes_nobody_expect_a_worse_afternoon() -> None:
    rows = [row for row in forecast_of(everybody=[0.1, 0.2], a=[0.0, 0.5]) if row.client_id is None]
    preparing.set_goal({"own_since": today()}, acting_user=None)
    begin = business_day_start(rows[0].day)
    for place in range(31):
        number = f"+81{300000000 + place}"
        at = begin + timedelta(hours=10, seconds=place)
        assert rows[0].client is None
        whose = Client.objects.order_by("pk")[0]
        put(a_call(whose, at, outcome="queue_abandon"), a_call(whose, at + 9 * MINUTE), number=number)
    found = again(rows, begin + 21 * SLOT)
    assert found is not None
    assert found[0]["calls"][20] == 31.0
    assert found[0]["calls"][21] == pytest.approx(31.0, rel=0.02)
