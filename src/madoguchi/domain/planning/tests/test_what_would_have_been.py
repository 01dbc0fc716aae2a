"""A planted day, run again with a change: what more people, or fewer calls, would have saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from django.db.models import F

from madoguchi.domain.calls.models import Call
from madoguchi.domain.planning.basis import Found
from madoguchi.domain.planning.supposing import forget, suppose
from madoguchi.domain.planning.tests.a_planted_day import DAY, OPEN_S, plant_a_day, planted_centre
from madoguchi.science.staffing.simulation.centre import Aftermath, Centre
from madoguchi.science.staffing.simulation.distributions import lognormal

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def a_new_worker() -> Iterator[None]:
    forget()
    yield
    forget()


def short_of_people() -> Centre:
    """Eleven where fourteen are needed; each third call leaves research behind."""
    centre = planted_centre(wrap_up_s=60.0, people=11)
    after = Aftermath(share=0.3, casework=lognormal(240.0, 0.8), first=0.5)
    return replace(centre, queues=(replace(centre.queues[0], aftermath=after),))


def difference(found: Found, measure: str) -> tuple[float, float, float]:
    row = next(row for row in found.measures if row["measure"] == measure)
    mean, low, high = row["difference"]
    return mean, low, high


def test_more_people_lose_fewer_calls_for_sure_and_fewer_people_more() -> None:
    plant_a_day(short_of_people())
    found = suppose(DAY, 1, {"people": 3})
    assert not found.refusal, found.past
    assert found.people == 11
    assert difference(found, "lost")[2] < 0 < difference(found, "answer_rate")[1]
    assert difference(found, "occupancy")[2] < 0
    assert found.amounts["person_h"] == pytest.approx(3 * (found.closes_s - found.opens_s) / 3600)
    fewer = suppose(DAY, 1, {"people": -2})
    assert difference(fewer, "lost")[1] > 0
    assert fewer.amounts["person_h"] == pytest.approx(-16.0, abs=0.1)


def test_each_cure_helps() -> None:
    plant_a_day(short_of_people())
    for turned in ({"handling": -20}, {"wrap_up": -80}, {"self_served": 20}):
        assert difference(suppose(DAY, 1, turned), "lost")[2] < 0, turned
    outside = suppose(DAY, 1, {"outside": 20})
    assert difference(outside, "lost")[2] < 0
    assert outside.amounts["outside_calls"] > 50
    call_back = suppose(DAY, 1, {"call_back": 60})
    assert difference(call_back, "lost")[2] < 0 < difference(call_back, "call_backs")[1]
    assert call_back.amounts["person_h"] == 0


def test_the_same_question_gives_the_same_bytes_from_a_new_worker_too() -> None:
    plant_a_day(short_of_people())
    turned = {"people": 2, "handling": -10}
    first = json.dumps(asdict(suppose(DAY, 1, turned)))
    assert json.dumps(asdict(suppose(DAY, 1, turned))) == first
    forget()
    suppose(DAY, 1, {"people": 2})
    assert json.dumps(asdict(suppose(DAY, 1, turned))) == first


def test_several_cures_are_said_one_by_one_as_well() -> None:
    plant_a_day(short_of_people())
    both = suppose(DAY, 1, {"people": 2, "outside": 10})
    assert [part["knob"] for part in both.parts] == ["people", "outside"]
    alone = suppose(DAY, 1, {"people": 2})
    assert both.parts[0]["lost"] == pytest.approx(list(difference(alone, "lost")))
    assert both.parts[1]["amounts"]["person_h"] == 0
    assert alone.parts == []
    assert difference(both, "lost")[0] < both.parts[0]["lost"][0]


def test_people_added_for_some_hours_help_in_those() -> None:
    plant_a_day(short_of_people())
    found = suppose(DAY, 1, {"people": 4, "since": 20, "until": 24})
    assert found.amounts["person_h"] == 8.0
    assert suppose(DAY, 1, {"people": 4, "since": 30}).amounts["person_h"] == 4 * (found.closes_s / 3600 - 15)
    assert suppose(DAY, 1, {"people": 4, "since": 46}).amounts["person_h"] == 0
    at = {row["at_s"] / 3600: row for row in found.halves}
    assert at[11.0]["after"][2] < at[11.0]["before"][1]
    assert at[16.0]["after"][2] > at[16.0]["before"][1]
    assert sum(row["before"][0] for row in found.halves) == pytest.approx(
        next(row["before"][0] for row in found.measures if row["measure"] == "lost")
    )


def test_what_the_records_do_not_hold_is_said_to_change_nothing() -> None:
    plant_a_day(planted_centre(wrap_up_s=60.0, people=11))
    found = suppose(DAY, 1, {})
    assert "department" in found.inert
    assert "wrap_up" not in found.inert
    assert difference(found, "lost") == (0.0, 0.0, 0.0)
    assert suppose(DAY, 1, {"people": -11}).refusal == "too_few_people", "nobody would be left"


def test_a_thin_day_is_refused_and_of_four_weeks_left_out() -> None:
    assert suppose(DAY, 1, {"people": 2}).refusal == "few_answered"
    plant_a_day(short_of_people())
    assert not suppose(DAY, 1, {}).refusal, "the records are others now"
    four = suppose(DAY, 4, {"people": 3})
    assert four.days == [DAY.isoformat()]
    assert [row["day"] for row in four.left_out] == [
        (DAY - timedelta(weeks=back)).isoformat() for back in (1, 2, 3)
    ]
    assert difference(four, "lost") == difference(suppose(DAY, 1, {"people": 3}), "lost")


def test_two_same_weekdays_count_as_their_mean() -> None:
    one = planted_centre(wrap_up_s=60.0, people=11)
    week_s, (since, until) = 7 * 86_400.0, OPEN_S
    spans = (OPEN_S, (since + week_s, until + week_s))
    rates = one.queues[0].rates_per_h
    queue = replace(one.queues[0], rates_per_h=rates + (0.0,) * 48 * 6 + rates)
    crew = tuple(replace(person, planned=spans) for person in one.people)
    plant_a_day(replace(one, queues=(queue,), people=crew, horizon_s=week_s + 86_400.0, open=spans))
    both = suppose(DAY, 4, {"people": 3})
    assert both.days == [DAY.isoformat(), (DAY - timedelta(weeks=1)).isoformat()]
    assert [row["day"] for row in both.left_out] == [
        (DAY - timedelta(weeks=back)).isoformat() for back in (2, 3)
    ]
    each = [suppose(day, 1, {"people": 3}) for day in (DAY, DAY - timedelta(weeks=1))]
    assert both.arrivals == (each[0].arrivals + each[1].arrivals) / 2
    assert difference(both, "lost")[0] == pytest.approx(
        sum(difference(found, "lost")[0] for found in each) / 2, rel=0.02
    )


def test_changed_records_are_learned_anew() -> None:
    plant_a_day(short_of_people())
    before = suppose(DAY, 1, {})
    some = list(Call.objects.values_list("pk", flat=True)[:100])
    Call.objects.filter(pk__in=some).update(arrived_at=F("arrived_at") - timedelta(days=3))
    after = suppose(DAY, 1, {})
    assert after.version != before.version
    assert after.arrivals < before.arrivals
