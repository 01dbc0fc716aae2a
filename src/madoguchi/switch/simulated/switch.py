"""A telephone switch in memory, with a clock of its own: the same port as Asterisk, and the same contract.

Tests and stories place calls (`call`), say what phones do (`phones`, `outside`), let time pass (`clock`),
look at what each leg hears (`hears`), and make things go wrong (`faults`, `disconnect`, `restart`).
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from madoguchi.switch.port import (
    ApplicationReplaced,
    CallArrived,
    Command,
    CommandRefused,
    Event,
    KeyPressed,
    LegAnswered,
    LegEntered,
    LegGone,
    LegRinging,
    Living,
    PastLeg,
    PhoneReachable,
    Side,
    SwitchConnected,
    SwitchLost,
)
from madoguchi.switch.simulated import tracks
from madoguchi.switch.simulated.clock import SimulatedClock
from madoguchi.switch.simulated.faults import Faults
from madoguchi.switch.simulated.legs import SimulatedLeg
from madoguchi.switch.simulated.obeying import Obeying
from madoguchi.switch.simulated.people import NO_ANSWER, CallerScript, PhoneScript

_EMERGENCY_MESSAGE_S = 10.0
_TEMPORARY_FAILURE = 41
_NORMAL = 16

Deliver = Callable[[Event], None]


class SimulatedSwitch:
    """One node. Implements `port.Switch`."""

    def __init__(
        self,
        *,
        node: str = "node-1",
        clock: SimulatedClock | None = None,
        recordings: Path | None = None,
        duration_s: Callable[[str], float] = lambda file: 2.0,
        controller_wait_s: float = 30.0,
    ) -> None:
        self.node = node
        self.clock = clock or SimulatedClock()
        self.faults = Faults()
        self.phones: dict[str, PhoneScript] = {}
        """Registered phones and what their people do."""
        self.outside: dict[str, PhoneScript] = {}
        """The same for numbers of the outside; others answer after two seconds."""
        self.booted_at = self.clock.now()
        self.legs: dict[str, SimulatedLeg] = {}
        self.bridges: dict[str, list[str]] = {}
        self.tracks: dict[str, tracks.Track] = {}
        self.recorded: set[str] = set()
        """Recordings whose tracks lie on the disk."""
        self.duration_s = duration_s
        """How long a sound file plays."""
        self.sent: deque[Command] = deque(maxlen=10_000)
        """Every command that was carried out, the last ten thousand."""
        self._recordings = recordings
        self._controller_wait_s = controller_wait_s
        self._past: deque[SimulatedLeg] = deque(maxlen=100_000)
        self._numbers = itertools.count()
        self._up = True
        self._connected = False
        self._outbox: deque[Event] = deque()
        self._woken = asyncio.Event()
        self._runs = 0
        self._obeying = Obeying(self)

    # ------------------------------------------------------------------------------------- the port

    async def run(self, deliver: Deliver) -> None:
        """Deliver events until cancelled or replaced by another `run`."""
        self._runs += 1
        mine = self._runs
        # Whoever is delivering now finds out that it has been replaced.
        self._woken.set()
        while True:
            while not self._up:
                await self._wake()
                if mine != self._runs:
                    return
            self._connected = True
            self._outbox.clear()
            deliver(SwitchConnected(node=self.node, at=self.clock.now(), booted_at=self.booted_at))
            self._enter_those_who_wait()
            try:
                if await self._deliver_all(mine, deliver):
                    deliver(ApplicationReplaced(node=self.node, at=self.clock.now()))
                    return
            finally:
                if mine == self._runs:
                    self._connected = False
                deliver(SwitchLost(node=self.node, at=self.clock.now()))

    async def send(self, command: Command) -> None:
        """Carry out one command. Raises CommandRefused."""
        if not self._up:
            raise CommandRefused("the switch cannot be reached", permanent=False)
        self.faults.check(command)
        self._obeying.obey(command)
        self.sent.append(command)
        self._woken.set()

    async def living(self) -> Living:
        """What exists now. Raises CommandRefused when the switch cannot be asked."""
        if not self._up:
            raise CommandRefused("the switch cannot be reached", permanent=False)
        return Living(
            node=self.node,
            at=self.clock.now(),
            booted_at=self.booted_at,
            legs=tuple(leg.as_living() for leg in self.legs.values()),
            bridges={bridge_id: tuple(leg_ids) for bridge_id, leg_ids in self.bridges.items()},
            recordings=frozenset(self.tracks),
            phones=dict.fromkeys(self.phones, True),
        )

    async def past(self, since: datetime) -> tuple[PastLeg, ...]:
        """Legs that began or ended at or after `since`, out of the switch's own log, oldest first."""
        known = sorted([*self._past, *self.legs.values()], key=lambda leg: leg.began_at)
        return tuple(
            leg.as_past() for leg in known if max(leg.began_at, leg.ended_at or leg.began_at) >= since
        )

    # --------------------------------------------------------------------------- people at the far ends

    def call(
        self,
        called: str,
        caller: str = "0901234567",
        *,
        trunk: str = "line-a",
        purpose: str = "in",
        presentation: str = "allowed_not_screened",
        headers: Mapping[str, str] | None = None,
        script: CallerScript | None = None,
    ) -> str:
        """Somebody calls; gives the id of their leg."""
        leg_id = f"{self.node}-{self.booted_at.timestamp():.0f}.{next(self._numbers)}"
        at = self.clock.now()
        arrival = CallArrived(
            node=self.node,
            at=at,
            leg_id=leg_id,
            trunk=trunk,
            called_raw=called,
            caller_raw=caller,
            presentation=presentation,
            purpose=purpose,
            headers=dict(headers or {}),
        )
        leg = SimulatedLeg(leg_id, at, arrival=arrival, caller=script or CallerScript())
        self.legs[leg_id] = leg
        self._be_patient(leg)
        if self._connected:
            self._enter(leg)
        else:
            leg.timers.append(self.clock.later(self._controller_wait_s, lambda: self._emergency(leg)))
        return leg_id

    def press(self, leg_id: str, keys: str) -> None:
        """Somebody presses keys; nothing happens on a leg that is not answered or not ours."""
        leg = self.legs.get(leg_id)
        for key in keys:
            if leg is not None and leg.entered and leg.answered_at is not None:
                self.emit(KeyPressed(node=self.node, at=self.clock.now(), leg_id=leg_id, key=key))

    def hang_up(self, leg_id: str, cause: int = _NORMAL) -> None:
        """The far end of a leg hangs up."""
        leg = self.legs.get(leg_id)
        if leg is not None:
            self.end(leg, cause, by_us=False)

    def register(self, endpoint: str, script: PhoneScript | None = None) -> None:
        """A phone comes, or its person changes what they do."""
        known = endpoint in self.phones
        self.phones[endpoint] = script or PhoneScript()
        if not known:
            self.emit(PhoneReachable(node=self.node, at=self.clock.now(), endpoint=endpoint, reachable=True))

    def unregister(self, endpoint: str) -> None:
        """A phone goes."""
        if self.phones.pop(endpoint, None) is not None:
            self.emit(PhoneReachable(node=self.node, at=self.clock.now(), endpoint=endpoint, reachable=False))

    def hears(self, leg_id: str) -> tuple[str, ...]:
        """What a leg hears now: `ringing`, `music:CLASS`, `file:PATH`, `voice:LEG`; empty is silence."""
        leg = self.legs.get(leg_id)
        if leg is None:
            return ()
        if leg.released_to:
            return (f"file:{leg.released_to}",)
        if leg.playing:
            return (f"file:{leg.playing[0].files[0]}",)
        if leg.music:
            return (f"music:{leg.music}",)
        others = [other for other in self.bridges.get(leg.bridge_id, []) if other != leg_id]
        if others:
            return tuple(f"voice:{other}" for other in others if self.legs[other].is_heard)
        return ("ringing",) if leg.ringing and leg.answered_at is None else ()

    # ---------------------------------------------------------------------------------------- disasters

    def disconnect(self) -> None:
        """The connection is lost; calls go on, and what happens now is never told."""
        self._up = self._connected = False
        self._outbox.clear()
        self._woken.set()

    def reconnect(self) -> None:
        """The switch can be reached again."""
        self._up = True
        self._woken.set()

    def restart(self) -> None:
        """The switch's process dies with all its calls, and starts anew; nothing of it is told."""
        self.disconnect()
        for leg in list(self.legs.values()):
            self._forget(leg)
        self.legs.clear()
        self.bridges.clear()
        self.tracks.clear()
        self.booted_at = self.clock.now()

    # ------------------------------------------------------------------------- for those who carry out

    def emit(self, event: Event) -> None:
        """Tell an event, unless nobody listens or a fault has it otherwise."""
        if self._connected:
            self._outbox.extend([event] * self.faults.deliveries(event))
            self._woken.set()

    def answer(self, leg: SimulatedLeg) -> None:
        """A leg is answered, by us or by its far end."""
        if leg.answered_at is not None:
            return
        leg.answered_at = self.clock.now()
        self.emit(LegAnswered(node=self.node, at=leg.answered_at, leg_id=leg.leg_id))
        for after_s, key in leg.caller.keys if leg.caller else ():
            timer = self.clock.later(after_s, lambda key=key: self.press(leg.leg_id, key))  # type: ignore[misc]
            leg.timers.append(timer)
        if leg.phone is not None:
            leg.entered = True
            self.emit(LegEntered(node=self.node, at=leg.answered_at, leg_id=leg.leg_id))
            if leg.phone.hangs_up_after_s is not None:
                end = lambda: self.end(leg, _NORMAL, by_us=False)  # noqa: E731
                leg.timers.append(self.clock.later(leg.phone.hangs_up_after_s, end))

    def ring(self, leg: SimulatedLeg, script: PhoneScript, timeout_s: float) -> None:
        """A leg that we dialled begins to ring at its phone."""
        leg.phone = script
        self.legs[leg.leg_id] = leg
        if script.rings or script.sounds_early:
            leg.ringing, at, sound = True, self.clock.now(), script.sounds_early
            self.emit(LegRinging(node=self.node, at=at, leg_id=leg.leg_id, sound=sound))
        if script.answers_after_s is not None:
            leg.timers.append(self.clock.later(script.answers_after_s, lambda: self.answer(leg)))
        if script.refuses_after_s is not None:
            refuse = lambda: self.end(leg, script.refuses_with, by_us=False)  # noqa: E731
            leg.timers.append(self.clock.later(script.refuses_after_s, refuse))
        leg.timers.append(self.clock.later(timeout_s, lambda: self._ring_out(leg)))

    def end(self, leg: SimulatedLeg, cause: int, *, by_us: bool) -> None:
        """A leg ends: its sounds, its tracks and its place in a bridge with it."""
        if not leg.living or self.legs.get(leg.leg_id) is not leg:
            return
        self._obeying.silence(leg)
        self._obeying.take_out(leg)
        self._forget(leg, cause)
        del self.legs[leg.leg_id]
        for track in [t for t in self.tracks.values() if t.leg_id == leg.leg_id]:
            self.end_track(track)
        if leg.entered or leg.arrival is None:
            gone = LegGone(node=self.node, at=self.clock.now(), leg_id=leg.leg_id, cause=cause, by_us=by_us)
            self.emit(gone)

    def end_track(self, track: tracks.Track) -> None:
        """Both sides of a recording end."""
        del self.tracks[track.recording_id]
        for side in Side:
            at, folder = self.clock.now(), self._recordings
            self.emit(tracks.ended(track, side, node=self.node, at=at, folder=folder))

    def company_changed(self, bridge_id: str) -> None:
        """Callers of a bridge have somebody to talk to, or have nobody any more."""
        leg_ids = self.bridges.get(bridge_id, [])
        for leg_id in leg_ids:
            leg = self.legs[leg_id]
            if len(leg_ids) > 1:
                self._talk(leg)
            else:
                self._be_patient(leg)

    # ------------------------------------------------------------------------------------------ inside

    async def _wake(self) -> None:
        await self._woken.wait()
        self._woken.clear()

    async def _deliver_all(self, mine: int, deliver: Deliver) -> bool:
        """Deliver until the connection is lost (False) or another took our place (True)."""
        while True:
            if mine != self._runs:
                self._woken.set()
                return True
            if not self._up or not self._connected:
                return False
            while self._outbox:
                deliver(self._outbox.popleft())
            await self._wake()

    def _enter_those_who_wait(self) -> None:
        for leg in list(self.legs.values()):
            if leg.arrival is not None and not leg.entered and not leg.released_to:
                self._enter(leg)

    def _enter(self, leg: SimulatedLeg) -> None:
        leg.entered = True
        if leg.arrival is not None:
            self.emit(replace(leg.arrival, at=self.clock.now()))

    def _emergency(self, leg: SimulatedLeg) -> None:
        if leg.living and not leg.entered:
            self.release(leg, "emergency")

    def release(self, leg: SimulatedLeg, place: str) -> None:
        """A leg that came in goes to a place of the dialplan: a message there, and its end."""
        leg.entered, leg.released_to = False, place
        leg.answered_at = leg.answered_at or self.clock.now()
        end = lambda: self.end(leg, _TEMPORARY_FAILURE, by_us=False)  # noqa: E731
        leg.timers.append(self.clock.later(_EMERGENCY_MESSAGE_S, end))

    def _ring_out(self, leg: SimulatedLeg) -> None:
        if leg.answered_at is None:
            self.end(leg, NO_ANSWER, by_us=False)

    def _be_patient(self, leg: SimulatedLeg) -> None:
        if leg.talk is not None:
            leg.talk.cancel()
        if leg.caller is None or leg.caller.gives_up_after_s is None:
            return
        if leg.patience is not None:
            leg.patience.cancel()
        give_up = lambda: self.end(leg, _NORMAL, by_us=False)  # noqa: E731
        leg.patience = self.clock.later(leg.caller.gives_up_after_s, give_up)

    def _talk(self, leg: SimulatedLeg) -> None:
        if leg.patience is not None:
            leg.patience.cancel()
        talking = leg.talk is not None and not leg.talk.cancelled
        if leg.caller is not None and leg.caller.talks_s is not None and not talking:
            leg.talk = self.clock.later(leg.caller.talks_s, lambda: self.end(leg, _NORMAL, by_us=False))

    def _forget(self, leg: SimulatedLeg, cause: int = 0) -> None:
        leg.ended_at, leg.cause = self.clock.now(), cause
        for timer in [*leg.timers, leg.patience, leg.talk]:
            if timer is not None:
                timer.cancel()
        self._past.append(leg)
