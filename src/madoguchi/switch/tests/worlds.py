"""The two worlds in which the contract of the switch is tested: in memory, and with a real Asterisk.

A world has a switch, people at its far ends, and time. In the simulated one time passes when it is told
to; in the real one telephones are processes of their own that speak a tone each, and what somebody hears
is told by its pitch.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from madoguchi.kit.clock import now
from madoguchi.program.asterisk import Asterisk
from madoguchi.switch.asterisk.adapter import AsteriskSwitch
from madoguchi.switch.asterisk.configuration import write
from madoguchi.switch.asterisk.view import Phone, PhoneKind, SwitchView, Trunk
from madoguchi.switch.port import (
    Answer,
    CallArrived,
    Dial,
    Event,
    LegAnswered,
    LegEntered,
    PhoneReachable,
    Switch,
    SwitchConnected,
)
from madoguchi.switch.simulated.people import REJECTED, USER_BUSY, CallerScript, PhoneScript
from madoguchi.switch.simulated.switch import SimulatedSwitch
from madoguchi.switch.tests.telephones import TONES_HZ, Telephone, tone

E = TypeVar("E", bound=Event)

PHONES = ("op-first", "op-second")
NUMBER = "0312345678"
SIP_REFUSALS = {USER_BUSY: 486, REJECTED: 603}


@dataclass
class Person:
    """Somebody at the far end of a leg."""

    name: str
    endpoint: str = ""


class World(Protocol):
    """What a contract test may do."""

    switch: Switch
    events: list[Event]
    prompt: str

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def pass_time(self, seconds: float) -> None: ...
    async def call(self, called: str = NUMBER, caller: str = "0901234567") -> Person: ...
    async def phone(self, endpoint: str, **script: Any) -> Person: ...
    async def press(self, person: Person, leg_id: str, keys: str) -> None: ...
    async def hang_up(self, person: Person, leg_id: str) -> None: ...
    async def hears(self, person: Person, leg_id: str) -> set[str]: ...
    async def lose_connection(self) -> None: ...
    async def restore_connection(self) -> None: ...
    async def restart(self) -> None: ...
    def now(self) -> datetime: ...


class Watching:
    """Waiting for events, common to both worlds."""

    events: list[Event]

    def __init__(self) -> None:
        self.events = []
        self._seen = 0

    def found(self, kind: type[E], matches: Callable[[E], bool]) -> E | None:
        for index in range(self._seen, len(self.events)):
            event = self.events[index]
            if isinstance(event, kind) and matches(event):
                del self.events[index]
                return event
        return None


async def expect(world: Any, kind: type[E], within_s: float = 15, **facts: Any) -> E:
    """The first event of a kind with these facts, waited for; it is taken out, others stay."""

    def matches(event: E) -> bool:
        return all(getattr(event, name) == value for name, value in facts.items())

    waited_s = 0.0
    while True:
        event: E | None = world.found(kind, matches)
        if event is not None:
            return event
        if waited_s >= within_s:
            raise AssertionError(f"no {kind.__name__} {facts} within {within_s} s; there were {world.events}")
        await world.pass_time(0.02)
        waited_s += 0.02


async def comes_to_hear(world: Any, person: Person, leg_id: str, *names: str, within_s: float = 15) -> None:
    """Wait until somebody hears these and nothing else: sound needs a moment, more so on a busy machine."""
    began = time.monotonic()
    while (heard := await world.hears(person, leg_id)) != set(names):
        assert time.monotonic() - began < within_s, f"{person.name} hears {heard}, not {set(names)}"


@dataclass
class SimulatedWorld(Watching):
    """In memory."""

    folder: Path
    prompt: str = "/prompt"

    def __post_init__(self) -> None:
        super().__init__()
        self.switch = SimulatedSwitch(
            node="node-t", recordings=self.folder / "tracks", duration_s=lambda file: 1.0, controller_wait_s=3
        )
        self._running: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return self.switch.clock.now()

    async def start(self) -> None:
        self._running = asyncio.create_task(self.switch.run(self.events.append))
        await expect(self, SwitchConnected)

    async def stop(self) -> None:
        await stopped(self._running)

    async def pass_time(self, seconds: float) -> None:
        self.switch.clock.advance(seconds)
        for _ in range(5):
            await asyncio.sleep(0)

    async def call(self, called: str = NUMBER, caller: str = "0901234567") -> Person:
        self.switch.call(called, caller, script=CallerScript())
        await self.pass_time(0)
        return Person("caller")

    async def phone(self, endpoint: str, **script: Any) -> Person:
        self.switch.register(endpoint, PhoneScript(**script))
        await expect(self, PhoneReachable, endpoint=endpoint, reachable=True)
        return Person("agent", endpoint)

    async def press(self, person: Person, leg_id: str, keys: str) -> None:
        self.switch.press(leg_id, keys)

    async def hang_up(self, person: Person, leg_id: str) -> None:
        self.switch.hang_up(leg_id)

    async def hears(self, person: Person, leg_id: str) -> set[str]:
        await self.pass_time(0.5)
        return {self._word(sound) for sound in self.switch.hears(leg_id)} - {""}

    def _word(self, sound: str) -> str:
        kind, _, rest = sound.partition(":")
        if kind == "voice":
            return "caller" if self.switch.legs[rest].arrival is not None else "agent"
        return {"file": "prompt", "music": "music"}.get(kind, "")

    async def lose_connection(self) -> None:
        await stopped(self._running)

    async def restore_connection(self) -> None:
        await self.start()

    async def restart(self) -> None:
        await self.pass_time(1)
        self.switch.restart()
        self.switch.reconnect()
        await self.pass_time(0)


async def stopped(task: asyncio.Task[None] | None) -> None:
    """End a task and wait for its end."""
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass
class RealAsterisk:
    """A running Asterisk of the tests' own, in a folder of its own, on ports of its own."""

    program: Asterisk
    view: SwitchView
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def at(cls, program: Asterisk, folder: Path, port: int, *more: Trunk) -> RealAsterisk:
        (music := folder / "music").mkdir()
        tone(music / "tone.wav", "music", 20)
        tone(folder / "prompt.wav", "prompt", 1)
        view = SwitchView(
            node="node-t",
            ari_password="password-of-ari",
            share=program.data,
            modules=program.modules,
            work=folder / "asterisk",
            http_port=port,
            sip_port=port + 1,
            rtp_start=port + 100,
            rtp_end=port + 299,
            trunks=(*_lines(port), *more),
            phones=(
                *(Phone(endpoint=name, password=f"password-{name}", kind=PhoneKind.DESK) for name in PHONES),
                Phone(endpoint="op-browser", password="password-op-browser"),
                Phone(endpoint="visitor-one", password="password-visitor-one", kind=PhoneKind.VISITOR),
            ),
            demonstration_numbers=("0312345678",),
            music={"default": music},
            emergency_sound=str(folder / "prompt"),
            controller_wait_s=3,
            line_silence_s=4,
        )
        write(view, view.work / "etc")
        return cls(program, view, folder / "asterisk.log")

    def start(self) -> None:
        command = self.program.server(self.view.work / "etc")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "TZ": "UTC"}, start_new_session=True
            )

    def says(self, words: str) -> str:
        """What its console answers."""
        command = self.program.console(self.view.work / "etc", words)
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None


