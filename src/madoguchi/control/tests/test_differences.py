"""Belief against what is so: what each difference is turned into."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from madoguchi.control.belief import Belief, BelievedCall, BelievedLeg
from madoguchi.control.reconcile import (
    NEVER_SEEN,
    SWITCH_STOPPED,
    Difference,
    Lost,
    Missed,
    Repair,
    differences,
    drifted,
)
from madoguchi.switch import port

pytestmark = pytest.mark.pure

BOOT = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
NOW = BOOT + timedelta(hours=2)
CALL = UUID(int=7)


def believed(leg_id: str = "in-1", role: str = "customer", **more: object) -> BelievedLeg:
    plain = BelievedLeg(
        leg_id=leg_id, call_id=CALL, role=role, answered=True, began_at=NOW - timedelta(minutes=1)
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def belief(*legs: BelievedLeg, calls: tuple[BelievedCall, ...] = ()) -> Belief:
    return Belief(booted_at=BOOT, seen_at=NOW, legs=legs, calls=calls)


def arrival(leg_id: str) -> port.CallArrived:
    return port.CallArrived(node="node-1", at=NOW, leg_id=leg_id, trunk="t", called_raw="0", caller_raw="0")


def at_switch(leg_id: str, **more: object) -> port.LivingLeg:
    plain = port.LivingLeg(leg_id=leg_id, call_id=str(CALL), answered=True, created_at=NOW)
    return replace(plain, **more)  # type: ignore[arg-type]


def living(*legs: port.LivingLeg, **more: object) -> port.Living:
    return replace(port.Living(node="node-1", at=NOW, booted_at=BOOT, legs=legs), **more)  # type: ignore[arg-type]


def past(leg_id: str, *, came_in: bool = True, ended: bool = True, cause: int = 16) -> port.PastLeg:
    return port.PastLeg(
        leg_id=leg_id,
        arrival=arrival(leg_id) if came_in else None,
        began_at=NOW - timedelta(seconds=50),
        answered_at=None,
        ended_at=NOW - timedelta(seconds=20) if ended else None,
        cause=cause,
    )


def test_what_is_as_believed_is_no_difference() -> None:
    assert differences(belief(believed()), living(at_switch("in-1", arrival=arrival("in-1"))), ()) == []


def test_a_customer_who_left_unheard_left_when_the_log_says() -> None:
    (lost,) = differences(belief(believed()), living(), [past("in-1", cause=31)])
    assert isinstance(lost, Lost)
    assert (lost.event.at, lost.event.cause, lost.fault) == (NOW - timedelta(seconds=20), 31, "")


def test_a_customer_who_left_in_a_plain_outage_is_no_fault_of_ours() -> None:
    (lost,) = differences(belief(believed()), living(), ())
    assert isinstance(lost, Lost)
    assert (lost.event.at, lost.fault) == (NOW, "")


def test_all_that_a_dead_switch_carried_is_lost_by_its_fault_the_customers_first() -> None:
    both = belief(believed("o-1", "operator"), believed())
    found = differences(both, living(booted_at=NOW - timedelta(seconds=5)), ())
    assert [(x.leg_id, x.fault) for x in found if isinstance(x, Lost)] == [
        ("in-1", SWITCH_STOPPED),
        ("o-1", SWITCH_STOPPED),
    ]


def test_who_hung_up_before_the_switch_died_was_not_cut_off() -> None:
    (lost,) = differences(belief(believed()), living(booted_at=NOW), [past("in-1")])
    assert isinstance(lost, Lost)
    assert lost.fault == ""


def test_a_call_that_came_after_the_switch_was_back_is_not_lost_with_the_others() -> None:
    new = believed("in-2", began_at=NOW)
    found = differences(
        belief(new),
        living(at_switch("in-2", arrival=arrival("in-2")), booted_at=NOW - timedelta(seconds=1)),
        (),
    )
    assert found == []


def test_a_dial_that_was_not_sent_yet_is_not_lost() -> None:
    assert differences(belief(believed("o-1", "operator", undialled=True)), living(), ()) == []


def test_a_leg_that_may_be_on_its_way_to_the_switch_is_left_alone() -> None:
    young = believed("o-1", "operator", began_at=NOW - timedelta(seconds=1))
    assert differences(belief(young), living(), ()) == []
    assert differences(belief(young), living(at=NOW + timedelta(seconds=10)), ()) != []


def test_a_caller_who_came_and_left_a_moment_ago_is_gone_for_all_that() -> None:
    came = believed("in-1", "customer", began_at=NOW - timedelta(seconds=1), dialled=False)
    assert [one.leg_id for one in differences(belief(came), living(), ()) if isinstance(one, Lost)] == [
        "in-1"
    ]
    just_now = believed("in-1", "customer", began_at=NOW, dialled=False)
    assert differences(belief(just_now), living(), ()) == []


def test_a_dial_that_never_got_there_is_held_against_nobody() -> None:
    (lost,) = differences(belief(believed("o-1", "operator")), living(), ())
    assert isinstance(lost, Lost)
    assert lost.fault == NEVER_SEEN


def test_a_call_that_came_and_went_is_written_down() -> None:
    assert differences(belief(), living(), [past("in-9")]) == [Missed(past("in-9"))]


def test_a_call_that_is_known_did_not_come_and_go() -> None:
    gone = past("in-1")
    assert [type(one) for one in differences(belief(believed()), living(), [gone])] == [Lost]


def test_a_leg_of_ours_that_ended_unheard_is_no_missed_call() -> None:
    assert differences(belief(), living(), [past("o-1", came_in=False)]) == []


def test_a_waiting_arrival_is_taken_in_once_it_is_ours() -> None:
    waiting = at_switch("in-2", call_id="", arrival=arrival("in-2"))
    assert differences(belief(), living(waiting), ()) == [arrival("in-2")]
    assert differences(belief(), living(replace(waiting, ours=False)), ()) == []


@pytest.mark.parametrize("role", ["operator", "consulted", "customer"])
def test_a_phone_that_was_answered_unheard_is_answered_now(role: str) -> None:
    (entered,) = differences(belief(believed("o-1", role, answered=False)), living(at_switch("o-1")), ())
    assert isinstance(entered, port.LegEntered)
    assert entered.leg_id == "o-1"


def test_a_leg_that_nobody_knows_is_hung_up() -> None:
    (found,) = differences(belief(), living(at_switch("o-3")), ())
    assert isinstance(found, Repair)
    assert found.command == port.HangUp(leg_id="o-3")


def test_a_ring_that_was_withdrawn_meanwhile_is_silenced() -> None:
    (found,) = differences(belief(believed("o-1", "operator", unwanted=True)), living(at_switch("o-1")), ())
    assert found == Repair(CALL, port.HangUp(leg_id="o-1"))


def call(phase: str, **more: object) -> BelievedCall:
    plain = BelievedCall(
        call_id=CALL, phase=phase, bridge_id="b", customer_leg="in-1", operator_leg="o-1", music="calm"
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def two_up(**more: object) -> port.Living:
    return living(at_switch("in-1", arrival=arrival("in-1")), at_switch("o-1"), **more)


BOTH = (believed(), believed("o-1", "operator"))


def commands(found: list[Difference]) -> list[port.Command]:
    return [one.command for one in found if isinstance(one, Repair)]


def test_two_who_talk_are_brought_together() -> None:
    talking = belief(*BOTH, calls=(call("talking"),))
    assert commands(differences(talking, two_up(), ())) == [port.Join(bridge_id="b", leg_ids=("in-1", "o-1"))]
    assert differences(talking, two_up(bridges={"b": ("o-1", "in-1")}), ()) == []


@pytest.mark.parametrize("phase", ["waiting", "ringing", "holding", "restoring"])
def test_who_waits_hears_music_and_nobody(phase: str) -> None:
    found = differences(belief(*BOTH, calls=(call(phase),)), two_up(bridges={"b": ("in-1", "o-1")}), ())
    assert commands(found) == [
        port.Leave(bridge_id="b", leg_id="in-1"),
        port.StartMusic(leg_id="in-1", music="calm"),
    ]


def test_a_recording_that_never_began_begins() -> None:
    talking = belief(*BOTH, calls=(call("talking", unbegun_recording="r"),))
    bridged = {"b": ("o-1", "in-1")}
    assert commands(differences(talking, two_up(bridges=bridged), ())) == [
        port.Record(recording_id="r", leg_id="in-1")
    ]
    assert differences(talking, two_up(bridges=bridged, recordings=frozenset({"r"})), ()) == []


def test_looking_now_and_then_disturbs_nobody() -> None:
    holding = belief(*BOTH, calls=(call("holding"),))
    assert drifted(holding, two_up(bridges={"b": ("in-1",)})) == []
