"""The telephone switch in our words: what it tells us (events), what we ask of it (commands).

Two adapters speak this: `switch.asterisk` (the real one, over ARI) and `switch.simulated` (in memory,
with a clock of its own). The same contract tests hold both. Nothing here knows of queues or people.

A *leg* is one channel of the switch. The id of one that comes in is the switch's own; ids of legs we dial, of
bridges, playbacks and recordings are ours before we ask for them: an event always finds its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Side(StrEnum):
    """Which voice of a leg: what it says, or what it hears."""

    SPOKEN = "spoken"
    HEARD = "heard"


# ---------------------------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at the switch."""

    node: str
    at: datetime
    """When the switch says it happened (aware, UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEvent(Event):
    """An event of one leg."""

    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArrived(LegEvent):
    """A leg that we did not dial entered the application and waits for us, unanswered.

    Texts are as received: any bytes that a stranger may put into a SIP header, decoded with
    replacement and cut at 256 characters.
    """

    trunk: str
    """Name of the switch's endpoint that it came in by."""
    called_raw: str
    caller_raw: str
    caller_name: str = ""
    presentation: str = ""
    """The switch's word for whether the number may be shown, e.g. `allowed_not_screened`, `prohib`."""
    purpose: str = ""
    """First argument of the dialplan's Stasis(): `in` (trunk), `desk` (an operator's phone dials), …"""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEntered(LegEvent):
    """A leg that we dialled is under our command (it was answered, or it is a snoop of ours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRinging(LegEvent):
    """The far end of a leg that we dialled rings; told again when sound of its own begins (183)."""

    sound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered(LegEvent):
    """The far end of a leg that we dialled answered, or our own answer took effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegGone(LegEvent):
    """A leg ended, by whichever side. `cause` is the ITU-T Q.850 code, 0 when unknown."""

    cause: int
    by_us: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed(LegEvent):
    """A key of the telephone: 0–9, *, #, A–D."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackEnded(LegEvent):
    """A playback came to its end (`complete`) or was stopped or failed."""

    playback_id: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingBegan(Event):
    """One track of a recording is being written."""

    recording_id: str
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEnded(Event):
    """One track of a recording is complete on the node's disk, or failed with a reason."""

    recording_id: str
    side: Side
    path: str
    duration_s: float
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneReachable(Event):
    """A registered phone came or went. `endpoint` is the name we configured."""

    endpoint: str
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchConnected(Event):
    """Commands can be sent and events come. What happened before must be compared (`living`)."""

    booted_at: datetime
    """When this switch process started: another time than last means that all its calls are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchLost(Event):
    """The connection ended; calls may well go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReplaced(Event):
    """Another controller took our place at this switch: we must stop."""


# -------------------------------------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something we ask of the switch. Idempotent unless it says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRinging(Command):
    """Let the calling side hear ringing."""

    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRinging(Command):
    """End the ringing that `ShowRinging` began; none is no error."""

    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Command):
    """Answer a leg that came in. Confirmed by `LegAnswered`."""

    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(Command):
    """Play audio files one after another. Ends with `PlaybackEnded`.

    `files` are absolute paths without extension: the switch chooses the format. Ends the leg's music first.
    """

    leg_id: str
    playback_id: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPlayback(Command):
    """End a playback; one that has ended already is no error."""

    playback_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMusic(Command):
    """Play music to a leg until stopped. `music` is a class of the switch's configuration."""

    leg_id: str
    music: str = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMusic(Command):
    """End the music of a leg."""

    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial(Command):
    """Make a new leg and let it ring. NOT idempotent: a used leg id rings again once its leg is gone.

    `address` is `phone:ENDPOINT` (a registered phone) or `trunk:NAME:NUMBER` (out to the world).
    Confirmed by `LegRinging`, `LegAnswered` + `LegEntered`, or `LegGone` with the cause.
    """

    leg_id: str
    address: str
    caller_number: str = ""
    caller_name: str = ""
    timeout_s: int = 60
    headers: Mapping[str, str] = field(default_factory=dict)
    """Additional SIP headers, `X-Madoguchi-…` only."""
    call_id: str = ""
    """Kept as a variable of the leg, so that a restarted controller can find the call again."""
    early: bool = False
    """It may be joined before it is answered; what its network says is heard then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Command):
    """End a leg; one that is gone already is no error. `cause` is a Q.850 code."""

    leg_id: str
    cause: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Command):
    """Put legs into a bridge so that they hear each other; makes the bridge when it is not there.

    Music and playbacks on the joined legs end. A leg that is in another bridge moves.
    """

    bridge_id: str
    leg_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Command):
    """Take a leg out of a bridge; it stays up and under our command."""

    bridge_id: str
    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissolve(Command):
    """End a bridge; its legs stay up. A bridge that is not there is no error."""

    bridge_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(Command):
    """Silence what a leg says (`on`), or let it be heard again."""

    leg_id: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendKeys(Command):
    """Send keys to the far end of a leg (RFC 4733)."""

    leg_id: str
    keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Command):
    """Record a leg on two tracks, what it says and what it hears, from now until it ends or is stopped.

    Confirmed by `RecordingBegan` for each side; each side ends with `RecordingEnded`.
    """

    recording_id: str
    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteRecording(Command):
    """Write silence instead of voice (pause of a recording keeps its time true), or voice again."""

    recording_id: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecording(Command):
    """End both tracks; a recording that has ended already is no error."""

    recording_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Command):
    """Give a leg that came in back to the dialplan at `place` (e.g. `emergency`): it is no longer ours."""

    leg_id: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Command):
    """Write our id of the call onto a leg that came in, so that `Living` can tell whose it is."""

    leg_id: str
    call_id: str


class CommandRefused(Exception):
    """Not done. `permanent`: asking again is useless; `gone`: the leg is not at the switch (any more)."""

    def __init__(self, reason: str, *, permanent: bool, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.gone = gone


# ------------------------------------------------------------------------------------ what is so, and was


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingLeg:
    """A leg that exists at the switch now."""

    leg_id: str
    call_id: str
    """Our variable on the leg; empty on a leg that came in and was never handled."""
    answered: bool
    created_at: datetime
    arrival: CallArrived | None = None
    """For a leg that came in: its arrival as it would have been reported."""
    ours: bool = True
    """Whether it is under our application's command (a waiting arrival in the dialplan is not yet)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """A snapshot of everything that exists at one switch."""

    node: str
    at: datetime
    booted_at: datetime
    legs: tuple[LivingLeg, ...] = ()
    bridges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Bridge id → ids of the legs in it."""
    recordings: frozenset[str] = frozenset()
    """Recording ids of which at least one track is being written."""
    phones: Mapping[str, bool] = field(default_factory=dict)
    """Endpoint → whether a phone is registered there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLeg:
    """What the switch's own event log tells of one leg that came in or was dialled, after the fact."""

    leg_id: str
    arrival: CallArrived | None
    """None for a leg that we dialled."""
    began_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: int
    released_to: str = ""
    """The dialplan place it ended in, e.g. `emergency`; empty when it never left us."""


class Switch(Protocol):
    """One node. All times it reports are aware UTC."""

    node: str

    async def run(self, deliver: Callable[[Event], None]) -> None:
        """Connect, and again after each loss, delivering events in order, until cancelled."""

    async def send(self, command: Command) -> None:
        """Carry out one command. Raises `CommandRefused`."""

    async def living(self) -> Living:
        """What exists now. Raises `CommandRefused` when the switch cannot be asked."""

    async def past(self, since: datetime) -> tuple[PastLeg, ...]:
        """Legs that began or ended at or after `since`, out of the switch's own log, oldest first."""
