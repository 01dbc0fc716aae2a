"""Frames of ARI: what is known is understood, what is not is kept, and nothing makes the reader fall."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.switch.asterisk.events import (
    _READERS,
    HangUpBegan,
    HelperEntered,
    HelperGone,
    NotUnderstood,
    Unsupported,
    parse,
)
from madoguchi.switch.port import (
    CallArrived,
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

pytestmark = pytest.mark.pure


def channel(leg_id: str = "node-1-1.0", *, name: str = "PJSIP/line-a-00000001", state: str = "Ring") -> Any:
    return {
        "id": leg_id,
        "name": name,
        "state": state,
        "caller": {"name": "山田", "number": "0901234567"},
        "dialplan": {"exten": "0312345678", "context": "from-trunk", "app_name": "Stasis", "app_data": ""},
    }


def frame(kind: str, **facts: Any) -> str:
    return json.dumps({"type": kind, "timestamp": "2026-11-21T21:24:22.027+0000", **facts})


def read(kind: str, **facts: Any) -> Any:
    return parse(frame(kind, **facts), node="node-1")


def test_a_call_that_comes_in_brings_its_facts() -> None:
    facts = "purpose=in&presentation=prohib&From=%22A%2CB%22%20%3Csip%3A%EF%BC%91%3E&Privacy="
    arrived = read("StasisStart", channel=channel(), args=["in", facts])

    assert isinstance(arrived, CallArrived)
    assert (arrived.trunk, arrived.called_raw, arrived.caller_raw) == ("line-a", "0312345678", "0901234567")
    assert (arrived.purpose, arrived.presentation) == ("in", "prohib")
    assert arrived.headers == {"From": '"A,B" <sip:１>'}
    assert arrived.at.isoformat() == "2026-11-21T21:24:22.027000+00:00"


@pytest.mark.parametrize(
    ("privacy", "presentation"),
    [("id", "prohib"), ("user%3B%20ID%3Bcritical", "prohib"), ("none", "allowed"), ("identity", "allowed")],
)
def test_a_caller_who_asks_for_privacy_is_hidden_also_without_an_asserted_identity(
    privacy: str, presentation: str
) -> None:
    facts = f"purpose=in&presentation=allowed&From=%3Csip%3A0901234567%40a%3E&Privacy={privacy}"
    arrived = read("StasisStart", channel=channel(), args=["in", facts])
    assert isinstance(arrived, CallArrived)
    assert arrived.presentation == presentation


def test_bytes_that_are_no_text_are_replaced_and_cut() -> None:
    facts = "purpose=in&From=" + "%FF%00" * 400
    arrived = read("StasisStart", channel=channel(), args=["in", facts])

    assert isinstance(arrived, CallArrived)
    assert arrived.headers["From"] == "\ufffd" * 256


def test_a_leg_that_we_dialled_enters() -> None:
    entered = read("StasisStart", channel=channel("leg-1"), args=["dialled"])
    assert isinstance(entered, LegEntered) and entered.leg_id == "leg-1"


def test_our_snoops_are_nobody() -> None:
    snoop = channel("snoop.r.heard", name="Snoop/leg-1-0001", state="Up")
    assert read("StasisStart", channel=snoop, args=["helper"]) == HelperEntered("snoop.r.heard")
    assert read("StasisEnd", channel=snoop) == HelperGone("snoop.r.heard")
    assert isinstance(read("ChannelStateChange", channel=snoop), Unsupported)


def test_ringing_and_answering() -> None:
    assert isinstance(read("ChannelStateChange", channel=channel("leg-1", state="Ringing")), LegRinging)
    assert isinstance(read("ChannelStateChange", channel=channel("leg-1", state="Up")), LegAnswered)
    assert isinstance(read("Dial", dialstatus="PROGRESS", peer=channel("leg-1")), LegRinging)
    assert isinstance(read("Dial", dialstatus="RINGING", peer=channel("leg-1")), Unsupported)


def test_the_end_of_a_leg_is_told_once() -> None:
    came_in, dialled = channel("node-1-1.0"), channel("leg-1")
    assert isinstance(read("StasisEnd", channel=came_in), LegGone)
    assert isinstance(read("ChannelDestroyed", channel=came_in, cause=16), Unsupported)
    assert isinstance(read("StasisEnd", channel=dialled), Unsupported)
    gone = read("ChannelDestroyed", channel=dialled, cause=17)
    assert isinstance(gone, LegGone) and gone.cause == 17
    assert read("ChannelHangupRequest", channel=came_in) == HangUpBegan("node-1-1.0", 0)


def test_keys() -> None:
    pressed = read("ChannelDtmfReceived", channel=channel(), digit="#")
    assert isinstance(pressed, KeyPressed) and pressed.key == "#"
    assert isinstance(read("ChannelDtmfReceived", channel=channel(), digit="12"), NotUnderstood)


def test_playbacks_and_recordings() -> None:
    played = read("PlaybackFinished", playback={"id": "p", "target_uri": "channel:leg-1", "state": "failed"})
    assert isinstance(played, PlaybackEnded) and not played.complete and played.leg_id == "leg-1"
    track = {"name": "rec.spoken", "format": "wav", "duration": 3}
    began = read("RecordingStarted", recording=track)
    assert isinstance(began, RecordingBegan) and (began.recording_id, began.side) == ("rec", Side.SPOKEN)
    ended = read("RecordingFailed", recording=track | {"cause": "disk full"})
    assert isinstance(ended, RecordingEnded) and ended.failure == "disk full"


def test_a_phone_is_reachable_while_its_endpoint_is_online() -> None:
    def reachable(state: str) -> bool:
        endpoint = {"technology": "PJSIP", "resource": "op-x", "state": state}
        event = read("EndpointStateChange", endpoint=endpoint)
        assert isinstance(event, PhoneReachable) and event.endpoint == "op-x"
        return event.reachable

    assert reachable("online")
    assert not reachable("offline") and not reachable("unknown")


def test_what_is_known_and_what_is_not_are_told_apart() -> None:
    assert read("ChannelVarset") == Unsupported("ChannelVarset")
    unknown = read("ChannelFellOver", why="?")
    assert isinstance(unknown, NotUnderstood) and "ChannelFellOver" in unknown.frame


@pytest.mark.parametrize("kind", sorted(_READERS))
def test_a_frame_without_its_parts_is_kept(kind: str) -> None:
    if kind != "ApplicationReplaced":
        assert isinstance(read(kind), NotUnderstood)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fall(data: bytes) -> None:
    assert isinstance(parse(data, node="node-1"), NotUnderstood)


def test_a_frame_nested_without_end_is_kept() -> None:
    assert isinstance(parse("[" * 200_000, node="node-1"), NotUnderstood)


_keys = st.sampled_from(["channel", "id", "name", "state", "recording", "playback", "cause", "args", "peer"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)


@given(kind=st.sampled_from(sorted(_READERS)), facts=st.dictionaries(_keys, _json, max_size=5))
def test_no_shape_of_a_known_frame_makes_the_reader_fall(kind: str, facts: dict[str, Any]) -> None:
    understood = parse(frame(kind, **facts), node="node-1")
    known = (Event, NotUnderstood, Unsupported, HelperEntered, HelperGone, HangUpBegan)
    assert isinstance(understood, known)
