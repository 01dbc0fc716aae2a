"""Lines at Asterisk: do they answer OPTIONS, and does our registration hold.

A line's own contact is never asked by OPTIONS: Asterisk refuses to dial a contact that did not answer, and
many providers answer none. Beside each line stands a contact that is only watched (`pjsip.watch_name`). Of
registrations ARI tells nothing, so the control socket is asked, as `asterisk -rx` does it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from madoguchi.switch.asterisk.client import AriClient, Unreachable
from madoguchi.switch.asterisk.pjsip import watch_name
from madoguchi.switch.lines import LineSeen
from madoguchi.switch.port import CommandRefused

_PATIENCE_S = 3.0
_REGISTRATION = re.compile(r"^ ([a-z0-9][a-z0-9-]*)/\S.*\s(Registered|Unregistered|Rejected|Stopped)\b")


async def seen(client: AriClient, control_socket: Path, names: Iterable[str]) -> Mapping[str, LineSeen]:
    """What is seen of these lines. Raises CommandRefused when Asterisk cannot be asked."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            registered = registrations(await console(control_socket, "pjsip show registrations"))
        found = {}
        for name in names:
            answers, is_known = await _answers(client, name)
            if is_known:
                found[name] = LineSeen(answers=answers, registered=registered.get(name))
        return found
    except (Unreachable, OSError) as error:
        raise CommandRefused(f"lines: {error}", permanent=False) from error


async def console(control_socket: Path, words: str) -> str:
    """What the console of the running Asterisk says to `words`. Raises OSError."""
    reader, writer = await asyncio.open_unix_connection(str(control_socket))
    try:
        # The prefix makes Asterisk close the connection behind its answer.
        writer.write(f"cli quit after {words}\0".encode())
        await writer.drain()
        return (await reader.read()).decode("utf-8", "replace")
    finally:
        writer.close()


def registrations(said: str) -> dict[str, bool]:
    """Name of the line → whether it is registered, out of `pjsip show registrations`."""
    rows = (_REGISTRATION.match(line) for line in said.splitlines())
    return {row[1]: row[2] == "Registered" for row in rows if row}


async def _answers(client: AriClient, name: str) -> tuple[bool | None, bool]:
    """Whether the far end answers, and whether the line is known at all."""
    watch = await client.request("GET", f"/endpoints/PJSIP/{watch_name(name)}")
    if watch.ok:
        return watch.body["state"] == "online", True
    line = await client.request("GET", f"/endpoints/PJSIP/{name}")
    return None, line.ok
