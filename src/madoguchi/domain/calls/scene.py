"""What one action does to one call: gathered while it happens, written once at its end.

An action opens a scene, which locks the call. Within it the call, its offers, visits and people are moved
through their tables; transitions, commands and doorbells collect here and go out in one statement each
when the scene closes, in the same transaction. Lock order: call, then agents by id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from madoguchi.domain.agents.actions import move
from madoguchi.domain.agents.states import ActivityEvent
from madoguchi.domain.calls.errors import CallGone
from madoguchi.domain.calls.models import Call, Leg, Offer
from madoguchi.domain.calls.states import CALL, OFFER, WITH_AN_OPERATOR, CallEvent, OfferEvent
from madoguchi.domain.ledger.actions import announce, step, write
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.switchboard.actions import command, issue
from madoguchi.kit.clock import now
from madoguchi.switch import port


class Scene:
    """One call, locked, and what is to be written about it."""

    def __init__(self, call: Call, *, at: datetime, by: int | None) -> None:
        self.call = call
        self.at = at
        self.by = by
        self._steps: list[Transition] = []
        self._told: list[port.Command] = []
        self._doorbells: list[tuple[str, str]] = []
        self._changed: set[str] = set()
        self._legs: dict[str, Leg] | None = None

    # -- the call

    def set(self, **fields: Any) -> None:
        """Change fields of the call; saved once at the end."""
        for name, value in fields.items():
            setattr(self.call, name, value)
        self._changed |= fields.keys()

    def move(self, event: CallEvent, why: Mapping[str, Any] | None = None, /, **fields: Any) -> None:
        """Move the call through its table. Raises `Impossible`."""
        old = self.call.phase
        new = CALL.next_state(old, event)
        self.set(phase=new, phase_since=self.at, **fields)
        self.step("call", self.call.pk, old, new, event, why)
        self.ring("floor", "waiting people")

    def may(self, event: CallEvent) -> bool:
        """Whether the table allows the event now."""
        return CALL.allows(self.call.phase, event)

    # -- offers and people

    def end_offer(self, offer: Offer, event: OfferEvent) -> None:
        """End one ring."""
        old, new = offer.stage, OFFER.next_state(offer.stage, event)
        offer.stage, offer.ended_at = new, self.at
        offer.save(update_fields=["stage", "ended_at"])
        self.step("offer", offer.pk, old, new, event, {"agent": offer.agent_id})
        self.ring(f"agent:{offer.agent_id}", "me offer call story")

    def move_agent(self, agent_id: int, event: ActivityEvent) -> bool:
        """Move a person's activity; False when they are no longer with this call."""
        moved = move(agent_id, event, self.call.pk, at=self.at, by=self.by)
        if moved is None:
            return False
        self._steps.append(moved)
        self.ring(f"agent:{agent_id}", "me call story wrap_up today")
        self.ring("floor", "people")
        self.ring("control", "match")
        return True

    # -- legs

    @property
    def legs(self) -> dict[str, Leg]:
        """The living legs of the call by id; read once."""
        if self._legs is None:
            self._legs = {leg.pk: leg for leg in self.call.legs.filter(gone_at__isnull=True)}
        return self._legs

    def leg_of(self, role: str, agent_id: int | None = None) -> Leg | None:
        """The newest living leg of that role, of that person if given."""
        fitting = [x for x in self.legs.values() if x.role == role and agent_id in (None, x.agent_id)]
        return max(fitting, key=lambda leg: leg.began_at, default=None)

    @property
    def customer_leg(self) -> Leg | None:
        """The customer's living leg."""
        return self.leg_of(Leg.Role.CUSTOMER)

    # -- what is gathered

    def step(  # noqa: PLR0917 - the row's own columns, in their order
        self,
        subject: str,
        subject_id: object,
        old: str,
        new: str,
        event: str,
        cause: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a transition row."""
        self._steps.append(
            step(
                subject,
                subject_id,
                old,
                new,
                event=event,
                at=self.at,
                by=self.by,
                cause=cause,
                call_id=self.call.pk,
            )
        )

    def tell(self, *commands: port.Command) -> None:
        """Add commands for the switch, in order."""
        self._told += commands

    def ring(self, audience: str, sections: str) -> None:
        """Add a doorbell."""
        self._doorbells.append((audience, sections))

    def close(self) -> None:
        """Write everything gathered."""
        if self._changed:
            self.call.save(update_fields=sorted(self._changed))
        if self._steps:
            write(self._steps)
        if self._told:
            issue(command(self.call.node, self.call.pk, what, at=self.at) for what in self._once())
            self.ring("control", "commands")
        announce(*self._merged_doorbells())

    def _once(self) -> list[port.Command]:
        """The commands in order; a hang-up that two rules demand is sent once."""
        once: list[port.Command] = []
        for what in self._told:
            if not (isinstance(what, port.HangUp) and what in once):
                once.append(what)
        return once

    def _merged_doorbells(self) -> list[tuple[str, str]]:
        """One doorbell an audience, its sections in the order in which they came."""
        sections: dict[str, dict[str, None]] = {}
        for audience, names in self._doorbells:
            sections.setdefault(audience, {}).update(dict.fromkeys(names.split()))
        return [(audience, " ".join(names)) for audience, names in sections.items()]


@contextmanager
def scene(call_id: UUID, *, by: int | None = None, at: datetime | None = None) -> Iterator[Scene]:
    """Lock a call for one action; the outermost and durable transaction.

    Raises `CallGone` when there is no such call. What is gathered is written when the block ends well.
    """
    with transaction.atomic(durable=True):
        call = Call.objects.select_for_update(of=("self",)).filter(pk=call_id).first()
        if call is None:
            raise CallGone
        acted = Scene(call, at=at or now(), by=by)
        yield acted
        acted.close()


@contextmanager
def operators_scene(call_id: UUID, *, acting_user: int | None) -> Iterator[Scene]:
    """A scene for something that the person who has the call does. Raises `CallGone` for anybody else.

    Also for the person who had it last: a customer who waits again, or rings at somebody else, is not theirs.
    """
    with scene(call_id, by=acting_user) as acted:
        call = acted.call
        if call.phase not in WITH_AN_OPERATOR or call.agent is None or call.agent.account_id != acting_user:
            raise CallGone
        yield acted
