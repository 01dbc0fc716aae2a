"""For any belief and any switch: taking the differences in makes both equal; doing it again, nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.control.belief import Belief, BelievedLeg
from madoguchi.control.reconcile import Difference, Lost, Missed, Repair, differences
from madoguchi.switch import port

pytestmark = pytest.mark.pure

BOOT = datetime(2026, 11, 2, tzinfo=UTC)
NOW = BOOT + timedelta(hours=1)
IDS = st.integers(0, 12)


def _arrival(leg_id: str) -> port.CallArrived:
    return port.CallArrived(node="n", at=NOW, leg_id=leg_id, trunk="t", called_raw="", caller_raw="")


@st.composite
def believed_legs(draw: st.DrawFn) -> tuple[BelievedLeg, ...]:
    numbers = draw(st.sets(IDS))
    return tuple(
        BelievedLeg(
            leg_id=f"in-{n}" if n % 2 else f"o-{n}",
            call_id=UUID(int=n),
            role="customer" if n % 2 else draw(st.sampled_from(["operator", "consulted", "customer"])),
            answered=draw(st.booleans()) or bool(n % 2),
            began_at=NOW - timedelta(minutes=draw(st.integers(1, 30))),
            unwanted=draw(st.booleans()),
        )
        for n in sorted(numbers)
    )


@st.composite
def switches(draw: st.DrawFn) -> port.Living:
    legs = tuple(
        port.LivingLeg(
            leg_id=f"in-{n}" if n % 2 else f"o-{n}",
            call_id="" if n % 2 else str(UUID(int=n)),
            answered=draw(st.booleans()),
            created_at=NOW,
            arrival=_arrival(f"in-{n}") if n % 2 else None,
        )
        for n in sorted(draw(st.sets(IDS)))
    )
    booted_at = draw(st.sampled_from([BOOT, NOW - timedelta(seconds=30)]))
    return port.Living(node="n", at=NOW, booted_at=booted_at, legs=legs)


def _take_in(belief: Belief, living: port.Living, found: list[Difference]) -> tuple[Belief, port.Living]:
    """What the actions and the switch make of the differences."""
    legs = {leg.leg_id: leg for leg in belief.legs}
    there = {leg.leg_id: leg for leg in living.legs}
    for one in found:
        match one:
            case Lost():
                del legs[one.leg_id]
            case port.CallArrived():
                legs[one.leg_id] = BelievedLeg(
                    leg_id=one.leg_id, call_id=UUID(int=99), role="customer", answered=True, began_at=NOW
                )
            case port.LegEntered():
                legs[one.leg_id] = replace(legs[one.leg_id], answered=True)
            case Repair(_, port.HangUp(leg_id=leg_id)):
                there.pop(leg_id)
                legs.pop(leg_id, None)
            case Missed() | Repair():
                raise AssertionError(one)
    return replace(belief, legs=tuple(legs.values()), booted_at=living.booted_at), replace(
        living, legs=tuple(there.values())
    )


@given(believed_legs(), switches())
def test_afterwards_belief_and_switch_hold_the_same_legs(
    legs: tuple[BelievedLeg, ...], living: port.Living
) -> None:
    belief = Belief(booted_at=BOOT, seen_at=NOW, legs=legs, calls=())
    found = differences(belief, living, ())
    belief, living = _take_in(belief, living, found)
    assert {leg.leg_id for leg in belief.legs} == {leg.leg_id for leg in living.legs}
    assert not any(leg.unwanted for leg in belief.legs)
    assert differences(belief, living, ()) == []


@given(believed_legs(), switches())
def test_the_ends_of_customers_come_before_all_others(
    legs: tuple[BelievedLeg, ...], living: port.Living
) -> None:
    roles = {leg.leg_id: leg.role for leg in legs}
    found = differences(Belief(booted_at=BOOT, seen_at=NOW, legs=legs, calls=()), living, ())
    lost = [roles[one.leg_id] == "customer" for one in found if isinstance(one, Lost)]
    assert lost == sorted(lost, reverse=True)
    assert [isinstance(one, Lost) for one in found] == sorted(
        (isinstance(one, Lost) for one in found), reverse=True
    )
