"""The page of a call tells its whole way, with durations, lanes, and why it waited."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from madoguchi.domain.calls.models import Call, WaitReason, WrapUp
from madoguchi.domain.calls.queries.way import Way, way_of
from madoguchi.domain.calls.tests.a_day import Centre, seconds
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.ledger.actions import write

pytestmark = [pytest.mark.action, pytest.mark.django_db]

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
BEGAN = NOW - seconds(600)


@pytest.fixture
def centre() -> Centre:
    return Centre(NOW)


@pytest.fixture
def call(centre: Centre) -> Call:
    """Missed by one, answered by another, held, wrapped up, a promise made."""
    call = centre.call(BEGAN, centre.customers[0])
    visit = centre.enter(call, centre.repair, BEGAN + seconds(10))
    for after_s, counts in ((10, {"busy": 2}), (30, {"tried_lately": 1})):
        WaitReason.objects.create(visit=visit, at=BEGAN + seconds(after_s), counts=counts)
    centre.ring(visit, centre.agents[0], BEGAN + seconds(12), BEGAN + seconds(32), "missed")
    centre.ring(visit, centre.agents[1], BEGAN + seconds(40), BEGAN + seconds(45), "accepted")
    centre.leave(visit, BEGAN + seconds(45), "taken")
    centre.answer(call, centre.agents[1], BEGAN + seconds(45))
    centre.steps(call, ("holding", BEGAN + seconds(100)), ("talking", BEGAN + seconds(160)))
    centre.end(call, BEGAN + seconds(300), "answered", "completed")
    over = BEGAN + seconds(300)
    write(centre.does(centre.agents[1], call, ("wrap_up", over), ("idle", over + seconds(50))))
    WrapUp.objects.create(
        call=call, agent=centre.agents[1], began_at=over, ended_at=over + seconds(50), ended_by="operator"
    )
    cases.promise_for_lost_call(
        call.pk, client_id=None, contact_id=None, customer_id=None, number="", at=over + seconds(60)
    )
    return call


@pytest.fixture
def way(call: Call) -> Way:
    return way_of(call, NOW)


def test_events_stand_in_their_order_with_their_lengths(way: Way) -> None:
    told = [
        (each.kind, each.word, (each.until - each.at).total_seconds() if each.until else None)
        for each in way.events
        if each.kind in {"phase", "offer", "visit"}
    ]
    assert told == [
        ("phase", "arrived", 10),
        ("visit", "taken", 35),
        ("offer", "missed", 20),
        ("offer", "accepted", 5),
        ("phase", "talking", 55),
        ("phase", "holding", 60),
        ("phase", "talking", 140),
        ("phase", "ended", None),
    ]
    assert {each.kind for each in way.events} >= {"wrap_up", "promise", "recording"}
    assert [each.at for each in way.events] == sorted(each.at for each in way.events)


def test_each_lane_holds_what_happened_there(way: Way) -> None:
    lanes = {(lane.kind, lane.name): [stretch.kind for stretch in lane.stretches] for lane in way.lanes}
    assert lanes["queue", "修理"] == ["waiting"]
    assert lanes["operator", "佐藤 恵"] == ["missed"]
    assert lanes["operator", "田中 健一"] == ["ringing", "talking", "wrap_up"]
    assert lanes["customer", ""][-3:] == ["talking", "holding", "talking"]
    assert (way.begin, way.end) == (BEGAN, max(each.at for each in way.events))


def test_why_it_waited_is_told_with_the_time_for_which_it_held(way: Way) -> None:
    held = [
        (each.counts, (each.end - each.begin).total_seconds() if each.end else None) for each in way.reasons
    ]
    assert held == [({"busy": 2}, 20), ({"tried_lately": 1}, 15)]


def test_a_call_under_way_lasts_until_now(centre: Centre) -> None:
    visit = centre.waiting(40)
    way = way_of(visit.call, NOW)
    assert way.end == NOW
    assert [stretch.end for lane in way.lanes for stretch in lane.stretches][-1] == NOW
    assert way.events[-1].until is None
