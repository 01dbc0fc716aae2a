"""Asterisk as the switch of the port: one node, over ARI.

It keeps no call's state. What it remembers (`legs`, `recording`) are hints that spare requests; whoever
restarts the controller loses nothing by their loss.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import aiohttp
import structlog

from madoguchi.kit.clock import now
from madoguchi.switch.asterisk import cel, lines, snapshot
from madoguchi.switch.asterisk.client import AriClient, Silent, Unreachable
from madoguchi.switch.asterisk.commands import Request, leg
from madoguchi.switch.asterisk.echo import Echo
from madoguchi.switch.asterisk.events import ECHO, GONE, NOISE
from madoguchi.switch.asterisk.inbound import Inbox
from madoguchi.switch.asterisk.legs import Legs
from madoguchi.switch.asterisk.outbound import Sender
from madoguchi.switch.asterisk.recording import Recorder, track_of_snoop
from madoguchi.switch.asterisk.silence import Silence
from madoguchi.switch.asterisk.view import SwitchView
from madoguchi.switch.lines import LineSeen
from madoguchi.switch.listening import Deaf
from madoguchi.switch.port import (
    ApplicationReplaced,
    Command,
    CommandRefused,
    Dial,
    Event,
    LegGone,
    LegRinging,
    Living,
    PastLeg,
    SwitchConnected,
    SwitchLost,
)

log = structlog.get_logger(__name__)

_FIRST_DELAY_S = 0.1
_LONGEST_DELAY_S = 2.0
_ROTATES_EVERY_S = 3600.0
_HEARD_WITHIN_S = 3.0
_OWN_END_WITHIN_S = 1.0
_PROVES_EVERY_S = 10.0
_STILL_HEARD_WITHIN_S = 10.0
"""More patient than at first: a busy moment is no reason to compare everything anew."""

Deliver = Callable[[Event], None]


class _Gate:
    """Keeps what is heard before the connection is proved, then lets everything through, in order."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._held: list[Event] | None = []

    def take(self, event: Event) -> None:
        if self._held is None:
            self._deliver(event)
        else:
            self._held.append(event)

    def open(self) -> None:
        held, self._held = self._held or [], None
        for event in held:
            self._deliver(event)


