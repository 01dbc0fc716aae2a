"""Control looks at the lines in use, asks why one is dead, and survives a switch that cannot be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta

import pytest

from madoguchi.control import watching
from madoguchi.control.pool import run
from madoguchi.domain.trunks import actions
from madoguchi.domain.trunks.models import TrunkWatch
from madoguchi.domain.trunks.probe import Finding, Report, Target
from madoguchi.kit.clock import now
from madoguchi.switch.lines import LineSeen
from madoguchi.switch.port import CommandRefused

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

LINE = {"name": "線", "host": "192.0.2.1", "login": "u", "secret": "s"}


class Lines:
    def __init__(self, **facts: bool) -> None:
        self.facts = facts
        self.asked: list[str] = []

    async def lines(self, names: Iterable[str]) -> Mapping[str, LineSeen]:
        self.asked = list(names)
        return {name: LineSeen(**self.facts) for name in self.asked}


def test_a_dead_line_is_asked_why_with_its_own_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    trunk = actions.create_trunk(LINE, acting_user=None)
    actions.create_trunk(LINE | {"name": "休止", "active": False}, acting_user=None)
    actions.create_trunk(LINE | {"name": "実演"}, demonstration=True, acting_user=None)
    asked: list[Target] = []

    def answer(target: Target) -> Report:
        asked.append(target)
        return Report(Finding.FORBIDDEN, "192.0.2.1", "403 Forbidden")

    monkeypatch.setattr(watching, "probe", answer)
    lines = Lines(registered=False)
    asyncio.run(watching.look(lines))
    assert lines.asked == [trunk.endpoint]
    TrunkWatch.objects.update(registered_since=now() - timedelta(minutes=1))
    asyncio.run(watching.look(lines))
    assert [(one.host, one.login, one.secret, one.registers) for one in asked] == [
        ("192.0.2.1", "u", "s", True)
    ]
    assert TrunkWatch.objects.get().answer == "403 Forbidden"
    asyncio.run(watching.look(lines))
    assert len(asked) == 1


def test_a_switch_that_cannot_be_asked_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    actions.create_trunk(LINE, acting_user=None)
    monkeypatch.setattr(watching, "EVERY_S", 0.01)

    class Silent(Lines):
        async def lines(self, names: Iterable[str]) -> Mapping[str, LineSeen]:
            self.asked.append("once")
            if len(self.asked) < 3:
                raise CommandRefused("away", permanent=False)
            return await super().lines(names)

    silent = Silent(registered=True)

    async def story() -> None:
        running = asyncio.create_task(watching.forever(silent))
        for _ in range(1000):
            await asyncio.sleep(0.01)
            if await run(TrunkWatch.objects.exists):
                break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    assert TrunkWatch.objects.get().registered
