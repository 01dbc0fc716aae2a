"""Commands that need more than one request, or that must keep an order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from madoguchi.switch.asterisk import commands
from madoguchi.switch.asterisk.client import Answer, AriClient, Unreachable
from madoguchi.switch.asterisk.commands import Request
from madoguchi.switch.asterisk.legs import LegMemory, Legs
from madoguchi.switch.asterisk.recording import Recorder
from madoguchi.switch.port import (
    Command,
    CommandRefused,
    Dial,
    HangUp,
    Join,
    LegGone,
    Play,
    Record,
    Release,
    StartMusic,
    StopMusic,
    StopPlayback,
    StopRecording,
)

_END_SEEN_WITHIN_S = 1.0
_PLACED_WITHIN_S = 3.0


class Sender:
    """Carries out commands at one switch."""

    def __init__(self, client: AriClient, legs: Legs) -> None:
        self._client = client
        self._legs = legs

    def recorded_by(self, recorder: Recorder) -> None:
        """The recorder sends by us and we hand it what is to be recorded: one must come first."""
        self._recorder = recorder

    async def ask(self, request: Request, *, leg_id: str = "") -> Answer:
        """Send one request; a status that is neither success nor settled raises CommandRefused."""
        try:
            answer = await self._client.request(request.method, request.path, request.params, request.body)
        except Unreachable as error:
            raise CommandRefused(str(error), permanent=False) from error
        if answer.ok or answer.status in request.settled:
            return answer
        memory = self._legs.find(leg_id)
        raise commands.refusal(request, answer, not_yet=memory is not None and memory.awaited)

    async def carry_out(self, command: Command) -> None:
        """Do what one command says. Raises CommandRefused."""
        match command:
            case Dial():
                await self._dial(command)
            case HangUp():
                await self._hang_up(command)
            case Join():
                await self._join(command)
            case Play():
                await self._play(command)
            case StopPlayback():
                self._legs.stop(command.playback_id)
                await self._simple(command)
            case StartMusic():
                await self._start_music(command)
            case StopMusic():
                await self._simple(command)
                self._note_music(command.leg_id, on=False)
            case Release():
                await self._release(command)
            case Record():
                await self._recorder.begin(command)
            case StopRecording():
                await self._recorder.end(command)
            case _:
                await self._simple(command)

    async def _simple(self, command: Command) -> None:
        leg_id = getattr(command, "leg_id", "")
        for request in commands.requests(command):
            await self.ask(request, leg_id=leg_id)

    async def _dial(self, command: Dial) -> None:
        request = commands.dial(command)
        memory = self._legs.begin(command.leg_id)
        if memory.dialling is not None:
            # A repeat while the first is under way.
            await asyncio.shield(memory.dialling)
            return
        memory.awaited = True
        loop = asyncio.get_running_loop()
        memory.dialling, memory.seen_gone = loop.create_future(), loop.create_future()
        try:
            if command.early:
                await self._place(command, memory)
            else:
                await self.ask(request)
                await self._follow(command.leg_id, memory.seen_gone)
        except CommandRefused as refused:
            if refused.permanent:
                self._legs.end(command.leg_id)
            raise
        finally:
            memory.dialling.set_result(None)
            memory.dialling = None

    async def _place(self, command: Dial, memory: LegMemory) -> None:
        """Make a leg, and let it ring once it is ours: before that it can be told nothing."""
        memory.placed = placed = asyncio.get_running_loop().create_future()
        answer = await self.ask(commands.make(command, self._client.application))
        if not answer.ok:
            return  # It is there already: a repeat.
        await asyncio.wait([placed], timeout=_PLACED_WITHIN_S)
        if not placed.done():
            await self.ask(commands.hang_up(command.leg_id, 16))
            raise CommandRefused("the leg that was made never came to us", permanent=False)
        await self.ask(commands.ring(command))

    async def _follow(self, leg_id: str, seen_gone: asyncio.Future[LegGone]) -> None:
        """Hear of a leg from now on. One that was refused at once has ended by now, and its cause is kept."""
        try:
            await self.ask(commands.follow(leg_id, self._client.application))
        except CommandRefused as refused:
            if refused.permanent:
                await asyncio.wait([seen_gone], timeout=_END_SEEN_WITHIN_S)
            if not seen_gone.done():
                raise
            self._legs.begin(leg_id).unfollowed = True

    async def _hang_up(self, command: HangUp) -> None:
        memory = self._legs.begin(command.leg_id)
        memory.ended_by_us, memory.cause = True, command.cause
        if memory.dialling is not None:
            # Sent now it would meet no leg, succeed, and the phone would ring after all.
            await asyncio.shield(memory.dialling)
        answer = await self.ask(commands.hang_up(command.leg_id, command.cause))
        if answer.status == 404:
            self._legs.end(command.leg_id)

    async def _join(self, command: Join) -> None:
        path = commands.bridge(command.bridge_id)
        made = Request("POST", path, {"type": "mixing"}, settled=frozenset({409}))
        silencing = [self.ask(request) for leg_id in command.leg_ids for request in self._silence(leg_id)]
        await asyncio.gather(self.ask(made), *silencing)
        params = {"channel": ",".join(command.leg_ids)}
        awaited = [leg_id for leg_id in command.leg_ids if self._is_awaited(leg_id)]
        await self.ask(Request("POST", f"{path}/addChannel", params), leg_id=awaited[0] if awaited else "")
        for leg_id in command.leg_ids:
            self._note_music(leg_id, on=False)

    async def _play(self, command: Play) -> None:
        (request,) = commands.requests(command)
        memory = self._legs.find(command.leg_id)
        if memory is None or memory.music:
            await self.ask(commands.stop_music(command.leg_id))
            self._note_music(command.leg_id, on=False)
        if memory is not None:
            memory.playbacks.add(command.playback_id)
        try:
            await self.ask(request, leg_id=command.leg_id)
        except CommandRefused:
            if memory is not None:
                memory.playbacks.discard(command.playback_id)
            raise

    async def _release(self, command: Release) -> None:
        # Noted before: the leg may have left us before the answer is here.
        memory = self._legs.begin(command.leg_id)
        memory.released = True
        try:
            await self._simple(command)
        except CommandRefused:
            memory.released = False
            raise

    async def _start_music(self, command: StartMusic) -> None:
        # Asterisk does what is asked of a leg one after another: music would wait for a playback's end.
        for request in self._silence(command.leg_id, music=False):
            await self.ask(request)
        self._note_music(command.leg_id, on=True)
        await self._simple(command)

    def _silence(self, leg_id: str, *, music: bool = True) -> Iterator[Request]:
        memory = self._legs.find(leg_id)
        if music and (memory is None or memory.music):
            yield commands.stop_music(leg_id)
        for playback_id in list(memory.playbacks) if memory else []:
            self._legs.stop(playback_id)
            yield commands.stop_playback(playback_id)

    def _note_music(self, leg_id: str, *, on: bool) -> None:
        memory = self._legs.find(leg_id)
        if memory is not None:
            memory.music = on

    def _is_awaited(self, leg_id: str) -> bool:
        memory = self._legs.find(leg_id)
        return memory is not None and memory.awaited
