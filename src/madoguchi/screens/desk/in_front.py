"""What one person at the phone has in front of them: a ring, a call, a wrap-up, or nothing. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Max, Min, OuterRef, QuerySet, Subquery

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Activity
from madoguchi.domain.calls.models import Acknowledgement, Call, Consult, Offer, QueueVisit, WrapUp
from madoguchi.domain.calls.states import ConsultStage, OfferStage, Outcome, Phase
from madoguchi.domain.story.journey import Given, Journey
from madoguchi.domain.story.queries import Story, Visit, story
from madoguchi.kit.clock import now
from madoguchi.live.batch import once_a_batch

RELATED = ("client", "number", "customer__company", "agent__account", "contact")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a call besides its own fields."""

    waited_s: float = 0.0
    read_points: frozenset[int] = frozenset()
    """Ids of the important points that this person has confirmed in it."""
    taken_over: bool = False
    """Whether a colleague had the customer before."""


@dataclass(frozen=True, slots=True)
class InFront:
    """The one thing at hand. `offer` is a ring that goes on; `call` is the call of either."""

    agent: Agent
    call: Call | None = None
    offer: Offer | None = None
    known: Known = Known()

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
        """Whether the greeting stands: from the ring until the writing ends, so that nothing below it moves.

        Not before who is asked, and not before who has handed the customer on.
        """
        if self.offer is not None:
            return self.offer.purpose != Offer.Purpose.CONSULT
        return self.mine and not self.given_away

    @property
    def restoring(self) -> bool:
        call = self.call
        return call is not None and call.phase == Phase.RESTORING and call.agent_id == self.agent.pk

    @property
    def ended(self) -> bool:
        return self.call is not None and (
            self.call.phase == Phase.ENDED or (self.agent.activity == Activity.WRAP_UP and not self.restoring)
        )


def _me() -> QuerySet[Agent]:
    return Agent.objects.filter(pk=Given("agent")).select_related("account")


def _ring() -> QuerySet[Offer]:
    ringing = Offer.objects.filter(agent=Given("agent"), stage=OfferStage.OPEN)
    related = ringing.select_related("visit__queue", *(f"call__{name}" for name in RELATED))
    return related.annotate(**_known(OuterRef("call_id")))[:1]


def _at_hand() -> QuerySet[Call]:
    mine = Agent.objects.filter(pk=Given("agent")).values("activity_call_id")
    return _calls(Call.objects.filter(pk=Subquery(mine)))


def _lost() -> QuerySet[Call]:
    return _calls(Call.objects.filter(agent=Given("agent"), phase=Phase.RESTORING))


def _calls(calls: QuerySet[Call]) -> QuerySet[Call]:
    return calls.select_related(*RELATED).annotate(**_known(OuterRef("pk"))).order_by("-arrived_at")[:1]


def _known(call: OuterRef) -> dict[str, Any]:
    """What the story needs to know of a call besides its own fields."""
    visits = QueueVisit.objects.filter(call=call).order_by("enqueued_at").values("enqueued_at")
    rings = Offer.objects.filter(call=call).order_by("-offered_at").values("offered_at")
    reader = Agent.objects.filter(pk=Given("agent")).values("account_id")
    read = Acknowledgement.objects.filter(call=call, by=Subquery(reader)).order_by("pk").values("point_id")
    answered = Offer.objects.filter(
        call=call, stage=OfferStage.ACCEPTED, purpose__in=[Offer.Purpose.QUEUE, Offer.Purpose.OUTBOUND]
    )
    return {
        "others_spoke": Exists(answered.exclude(agent=Given("agent"))),
        "enqueued_at": Subquery(visits[:1]),
        "last_rang_at": Subquery(rings[:1]),
        "read_points": ArraySubquery(read),
    }


_IN_FRONT = Journey(_me, _ring, _at_hand, _lost)


@once_a_batch
def in_front(agent_id: int) -> InFront:
    """Read it, in one journey to the database."""
    mine, rings, at_hand, lost = _IN_FRONT.make(agent=agent_id)
    (agent,) = mine
    for ring in rings:
        return InFront(agent, ring.call, ring, _known_of(ring.call, ring))
    calls = sorted([*at_hand, *lost], key=lambda call: call.arrived_at, reverse=True)
    return InFront(agent, calls[0], None, _known_of(calls[0], calls[0])) if calls else InFront(agent)


def _known_of(call: Call, row: Any) -> Known:
    # From joining the queue until the ring that was taken, or the newest one: rows only, no clock.
    until = call.answered_at or row.last_rang_at
    waited = until - row.enqueued_at if until and row.enqueued_at else timedelta()
    return Known(waited.total_seconds(), frozenset(row.read_points), row.others_spoke)


def consult_of(call: Call) -> Consult | None:
    """The consultation that goes on in a call."""
    living = call.consults.filter(stage__in=[ConsultStage.RINGING, ConsultStage.TALKING])
    return living.select_related("to_agent__account", "by_agent__account").first()


def muted_at_switch(agent: Agent, call: Call) -> bool:
    """Whether the switch keeps this person from being heard; never so with the telephone of a browser."""
    if agent.phone != Agent.Phone.DESK:
        return False
    return call.legs.filter(agent=agent, gone_at__isnull=True, muted=True).exists()


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
    visit = Visit(
        contact_id=call.contact_id,
        reader=account.pk,
        client=call.client,
        customer_id=call.customer_id,
        e164=call.customer_e164,
        operator=account.get_short_name(),
        menu=call.menu,
        waited_s=front.known.waited_s,
        outbound=call.direction == Call.Direction.OUTBOUND,
        taken_over=front.known.taken_over,
        acknowledged=front.known.read_points,
    )
    return story(visit, now=now())


def unanswered_of(told: Story) -> dict[UUID, Any]:
    """Calls among the past contacts in which nobody spoke with the customer, each with its `waited`, or None.

    What became of a call lies above the story's room. Asks the database only where nothing was written.
    """
    silent = [past.call_id for past in told.contacts if past.call_id and not past.summary]
    if not silent:
        return {}
    calls = Call.objects.filter(pk__in=silent, phase=Phase.ENDED)
    unanswered = calls.exclude(outcome__in=[Outcome.ANSWERED, Outcome.REACHED])
    waits = Max("visits__left_at") - Min("visits__enqueued_at")
    return unanswered.annotate(waited=waits).in_bulk()