def _lines(port: int) -> tuple[Trunk, ...]:
    return (
        Trunk(
            name="line-registered",
            server=f"127.0.0.7:{port + 3}",
            registers=True,
            username="0312340000",
            password="password; of the provider",
            checks_every_s=0,
        ),
        Trunk(name="line-watched", server=f"127.0.0.8:{port + 4}", checks_every_s=1),
        Trunk(name="line-a", networks=("127.0.0.1",), server=f"127.0.0.1:{port + 2}", checks_every_s=0),
    )


@dataclass
class AsteriskWorld(Watching):
    """With a real switch and real telephones."""

    asterisk: RealAsterisk
    folder: Path
    telephones: list[Telephone] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.prompt = self.asterisk.view.emergency_sound
        self.switch = AsteriskSwitch.of(self.asterisk.view)
        self._running: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return now()

    async def start(self) -> None:
        await self.restore_connection()

    async def stop(self) -> None:
        for telephone in self.telephones:
            await telephone.stop()
        await stopped(self._running)

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def call(self, called: str = NUMBER, caller: str = "0901234567") -> Person:
        host = f"127.0.0.1:{self.asterisk.view.sip_port}"
        plan = {"own_uri": f"sip:{caller}@127.0.0.1", "call": f"sip:{called}@{host}"}
        await self._telephone("caller", plan)
        return Person("caller")

    async def phone(self, endpoint: str, **script: Any) -> Person:
        plan: dict[str, Any] = {
            "own_uri": f"sip:{endpoint}@127.0.0.1",
            "registrar": f"sip:127.0.0.1:{self.asterisk.view.sip_port}",
            "username": endpoint,
            "password": f"password-{endpoint}",
            "answer_after_s": script.get("answers_after_s", 2.0),
        }
        if script.get("refuses_after_s") is not None:
            code = SIP_REFUSALS[script.get("refuses_with", REJECTED)]
            plan |= {"answer_after_s": script["refuses_after_s"], "answer_code": code}
        await self._telephone(endpoint, plan)
        await self.telephones[-1].until("registered")
        await self._reachable(endpoint)
        return Person("agent", endpoint)

    async def _reachable(self, endpoint: str) -> None:
        try:
            await expect(self, PhoneReachable, endpoint=endpoint, reachable=True, within_s=3)
        except AssertionError:
            # Nothing is told where nothing changed: an earlier telephone of that name went without a goodbye.
            assert (await self.switch.living()).phones[endpoint]

    async def _telephone(self, name: str, plan: dict[str, Any]) -> None:
        hertz = TONES_HZ["caller" if name == "caller" else "agent"]
        heard = self.folder / f"heard-{name}-{len(self.telephones)}.wav"
        telephone = Telephone(name, {"tone_hz": hertz, "heard": str(heard), "listens": True, **plan}, heard)
        self.telephones.append(telephone)
        await telephone.start()

    def telephone(self, person: Person) -> Telephone:
        return next(t for t in self.telephones if t.name == (person.endpoint or person.name))

    async def press(self, person: Person, leg_id: str, keys: str) -> None:
        self.telephone(person).order(do="keys", keys=keys)

    async def hang_up(self, person: Person, leg_id: str) -> None:
        self.telephone(person).order(do="hang_up")

    async def hears(self, person: Person, leg_id: str) -> set[str]:
        await asyncio.sleep(1.0)
        return self.telephone(person).hears()

    async def lose_connection(self) -> None:
        await stopped(self._running)
        self.switch = AsteriskSwitch.of(self.asterisk.view)

    async def restore_connection(self) -> None:
        self._running = asyncio.create_task(self.switch.run(self.events.append))
        await expect(self, SwitchConnected, within_s=15)

    async def restart(self) -> None:
        self.asterisk.stop(signal.SIGKILL)
        self.asterisk.start()


Story = Callable[[AsteriskWorld | SimulatedWorld], Awaitable[None]]


def happens(world: AsteriskWorld | SimulatedWorld, story: Story) -> None:
    async def whole() -> None:
        await world.start()
        try:
            await story(world)
        finally:
            await world.stop()

    asyncio.run(asyncio.wait_for(whole(), 120))


async def answered_call(world: AsteriskWorld | SimulatedWorld) -> tuple[Person, str]:
    caller = await world.call()
    leg_id = (await expect(world, CallArrived)).leg_id
    await world.switch.send(Answer(leg_id=leg_id))
    await expect(world, LegAnswered, leg_id=leg_id)
    return caller, leg_id


async def dialled(world: AsteriskWorld | SimulatedWorld, leg_id: str, endpoint: str = "op-first") -> Person:
    agent = await world.phone(endpoint, answers_after_s=0.2)
    await world.switch.send(Dial(leg_id=leg_id, address=f"phone:{endpoint}", caller_number="0901234567"))
    await expect(world, LegEntered, leg_id=leg_id)
    return agent
