"""What one person at the phone has in front of them: a ring, a call, a wrap-up, or nothing. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Activity
from madoguchi.domain.calls.models import Acknowledgement, Call, Consult, Offer, QueueVisit, WrapUp
from madoguchi.domain.calls.states import ConsultStage, OfferStage, Phase
from madoguchi.domain.story.queries import Story, Visit, story
from madoguchi.kit.clock import now
from madoguchi.live.batch import once_a_batch

RELATED = ("client", "number", "customer__company", "agent__account", "contact")


@dataclass(frozen=True, slots=True)
class InFront:
    """The one thing at hand. `offer` is a ring that goes on; `call` is the call of either."""

    agent: Agent
    call: Call | None = None
    offer: Offer | None = None

    @property
    def mine(self) -> bool:
        """Whether this person has the customer, or has had them: not just the colleague who is asked."""
        had = self.agent.activity == Activity.WRAP_UP
        return self.call is not None and (had or self.call.agent_id == self.agent.pk)

    @property
    def given_away(self) -> bool:
        """Whether somebody else has the customer while this person writes down their part."""
        return self.call is not None and self.ended and self.call.phase != Phase.ENDED

    @property
    def greets(self) -> bool:
        """Whether the next thing to do is to speak to the customer."""
        if self.offer is not None:
            return self.offer.purpose != Offer.Purpose.CONSULT
        return self.mine and not self.ended

    @property
    def restoring(self) -> bool:
        call = self.call
        return call is not None and call.phase == Phase.RESTORING and call.agent_id == self.agent.pk

    @property
    def ended(self) -> bool:
        return self.call is not None and (
            self.call.phase == Phase.ENDED or (self.agent.activity == Activity.WRAP_UP and not self.restoring)
        )


@once_a_batch
def in_front(agent_id: int) -> InFront:
    """Read it, in at most three statements."""
    agent = Agent.objects.select_related("account").get(pk=agent_id)
    offer = (
        Offer.objects.filter(agent=agent, stage=OfferStage.OPEN)
        .select_related("visit__queue", *(f"call__{name}" for name in RELATED))
        .first()
    )
    if offer is not None:
        return InFront(agent, offer.call, offer)
    lost = Q(agent=agent, phase=Phase.RESTORING)
    calls = Call.objects.filter(Q(pk=agent.activity_call_id) | lost if agent.activity_call_id else lost)
    return InFront(agent, calls.select_related(*RELATED).order_by("-arrived_at").first())


def consult_of(call: Call) -> Consult | None:
    """The consultation that goes on in a call."""
    living = call.consults.filter(stage__in=[ConsultStage.RINGING, ConsultStage.TALKING])
    return living.select_related("to_agent__account", "by_agent__account").first()


@once_a_batch
def open_wrap_up(agent_id: int) -> WrapUp | None:
    """What this person is still to write."""
    rows = WrapUp.objects.filter(agent_id=agent_id, ended_at__isnull=True)
    return rows.select_related("call__client", "call__contact", "call__customer").first()


@once_a_batch
def story_of(front: InFront) -> Story | None:
    """The story of the call at hand, with this person's own acknowledgements."""
    call = front.call
    if call is None:
        return None
    account = front.agent.account
    read = Acknowledgement.objects.filter(call=call, by=account.pk).values_list("point_id", flat=True)
    visit = Visit(
        contact_id=call.contact_id,
        written=bool(call.contact.summary),
        reader=account.pk,
        client=call.client,
        customer_id=call.customer_id,
        e164=call.customer_e164,
        operator=account.get_short_name(),
        menu=call.menu,
        waited_s=_waited_s(call),
        outbound=call.direction == Call.Direction.OUTBOUND,
        acknowledged=frozenset(read),
    )
    return story(visit, now=now())


def _waited_s(call: Call) -> float:
    """From joining the queue until the first ring that was taken, or the newest one: rows only, no clock."""
    visit = QueueVisit.objects.filter(call=call).order_by("enqueued_at").first()
    if visit is None:
        return 0.0
    rang = call.offers.order_by("-offered_at").values_list("offered_at", flat=True).first()
    until = call.answered_at or rang
    return (until - visit.enqueued_at).total_seconds() if until else 0.0
