"""Two tracks of one leg: a snoop for what it says, a snoop for what it hears, each recorded.

The snoops hang on the leg, so a recording survives every transfer of the other side. They are channels of
Asterisk that nobody but this module sees. Whatever way a recording ends, its snoops are hung up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from madoguchi.switch.asterisk.client import Answer
from madoguchi.switch.asterisk.commands import Request, hang_up, leg, refusal
from madoguchi.switch.asterisk.events import HELPER, track_name, track_of
from madoguchi.switch.port import (
    CommandRefused,
    Event,
    Record,
    RecordingBegan,
    RecordingEnded,
    Side,
    StopRecording,
)

# What a leg says comes *in* to Asterisk, what it hears goes *out*.
_SPY = {Side.SPOKEN: "in", Side.HEARD: "out"}
_ENTERS_WITHIN_S = 3.0
_PREFIX = "snoop."

Ask = Callable[[Request], Awaitable[Answer]]


def snoop_id(recording_id: str, side: Side) -> str:
    """Our id of the helping channel; from it the recording can be told after a restart."""
    return _PREFIX + track_name(recording_id, side)


def track_of_snoop(channel_id: str) -> tuple[str, Side] | None:
    """Recording and side of a helping channel of ours, None for any other."""
    if not channel_id.startswith(_PREFIX):
        return None
    try:
        return track_of(channel_id.removeprefix(_PREFIX))
    except ValueError:
        return None


class Recorder:
    """The recordings of one switch. `ask` sends one request, refusing what is not settled."""

    def __init__(self, ask: Ask, *, application: str, folder: PurePosixPath) -> None:
        self._ask = ask
        self._application = application
        self._folder = folder
        self._entering: dict[str, asyncio.Future[None]] = {}
        self._began: dict[str, datetime] = {}
        self._clean_ups: set[asyncio.Task[None]] = set()

    async def begin(self, command: Record) -> None:
        """Begin both tracks together. Raises CommandRefused, and then neither is left behind."""
        made: list[Side] = []
        tracks = [asyncio.ensure_future(self._track(command, side, made)) for side in Side]
        try:
            await asyncio.gather(*tracks)
        except BaseException:
            for track in tracks:
                track.cancel()
            await asyncio.gather(*tracks, return_exceptions=True)
            # Only what this attempt made: a repeat must not end the recording that it repeats.
            self.clean_up(command.recording_id, *made)
            raise

    async def end(self, command: StopRecording) -> None:
        """End both tracks; each is reported ended when its file is whole."""
        for side in Side:
            name = quote(track_name(command.recording_id, side), safe="")
            await self._ask(Request("POST", f"/recordings/live/{name}/stop", settled=frozenset({404})))
        self.clean_up(command.recording_id, *Side)

    def entered(self, channel_id: str) -> None:
        """A helping channel can be recorded now."""
        waiting = self._entering.get(channel_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def gone(self, channel_id: str) -> None:
        """A helping channel ended, so waiting for it is useless."""
        waiting = self._entering.get(channel_id)
        if waiting is not None and not waiting.done():
            waiting.set_exception(CommandRefused("the leg ended before it was recorded", permanent=True))

    def reported(self, event: RecordingBegan | RecordingEnded) -> Event:
        """Complete a track's event with its path and length, and tidy up behind its end."""
        key = track_name(event.recording_id, event.side)
        if isinstance(event, RecordingBegan):
            self._began[key] = event.at
            return event
        began = self._began.pop(key, None)
        self.clean_up(event.recording_id, event.side)
        # ARI counts whole seconds; the times of begin and end are finer.
        exact = (event.at - began).total_seconds() if began else event.duration_s
        return RecordingEnded(
            node=event.node,
            at=event.at,
            recording_id=event.recording_id,
            side=event.side,
            path=str(self._folder / event.path),
            duration_s=exact,
            failure=event.failure,
        )

    def clean_up(self, recording_id: str, *sides: Side) -> None:
        """Hang up the helping channels, without waiting; one that is gone is no error."""
        for side in sides:
            task = asyncio.ensure_future(self._hang_up(snoop_id(recording_id, side)))
            self._clean_ups.add(task)
            task.add_done_callback(self._clean_ups.discard)

    async def close(self) -> None:
        """Let the last clean-ups finish."""
        await asyncio.gather(*self._clean_ups, return_exceptions=True)

    def forget_all(self) -> None:
        """After a loss of the connection nothing that was awaited will come."""
        for waiting in self._entering.values():
            if not waiting.done():
                waiting.set_exception(CommandRefused("the connection was lost", permanent=False))
        self._began.clear()

    async def _track(self, command: Record, side: Side, made: list[Side]) -> None:
        channel_id, name = snoop_id(command.recording_id, side), track_name(command.recording_id, side)
        entered = self._entering[channel_id] = asyncio.get_running_loop().create_future()
        # Marked as seen, so that a leg that ends while we do not wait leaves no unheard exception.
        entered.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            if await self._snoop(command.leg_id, channel_id, side):
                made.append(side)
                # Not wait_for: before Python 3.12 it swallows a cancellation that meets the entering.
                async with asyncio.timeout(_ENTERS_WITHIN_S):
                    await entered
            await self._write(channel_id, name)
        except TimeoutError as error:
            raise CommandRefused(f"the snoop for {name} never entered", permanent=False) from error
        finally:
            self._entering.pop(channel_id, None)

    async def _write(self, channel_id: str, name: str) -> None:
        answer = await self._ask(_record(channel_id, name))
        if answer.status == 409:
            live = Request("GET", f"/recordings/live/{quote(name, safe='')}", settled=frozenset({404}))
            if (await self._ask(live)).status == 404:
                raise CommandRefused(f"there is a track {name} from before", permanent=True)

    async def _snoop(self, leg_id: str, channel_id: str, side: Side) -> bool:
        """Make the helping channel; False when it is there already."""
        params = {"spy": _SPY[side], "whisper": "none", "app": self._application, "appArgs": HELPER}
        path = f"{leg(leg_id)}/snoop/{quote(channel_id, safe='')}"
        wish = Request("POST", path, params, settled=frozenset({500}))
        answer = await self._ask(wish)
        if answer.ok:
            return True
        # Asterisk says 500 of an id that is taken, and of everything else that goes wrong.
        there = await self._ask(Request("GET", leg(channel_id), settled=frozenset({404})))
        if there.status == 404:
            raise refusal(wish, answer)
        return False

    async def _hang_up(self, channel_id: str) -> None:
        try:
            await self._ask(hang_up(channel_id, 16))
        except CommandRefused:
            # The switch is away; the sweep at the next connect finds what is left.
            return


def _record(channel_id: str, name: str) -> Request:
    # An existing file is never written over: a track is evidence.
    params = {
        "name": name,
        "format": "wav",
        "ifExists": "fail",
        "maxDurationSeconds": "0",
        "maxSilenceSeconds": "0",
        "beep": "false",
        "terminateOn": "none",
    }
    # 409: it is being recorded already, so this is a repeat; or its file is there from before.
    return Request("POST", f"{leg(channel_id)}/record", params, settled=frozenset({409}))
