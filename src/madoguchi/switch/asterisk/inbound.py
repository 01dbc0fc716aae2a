"""Frames → events, with what only the adapter knows added: by whom a leg ended, whether a sound was cut."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace

import structlog

from madoguchi.switch.asterisk.echo import Echo
from madoguchi.switch.asterisk.events import (
    Echoed,
    HangUpBegan,
    HelperEntered,
    HelperGone,
    NotUnderstood,
    Parsed,
    Placed,
    SeenGone,
    Unsupported,
    parse,
)
from madoguchi.switch.asterisk.legs import Legs
from madoguchi.switch.asterisk.recording import Recorder
from madoguchi.switch.port import (
    CallArrived,
    Event,
    LegEntered,
    LegGone,
    LegRinging,
    PhoneReachable,
    PlaybackEnded,
    RecordingBegan,
    RecordingEnded,
)

log = structlog.get_logger(__name__)
_KEPT = 100
_NORMAL = 16


class Inbox:
    """Understands the frames of one switch, one after another."""

    def __init__(self, node: str, legs: Legs, recorder: Recorder, echo: Echo) -> None:
        self.unsupported: Counter[str] = Counter()
        """How many frames of each kind were not needed."""
        self.not_understood: deque[NotUnderstood] = deque(maxlen=_KEPT)
        """The last frames that could not be read."""
        self.not_understood_count = 0
        self._node = node
        self._legs = legs
        self._recorder = recorder
        self._echo = echo
        self._reachable: dict[str, bool] = {}

    def take(self, frame: str | bytes) -> Event | None:
        """The event that a frame means, None when it means nothing to the outside."""
        return self._complete(parse(frame, node=self._node))

    def forget_all(self) -> None:
        """After a loss of the connection: phones may have come and gone unseen."""
        self._reachable.clear()

    def _complete(self, parsed: Parsed) -> Event | None:
        match parsed:
            case Unsupported():
                self.unsupported[parsed.kind] += 1
            case NotUnderstood():
                self._keep(parsed)
            case Placed():
                memory = self._legs.find(parsed.leg_id)
                if memory is not None and memory.placed is not None and not memory.placed.done():
                    memory.placed.set_result(None)
            case SeenGone():
                memory = self._legs.find(parsed.gone.leg_id)
                if memory is not None and memory.seen_gone is not None and not memory.seen_gone.done():
                    memory.seen_gone.set_result(parsed.gone)
            case Echoed():
                self._echo.came_back(parsed.word, parsed.application)
            case HelperEntered():
                self._recorder.entered(parsed.channel_id)
            case HelperGone():
                self._recorder.gone(parsed.channel_id)
            case HangUpBegan():
                memory = self._legs.find(parsed.leg_id)
                if memory is not None:
                    memory.ending = True
                    if not memory.ended_by_us:
                        memory.cause = parsed.cause or memory.cause
            case PhoneReachable():
                return self._changed(parsed)
            case RecordingBegan() | RecordingEnded():
                return self._recorder.reported(parsed)
            case _:
                return self._of_leg(parsed)
        return None

    def _of_leg(self, event: Event) -> Event | None:
        match event:
            case CallArrived():
                self._legs.begin(event.leg_id)
            case LegEntered():
                self._legs.begin(event.leg_id).awaited = False
            case LegRinging():
                memory = self._legs.find(event.leg_id)
                if memory is not None:
                    # A line may say 183 and 180, or 180 twice.
                    if memory.ringing and (memory.sounded or not event.sound):
                        return None
                    memory.ringing, memory.sounded = True, memory.sounded or event.sound
            case LegGone():
                return self.ended(event)
            case PlaybackEnded():
                return self._played(event)
        return event

    def ended(self, event: LegGone) -> LegGone | None:
        """The end of a leg with all that is remembered of it; None when it is none for the outside."""
        memory = self._legs.end(event.leg_id)
        if memory is None:
            return replace(event, cause=event.cause or _NORMAL)
        if memory.released:
            return None
        # A BYE or CANCEL that names no cause is normal clearing (RFC 3398, section 7.2.3 and 8.2.6).
        cause = event.cause or memory.cause or _NORMAL
        return replace(event, cause=cause, by_us=memory.ended_by_us)

    def _played(self, event: PlaybackEnded) -> PlaybackEnded:
        # Asterisk says "done" of a playback that was stopped or cut by a hang-up, too.
        memory = self._legs.find(event.leg_id)
        cut = self._legs.was_stopped(event.playback_id)
        if memory is not None:
            memory.playbacks.discard(event.playback_id)
            cut = cut or memory.ending
        return replace(event, complete=event.complete and not cut)

    def _changed(self, event: PhoneReachable) -> Event | None:
        # A device also changes when it rings and talks; only its coming and going is of interest.
        before = self._reachable.get(event.endpoint)
        self._reachable[event.endpoint] = event.reachable
        return event if event.reachable != before else None

    def _keep(self, parsed: NotUnderstood) -> None:
        self.not_understood.append(parsed)
        self.not_understood_count += 1
        # The frame may hold numbers and names, hence only its reason is logged.
        log.error("A frame of the switch was not understood.", node=self._node, reason=parsed.reason)
