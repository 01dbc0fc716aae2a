"""A day of the centre: the real controller and database, a simulated switch, people, and mischief."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from madoguchi.control import comparing, timers
from madoguchi.control.controller import Controller
from madoguchi.control.pool import run
from madoguchi.domain.calls.actions import (
    consult,
    end_wrap_up,
    hand_over,
    hang_up,
    hold,
    resume,
    take_back,
    transfer_to_queue,
)
from madoguchi.domain.calls.models import Call, Consult, WrapUp
from madoguchi.domain.calls.tests.conftest import CALLED, Centre
from madoguchi.domain.switchboard.models import Command
from madoguchi.kit import clock as house_clock
from madoguchi.kit.errors import MadoguchiError
from madoguchi.kit.machine import Impossible
from madoguchi.switch import port
from madoguchi.switch.simulated.clock import SimulatedClock
from madoguchi.switch.simulated.people import BUSY, IGNORES, REFUSES, CallerScript, PhoneScript
from madoguchi.switch.simulated.switch import SimulatedSwitch

STEP_S = 1.0
LOST = (port.LegGone, port.LegEntered, port.CallArrived, port.KeyPressed, port.PlaybackEnded)
LONGEST_SETTLING_S = 2.0


class Day:
    """One centre, one switch, one clock, and a chance that is the same each time."""

    def __init__(self, centre: Centre, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.centre = centre
        self.chance = random.Random(seed)
        self.clock = SimulatedClock(start=house_clock.now())
        self.began = self.clock.now()
        self.switch = SimulatedSwitch(clock=self.clock, recordings=folder)
        self.arrived: list[str] = []
        self.done: list[int] = []
        """Which mischief was done."""
        self._operators = [centre.sato, centre.suzuki, centre.tanaka]
        self._controller: Controller | None = None
        self._task: asyncio.Task[None] | None = None
        _live_by(self.clock.now, monkeypatch)
        # Time passes some tens of times faster, so what looks now and then must look more often.
        monkeypatch.setattr(timers, "EVERY_S", 0.02)
        monkeypatch.setattr(timers, "GRACE_S", 0.0)
        monkeypatch.setattr(comparing, "EVERY_S", 0.2)

    async def pass_by(self, seconds: float, *, calls: float, mischief: float) -> None:
        """Let the day go on: per second `calls` new callers, and `mischief` in all that can go wrong."""
        for operator in self._operators:
            self.switch.register(operator.endpoint, PhoneScript(answers_after_s=2.0))
        await self.start()
        for _ in range(round(seconds / STEP_S)):
            if self.chance.random() < calls * STEP_S:
                self._call()
            self._change_moods()
            await self._work()
            if self.chance.random() < mischief * STEP_S:
                await self._do_mischief()
            await self._step()

    async def close(self) -> None:
        """Nobody calls any more: wait until the last caller has left and everything is written down."""
        self.switch.reconnect()
        if self._task is None:
            await self.start()
        for _ in range(400):
            await self._step()
            await self._end_wrap_ups(chance=1.0)
            if not self.switch.legs and not await run(_unfinished):
                break
        await self.stop()

    async def start(self) -> None:
        """A controller begins."""
        self._controller = Controller(self.switch, lambda: None)
        self._task = asyncio.create_task(self._controller.forever())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._controller.ready.wait(), 10)

    async def stop(self) -> None:
        """The controller ends, wherever it is."""
        task, self._task, self._controller = self._task, None, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _step(self) -> None:
        until = self.clock.now().timestamp() + STEP_S
        while self.clock.now().timestamp() < until - 1e-6:
            self.clock.step(datetime.fromtimestamp(until, tz=self.clock.now().tzinfo))
            await asyncio.sleep(0)
        if self._task is not None and self._task.done():
            self._task.result()
        await self._settle()

    async def _settle(self) -> None:
        """Until everything heard is taken in and everything asked is sent; not for ever."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_SETTLING_S
        await asyncio.sleep(0.02)
        while loop.time() < until and self._controller is not None and self.switch._up:
            busy = len(self._controller._hearing._mailboxes) + len(self._controller._sending._mailboxes)
            if not busy and not await run(_unsent):
                return
            await asyncio.sleep(0.01)

    def _call(self) -> None:
        script = CallerScript(
            gives_up_after_s=self.chance.choice([3.0, 20.0, 40.0, 90.0]),
            keys=self.chance.choice([((1.0, "1"),), ((1.0, "1"),), ((0.5, "9"), (4.0, "1")), ()]),
            talks_s=self.chance.uniform(3, 25),
        )
        caller = f"090{self.chance.randrange(10**8):08}"
        self.arrived.append(self.switch.call(CALLED, caller, trunk="trunk-1", script=script))

    def _change_moods(self) -> None:
        for operator in self._operators:
            if operator.endpoint in self.switch.phones and self.chance.random() < 0.05:
                script = self.chance.choice(
                    [PhoneScript(answers_after_s=self.chance.uniform(0.5, 6))] * 6 + [IGNORES, REFUSES, BUSY]
                )
                self.switch.register(operator.endpoint, script)

    async def _work(self) -> None:
        """What operators do by their desks."""
        await self._end_wrap_ups(chance=0.3)
        for call in await run(_with_an_operator):
            if self.chance.random() < 0.1:
                await self._do_something_with(call)

    async def _do_something_with(self, call: Call) -> None:
        account_id = call.agent.account_id if call.agent else 0
        colleague = self.chance.choice(self._operators)
        verb: Callable[[], None] = self.chance.choice(
            [
                lambda: hold(call.pk, acting_user=account_id),
                lambda: resume(call.pk, acting_user=account_id),
                lambda: consult(call.pk, colleague.pk, acting_user=account_id),
                lambda: hand_over(call.pk, acting_user=account_id),
                lambda: take_back(call.pk, acting_user=account_id),
                lambda: transfer_to_queue(call.pk, self.centre.queue.pk, acting_user=account_id),
                lambda: hang_up(call.pk, acting_user=account_id),
            ]
        )
        with contextlib.suppress(MadoguchiError, Impossible):
            await run(verb)

    async def _end_wrap_ups(self, *, chance: float) -> None:
        for row in await run(_wrap_ups):
            if self.chance.random() < chance:
                with contextlib.suppress(MadoguchiError):
                    await run(end_wrap_up, row.pk, acting_user=row.agent.account_id)

    async def _do_mischief(self) -> None:
        kind = self.chance.randrange(8)
        self.done.append(kind)
        match kind:
            case 0:
                self.switch.faults.lost[self.chance.choice(LOST)] += 1
            case 1:
                self.switch.faults.repeated[self.chance.choice(LOST)] += 1
            case 2:
                self.switch.faults.refused[port.Join] = port.CommandRefused("busy", permanent=False)
            case 3:
                await self._without(self.switch.disconnect, self.switch.reconnect)
            case 4:
                await self._without(self.switch.restart, self.switch.reconnect)
            case 5 | 6:
                await self.stop()
                for _ in range(self.chance.randrange(6)):
                    await self._step()
                await self.start()
            case _:
                endpoint = self.chance.choice(self._operators).endpoint
                for leg in list(self.switch.legs.values()):
                    if leg.phone is not None and leg.phone is self.switch.phones.get(endpoint):
                        self.switch.hang_up(leg.leg_id, 0)

    async def _without(self, end: Callable[[], None], begin: Callable[[], None]) -> None:
        end()
        for _ in range(self.chance.randrange(4)):
            await self._step()
        begin()
        await asyncio.sleep(0.2)


def _live_by(now: Callable[[], datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody in the house reads the simulated clock."""
    real = house_clock.now
    for name, module in list(sys.modules.items()):
        if name.startswith("madoguchi."):
            for word in ("now", "clock_now"):
                if getattr(module, word, None) is real:
                    monkeypatch.setattr(module, word, now)


def _unsent() -> bool:
    return Command.objects.filter(stage=Command.Stage.NEW).exists()


def _unfinished() -> bool:
    return Call.objects.exclude(phase="ended").exists() or WrapUp.objects.filter(ended_at=None).exists()


def _with_an_operator() -> list[Call]:
    return list(Call.objects.filter(phase__in=["talking", "holding"]).select_related("agent"))


def _wrap_ups() -> list[WrapUp]:
    return list(WrapUp.objects.filter(ended_at=None).select_related("agent"))


def consultations_open() -> int:
    """Askings that go on."""
    return Consult.objects.filter(ended_at=None).count()
