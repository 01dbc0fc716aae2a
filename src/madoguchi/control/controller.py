"""The process that holds the switch: wires events, actions, commands, matching and time together."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import structlog
from django.db import InterfaceError, OperationalError

from madoguchi.control import belief, doorbell, timers, waiting_line
from madoguchi.control.comparing import Comparing
from madoguchi.control.hearing import AWAY, Hearing
from madoguchi.control.matching import Matching
from madoguchi.control.pool import run
from madoguchi.control.reconcile import Difference, Lost, Missed, Repair, differences
from madoguchi.control.seat import Seat
from madoguchi.control.sending import Sending
from madoguchi.control.stragglers import Stragglers
from madoguchi.domain.calls.actions import hearing as heard
from madoguchi.domain.calls.actions.arriving import arrived_unheard
from madoguchi.domain.ledger import kept
from madoguchi.domain.switchboard.actions import (
    Claimed,
    drop_lease,
    let_go_of,
    node_seen,
    take_in_hand,
    take_lease,
)
from madoguchi.kit.clock import now
from madoguchi.switch import port

log = structlog.get_logger(__name__)

LEASE_S = 5.0
RENEW_S = 1.0
LOST_LEASE = 75
"""Exit code: another controller holds the switch (EX_TEMPFAIL)."""
COMMAND_IDS = ("leg_id", "playback_id", "recording_id")
OVERLAP = timedelta(seconds=5)
"""The switch's log is read from a little before the last event seen; repeats are harmless."""


class LeaseLost(Exception):
    """Another controller holds this node now; this one must not act again."""


