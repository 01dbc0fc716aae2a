"""ARI frames → our events: the wall on Asterisk's side.

Three kinds of frame are told apart: those that mean something to us (an event of the port, or news for the
adapter alone), those that are known and mean nothing here (`Unsupported`), and those that we cannot
read (`NotUnderstood`, an error: the frame is kept). No bytes whatever make `parse` raise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madoguchi.switch.asterisk.arrival import arrived, decode
from madoguchi.switch.asterisk.dialplan import DIALLED, EARLY
from madoguchi.switch.port import (
    ApplicationReplaced,
    Event,
    KeyPressed,
    LegAnswered,
    LegEntered,
    LegGone,
    LegRinging,
    PhoneReachable,
    PlaybackEnded,
    RecordingBegan,
    RecordingEnded,
    Side,
)

ECHO = "ChannelUserevent"
"""The type of what Asterisk tells us at our own wish."""
WATCHING = "-phones"
"""What the name of the application ends in that hears of all telephones."""
GONE = "ChannelDestroyed"
HELPER = "helper"
"""First argument of Stasis for a snoop of ours; `DIALLED` for a leg that we dialled."""
# Channels of Asterisk's own making that are nobody's leg.
_NOBODY = ("Snoop/", "Announcer/", "Recorder/", "Message/", "Local/", "UnicastRTP/", "WebSocket/")
_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A frame that we know and do not need."""

    kind: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A frame that we cannot read; `frame` is its beginning."""

    reason: str
    frame: str


@dataclass(frozen=True, slots=True)
class HelperEntered:
    """A snoop of ours can be recorded now."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class HelperGone:
    """A snoop of ours ended."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class HangUpBegan:
    """A leg is about to end; playbacks that end from here on were cut."""

    leg_id: str
    cause: int
    """0 when the far side gave none."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A leg that we made is ours, unanswered, and can be let ring."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class SeenGone:
    """The end of a leg, told to the application that watches all telephones: also of one not followed yet."""

    gone: LegGone


@dataclass(frozen=True, slots=True)
class Echoed:
    """What we asked to be told came back: events of this application reach us (`echo`)."""

    word: str
    application: str


Parsed = (
    Event
    | Placed
    | SeenGone
    | Echoed
    | HelperEntered
    | HelperGone
    | HangUpBegan
    | Unsupported
    | NotUnderstood
)


def parse(frame: str | bytes, *, node: str) -> Parsed:
    """Understand one frame. `RecordingEnded.path` is the recording's name, which the adapter completes."""
    try:
        message = json.loads(frame)
        kind = message["type"]
        read = _READERS.get(kind)
        if read is None:
            return Unsupported(kind) if kind in _UNNEEDED else _unknown(f"unknown type {kind!r}", frame)
        return read(message, node, datetime.fromisoformat(message["timestamp"]))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        return _unknown(f"{type(error).__name__}: {error}", frame)


def track_name(recording_id: str, side: Side) -> str:
    """Name of one track at Asterisk, also of its file."""
    return f"{recording_id}.{side}"


def track_of(name: str) -> tuple[str, Side]:
    """Recording and side of a track's name. Raises ValueError when it is none of ours."""
    recording_id, dot, side = name.rpartition(".")
    if not dot:
        raise ValueError(f"{name} is no track")
    return recording_id, Side(side)


def came_in(leg_id: str, node: str) -> bool:
    """Whether a leg was made by the switch: its ids begin with the node's name, ours never do."""
    return leg_id.startswith(f"{node}-")


def is_nobody(channel_name: str) -> bool:
    """Whether a channel is Asterisk's own and no leg."""
    return channel_name.startswith(_NOBODY)


def _unknown(reason: str, frame: str | bytes) -> NotUnderstood:
    text = frame.decode("utf-8", "replace") if isinstance(frame, bytes) else frame
    return NotUnderstood(reason[:_KEPT], text[:_KEPT])


_Message = Mapping[str, Any]


def _stasis_start(message: _Message, node: str, at: datetime) -> Parsed:
    channel, args = message["channel"], message["args"]
    if is_nobody(channel["name"]):
        return HelperEntered(channel["id"])
    if args and args[0] == EARLY:
        return Placed(channel["id"])
    if args and args[0] == DIALLED:
        return LegEntered(node=node, at=at, leg_id=channel["id"])
    return arrived(channel, decode(args[1] if len(args) > 1 else ""), node=node, at=at)


def _state_change(message: _Message, node: str, at: datetime) -> Parsed:
    channel = message["channel"]
    if not is_nobody(channel["name"]):
        if channel["state"] == "Up":
            return LegAnswered(node=node, at=at, leg_id=channel["id"])
        if channel["state"] == "Ringing":
            return LegRinging(node=node, at=at, leg_id=channel["id"])
    return Unsupported("ChannelStateChange")


def _dial(message: _Message, node: str, at: datetime) -> Parsed:
    # A line that answers 183 sends its own ringing tone: for us that is ringing too.
    peer = message["peer"]
    if message["dialstatus"] == "PROGRESS":
        return LegRinging(node=node, at=at, leg_id=peer["id"], sound=True)
    # One that was ours before its answer enters no more: it is under our command from its answer on.
    if message["dialstatus"] == "ANSWER" and _is_early(peer):
        return LegEntered(node=node, at=at, leg_id=peer["id"])
    return Unsupported("Dial")


