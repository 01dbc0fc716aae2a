"""Commands of the port → requests of ARI, and refusals back.

What needs one request is a row here; dialling, joining and recording, which need several or their order,
are in the adapter and in `recording`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from madoguchi.switch.asterisk.client import Answer
from madoguchi.switch.asterisk.dialplan import CALL, DIALLED, EARLY, PLACES
from madoguchi.switch.asterisk.events import track_name
from madoguchi.switch.asterisk.view import NAME
from madoguchi.switch.port import (
    Answer as AnswerLeg,
)
from madoguchi.switch.port import (
    Command,
    CommandRefused,
    Dial,
    Dissolve,
    HangUp,
    Leave,
    Mute,
    MuteRecording,
    Play,
    Release,
    SendKeys,
    ShowRinging,
    Side,
    StartMusic,
    StopMusic,
    StopPlayback,
    StopRinging,
    Tag,
)

_GONE = frozenset({404})
_OUTSIDE_NUMBER = re.compile(r"[+0-9*#][0-9*#]{0,31}")
_HEADER = re.compile(r"X-Madoguchi-[A-Za-z0-9-]{1,40}")
_FILE = re.compile(r"/[^\x00-\x1f,&?]+")


@dataclass(frozen=True, slots=True)
class Request:
    """One request; a status in `settled` means that what was wanted is so already."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    settled: frozenset[int] = field(default=frozenset())
    hopeless: frozenset[int] = field(default=frozenset({400, 404}))
    """Statuses after which asking again is useless."""


def requests(command: Command) -> tuple[Request, ...]:
    """What to ask ARI for one simple command. Raises CommandRefused when it can never be carried out."""
    make = _MAKERS.get(type(command))
    if make is None:
        raise CommandRefused(f"{type(command).__name__} is no command of this switch", permanent=True)
    return make(command)


def refusal(request: Request, answer: Answer, *, not_yet: bool = False) -> CommandRefused:
    """Why a request was not carried out. `not_yet`: the leg is ours but has not entered so far."""
    reason = f"{request.method} {request.path}: {answer.status} {answer.message}".strip()
    if answer.status in {409, 412, 422}:
        return CommandRefused(reason, permanent=not not_yet)
    # 401 and 403 are a wrong secret, 5xx and 503 a switch in trouble: both may pass.
    gone = answer.status == 404 and request.path.startswith("/channels/")
    return CommandRefused(reason, permanent=answer.status in request.hopeless, gone=gone)


def leg(leg_id: str) -> str:
    """The path of a leg."""
    return f"/channels/{quote(leg_id, safe='')}"


def bridge(bridge_id: str) -> str:
    """The path of a bridge."""
    return f"/bridges/{quote(bridge_id, safe='')}"


def dial(command: Dial) -> Request:
    """The request that makes a leg ring. Raises CommandRefused for an address that cannot be dialled."""
    params = {
        "endpoint": _endpoint(command.address),
        # Not the application itself: an answered leg would be hung up when nobody is listening just then. The
        # dialplan keeps it.
        "context": DIALLED,
        "extension": "s",
        "priority": "1",
        "timeout": str(command.timeout_s),
    }
    caller = _caller(command)
    if caller:
        params["callerId"] = caller
    return Request(
        "POST",
        leg(command.leg_id),
        params,
        {"variables": _variables(command)},
        # 409: the leg exists already, so this is a repeat.
        settled=frozenset({409}),
        # 500: no phone is registered there, or the line is not configured.
        hopeless=frozenset({400, 404, 500}),
    )


def make(command: Dial, application: str) -> Request:
    """The request that makes a leg of the application's own, which rings only when it is told to (`ring`).

    Such a leg can be joined before it is answered, and no event of it can be missed.
    """
    number, name = _caller_parts(command)
    # What a leg is told of the other side is what it says in From; `i` spares an update to nobody.
    shown = {"CONNECTEDLINE(num,i)": number, "CONNECTEDLINE(name,i)": name}
    return Request(
        "POST",
        "/channels/create",
        {
            "endpoint": _endpoint(command.address),
            "app": application,
            "appArgs": EARLY,
            "channelId": command.leg_id,
        },
        {"variables": _variables(command) | {key: value for key, value in shown.items() if value}},
        settled=frozenset({409}),
        hopeless=frozenset({400, 404, 500}),
    )


def ring(command: Dial) -> Request:
    """The request that lets a leg ring which was made by `make`."""
    # 409: it rings already, so this is a repeat.
    return Request(
        "POST",
        f"{leg(command.leg_id)}/dial",
        {"timeout": str(command.timeout_s)},
        settled=frozenset({409}),
    )


def follow(leg_id: str, application: str) -> Request:
    """The request that lets the application hear of a leg from now on, before it has entered."""
    return Request(
        "POST",
        f"/applications/{quote(application, safe='')}/subscription",
        {"eventSource": f"channel:{leg_id}"},
        # 422: it has ended already.
        hopeless=frozenset({400, 404, 422}),
    )


def _endpoint(address: str) -> str:
    kind, _, rest = address.partition(":")
    if kind == "phone" and NAME.fullmatch(rest):
        return f"PJSIP/{rest}"
    name, _, number = rest.partition(":")
    if kind == "trunk" and NAME.fullmatch(name) and _OUTSIDE_NUMBER.fullmatch(number):
        return f"PJSIP/{number}@{name}"
    raise CommandRefused(f"{address[:80]!r} is no address that can be dialled", permanent=True)