class Controller:
    """Holds one node from taking its lease to losing it or being told to stop."""

    def __init__(self, switch: port.Switch, configure: Callable[[], None], seat: Seat | None = None) -> None:
        self._switch = switch
        self._configure = configure
        self._seat = seat
        self._holder: UUID = uuid4()
        self._epoch: int | None = None
        self._hearing = Hearing(switch)
        self._matching = Matching()
        self._sending = Sending(switch, switch.node, self._holder, self._command_failed)
        self._sending.dialling = self._hearing.knows
        self._comparing = Comparing(switch, self._sending.may_leave, self._take_in)
        self._stragglers = Stragglers(switch)
        self._reconciling = asyncio.Event()
        self._connected: port.SwitchConnected | None = None
        self.ready = asyncio.Event()
        """Set when the switch was compared for the first time."""

    async def forever(self) -> None:
        """Run until cancelled; raises `LeaseLost` when another controller took over."""
        await self._take_lease()
        bells: dict[str, Callable[[], None]] = {
            "commands": self._sending.wake.set,
            "match": self._matching.wake.set,
            "configuration": self._configuration_changed,
            "settings": kept.forget,
        }
        work = (
            self._keep_lease(),
            self._stragglers.forever(),
            doorbell.forever(bells, self._look_at_everything),
            self._switch.run(self._take),
            self._reconcile_forever(),
            self._sending.forever(),
            self._matching.forever(),
            timers.forever(self._sending.may_leave),
            self._comparing.forever(),
            self._close_at_closing_time(),
        )
        take_in_hand(self._sending)
        try:
            async with asyncio.TaskGroup() as group:
                for part in work:
                    group.create_task(part)
        except* LeaseLost as lost:
            raise LeaseLost from lost
        finally:
            let_go_of(self._sending)
            with contextlib.suppress(OperationalError, InterfaceError):
                await run(drop_lease, self._lease, self._holder)

    @property
    def _lease(self) -> str:
        return f"node:{self._switch.node}"

    async def _take_lease(self) -> None:
        dead = self._seat.take(self._holder) if self._seat else None
        while self._epoch is None:
            try:
                if dead is not None:
                    await run(drop_lease, self._lease, dead)
                self._epoch = await run(take_lease, self._lease, self._holder, for_s=LEASE_S)
            except AWAY as away:
                log.warning("The database cannot be reached.", reason=str(away).splitlines()[0])
            if self._epoch is None:
                await asyncio.sleep(0.5)
        log.info("This controller holds the switch.", node=self._switch.node, epoch=self._epoch)

    async def _keep_lease(self) -> None:
        """Renew the right to this node. While the database is away nobody else can take it either."""
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                epoch = await run(take_lease, self._lease, self._holder, for_s=LEASE_S)
            except AWAY:
                continue
            if epoch == self._epoch:
                if self._seat is not None:
                    # Free by now if somebody slept in it when we came.
                    self._seat.take(self._holder)
                continue
            if self._epoch is None or epoch != self._epoch + 1:
                log.error("Another controller held the switch; this one ends.", node=self._switch.node)
                raise LeaseLost
            # The database was away for longer than a lease, and nobody held the switch in between: each
            # new holder would have counted one.
            log.warning("The lease had lapsed and is ours again.", node=self._switch.node, epoch=epoch)
            self._epoch = epoch
            self._look_at_everything()

    def _configuration_changed(self) -> None:
        kept.forget()
        self._configure()

    def _look_at_everything(self) -> None:
        kept.forget()
        self._sending.wake.set()
        self._matching.wake.set()
        self._reconciling.set()

    def _take(self, event: port.Event) -> None:
        match event:
            case port.SwitchConnected():
                self._connected = event
                self._reconciling.set()
            case port.SwitchLost():
                self._sending.may_leave.clear()
                self._hearing.forget_phones()
            case port.ApplicationReplaced():
                log.error("Another controller took our place at the switch.")
                os._exit(LOST_LEASE)
            case _:
                self._hearing.take(event)

    async def _reconcile_forever(self) -> None:
        while True:
            await self._reconciling.wait()
            self._reconciling.clear()
            try:
                await self._reconcile()
            except (*AWAY, port.CommandRefused) as reason:
                log.warning("Reconciling is tried again.", reason=str(reason).splitlines()[0])
                await asyncio.sleep(0.5)
                self._reconciling.set()

    async def _reconcile(self) -> None:
        """Compare belief and switch, take the differences in, and only then let commands go."""
        # In this order: see reconcile.
        living = await self._switch.living()
        believed = await run(belief.read, self._switch.node)
        since = (believed.seen_at or now()) - OVERLAP
        past = await self._switch.past(since) if believed.seen_at else ()
        found = differences(believed, living, past)
        if found:
            log.info("Reconciling.", differences=len(found), node=self._switch.node)
        for one in found:
            await self._take_in_whatever_comes(one)
        self._hearing.phones_seen(living.phones)
        for call in believed.calls:
            if call.playing:
                await run(heard.hasten, call.call_id)
        await run(node_seen, self._switch.node, connected=True, booted_at=living.booted_at, seen_at=living.at)
        self._stragglers.follow(living)
        self._sending.may_leave.set()
        self._look_again_without_reconciling()
        self.ready.set()

    def _look_again_without_reconciling(self) -> None:
        self._sending.wake.set()
        self._matching.wake.set()

    async def _take_in_whatever_comes(self, one: Difference) -> None:
        """One difference that cannot be taken in must not keep the others, and all calls, from going on."""
        try:
            await self._take_in(one)
        except (*AWAY, port.CommandRefused):
            raise
        except Exception:
            log.exception("A difference could not be taken in.", difference=type(one).__name__)

    async def _take_in(self, one: Difference) -> None:
        match one:
            case Lost():
                await run(
                    heard.leg_ended,
                    one.call_id,
                    one.leg_id,
                    cause=one.event.cause,
                    at=one.event.at,
                    fault=one.fault,
                )
            case Missed(past):
                await run(arrived_unheard, past)
            case Repair(call_id, command):
                still = functools.partial(belief.still_wanted, call_id, command)
                await self._sending.repair(call_id, command, still)
            case port.Event():
                self._hearing.take(one)

    async def _command_failed(self, claimed: Claimed, refused: port.CommandRefused) -> None:
        fields = {name: getattr(claimed.command, name, "") for name in COMMAND_IDS}
        kind = type(claimed.command).__name__
        if kind == "Dial":
            self._hearing.forget_leg(fields["leg_id"])
        if kind not in {"HangUp", "Dissolve", "StopPlayback", "StopMusic"}:
            log.warning(
                "The switch refused a command.",
                command=kind,
                reason=refused.reason,
                call_id=str(claimed.call_id),
            )
        if claimed.call_id.int:
            await run(
                heard.command_failed,
                claimed.call_id,
                kind,
                fields,
                refused.reason,
                permanent=refused.permanent,
                gone=refused.gone,
            )

    async def _close_at_closing_time(self) -> None:
        """Every ten seconds: note that events were seen, and let go those whom closing time found waiting."""
        while True:
            await asyncio.sleep(10.0)
            with contextlib.suppress(*AWAY):
                if self._sending.may_leave.is_set():
                    await run(node_seen, self._switch.node, connected=True, seen_at=now())
                await run(waiting_line.tell_at_closing)
