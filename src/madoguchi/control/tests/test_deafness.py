"""A deaf switch is told of in a file, with how many still talk; the file goes when the switch hears again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from madoguchi.control import deafness
from madoguchi.control.belief import Belief, BelievedCall
from madoguchi.domain.calls.states import Phase
from madoguchi.switch import port
from madoguchi.switch.listening import Deaf, Report, report

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DEAF = Deaf(since=NOW, last=NOW + timedelta(seconds=6), tries=1)


def call(number: int, phase: str = Phase.TALKING, operator_leg: str = "op") -> BelievedCall:
    return BelievedCall(
        call_id=UUID(int=number),
        phase=phase,
        customer_leg=f"in-{number}",
        operator_leg=operator_leg and f"{operator_leg}-{number}",
    )


def ended(leg_id: str) -> port.PastLeg:
    return port.PastLeg(leg_id=leg_id, arrival=None, began_at=NOW, answered_at=NOW, ended_at=NOW, cause=16)


def test_who_talks_is_who_was_with_somebody_and_neither_left_since() -> None:
    calls = (call(1), call(2), call(3, Phase.HOLDING), call(4, Phase.WAITING, ""), call(5, operator_leg=""))
    believed = Belief(booted_at=NOW, seen_at=NOW, legs=(), calls=calls)
    assert deafness.talking(believed, ()) == 3
    still_there = replace(ended("in-3"), ended_at=None)
    assert deafness.talking(believed, [ended("in-1"), ended("op-2"), still_there]) == 1


class Switch:
    node = "node-1"
    deaf: Deaf | None = None


def test_the_file_follows_what_is_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "asterisk.deaf"
    file.write_text("of an earlier controller")
    monkeypatch.setattr(deafness, "EVERY_S", 0.01)

    async def two(_switch: object) -> int:
        return 2

    monkeypatch.setattr(deafness, "_conversations", two)

    async def story() -> list[Report | None]:
        switch, seen = Switch(), []
        running = asyncio.create_task(deafness.forever(switch, file))  # type: ignore[arg-type]
        for deaf in (None, DEAF, replace(DEAF, tries=4), None):
            switch.deaf = deaf
            await asyncio.sleep(0.1)
            seen.append(report(file.read_text()) if file.exists() else None)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return seen

    told = asyncio.run(story())
    assert [one and (one.tries, one.conversations, one.since) for one in told] == [
        None,
        (1, 2, NOW),
        (4, 2, NOW),
        None,
    ]
