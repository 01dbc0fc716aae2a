"""Callers who were in nobody's hands when control came back are counted when they leave unheard."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest

from madoguchi.control.stragglers import Stragglers
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.tests.conftest import CALLED, Centre
from madoguchi.kit.clock import now
from madoguchi.switch import port

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

CAME = now() - timedelta(seconds=20)
ARRIVAL = port.CallArrived(
    node="node-1",
    at=CAME,
    leg_id="node-1-1",
    trunk="trunk-1",
    called_raw=CALLED,
    caller_raw="09012345678",
    purpose="in",
)
RINGS_ON = port.LivingLeg(
    leg_id="node-1-1", call_id="", answered=False, created_at=CAME, arrival=ARRIVAL, ours=False
)
LEFT = port.PastLeg(
    leg_id="node-1-1",
    arrival=ARRIVAL,
    began_at=CAME,
    answered_at=None,
    ended_at=CAME + timedelta(seconds=10),
    cause=16,
    released_to="",
)


@dataclass
class Switch:
    """A switch that tells what it is told to tell."""

    legs: tuple[port.LivingLeg, ...] = (RINGS_ON,)
    log: tuple[port.PastLeg, ...] = ()
    asked: int = field(default=0)

    async def living(self) -> port.Living:
        self.asked += 1
        return port.Living(
            node="node-1",
            at=now(),
            booted_at=CAME,
            legs=self.legs,
            bridges={},
            recordings=frozenset(),
            phones={},
        )

    async def past(self, since: object) -> tuple[port.PastLeg, ...]:
        return self.log


def following(switch: Switch) -> Stragglers:
    made = Stragglers(cast("port.Switch", switch))
    made.follow(asyncio.run(switch.living()))
    return made


def test_one_who_leaves_unheard_is_counted_once_and_owed_a_call_back(centre: Centre) -> None:
    switch = Switch()
    stragglers = following(switch)
    switch.legs, switch.log = (), (LEFT,)
    asyncio.run(stragglers.once())
    asyncio.run(stragglers.once())
    call = Call.objects.get()
    assert (call.outcome, call.arrived_at, call.ended_at) == ("failed", CAME, LEFT.ended_at)


def test_one_who_is_still_there_is_not_counted(centre: Centre) -> None:
    stragglers = following(Switch())
    asyncio.run(stragglers.once())
    assert not Call.objects.exists()


def test_one_who_entered_is_left_to_the_ordinary_way(centre: Centre) -> None:
    switch = Switch()
    stragglers = following(switch)
    switch.legs = (replace(RINGS_ON, ours=True),)
    asyncio.run(stragglers.once())
    switch.legs, switch.log = (), (LEFT,)
    asyncio.run(stragglers.once())
    assert not Call.objects.exists()


def test_one_whose_end_is_not_in_the_log_yet_is_looked_for_again(centre: Centre) -> None:
    switch = Switch()
    stragglers = following(switch)
    switch.legs = ()
    asyncio.run(stragglers.once())
    switch.log = (LEFT,)
    asyncio.run(stragglers.once())
    assert Call.objects.count() == 1