def _is_early(channel: _Message) -> bool:
    dialplan = channel["dialplan"]
    words: list[str] = dialplan["app_data"].split(",")
    return dialplan["app_name"] == "Stasis" and words[1:2] == [EARLY]


def _stasis_end(message: _Message, node: str, at: datetime) -> Parsed:
    # Asterisk tells us of a leg that came in only while it is in our application: this is its end for us.
    channel = message["channel"]
    if is_nobody(channel["name"]):
        return HelperGone(channel["id"])
    if not came_in(channel["id"], node):
        return Unsupported("StasisEnd")
    return LegGone(node=node, at=at, leg_id=channel["id"], cause=0)


def _destroyed(message: _Message, node: str, at: datetime) -> Parsed:
    channel = message["channel"]
    if is_nobody(channel["name"]):
        return HelperGone(channel["id"])
    if came_in(channel["id"], node):
        return Unsupported("ChannelDestroyed")
    gone = LegGone(node=node, at=at, leg_id=channel["id"], cause=int(message["cause"]))
    return SeenGone(gone) if str(message.get("application", "")).endswith(WATCHING) else gone


def _hangup_request(message: _Message, node: str, at: datetime) -> Parsed:
    return HangUpBegan(message["channel"]["id"], int(message.get("cause", 0)))


def _key(message: _Message, node: str, at: datetime) -> Parsed:
    key = message["digit"]
    if len(key) != 1 or key not in "0123456789*#ABCD":
        raise ValueError(f"{key!r} is no key")
    return KeyPressed(node=node, at=at, leg_id=message["channel"]["id"], key=key)


def _playback_finished(message: _Message, node: str, at: datetime) -> Parsed:
    playback = message["playback"]
    kind, _, leg_id = playback["target_uri"].partition(":")
    if kind != "channel":
        return Unsupported("PlaybackFinished")
    complete = playback["state"] == "done"
    return PlaybackEnded(node=node, at=at, leg_id=leg_id, playback_id=playback["id"], complete=complete)


def _recording_started(message: _Message, node: str, at: datetime) -> Parsed:
    recording_id, side = track_of(message["recording"]["name"])
    return RecordingBegan(node=node, at=at, recording_id=recording_id, side=side)


def _recording_finished(message: _Message, node: str, at: datetime) -> Parsed:
    recording = message["recording"]
    recording_id, side = track_of(recording["name"])
    return RecordingEnded(
        node=node,
        at=at,
        recording_id=recording_id,
        side=side,
        path=f"{recording['name']}.{recording['format']}",
        duration_s=float(recording.get("duration", 0)),
        failure=_failure(message["type"], recording),
    )


def _failure(kind: str, recording: _Message) -> str:
    return str(recording.get("cause") or "failed") if kind == "RecordingFailed" else ""


def _endpoint(message: _Message, node: str, at: datetime) -> Parsed:
    endpoint = message["endpoint"]
    if endpoint["technology"] != "PJSIP":
        return Unsupported("EndpointStateChange")
    reachable = endpoint["state"] == "online"
    return PhoneReachable(node=node, at=at, endpoint=endpoint["resource"], reachable=reachable)


def _user_event(message: _Message, node: str, at: datetime) -> Parsed:
    return Echoed(message["eventname"], message["application"])


def _replaced(message: _Message, node: str, at: datetime) -> Parsed:
    return ApplicationReplaced(node=node, at=at)


_READERS: Mapping[str, Callable[[_Message, str, datetime], Parsed]] = {
    "StasisStart": _stasis_start,
    "StasisEnd": _stasis_end,
    "ChannelStateChange": _state_change,
    "Dial": _dial,
    GONE: _destroyed,
    "ChannelHangupRequest": _hangup_request,
    "ChannelDtmfReceived": _key,
    "PlaybackFinished": _playback_finished,
    "RecordingStarted": _recording_started,
    "RecordingFinished": _recording_finished,
    "RecordingFailed": _recording_finished,
    "EndpointStateChange": _endpoint,
    "ApplicationReplaced": _replaced,
    ECHO: _user_event,
}

NOISE = (
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelCreated",
    "ChannelDialplan",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
    "ChannelVarset",
    "BridgeCreated",
    "BridgeDestroyed",
    "BridgeMerged",
    "PeerStatusChange",
    "PlaybackStarted",
    "PlaybackContinuing",
)
"""Types that Asterisk is asked not to send at all."""

_UNNEEDED = frozenset(NOISE) | {
    "ApplicationMoveFailed",
    "ApplicationRegistered",
    "ApplicationUnregistered",
    "BridgeAttendedTransfer",
    "BridgeBlindTransfer",
    "BridgeVideoSourceChanged",
    "CallBroadcast",
    "CallClaimed",
    "ContactStatusChange",
    "ChannelHold",
    "ChannelTalkingFinished",
    "ChannelTalkingStarted",
    "ChannelToneDetected",
    "ChannelTransfer",
    "ChannelUnhold",
    "TextMessageReceived",
}
