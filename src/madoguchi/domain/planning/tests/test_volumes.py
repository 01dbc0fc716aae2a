"""Calls are counted to the call, from one source a day, and only those that wanted somebody."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.history import CallFilter, calls_of
from madoguchi.domain.calls.states import INBOUND_OUTCOMES, Outcome
from madoguchi.domain.clients.models import Hours, Number, Period, Reason
from madoguchi.domain.planning.actions import bringing, preparing
from madoguchi.domain.planning.models import Volume
from madoguchi.domain.planning.queries.opening import day_starts_min, hours_of_clients, together
from madoguchi.domain.planning.queries.volumes import calls_that_came, own_cells, own_since, recorded
from madoguchi.domain.planning.tests.planted_weeks import a_call, client, plant, today
from madoguchi.kit.clock import business_day_start

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def put(*calls: Call) -> None:
    for call in calls:
        call.contact.save()
        call.save()


def test_every_call_is_counted_in_its_half_hour_client_and_topmost_reason() -> None:
    a, b = client("A社"), client("B社")
    top = Reason.objects.create(client=a, name="配送")
    below = Reason.objects.create(client=a, name="遅延", parent=top)
    day = today() - timedelta(days=3)
    nine = business_day_start(day) + timedelta(hours=9)
    put(
        a_call(a, nine, reason=top),
        a_call(a, nine + timedelta(minutes=29, seconds=59), reason=below),
        a_call(a, nine + timedelta(minutes=30)),
        a_call(b, nine),
        a_call(b, business_day_start(day) - timedelta(seconds=1)),
    )
    found: Counter[tuple[object, ...]] = Counter()
    for cell in own_cells(business_day_start(day), business_day_start(day + timedelta(days=1))):
        found[cell[:3]] += int(cell.calls)
    assert found == {
        (nine, a.pk, "配送"): 2,
        (nine, b.pk, ""): 1,
        (nine + timedelta(minutes=30), a.pk, ""): 1,
    }


def test_only_calls_that_wanted_somebody_count_and_the_figure_opens_into_them() -> None:
    a, day = client("A社"), today() - timedelta(days=1)
    at = business_day_start(day) + timedelta(hours=10)
    put(*(a_call(a, at, outcome=outcome) for outcome in sorted(INBOUND_OUTCOMES)))
    left_out = {Outcome.OUT_OF_HOURS, Outcome.IVR_ABANDONED, Outcome.IVR_ERROR, Outcome.IVR_SELF_SERVED}
    assert sum(cell.calls for cell in own_cells(at, at + timedelta(hours=1))) == len(INBOUND_OUTCOMES) - 4
    wanted = CallFilter.from_words(calls_that_came(day).in_words())
    assert {call.outcome for call in calls_of(wanted)} == INBOUND_OUTCOMES - left_out
    part = wanted.only(from_min=600, to_min=630)
    assert part.part_of_day == "10:00–10:30"
    assert calls_of(CallFilter.from_words(part.in_words())).count() == len(INBOUND_OUTCOMES) - 4
    assert not calls_of(part.only(from_min=630, to_min=660)).exists()


def test_a_day_counts_from_files_or_from_our_own_records_never_from_both() -> None:
    a = client("A社")
    first = today() - timedelta(days=10)
    plant(a, first, today())
    assert own_since() == first + timedelta(days=1)
    days = [today() - timedelta(days=back) for back in range(20, 0, -1)]
    text = "".join(f"{day},{hour}:00,7\n{day},{hour}:30,7\n" for day in days for hour in range(9, 18))
    file = bringing.bring_counts("a.csv", f"日付,時刻,呼数\n{text}".encode(), a.pk, acting_user=None)
    bringing.take_in_counts(file.pk, acting_user=None)
    known = recorded(today())
    calls = known.of_clients()[a.pk]
    border = (first + timedelta(days=1) - known.first).days
    assert np.nansum(calls[:border], axis=1).tolist() == [126.0] * 11
    own = Call.objects.filter(arrived_at__gte=business_day_start(first + timedelta(days=1))).count()
    assert calls[border:].sum() == own
    own_days, file_days = known.known_days()
    assert file_days == 11
    assert own_days == sum(day.weekday() < 5 for day in days[-9:])
    preparing.set_goal({"own_since": today() - timedelta(days=2)}, acting_user=None)
    assert np.nansum(recorded(today()).of_clients()[a.pk][:-2]) == 18 * 126.0


def test_groups_sum_to_all_calls() -> None:
    a, b = client("A社"), client("B社")
    first = today() - timedelta(days=14)
    planted = plant(a, first, today(), reasons=("配送", "返品")) + plant(b, first, today(), seed=2)
    preparing.set_goal({"own_since": first}, acting_user=None)
    known = recorded(today())
    assert sum(calls.sum() for calls in known.by.values()) == planted == Call.objects.count()
    assert {reason for client_id, reason in known.by if client_id == a.pk} == {"配送", "返品"}


def test_counts_that_name_no_client_are_given_to_the_clients_and_the_sum_stays() -> None:
    a, b = client("A社"), client("B社")
    first = today() - timedelta(days=10)
    planted = {a.pk: plant(a, first, today(), reasons=("配送",)), b.pk: plant(b, first, today(), seed=2)}
    preparing.set_goal({"own_since": first}, acting_user=None)
    day = first - timedelta(days=3)
    text = f"日時,着信数,用件\n{day} 9:00,100,配送\n{day} 9:30,60,返品\n"
    file = bringing.bring_counts("x.csv", text.encode(), None, acting_user=None)
    bringing.take_in_counts(file.pk, acting_user=None)
    calls = recorded(today()).of_clients()
    assert set(calls) == {a.pk, b.pk}
    shared = {client_id: float(np.nansum(each[0])) for client_id, each in calls.items()}
    assert sum(shared.values()) == pytest.approx(160)
    assert shared[a.pk] / 160 == pytest.approx(planted[a.pk] / sum(planted.values()))
    assert sum(float(np.nansum(each[3:])) for each in calls.values()) == sum(planted.values())


def test_outages_are_left_out_whole_or_in_part() -> None:
    a, first = client("A社"), today() - timedelta(days=14)
    plant(a, first, today())
    preparing.set_goal({"own_since": first}, acting_user=None)
    event = {"kind": "outage", "name": "回線障害", "first": first, "last": first + timedelta(days=1)}
    preparing.write_event(event, acting_user=None)
    part = event | {"first": today() - timedelta(days=1), "last": today() - timedelta(days=1)}
    preparing.write_event(part | {"from_min": 600, "to_min": 700}, acting_user=None)
    calls = recorded(today()).of_clients()[a.pk]
    assert np.isnan(calls[:2]).all()
    assert np.isnan(calls[-1]).nonzero()[0].tolist() == [20, 21, 22, 23]
    assert np.isfinite(calls[2:-1]).all()


def test_an_empty_cell_of_a_file_is_unknown_and_a_missing_line_is_no_call() -> None:
    a, day = client("A社"), today() - timedelta(days=3)
    text = f"at,calls\n{day} 09:00,5\n{day} 09:30,\n"
    file = bringing.bring_counts("a.csv", text.encode(), a.pk, acting_user=None)
    bringing.take_in_counts(file.pk, acting_user=None)
    calls = recorded(today()).of_clients()[a.pk][0]
    assert calls[18] == 5.0
    assert np.isnan(calls[19])
    assert calls[20] == 0.0
    assert Volume.objects.count() == 2


def test_days_of_a_night_centre_begin_when_it_has_closed() -> None:
    a = client("夜間", opens=1080, closes=1560)
    assert day_starts_min() == 120
    late = business_day_start(today() - timedelta(days=2)) + timedelta(hours=25, minutes=40)
    put(a_call(a, late))
    preparing.set_goal({"own_since": today() - timedelta(days=3)}, acting_user=None)
    known = recorded(today())
    row, slot = (int(each[0]) for each in known.of_clients()[a.pk].nonzero())
    assert known.first + timedelta(days=row) == today() - timedelta(days=2)
    assert slot * 30 + 120 == 25 * 60 + 30


def test_hours_of_several_numbers_are_open_where_any_is() -> None:
    a = client("A社")
    late = Hours.objects.create(name="遅番", closed_on_holidays=False)
    Period.objects.create(hours=late, weekday=0, opens_min=1000, closes_min=1200)
    Number.objects.create(e164="+81399990000", label="夜", client=a, hours=late)
    holiday = date(2026, 11, 23)
    found = together(hours_of_clients()[a.pk], holiday - timedelta(days=7), holiday, 0)
    assert found is not None
    assert found.day(holiday - timedelta(days=7)).periods == ((540, 1200),)
    assert found.day(holiday).periods == ((1000, 1200),)
    Number.objects.create(e164="+81399990001", label="常時", client=a)
    assert together(hours_of_clients()[a.pk], holiday, holiday, 0) is None
