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
from django.db.models import Model

from madoguchi.domain.agents.actions import move
from madoguchi.domain.agents.states import Activity, ActivityEvent
from madoguchi.domain.calls.errors import CallGone
from madoguchi.domain.calls.models import Leg, Offer
from madoguchi.domain.calls.rows import Rows, Writing, load
from madoguchi.domain.calls.states import CALL, OFFER, WITH_AN_OPERATOR, CallEvent, OfferEvent
from madoguchi.domain.ledger.actions import step
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.switchboard.actions import Issuing
from madoguchi.kit.clock import now
from madoguchi.switch import port


class Scene:
    """One call, locked, and what is to be written about it."""

    def __init__(self, rows: Rows, *, at: datetime, by: int | None, is_new: bool = False) -> None:
        self.call = rows.call
        self.legs = rows.legs
        """The living legs by id."""
        self.offers = rows.offers
        """The rings that go on."""
        self.visit = rows.visit
        """The stay in a queue that goes on."""
        self.consult = rows.consult
        """The asking that goes on."""
        self.at = at
        self.by = by
        self._is_new = is_new
        self._steps: list[Transition] = []
        self._told: list[port.Command] = []
        self._doorbells: list[tuple[str, str]] = []
        self._changed: set[str] = set()
        self._rows = Writing()

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

    # -- other rows

    def add(self, made: Model, *, unless_there: bool = False) -> None:
        """Store a new row at the end, in the order of adding and saving."""
        self._rows.insert(made, unless_there=unless_there)

    def save(self, changed: Model, **fields: Any) -> None:
        """Change fields of a row; stored at the end."""
        for name, value in fields.items():
            setattr(changed, name, value)
        self._rows.update(changed, fields)

    # -- offers and people

    def end_offer(self, offer: Offer, event: OfferEvent) -> None:
        """End one ring."""
        old, new = offer.stage, OFFER.next_state(offer.stage, event)
        self.save(offer, stage=new, ended_at=self.at)
        self.offers = [other for other in self.offers if other.pk != offer.pk]
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
        if moved.new == Activity.IDLE:
            self.ring("control", "match")
        return True

    # -- legs

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

    def close(self, *, and_commit: bool = False) -> None:
        """Write everything gathered, the call first. `and_commit`: that is all of this transaction."""
        writing = Writing()
        if self._is_new:
            writing.insert(self.call)
        elif self._changed:
            writing.update(self.call, self._changed)
        writing.extend(self._rows)
        writing.transitions(self._steps)
        if self._told:
            issuing = Issuing(self.call.node, self.call.pk, self._once(), at=self.at)
            writing.commands(issuing)
            if issuing.needs_doorbell:
                self.ring("control", "commands")
        writing.announcements(self._merged_doorbells())
        writing.send(and_commit=and_commit)

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
        rows = load(call_id)
        if rows is None:
            raise CallGone
        acted = Scene(rows, at=at or now(), by=by)
        yield acted
        acted.close(and_commit=rows.begun)


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
