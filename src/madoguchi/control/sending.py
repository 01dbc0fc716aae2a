"""Commands → the switch: claimed in the database first, sent in order within a call, noted in batches."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control.mailboxes import Mailboxes
from madoguchi.control.pool import run
from madoguchi.domain.switchboard.actions import Claimed, claim, finish
from madoguchi.switch import port

log = structlog.get_logger(__name__)

STALE_S = 3.0
"""A controller that slept between claim and sending (it was paused) must not act on old claims."""

TOO_LATE = port.CommandRefused("too late to be sent", permanent=False)

Failed = Callable[[Claimed, port.CommandRefused], Awaitable[None]]


class Sending:
    """Sends what actions have committed, as long as the lease is ours."""

    def __init__(self, switch: port.Switch, node: str, holder: UUID, failed: Failed) -> None:
        self._switch = switch
        self._node = node
        self._holder = holder
        self._failed = failed
        self._mailboxes = Mailboxes()
        self._results: dict[int, tuple[str, str]] = {}
        self.wake = asyncio.Event()
        self.may_send = asyncio.Event()
        """Set once reconcile has compared belief and switch."""

    async def forever(self) -> None:
        """Claim and send until cancelled: woken by the doorbell, and each second without one."""
        while True:
            await self.may_send.wait()
            try:
                # Not wait_for: until Python 3.12 it may swallow the order to stop.
                async with asyncio.timeout(1.0):
                    await self.wake.wait()
            except TimeoutError:
                self.wake.set()
            self.wake.clear()
            try:
                await self._once()
            except (OperationalError, InterfaceError) as away:
                log.warning("Commands wait for the database.", reason=str(away).splitlines()[0])
                await asyncio.sleep(0.5)

    async def repair(self, call_id: UUID, command: port.Command, wanted: Callable[[], bool]) -> None:
        """Send what reconcile demands, in order with the call's own commands, if it is still `wanted` then.

        A repair is found in a snapshot; sent a moment too late it would put music over a conversation.
        """
        done = asyncio.get_running_loop().create_future()

        async def letter() -> None:
            try:
                if await run(wanted):
                    await self._switch.send(command)
            except port.CommandRefused as refused:
                log.info("A repair was refused.", command=type(command).__name__, reason=refused.reason)
            finally:
                done.set_result(None)

        self._mailboxes.put(str(call_id), letter)
        await done

    async def _once(self) -> None:
        results, self._results = self._results, {}
        if results:
            await run(finish, results)
        for claimed in await run(claim, self._node, self._holder):
            since = time.monotonic()
            self._mailboxes.put(str(claimed.call_id), functools.partial(self._send, claimed, since))

    async def _send(self, claimed: Claimed, since: float) -> None:
        if claimed.expired:
            await self._failed(claimed, TOO_LATE)
            return
        if time.monotonic() - since > STALE_S:
            self._results[claimed.id] = ("expired", TOO_LATE.reason)
            await self._failed(claimed, TOO_LATE)
            return
        try:
            await self._switch.send(claimed.command)
            self._results[claimed.id] = ("done", "")
        except port.CommandRefused as refused:
            self._results[claimed.id] = ("refused", refused.reason)
            await self._failed(claimed, refused)
        except Exception:
            self._results[claimed.id] = ("refused", "the adapter failed")
            log.exception("A command could not be sent.", command=type(claimed.command).__name__)
            await self._failed(claimed, port.CommandRefused("the adapter failed", permanent=False))
