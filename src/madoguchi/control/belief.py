"""What the database believes of one switch, read for reconcile in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from madoguchi.domain.calls.models import Call, Consult, Leg, Offer, QueueVisit, Recording
from madoguchi.domain.calls.states import (
    WITH_AN_OPERATOR,
    ConsultStage,
    OfferStage,
    Phase,
    RecordingStage,
)
from madoguchi.domain.switchboard.models import Command, Node
from madoguchi.switch import port


@dataclass(frozen=True, slots=True, kw_only=True)
class BelievedLeg:
    """A leg that, as far as we know, is up."""

    leg_id: str
    call_id: UUID
    role: str
    answered: bool
    began_at: datetime
    dialled: bool = True
    """We made it, or shall; one that came in was at the switch before it was in the books."""
    undialled: bool = False
    """Its dial command has not been sent yet: that it is not at the switch is no difference."""
    unwanted: bool = False
    """We asked for its end (the call ended, the ring was withdrawn): being at the switch is a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BelievedCall:
    """A call that, as far as we know, is going on."""

    call_id: UUID
    phase: str
    bridge_id: str = ""
    playing: bool = False
    agent_id: int | None = None
    music: str = "default"
    customer_leg: str = ""
    operator_leg: str = ""
    unbegun_recording: str = ""
    """A recording that was asked for and never reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Everything believed of one node."""

    booted_at: datetime | None
    seen_at: datetime | None
    legs: tuple[BelievedLeg, ...]
    calls: tuple[BelievedCall, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the legs and calls of one node are judged by."""

    undialled: frozenset[str]
    ringing: frozenset[str]
    """Legs of open offers and consultations."""
    music: dict[UUID, str]
    unbegun: dict[UUID, str]
    legs: dict[UUID, list[Leg]]


def read(node: str) -> Belief:
    """Read what we believe of `node`."""
    known = Node.objects.filter(name=node).first()
    # Before the legs: a ring that is answered in between is then seen as both, and never as neither, which
    # would end the leg of a conversation that has just begun.
    ringing = _ringing(node)
    living = Leg.objects.filter(gone_at__isnull=True, call__node=node).select_related("call")
    legs = list(living.order_by("began_at"))
    calls = list(Call.objects.filter(node=node).exclude(phase=Phase.ENDED))
    rows = _rows(node, legs, [call.pk for call in calls], ringing)
    return Belief(
        booted_at=known.booted_at if known else None,
        seen_at=known.seen_at if known else None,
        legs=tuple(_leg(leg, rows) for leg in legs),
        calls=tuple(_call(call, rows) for call in calls),
    )


def _ringing(node: str) -> frozenset[str]:
    """Legs of open offers and consultations."""
    offers = Offer.objects.filter(call__node=node, stage=OfferStage.OPEN)
    asked = Consult.objects.filter(call__node=node, stage__in=[ConsultStage.RINGING, ConsultStage.TALKING])
    found = [*offers.values_list("leg_id", flat=True), *asked.values_list("leg_id", flat=True)]
    return frozenset(found)


def _rows(node: str, legs: list[Leg], call_ids: list[UUID], ringing: frozenset[str]) -> _Rows:
    unsent = Command.objects.filter(node=node, kind="Dial", stage=Command.Stage.NEW)
    visits = QueueVisit.objects.filter(call_id__in=call_ids).select_related("queue")
    unbegun = Recording.objects.filter(call_id__in=call_ids, stage=RecordingStage.REQUESTED)
    by_call: dict[UUID, list[Leg]] = {}
    for leg in legs:
        by_call.setdefault(leg.call_id, []).append(leg)
    return _Rows(
        undialled=frozenset(fields.get("leg_id", "") for fields in unsent.values_list("fields", flat=True)),
        ringing=ringing,
        # The newest visit of a call comes last and stays.
        music={visit.call_id: visit.queue.music for visit in visits.order_by("enqueued_at", "pk")},
        unbegun={row.call_id: str(row.pk) for row in unbegun},
        legs=by_call,
    )


def _leg(leg: Leg, rows: _Rows) -> BelievedLeg:
    return BelievedLeg(
        leg_id=leg.pk,
        call_id=leg.call_id,
        role=leg.role,
        answered=leg.answered_at is not None,
        began_at=leg.began_at,
        dialled=bool(leg.address),
        undialled=leg.pk in rows.undialled,
        unwanted=not _is_wanted(leg, rows.ringing),
    )


def _is_wanted(leg: Leg, ringing: frozenset[str]) -> bool:
    call = leg.call
    if call.phase == Phase.ENDED:
        return False
    if leg.role == Leg.Role.CUSTOMER:
        return not call.hung_up_by
    with_it = leg.role == Leg.Role.OPERATOR and call.phase in WITH_AN_OPERATOR
    return leg.pk in ringing or (with_it and leg.answered_at is not None and leg.agent_id == call.agent_id)


def _call(call: Call, rows: _Rows) -> BelievedCall:
    legs = rows.legs.get(call.pk, [])
    operators = [
        x.pk for x in legs if x.role == Leg.Role.OPERATOR and x.answered_at and x.agent_id == call.agent_id
    ]
    return BelievedCall(
        call_id=call.pk,
        phase=call.phase,
        bridge_id=call.bridge_id,
        playing=bool(call.playback_id),
        agent_id=call.agent_id,
        music=rows.music.get(call.pk, "default"),
        customer_leg=next((leg.pk for leg in legs if leg.role == Leg.Role.CUSTOMER), ""),
        operator_leg=operators[-1] if operators else "",
        unbegun_recording=rows.unbegun.get(call.pk, ""),
    )


def still_wanted(call_id: UUID, command: port.Command) -> bool:
    """Whether a repair found in a snapshot still fits what the call is doing now."""
    match command:
        case port.Join():
            phases = [Phase.TALKING]
        case port.StartMusic() | port.Leave():
            phases = [Phase.WAITING, Phase.RINGING, Phase.HOLDING, Phase.RESTORING]
        case port.HangUp(leg_id=leg_id):
            # Asked in this order, as in `read`: it may have been answered since it was found unwanted.
            known = Call.objects.filter(pk=call_id).values_list("node", flat=True).first()
            ringing = _ringing(known) if known is not None else frozenset()
            leg = Leg.objects.filter(pk=leg_id, gone_at__isnull=True).select_related("call").first()
            return leg is None or not _is_wanted(leg, ringing)
        case _:
            return True
    return Call.objects.filter(pk=call_id, phase__in=phases).exists()
