"""Every figure of a day opens into exactly its calls, and agrees with the pure measures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from django.utils import translation

from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.queries.figures import Figure, day_of
from madoguchi.domain.calls.queries.history import CallFilter, calls_of
from madoguchi.domain.calls.tests.a_day import Centre, seconds
from madoguchi.domain.queues.models import Queue
from madoguchi.science.measures.rates import answer_rate
from madoguchi.science.measures.service_level import Level, service_level

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
KEYS = [
    "arrivals",
    "answered",
    "answer_rate",
    "answer_rate_open",
    "abandoned",
    "service_level",
    "out_of_hours",
    "lost",
]


@pytest.fixture
def centre() -> Centre:
    made = Centre(NOON)
    for place, wait_s in enumerate([3, 8, 19, 20, 25, 60]):
        agent = made.agents[place]
        made.answered(NOON - seconds(4000 - 100 * place), made.customers[place % 4], agent, wait_s=wait_s)
    made.left(NOON - seconds(3000), wait_s=4, outcome="short_abandon")
    made.left(NOON - seconds(2900), wait_s=50)
    made.left(NOON - seconds(2800), outcome="failed")
    made.out_of_hours(NOON - seconds(2700))
    made.waiting(30)
    return made


@pytest.mark.parametrize("key", KEYS)
def test_a_figure_opens_into_exactly_its_calls(centre: Centre, key: str) -> None:
    figure = day_of(TODAY).figure(key)
    assert calls_of(figure.calls).count() == figure.count
    if figure.of_calls is not None:
        assert calls_of(figure.of_calls).count() == figure.of
    else:
        assert figure.of is None


@pytest.mark.parametrize("key", KEYS)
def test_a_figures_address_leads_to_the_same_calls(centre: Centre, key: str) -> None:
    figure = day_of(TODAY).figure(key)
    assert CallFilter.from_words(figure.calls.in_words()) == figure.calls


def test_shares_are_those_of_the_pure_measures(centre: Centre) -> None:
    day = day_of(TODAY)
    assert day.figure("answer_rate").share == answer_rate(day.records) == Fraction(6, 10)
    assert day.figure("answer_rate_open").share == Fraction(6, 8)
    level = service_level(day.records, Level.A, within_s=20)
    assert day.figure("service_level").share == level == Fraction(4, 9)
    assert (day.figure("arrivals").count, day.living) == (11, 1)


def test_each_call_is_held_against_the_target_of_its_own_queue(centre: Centre) -> None:
    Queue.objects.filter(pk=centre.repair.pk).update(service_level_s=25)
    figure = day_of(TODAY).figure("service_level")
    assert (figure.count, figure.of) == (5, 9)
    assert calls_of(figure.calls).count() == 5
    with translation.override("ja"):
        assert "20–25秒" in day_of(TODAY).figure("service_level").definition


def test_the_wait_begins_at_the_queue_and_ends_at_the_operator(centre: Centre) -> None:
    waits = (
        calls_of(CallFilter(outcomes=("answered",))).order_by("arrived_at").values_list("waited", flat=True)
    )
    assert [wait.total_seconds() for wait in waits] == [3, 8, 19, 20, 25, 60]


def test_a_day_begins_at_midnight_in_tokyo() -> None:
    centre = Centre(NOON)
    midnight = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    centre.out_of_hours(midnight - seconds(20))
    centre.out_of_hours(midnight)
    assert [day_of(day).figure("out_of_hours").count for day in (TODAY - timedelta(days=1), TODAY)] == [1, 1]


def test_calls_that_we_make_are_no_arrivals(centre: Centre) -> None:
    call = Call.objects.filter(outcome="answered").earliest("arrived_at")
    Call.objects.filter(pk=call.pk).update(direction="outbound", outcome="reached")
    assert day_of(TODAY).figure("arrivals").count == 10


def test_nothing_is_shown_as_a_dash_and_halves_are_rounded_up() -> None:
    assert day_of(TODAY).figure("answer_rate").percent == "–"
    figure = Figure("x", "x", "x", CallFilter(), 1, 16)
    assert figure.percent == "6.3"
    assert Figure("x", "x", "x", CallFilter(), 612, 692).percent == "88.4"