def _header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise CommandRefused(f"the SIP header {name[:60]!r} is not ours to send", permanent=True)
    return name


def _line(text: str) -> str:
    # A line end would begin a header of the text's own choice.
    if not text.isprintable() or len(text) > 512:
        raise CommandRefused("a SIP header's text must be one printable line", permanent=True)
    return text


def _variables(command: Dial) -> dict[str, str]:
    found = {f"PJSIP_HEADER(add,{_header(name)})": _line(text) for name, text in command.headers.items()}
    if command.call_id:
        found[CALL] = command.call_id
    return found


def _caller_parts(command: Dial) -> tuple[str, str]:
    number = command.caller_number
    if number and not _OUTSIDE_NUMBER.fullmatch(number):
        raise CommandRefused(f"{number[:40]!r} is no caller number", permanent=True)
    return number, "".join(c for c in command.caller_name if c.isprintable() and c not in '"<>\\')[:80]


def _caller(command: Dial) -> str:
    number, name = _caller_parts(command)
    if name:
        return f'"{name}" <{number}>'
    return f"<{number}>" if number else ""


def _answer(command: AnswerLeg) -> tuple[Request, ...]:
    return (Request("POST", f"{leg(command.leg_id)}/answer"),)


def _ringing(command: ShowRinging) -> tuple[Request, ...]:
    return (Request("POST", f"{leg(command.leg_id)}/ring"),)


def _stop_ringing(command: StopRinging) -> tuple[Request, ...]:
    return (Request("DELETE", f"{leg(command.leg_id)}/ring"),)


def _play(command: Play) -> tuple[Request, ...]:
    media = [_medium(name) for name in command.files]
    if not media:
        raise CommandRefused("nothing to play", permanent=True)
    path = f"{leg(command.leg_id)}/play/{quote(command.playback_id, safe='')}"
    return (Request("POST", path, None, {"media": media}),)


def _medium(name: str) -> str:
    # Asterisk's own `tone:` is not among them: while it plays one, a recording has silence for the voice of
    # the leg that hears it (tried: 22.10); with files, music and ringing it has not.
    if _FILE.fullmatch(name) and "/../" not in name:
        return f"sound:{name}"
    raise CommandRefused(f"{name[:80]!r} is no absolute path", permanent=True)


def stop_playback(playback_id: str) -> Request:
    """End one playback."""
    return Request("DELETE", f"/playbacks/{quote(playback_id, safe='')}", settled=_GONE)


def stop_music(leg_id: str) -> Request:
    """End a leg's music."""
    return Request("DELETE", f"{leg(leg_id)}/moh", settled=frozenset({404, 409, 412}))


def _start_music(command: StartMusic) -> tuple[Request, ...]:
    return (Request("POST", f"{leg(command.leg_id)}/moh", {"mohClass": command.music}),)


def hang_up(leg_id: str, cause: int) -> Request:
    """End a leg."""
    return Request("DELETE", leg(leg_id), {"reason_code": str(cause)}, settled=_GONE)


def _leave(command: Leave) -> tuple[Request, ...]:
    # 400: no such leg; 422: it is not in there. Both are what was wanted.
    params = {"channel": command.leg_id}
    path = f"{bridge(command.bridge_id)}/removeChannel"
    return (Request("POST", path, params, settled=frozenset({400, 404, 409, 422})),)


def _dissolve(command: Dissolve) -> tuple[Request, ...]:
    # 409: the switch is taking it down itself at this moment.
    return (Request("DELETE", bridge(command.bridge_id), settled=_GONE | {409}),)


def _mute(command: Mute) -> tuple[Request, ...]:
    return (Request("POST" if command.on else "DELETE", f"{leg(command.leg_id)}/mute", {"direction": "in"}),)


def _send_keys(command: SendKeys) -> tuple[Request, ...]:
    if not re.fullmatch(r"[0-9*#A-D]{1,64}", command.keys):
        raise CommandRefused(f"{command.keys[:40]!r} are no keys", permanent=True)
    return (Request("POST", f"{leg(command.leg_id)}/dtmf", {"dtmf": command.keys}),)


def _mute_recording(command: MuteRecording) -> tuple[Request, ...]:
    method = "POST" if command.on else "DELETE"
    names = (quote(track_name(command.recording_id, side), safe="") for side in Side)
    return tuple(Request(method, f"/recordings/live/{name}/mute") for name in names)


def _release(command: Release) -> tuple[Request, ...]:
    if command.place not in PLACES:
        raise CommandRefused(f"there is no place {command.place[:40]!r}", permanent=True)
    params = {"context": command.place, "extension": "s", "priority": "1"}
    return (Request("POST", f"{leg(command.leg_id)}/continue", params),)


def _tag(command: Tag) -> tuple[Request, ...]:
    params = {"variable": CALL, "value": command.call_id}
    return (Request("POST", f"{leg(command.leg_id)}/variable", params),)


_MAKERS: Mapping[type[Command], Callable[[Any], tuple[Request, ...]]] = {
    AnswerLeg: _answer,
    ShowRinging: _ringing,
    StopRinging: _stop_ringing,
    Play: _play,
    StopPlayback: lambda command: (stop_playback(command.playback_id),),
    StartMusic: _start_music,
    StopMusic: lambda command: (stop_music(command.leg_id),),
    HangUp: lambda command: (hang_up(command.leg_id, command.cause),),
    Leave: _leave,
    Dissolve: _dissolve,
    Mute: _mute,
    SendKeys: _send_keys,
    MuteRecording: _mute_recording,
    Release: _release,
    Tag: _tag,
}
