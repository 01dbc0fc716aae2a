"""What exists at a switch now, out of ARI's lists."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from madoguchi.kit.clock import now
from madoguchi.switch.asterisk.arrival import arrived, decode
from madoguchi.switch.asterisk.client import AriClient, Unreachable
from madoguchi.switch.asterisk.commands import leg
from madoguchi.switch.asterisk.dialplan import ARRIVAL, CALL
from madoguchi.switch.asterisk.events import came_in, is_nobody, track_name
from madoguchi.switch.asterisk.recording import track_of_snoop
from madoguchi.switch.port import CallArrived, CommandRefused, Living, LivingLeg

_Channel = Mapping[str, Any]


async def living(client: AriClient, node: str) -> Living:
    """Ask for everything. Raises CommandRefused when the switch cannot be asked, or answers nonsense."""
    try:
        booted, channels, bridges, endpoints = await asyncio.gather(
            booted_at(client),
            _list(client, "/channels"),
            _list(client, "/bridges"),
            _list(client, "/endpoints"),
        )
        legs = await asyncio.gather(*(_leg(client, node, c) for c in channels if not is_nobody(c["name"])))
        recordings = await _recordings(client, channels)
        ids = {found.leg_id for found in legs}
        return Living(
            node=node,
            at=now(),
            booted_at=booted,
            legs=tuple(legs),
            bridges={b["id"]: tuple(c for c in b["channels"] if c in ids) for b in bridges},
            recordings=frozenset(recordings),
            phones={e["resource"]: e["state"] == "online" for e in endpoints if e["technology"] == "PJSIP"},
        )
    except Unreachable as error:
        raise CommandRefused(str(error), permanent=False) from error
    except (KeyError, TypeError, ValueError) as error:
        raise CommandRefused(f"the snapshot was not understood: {error!r}", permanent=False) from error


async def booted_at(client: AriClient) -> datetime:
    """When the switch's process started. Raises Unreachable, KeyError, TypeError or ValueError."""
    answer = await client.request("GET", "/asterisk/info", {"only": "status"})
    if not answer.ok:
        raise Unreachable(f"GET /asterisk/info: {answer.status} {answer.message}")
    return datetime.fromisoformat(answer.body["status"]["startup_time"])


async def helpers(client: AriClient) -> Iterable[str]:
    """Ids of all snoops of ours that record nothing: left by a controller that died in between."""
    channels = await _list(client, "/channels")
    ours = [c["id"] for c in channels if track_of_snoop(c["id"])]
    live = await asyncio.gather(*(_is_recording(client, channel_id) for channel_id in ours))
    return [channel_id for channel_id, recording in zip(ours, live, strict=True) if not recording]


async def _list(client: AriClient, path: str) -> list[_Channel]:
    answer = await client.request("GET", path)
    if not answer.ok or not isinstance(answer.body, list):
        raise Unreachable(f"GET {path}: {answer.status} {answer.message}")
    return answer.body


async def _leg(client: AriClient, node: str, channel: _Channel) -> LivingLeg:
    dialplan = channel["dialplan"]
    in_stasis = dialplan["app_name"] == "Stasis"
    arriving = came_in(channel["id"], node)
    data = dialplan["app_data"].split(",", 2) if in_stasis else []
    facts = data[2] if len(data) > 2 else (await _variable(client, channel["id"]) if arriving else "")
    return LivingLeg(
        leg_id=channel["id"],
        call_id=(channel.get("channelvars") or {}).get(CALL) or "",
        # One that we dialled counts once it has entered: before that nothing can be done with it.
        answered=channel["state"] == "Up" and (in_stasis or arriving),
        created_at=datetime.fromisoformat(channel["creationtime"]),
        arrival=_arrival(channel, facts, node) if arriving else None,
        ours=in_stasis or not arriving,
    )


def _arrival(channel: _Channel, facts: str, node: str) -> CallArrived:
    return arrived(channel, decode(facts), node=node, at=datetime.fromisoformat(channel["creationtime"]))


async def _variable(client: AriClient, channel_id: str) -> str:
    answer = await client.request("GET", f"{leg(channel_id)}/variable", {"variable": ARRIVAL})
    # 404: it left meanwhile, or its dialplan has not begun.
    return str(answer.body["value"]) if answer.ok else ""


async def _recordings(client: AriClient, channels: Iterable[_Channel]) -> list[str]:
    tracks = {c["id"]: track for c in channels if (track := track_of_snoop(c["id"]))}
    live = await asyncio.gather(*(_is_recording(client, channel_id) for channel_id in tracks))
    return [track[0] for track, recording in zip(tracks.values(), live, strict=True) if recording]


async def _is_recording(client: AriClient, channel_id: str) -> bool:
    track = track_of_snoop(channel_id)
    if track is None:
        return False
    answer = await client.request("GET", f"/recordings/live/{quote(track_name(*track), safe='')}")
    return answer.ok
