"""Commands → the switch: claimed in the database first, sent in order within a call, noted in batches.

What our own actions demand is claimed by their own transactions and comes here when they are committed
(`take`); what others demand (the web) is announced and claimed here.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control.mailboxes import Mailboxes
from madoguchi.control.pool import run
from madoguchi.domain.switchboard.actions import Claimed, claim, finish, written_after_all
from madoguchi.switch import port

log = structlog.get_logger(__name__)

STALE_S = 3.0
"""A controller that slept between claim and sending (it was paused) must not act on old claims."""

LOST_SIGHT_S = 2.0
"""An action of ours whose commit is not heard of for so long failed, or its connection broke just then."""

TOO_LATE = port.CommandRefused("too late to be sent", permanent=False)

Failed = Callable[[Claimed, port.CommandRefused], Awaitable[None]]


class Sending:
    """Sends what actions have committed, as long as the lease is ours. A `switchboard.actions.Hand`."""

    def __init__(self, switch: port.Switch, node: str, holder: UUID, failed: Failed) -> None:
        self._switch = switch
        self.node = node
        self.holder = holder
        self._failed = failed
        self._mailboxes = Mailboxes()
        self._results: dict[int, tuple[str, str]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._claiming = False
        self._behind: list[tuple[Claimed, float]] = []
        """Came while older ones of the same calls may be on their way from the database."""
        self._expected: dict[int, float] = {}
        """Claimed by a transaction that has not ended, as far as we know: id → monotonic time."""
        self._unheard: set[int] = set()
        """Sent without the news of their commit, which comes late or never; few, after an outage only."""
        self.dialling: Callable[[str, UUID], None] = lambda leg_id, call_id: None
        """Told of each leg that is about to be dialled, and its call."""
        self.wake = asyncio.Event()
        self.may_leave = asyncio.Event()
        """Set once reconcile has compared belief and switch."""

    # -- called by actions, in their threads

    def may_send(self) -> bool:
        """Whether commands may leave now."""
        return self._loop is not None and self.may_leave.is_set()

    def expect(self, ids: Sequence[int]) -> None:
        """A transaction claims these for us."""
        self._expected |= dict.fromkeys(ids, time.monotonic())

    def take(self, claimed: Sequence[Claimed]) -> None:
        """It is committed."""
        if self._loop is not None:
            # The moment counts from here: should we be paused before the loop has its turn, it is too late.
            self._loop.call_soon_threadsafe(self._take, claimed, time.monotonic())

    # -- in the event loop

    async def forever(self) -> None:
        """Claim and send until cancelled: woken by the doorbell, and each second without one."""
        self._loop = asyncio.get_running_loop()
        while True:
            await self.may_leave.wait()
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
        # Whoever commits from here on may overtake in our hands what this claim brings.
        self._claiming = True
        try:
            for claimed in await run(claim, self.node, self.holder):
                self._put(claimed, time.monotonic())
            await self._look_for_lost()
        finally:
            self._claiming = False
            behind, self._behind = self._behind, []
            for claimed, since in behind:
                self._put(claimed, since)

    async def _look_for_lost(self) -> None:
        """A transaction may have been committed by a server that could not tell us so any more."""
        old = time.monotonic() - LOST_SIGHT_S
        lost = [one for one, since in list(self._expected.items()) if since < old]
        if not lost:
            return
        found = await run(written_after_all, self.node, self.holder, lost)
        for claimed in found:
            # Not one whose news came meanwhile: nothing is sent twice.
            if self._expected.pop(claimed.id, None) is not None:
                log.warning("A command's commit was not heard of.", command=type(claimed.command).__name__)
                self._unheard.add(claimed.id)
                self._put(claimed, time.monotonic())
        for one in lost:
            self._expected.pop(one, None)

    def _take(self, claimed: Sequence[Claimed], since: float) -> None:
        if not claimed:
            self.wake.set()
        for one in claimed:
            self._expected.pop(one.id, None)
            if one.id in self._unheard:
                self._unheard.discard(one.id)
            elif self._claiming:
                self._behind.append((one, since))
            else:
                self._put(one, since)

    def _put(self, claimed: Claimed, since: float) -> None:
        if isinstance(claimed.command, port.Dial):
            self.dialling(claimed.command.leg_id, claimed.call_id)
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
