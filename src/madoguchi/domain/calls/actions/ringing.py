"""The end of a ring that nobody answered, whatever the ring was for."""

from __future__ import annotations

from uuid import UUID

from madoguchi.domain.calls.actions.consulting import consult_failed
from madoguchi.domain.calls.actions.leaving import end_call
from madoguchi.domain.calls.actions.offering import back_to_waiting, close_offer, open_offer
from madoguchi.domain.calls.errors import OfferGone
from madoguchi.domain.calls.models import Offer
from madoguchi.domain.calls.scene import Scene, scene
from madoguchi.domain.calls.states import OfferEvent, OfferStage


def ring_out(offer_id: UUID) -> None:
    """The ring lasted long enough: the next person is asked."""
    _end(offer_id, OfferEvent.RANG_OUT)


def refuse_offer(offer_id: UUID, *, acting_user: int) -> None:
    """The operator declines. Raises `OfferGone` when the ring is over or was not theirs."""
    if not Offer.objects.filter(pk=offer_id, stage=OfferStage.OPEN, agent__account_id=acting_user).exists():
        raise OfferGone
    _end(offer_id, OfferEvent.REFUSED, by=acting_user)


def _end(offer_id: UUID, event: OfferEvent, by: int | None = None) -> None:
    call_id = Offer.objects.values_list("call_id", flat=True).get(pk=offer_id)
    with scene(call_id, by=by) as acted:
        ended = open_offer(acted, pk=offer_id)
        if ended is not None:
            end_ring(acted, ended, event)


def end_ring(acted: Scene, ended: Offer, event: OfferEvent, *, blameless: bool = False) -> None:
    """End a ring and do what its purpose demands next. `blameless`: a fault of ours ended it."""
    close_offer(acted, ended, event, blameless=blameless)
    match ended.purpose:
        case Offer.Purpose.QUEUE:
            back_to_waiting(acted)
        case Offer.Purpose.CONSULT:
            consult_failed(acted)
        case Offer.Purpose.OUTBOUND:
            end_call(acted, cause=0, hung_up_by="operator")
