"""A phone that rings before its leg is followed: the ring is told all the same, and once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from madoguchi.switch.asterisk.adapter import AsteriskSwitch
from madoguchi.switch.asterisk.client import Answer
from madoguchi.switch.port import Dial, LegRinging

pytestmark = pytest.mark.pure

LEG = "o-1"
RINGS = {
    "type": "ChannelStateChange",
    "timestamp": "2026-11-22T01:00:00.000+0000",
    "channel": {"id": LEG, "name": "PJSIP/op-1-00000001", "state": "Ringing"},
}


def dialled(state: str, *, heard: str = "") -> list[LegRinging]:
    """What is told of rings when a leg has that state right after it was followed."""
    told: list[Any] = []
    switch = AsteriskSwitch(
        node="n", url="http://127.0.0.1:1/ari", user="u", password="p", recordings=Path("/")
    )

    async def request(method: str, path: str, *_: object) -> Answer:
        if method == "GET" and heard == "meanwhile":
            take()
        return Answer(200, {"id": LEG, "state": state}) if method == "GET" else Answer(200, {})

    def take() -> None:
        told.append(switch.inbox.take(json.dumps(RINGS)))

    async def whole() -> None:
        switch._client.request = request  # type: ignore[assignment, method-assign]
        switch._deliver = told.append
        await switch.send(Dial(leg_id=LEG, address="phone:op-1"))
        if heard == "afterwards":
            take()

    asyncio.run(whole())
    return [event for event in told if isinstance(event, LegRinging)]


def test_a_ring_that_nobody_heard_begin_is_told() -> None:
    assert [ring.leg_id for ring in dialled("Ringing")] == [LEG]


@pytest.mark.parametrize("heard", ["meanwhile", "afterwards"])
def test_a_ring_that_is_heard_as_well_is_told_once(heard: str) -> None:
    assert len(dialled("Ringing", heard=heard)) == 1


@pytest.mark.parametrize("state", ["Down", "Up"])
def test_what_does_not_ring_is_not_said_to_ring(state: str) -> None:
    assert dialled(state) == []
