"""What the database believes of one switch: read for reconcile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from madoguchi.domain.calls.models import Call, Leg
from madoguchi.domain.calls.states import Phase
from madoguchi.domain.switchboard.models import Command, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class BelievedLeg:
    """A leg that, as far as we know, is up."""

    leg_id: str
    call_id: UUID
    role: str
    answered: bool
    undialled: bool
    """Its dial command has not been sent yet: that it is not at the switch is no difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BelievedCall:
    """A call that, as far as we know, is going on."""

    call_id: UUID
    phase: str
    bridge_id: str
    playing: bool
    agent_id: int | None
    music: str
    customer_leg: str
    operator_leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Everything believed of one node."""

    booted_at: datetime | None
    seen_at: datetime | None
    legs: tuple[BelievedLeg, ...]
    calls: tuple[BelievedCall, ...]


def read(node: str) -> Belief:
    """Read what we believe of `node`."""
    known = Node.objects.filter(name=node).first()
    undialled = {
        fields.get("leg_id", "")
        for fields in Command.objects.filter(node=node, kind="Dial", stage=Command.Stage.NEW).values_list(
            "fields", flat=True
        )
    }
    living = list(Leg.objects.filter(gone_at__isnull=True, call__node=node).order_by("began_at"))
    by_call: dict[UUID, list[Leg]] = {}
    for leg in living:
        by_call.setdefault(leg.call_id, []).append(leg)
    calls = Call.objects.filter(node=node).exclude(phase=Phase.ENDED)
    return Belief(
        booted_at=known.booted_at if known else None,
        seen_at=known.seen_at if known else None,
        legs=tuple(
            BelievedLeg(
                leg_id=leg.pk,
                call_id=leg.call_id,
                role=leg.role,
                answered=leg.answered_at is not None,
                undialled=leg.pk in undialled,
            )
            for leg in living
        ),
        calls=tuple(_call(call, by_call.get(call.pk, [])) for call in calls),
    )


def _call(call: Call, legs: list[Leg]) -> BelievedCall:
    visit = call.visits.select_related("queue").order_by("-enqueued_at", "-pk").first()
    operators = [
        x.pk for x in legs if x.role == Leg.Role.OPERATOR and x.answered_at and x.agent_id == call.agent_id
    ]
    return BelievedCall(
        call_id=call.pk,
        phase=call.phase,
        bridge_id=call.bridge_id,
        playing=bool(call.playback_id),
        agent_id=call.agent_id,
        music=visit.queue.music if visit else "default",
        customer_leg=next((leg.pk for leg in legs if leg.role == Leg.Role.CUSTOMER), ""),
        operator_leg=operators[-1] if operators else "",
    )