class AsteriskSwitch:
    """One Asterisk. Implements `port.Switch`; made and used inside one event loop.

    `recordings` is the folder of the tracks as the reader of the events sees it; `cel_file` the switch's
    event log and `control_socket` its console (None: `past` and `lines` are refused, for a node elsewhere).
    """

    def __init__(
        self,
        *,
        node: str,
        url: str,
        user: str,
        password: str,
        recordings: Path,
        cel_file: Path | None = None,
        control_socket: Path | None = None,
        application: str = "madoguchi",
    ) -> None:
        self.node = node
        self._cel = cel_file
        self._control_socket = control_socket
        self._client = AriClient(url, user=user, password=password, application=application)
        self._legs = Legs()
        self._sender = Sender(self._client, self._legs)
        folder = PurePosixPath(recordings)
        self._recorder = Recorder(self._sender.ask, application=application, folder=folder)
        self._sender.recorded_by(self._recorder)
        self._deliver: Deliver = lambda event: None
        self._silence = Silence()
        self._echo = Echo(self._sender.ask, application, self._client.phones_application)
        self.inbox = Inbox(node, self._legs, self._recorder, self._echo)
        """Counts what was not needed, keeps what was not understood."""

    @classmethod
    def of(cls, view: SwitchView) -> AsteriskSwitch:
        """The switch that runs with the configuration written for `view`, on this machine."""
        return cls(
            node=view.node,
            url=f"http://127.0.0.1:{view.http_port}/ari",
            user=view.ari_user,
            password=view.ari_password,
            recordings=view.recording_folder,
            cel_file=view.cel,
            control_socket=view.work / "run" / "asterisk.ctl",
            application=view.application,
        )

    @property
    def deaf(self) -> Deaf | None:
        """Since when it takes our connection and lets us not listen; None while it does, or is away."""
        return self._silence.deaf

    async def run(self, deliver: Deliver) -> None:
        """Connect, and again after each loss, until cancelled or replaced by another controller."""
        self._deliver = deliver
        delay_s = _FIRST_DELAY_S
        try:
            while True:
                began_at = now()
                try:
                    socket = await self._client.listen()
                except Unreachable as error:
                    log.warning("The switch cannot be reached.", node=self.node, reason=str(error))
                    self._judge(error, began_at)
                else:
                    connected, replaced = await self._serve(socket, deliver)
                    if replaced:
                        return
                    delay_s = _FIRST_DELAY_S if connected else delay_s
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, _LONGEST_DELAY_S)
        finally:
            await self._recorder.close()
            await self._client.close()

    async def send(self, command: Command) -> None:
        """Carry out one command. Raises CommandRefused."""
        await self._sender.carry_out(command)
        if isinstance(command, Dial):
            self._watch_its_end(command.leg_id)
            await self._catch_up(command.leg_id)

    def _watch_its_end(self, leg_id: str) -> None:
        """Tell of a leg that ended around the moment when it was followed, if nobody else does."""
        memory = self._legs.find(leg_id)
        if memory is None or memory.seen_gone is None:
            return

        def end(seen: asyncio.Future[LegGone]) -> None:
            if self._legs.find(leg_id) is memory and (gone := self.inbox.ended(seen.result())) is not None:
                self._deliver(gone)

        if memory.unfollowed:
            end(memory.seen_gone)
        else:
            loop = asyncio.get_running_loop()
            memory.seen_gone.add_done_callback(lambda seen: loop.call_later(_OWN_END_WITHIN_S, end, seen))

    async def _catch_up(self, leg_id: str) -> None:
        """Tell of a ring that began before its leg was followed: until then nothing is heard of it."""
        memory = self._legs.find(leg_id)
        if memory is None or memory.ringing:
            return
        try:
            answer = await self._client.request("GET", leg(leg_id))
        except Unreachable:
            # With the connection everything of that time is lost, and looked up after its return.
            return
        if answer.ok and answer.body["state"] == "Ringing" and not memory.ringing:
            memory.ringing = True
            self._deliver(LegRinging(node=self.node, at=now(), leg_id=leg_id))

    async def living(self) -> Living:
        """What exists now. Raises CommandRefused when the switch cannot be asked."""
        return await snapshot.living(self._client, self.node)

    async def past(self, since: datetime) -> tuple[PastLeg, ...]:
        """Legs that began or ended at or after `since`, out of the switch's own log, oldest first."""
        if self._cel is None:
            raise CommandRefused("the event log of this node is not on this machine", permanent=True)
        return await asyncio.to_thread(cel.read, self._cel, node=self.node, since=since)

    async def lines(self, names: Iterable[str]) -> Mapping[str, LineSeen]:
        """What is seen of these lines. Raises CommandRefused."""
        if self._control_socket is None:
            raise CommandRefused("the control socket of this node is not on this machine", permanent=True)
        return await lines.seen(self._client, self._control_socket, names)

    async def reload(self, modules: Iterable[str]) -> None:
        """Make the switch read its configuration again (`Written.reload`). Raises CommandRefused."""
        for module in modules:
            await self._sender.ask(Request("PUT", f"/asterisk/modules/{quote(module, safe='')}"))

    async def close(self) -> None:
        """Close the connections of a switch that was asked without `run`."""
        await self._client.close()

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse, deliver: Deliver) -> tuple[bool, bool]:
        """Deliver until the connection ends: whether it ever stood, and whether we were replaced."""
        gate, booted_at = _Gate(deliver), None
        reading = asyncio.create_task(self._deliver_all(socket, gate.take))
        try:
            booted_at = await self._prove_ready()
            if booted_at is not None:
                deliver(SwitchConnected(node=self.node, at=now(), booted_at=booted_at))
                gate.open()
                return True, await self._stand(socket, reading)
            replaced = reading.done() and reading.result()
            if replaced:
                gate.open()
            return False, replaced
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await socket.close()
            if booted_at is not None:
                self._forget()
                deliver(SwitchLost(node=self.node, at=now()))

    async def _prove_ready(self) -> datetime | None:
        """When the switch began, once it does what we need and is heard; None when it does not or is not."""
        began_at = now()
        try:
            booted_at = await self._prepare()
            await self._echo.prove(within_s=_HEARD_WITHIN_S)
        except (Unreachable, CommandRefused, KeyError, TypeError, ValueError) as error:
            log.warning("The switch answers, but not as it should.", node=self.node, reason=str(error))
            self._judge(error, began_at)
            return None
        self._silence.broken()
        return booted_at

    async def _stand(self, socket: aiohttp.ClientWebSocketResponse, reading: asyncio.Task[bool]) -> bool:
        """What `reading` gives at its end; meanwhile the switch is kept tidy, and listened to for certain."""
        beside = [asyncio.create_task(one) for one in (self._keep_tidy(), self._keep_proving(socket))]
        try:
            return await reading
        finally:
            for one in beside:
                one.cancel()

    async def _keep_proving(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """End a connection that stands and on which no event comes any more."""
        while True:
            await asyncio.sleep(_PROVES_EVERY_S)
            try:
                await self._echo.prove(within_s=_STILL_HEARD_WITHIN_S)
            except CommandRefused as refused:
                # Not asked at all; should it be away, its pings tell.
                if not refused.permanent:
                    continue
                reason = str(refused)
            except Silent as silent:
                reason = str(silent)
            else:
                continue
            log.error("Events do not reach us any more: listening anew.", node=self.node, reason=reason)
            await socket.close()
            return

    async def _deliver_all(self, socket: aiohttp.ClientWebSocketResponse, deliver: Deliver) -> bool:
        async for message in socket:
            # A clean close ends the loop as well: whoever closed it, no events come any more.
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                break
            event = self.inbox.take(message.data)
            if event is not None:
                deliver(event)
            if isinstance(event, ApplicationReplaced):
                return True
        return False

    async def _prepare(self) -> datetime:
        path = f"/applications/{quote(self._client.application, safe='')}"
        unwanted = {"disallowed": [{"type": kind} for kind in NOISE]}
        await self._sender.ask(Request("PUT", f"{path}/eventFilter", body=unwanted))
        phones = f"/applications/{quote(self._client.phones_application, safe='')}"
        wanted = {"allowed": [{"type": "EndpointStateChange"}, {"type": ECHO}, {"type": GONE}]}
        await self._sender.ask(Request("PUT", f"{phones}/eventFilter", body=wanted))
        await self._sender.ask(Request("POST", f"{phones}/subscription", {"eventSource": "endpoint:PJSIP"}))
        return await snapshot.booted_at(self._client)

    async def _keep_tidy(self) -> None:
        """Hang up snoops that a controller left behind, and put the event log aside when it grows."""
        try:
            for channel_id in await snapshot.helpers(self._client):
                track = track_of_snoop(channel_id)
                if track is not None:
                    self._recorder.clean_up(*track)
        except (Unreachable, KeyError, TypeError) as error:
            log.warning("Snoops left behind could not be looked for.", node=self.node, reason=str(error))
        while self._cel is not None:
            await asyncio.to_thread(cel.rotate, self._cel)
            await asyncio.sleep(_ROTATES_EVERY_S)

    def _judge(self, error: BaseException, began_at: datetime) -> None:
        """Tell an attempt that found nobody, or an error, from one that was swallowed."""
        if isinstance(error, Silent) or isinstance(error.__cause__, Silent):
            self._silence.unanswered(began_at, now(), patience_s=self._client.timeout_s)
        else:
            self._silence.broken()

    def _forget(self) -> None:
        self._legs.forget_all()
        self._recorder.forget_all()
        self.inbox.forget_all()
