"""Events of the switch → actions. Each event goes into the mailbox of its call."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control.mailboxes import Mailboxes
from madoguchi.control.pool import run
from madoguchi.domain.agents.actions import phone_came_or_went
from madoguchi.domain.calls.actions import hearing
from madoguchi.domain.calls.actions.arriving import arrive, arrived_unheard
from madoguchi.domain.calls.actions.recording import track_began, track_ended
from madoguchi.domain.calls.jobs import join_recording
from madoguchi.kit.clock import now
from madoguchi.kit.machine import Impossible
from madoguchi.switch import port

log = structlog.get_logger(__name__)

AWAY = (OperationalError, InterfaceError)
"""The database cannot be asked. Arrivals then hear the emergency message; other events wait."""
ARRIVAL_PATIENCE_S = 4.0
"""So long a caller rings on while the database starts anew, before the emergency message."""
AGAIN_S = 0.25
LONGEST_AWAY_S = 120.0


class Hearing:
    """Takes events in. Knows which call each leg and playback belongs to, as far as it saw them."""

    def __init__(self, switch: port.Switch) -> None:
        self._switch = switch
        self._mailboxes = Mailboxes()
        self._calls: dict[str, UUID] = {}
        """Leg id → call id; a memory only, the database knows better."""
        self._phones: dict[str, bool] = {}
        """Endpoint → what the switch last said of it since it was connected."""

    def take(self, event: port.Event) -> None:
        """Sort one event into its mailbox."""
        match event:
            case port.CallArrived():
                self._mailboxes.put(event.leg_id, lambda: self._arrive(event))
            case port.LegEvent():
                self._mailboxes.put(event.leg_id, lambda: self._leg(event))
            case port.PhoneReachable():
                self._phones[event.endpoint] = event.reachable
                self._mailboxes.put(event.endpoint, lambda: self._phone(event.endpoint))
            case port.RecordingBegan() | port.RecordingEnded():
                self._mailboxes.put(event.recording_id, lambda: self._recording(event))

    def knows(self, leg_id: str, call_id: UUID) -> None:
        """A leg is about to be dialled: whose it is need not be looked up when it rings."""
        self._calls[leg_id] = call_id

    def forget_leg(self, leg_id: str) -> None:
        """A leg that never came to be."""
        self._calls.pop(leg_id, None)

    def put(self, key: str, letter: Callable[[], Awaitable[None]]) -> None:
        """Do something in order with a leg's events."""
        self._mailboxes.put(key, letter)

    async def drained(self) -> None:
        """Wait until everything heard was taken in."""
        await self._mailboxes.drained()

    async def _arrive(self, event: port.CallArrived) -> None:
        if event.purpose not in {"", "in"}:
            await self._quietly(port.HangUp(leg_id=event.leg_id, cause=21))
            return
        given_up = threading.Event()
        try:
            arriving = self._until_written(arrive, event, wanted=lambda: not given_up.is_set())
            call_id = await asyncio.wait_for(arriving, ARRIVAL_PATIENCE_S)
            assert isinstance(call_id, UUID)  # what `arrive` gives
            self._calls[event.leg_id] = call_id
        except (*AWAY, TimeoutError):
            # A thread may get its connection yet: it must not serve somebody whom we let go.
            given_up.set()
            log.error("The database is away; a caller hears the emergency message.", leg=event.leg_id)
            await self._quietly(port.Release(leg_id=event.leg_id, place="emergency"))
            await self._until_written(arrived_unheard, _released(event))
        except Exception:
            log.exception("An arrival could not be written down.", leg=event.leg_id)
            await self._quietly(port.Release(leg_id=event.leg_id, place="emergency"))

    async def _leg(self, event: port.LegEvent) -> None:
        call_id = await self._call_of(event.leg_id)
        if call_id is None:
            return
        match event:
            case port.LegRinging():
                await self._until_written(hearing.leg_rang, call_id, event.leg_id, sound=event.sound)
            case port.LegEntered():
                await self._until_written(hearing.leg_answered, call_id, event.leg_id)
            case port.LegGone():
                await self._until_written(
                    hearing.leg_ended, call_id, event.leg_id, cause=event.cause, at=event.at
                )
                self._calls.pop(event.leg_id, None)
            case port.KeyPressed():
                await self._until_written(hearing.key_heard, call_id, event.leg_id, event.key)
            case port.PlaybackEnded():
                await self._until_written(hearing.playback_ended, call_id, event.playback_id)

    async def _call_of(self, leg_id: str) -> UUID | None:
        if leg_id not in self._calls:
            call_id = await self._until_written(hearing.call_of_leg, leg_id)
            if not isinstance(call_id, UUID):
                return None
            self._calls[leg_id] = call_id
        return self._calls[leg_id]

    def phones_seen(self, phones: Mapping[str, bool]) -> None:
        """Take in a snapshot of all telephones; what was told since is newer, and stands."""
        for endpoint, reachable in phones.items():
            self._phones.setdefault(endpoint, reachable)
            self._mailboxes.put(endpoint, lambda endpoint=endpoint: self._phone(endpoint))  # type: ignore[misc]

    def forget_phones(self) -> None:
        """The connection was lost: they come and go unheard."""
        self._phones.clear()

    async def _phone(self, endpoint: str) -> None:
        if endpoint in self._phones:
            await self._until_written(phone_came_or_went, endpoint, self._phones[endpoint])

    async def _recording(self, event: port.RecordingBegan | port.RecordingEnded) -> None:
        recording_id = UUID(event.recording_id)
        if isinstance(event, port.RecordingBegan):
            await self._until_written(track_began, recording_id, event.side, at=event.at)
            return
        whole = await self._until_written(
            track_ended,
            recording_id,
            event.side,
            path=event.path,
            duration_s=event.duration_s,
            failure=event.failure,
            at=event.at,
        )
        if whole:
            await self._until_written(join_recording.defer, recording_id=str(recording_id))

    async def _until_written(self, action: Callable[..., object], *args: object, **fields: object) -> object:
        """Run an action; while the database is away, wait: calls that are talking go on talking."""
        waited_s = 0.0
        while True:
            try:
                return await run(action, *args, **fields)
            except Impossible as late:
                log.info("An event came too late.", what=str(late))
                return None
            except AWAY:
                if waited_s >= LONGEST_AWAY_S:
                    raise
                waited_s += AGAIN_S
                await asyncio.sleep(AGAIN_S)

    async def _quietly(self, command: port.Command) -> None:
        try:
            await self._switch.send(command)
        except port.CommandRefused as refused:
            log.info("The switch refused.", command=type(command).__name__, reason=refused.reason)


def _released(event: port.CallArrived) -> port.PastLeg:
    """What is written of a caller whom we sent to the emergency message: for our books they have left."""
    return port.PastLeg(
        leg_id=event.leg_id,
        arrival=event,
        began_at=event.at,
        answered_at=None,
        ended_at=now(),
        cause=0,
        released_to="emergency",
    )
