"""The steps of one past call through the state machines: what its page shows as a line of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import ACTIVITY, Activity, ActivityEvent
from madoguchi.domain.calls.models import Offer
from madoguchi.domain.calls.states import CALL, OFFER, CallEvent, OfferEvent
from madoguchi.domain.ledger.actions import step
from madoguchi.domain.ledger.models import Transition
from madoguchi.program.demonstration.day import Played

ENDS = {
    "accepted": OfferEvent.ANSWERED,
    "missed": OfferEvent.RANG_OUT,
    "beaten": OfferEvent.OTHER_ANSWERED,
}


class Way:
    """Walks the tables; a step that they do not allow raises `Impossible`."""

    def __init__(self, call_id: UUID, steps: list[Transition]) -> None:
        self.call_id = call_id
        self.steps = steps
        self.phase: str = CALL.initial
        self.activities: dict[int, str] = {}

    def began(self, at: datetime) -> None:
        """The call arrived."""
        self._write(("call", self.call_id), ("", self.phase), "arrived", at)

    def call(self, event: CallEvent, at: datetime, cause: Mapping[str, Any] | None = None) -> None:
        """Move the call."""
        new = CALL.next_state(self.phase, event)
        self._write(("call", self.call_id), (self.phase, new), event, at, cause)
        self.phase = new

    def rings(self, offers: Sequence[Offer]) -> None:
        """Ring by round: what rings at the same moment is one round."""
        for began in sorted({offer.offered_at for offer in offers}):
            together = [offer for offer in offers if offer.offered_at == began]
            self.call(CallEvent.OFFERED, began, {"agents": [offer.agent_id for offer in together]})
            for offer in together:
                self._ring(offer)
            if not any(offer.stage == "accepted" for offer in together):
                self.call(CallEvent.OFFER_ENDED, max(offer.ended_at or began for offer in together))

    def talk(self, played: Played, agent: Agent | None) -> None:
        """Taken, perhaps held, and what the operator does meanwhile."""
        if agent is None or played.answered is None:
            return
        self.call(CallEvent.TAKEN, played.answered, {"agent": agent.pk})
        if played.held and played.resumed:
            self.call(CallEvent.HELD, played.held)
            self._act(agent.pk, ActivityEvent.HELD, played.held)
            self.call(CallEvent.RESUMED, played.resumed)
            self._act(agent.pk, ActivityEvent.RESUMED, played.resumed)

    def wrapped_up(self, agent_id: int, ended: datetime, wrapped: datetime) -> None:
        """The operator writes it down and is free."""
        self._act(agent_id, ActivityEvent.CALL_LEFT, ended)
        self._act(agent_id, ActivityEvent.WRAPPED_UP, wrapped)

    def _ring(self, offer: Offer) -> None:
        ended = offer.ended_at or offer.rings_until
        event = ENDS[offer.stage]
        stage: str = OFFER.initial
        facts = {"agent": offer.agent_id, "purpose": offer.purpose}
        ring = ("offer", offer.pk)
        self._write(ring, ("", stage), "offered", offer.offered_at, facts)
        self._act(offer.agent_id, ActivityEvent.OFFERED, offer.offered_at)
        self._write(ring, (stage, OFFER.next_state(stage, event)), event, ended, facts)
        accepted = event is OfferEvent.ANSWERED
        self._act(offer.agent_id, ActivityEvent.ANSWERED if accepted else ActivityEvent.OFFER_ENDED, ended)

    def _act(self, agent_id: int, event: ActivityEvent, at: datetime) -> None:
        old = self.activities.get(agent_id, Activity.IDLE)
        new = ACTIVITY.next_state(old, event)
        self._write(("activity", agent_id), (old, new), event, at)
        self.activities[agent_id] = new

    def _write(
        self,
        subject: tuple[str, object],
        change: tuple[str, str],
        event: str,
        at: datetime,
        cause: Mapping[str, Any] | None = None,
    ) -> None:
        made = step(*subject, *change, event=event, at=at, cause=cause, call_id=self.call_id)
        self.steps.append(made)
