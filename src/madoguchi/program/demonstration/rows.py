"""Turns the played past into rows: the same rows, in the same order, that a living call leaves behind.

Written in bulk, past the actions: an action acts now, and these calls are over. The tables of the state
machines are walked all the same, so a step that could not happen cannot be written.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from madoguchi.domain.calls.models import Call, Leg, Offer, QueueVisit, Recording, WrapUp
from madoguchi.domain.calls.states import CallEvent, Outcome, Phase, RecordingStage
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.states import PROMISE, PromiseEvent, PromiseStage
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.models import Customer, CustomerNumber
from madoguchi.domain.flows.queries import published_version
from madoguchi.domain.ledger.actions import step
from madoguchi.domain.ledger.models import Transition
from madoguchi.kit.ids import new_id
from madoguchi.kit.phone_numbers import parse
from madoguchi.program.demonstration.cast import Caller, Story
from madoguchi.program.demonstration.centre import Centre
from madoguchi.program.demonstration.day import Played
from madoguchi.program.demonstration.way import Way

NO_SOUND = "実演用の過去の通話のため、音声はありません。"
BATCH = 1000


class Rows:
    """Collects the rows of many calls and stores them table by table."""

    def __init__(self, centre: Centre, node: str, now: datetime) -> None:
        self.centre, self.node, self.now = centre, node, now
        self.versions = {text: published_version(row.flow_id or 0) for text, row in centre.numbers.items()}
        self.contacts: list[Contact] = []
        self.calls: list[Call] = []
        self.legs: list[Leg] = []
        self.visits: list[QueueVisit] = []
        self.offers: list[Offer] = []
        self.recordings: list[Recording] = []
        self.wrap_ups: list[WrapUp] = []
        self.promises: list[Promise] = []
        self.steps: list[Transition] = []
        self.last_calls: dict[int, datetime] = {}

    def add(
        self, played: Played, person: tuple[Caller, Customer] | None, story: Story | None, chance: Random
    ) -> None:
        """Add one call with all that belongs to it; `person` None is somebody we do not know."""
        customer = person[1] if person else None
        number = person[0].number if person else _stranger(chance)
        contact = self._contact(played, customer, story)
        call = self._call(played, contact, number, customer)
        contact.call_id = call.pk
        self.calls.append(call)
        self._customer_leg(played, call)
        way = Way(call.pk, self.steps)
        self._walk(played, call, way)
        if played.agent:
            self._answered(played, call)
        if story and story.promise and customer:
            self._promise(call, contact, story, chance)
        if customer:
            self.last_calls[customer.pk] = played.ended

    def store(self) -> None:
        """Write everything; each table after those that it points to."""
        Contact.objects.bulk_create(self.contacts, BATCH)
        Call.objects.bulk_create(self.calls, BATCH)
        Leg.objects.bulk_create(self.legs, BATCH)
        QueueVisit.objects.bulk_create(self.visits, BATCH)
        Offer.objects.bulk_create(self.offers, BATCH)
        Recording.objects.bulk_create(self.recordings, BATCH)
        WrapUp.objects.bulk_create(self.wrap_ups, BATCH)
        Promise.objects.bulk_create(self.promises, BATCH)
        self._late_steps()
        self.steps.sort(key=lambda one: one.at)
        Transition.objects.bulk_create(self.steps, BATCH)
        for customer_id, at in self.last_calls.items():
            CustomerNumber.objects.filter(customer_id=customer_id, main=True).update(last_call_at=at)

    def _contact(self, played: Played, customer: Customer | None, story: Story | None) -> Contact:
        visitor = played.visitor
        number = self.centre.numbers[visitor.number]
        contact = Contact(
            client=number.client,
            customer=customer,
            channel=Contact.Channel.CALL_IN,
            at=visitor.at,
            menu=visitor.menu,
        )
        if story and played.agent:
            place = self.centre.clients.index(number.client)
            contact.account_id = self.centre.agents[played.agent].account_id
            contact.reason = self.centre.reasons[place, story.branch, story.leaf]
            contact.handling, contact.reception = story.handling, story.reception
            contact.summary, contact.closed_at = story.summary, played.wrapped
            contact.marks = ["second_complaint"] if story.leaf == "応対について" else []
        self.contacts.append(contact)
        return contact

    def _call(self, played: Played, contact: Contact, number: str, customer: Customer | None) -> Call:
        visitor = played.visitor
        ours, read = self.centre.numbers[visitor.number], parse(number)
        return Call(
            direction=Call.Direction.INBOUND,
            node=self.node,
            trunk_endpoint=ours.trunk.endpoint if ours.trunk else "",
            number=ours,
            client=ours.client,
            called_raw=visitor.number.replace("-", ""),
            caller_raw=number or "anonymous",
            customer_e164=read.e164 or "",
            customer_number_kind=str(read.kind) if number else "",
            no_number_reason="" if number else "P",
            customer=customer,
            contact=contact,
            phase=Phase.ENDED,
            phase_since=played.ended,
            agent=self.centre.agents[played.agent] if played.agent else None,
            flow_version=self.versions[visitor.number] if visitor.is_open else None,
            menu=visitor.menu,
            arrived_at=visitor.at,
            answered_at=played.answered,
            ended_at=played.ended,
            outcome=Outcome(played.outcome),
            coming_outcome=played.outcome if played.outcome == Outcome.OUT_OF_HOURS else "",
            ending="completed" if played.agent else "",
            hung_up_by="customer" if visitor.is_open else "system",
            cause=16,
        )

    def _customer_leg(self, played: Played, call: Call) -> None:
        self.legs.append(
            Leg(
                id=f"{self.node}-past-{call.pk}",
                call=call,
                role=Leg.Role.CUSTOMER,
                began_at=played.visitor.at,
                answered_at=played.visitor.at,
                gone_at=played.ended,
                cause=16,
            )
        )

    def _walk(self, played: Played, call: Call, way: Way) -> None:
        at = played.visitor.at
        way.began(at)
        if played.outcome == Outcome.OUT_OF_HOURS:
            way.call(CallEvent.TURNED_AWAY, at, {"outcome": played.outcome})
        else:
            way.call(CallEvent.MENU_BEGAN, at, {"flow_version": call.flow_version_id})
        if played.enqueued:
            self._visit(played, call, way)
        way.call(CallEvent.GONE, played.ended, {"outcome": played.outcome, "cause": 16})
        if played.agent and played.wrapped:
            way.wrapped_up(self.centre.agents[played.agent].pk, played.ended, played.wrapped)

    def _visit(self, played: Played, call: Call, way: Way) -> None:
        assert played.enqueued is not None  # asked by the caller
        queue = self.centre.queues[played.visitor.queue]
        taken = played.answered is not None
        visit = QueueVisit(
            call=call,
            queue=queue,
            enqueued_at=played.enqueued,
            left_at=played.answered or played.ended,
            left=QueueVisit.Left.TAKEN if taken else QueueVisit.Left.ABANDONED,
        )
        self.visits.append(visit)
        way.call(CallEvent.ENQUEUED, played.enqueued, {"queue": queue.pk})
        for ring in sorted(played.rings, key=lambda one: (one.at, one.stage)):
            agent, offer_id = self.centre.agents[ring.agent], new_id()
            offer = Offer(
                id=offer_id,
                call=call,
                visit=visit,
                agent=agent,
                ring_all=len(played.rings) > 1 and played.rings[0].stage != "missed",
                leg_id=f"o-{offer_id}",
                stage=ring.stage,
                offered_at=ring.at,
                rang_at=ring.at + timedelta(milliseconds=200),
                rings_until=ring.at + timedelta(seconds=queue.ring_s),
                ended_at=ring.ended,
            )
            self.offers.append(offer)
            self._operator_leg(played, call, offer)
        way.rings(self.offers[len(self.offers) - len(played.rings) :])
        way.talk(played, self.centre.agents.get(played.agent))

    def _operator_leg(self, played: Played, call: Call, offer: Offer) -> None:
        accepted = offer.stage == "accepted"
        self.legs.append(
            Leg(
                id=offer.leg_id,
                call=call,
                role=Leg.Role.OPERATOR,
                agent=offer.agent,
                address=f"phone:{offer.agent.endpoint}",
                began_at=offer.offered_at,
                rang_at=offer.rang_at,
                answered_at=offer.ended_at if accepted else None,
                gone_at=played.ended if accepted else offer.ended_at,
                cause=16 if accepted else 0,
            )
        )

    def _answered(self, played: Played, call: Call) -> None:
        assert played.answered is not None and played.wrapped is not None  # who has an agent was answered
        agent = self.centre.agents[played.agent]
        self.recordings.append(
            Recording(
                call=call,
                agent=agent,
                stage=RecordingStage.DELETED,
                requested_at=played.answered,
                began_at=played.answered,
                ended_at=played.ended,
                duration_s=(played.ended - played.answered).total_seconds(),
                missing_reason=NO_SOUND,
            )
        )
        self.wrap_ups.append(
            WrapUp(
                call=call,
                agent=agent,
                began_at=played.ended,
                due_at=played.ended + timedelta(seconds=120),
                ended_at=played.wrapped,
                ended_by="operator",
            )
        )

    def _promise(self, call: Call, contact: Contact, story: Story, chance: Random) -> None:
        assert contact.closed_at is not None  # a promise is made by somebody who answered
        due = contact.closed_at + timedelta(hours=chance.choice((2, 3, 5, 22)))
        is_ours_still = due > self.now - timedelta(hours=30) or story.stays_owed
        promise = Promise(
            kind=Promise.Kind.CALL_BACK if story.handling == "call_back" else Promise.Kind.DO,
            client=contact.client,
            customer=contact.customer,
            contact=contact,
            call_id=call.pk,
            what=story.promise,
            owner_id=contact.account_id,
            made_by=contact.account_id,
            made_at=contact.closed_at,
            due_at=due,
            number=call.customer_e164,
            number_repeated=True,
        )
        if is_ours_still:
            promise.stage = PromiseStage.OPEN if due > self.now else PromiseStage.BROKEN
        else:
            late = chance.random() < 0.12
            promise.stage = PromiseStage.KEPT_LATE if late else PromiseStage.KEPT
            promise.ended_at = due + timedelta(minutes=50) if late else due - timedelta(minutes=25)
            promise.ended_by = promise.owner_id
        self.promises.append(promise)

    def _late_steps(self) -> None:
        """Steps of what has its id only now that it is stored."""
        for visit in self.visits:
            if visit.left_at:
                facts = {"queue": visit.queue_id}
                for old, new, event, at in (
                    ("", "waiting", "enqueued", visit.enqueued_at),
                    ("waiting", visit.left, "left", visit.left_at),
                ):
                    made = step(
                        "visit", visit.pk, old, new, event=event, at=at, cause=facts, call_id=visit.call_id
                    )
                    self.steps.append(made)
        for promise in self.promises:
            self._promise_steps(promise)

    def _promise_steps(self, promise: Promise) -> None:
        stage: str = PROMISE.initial
        events: list[tuple[PromiseEvent, datetime]] = []
        if promise.stage in {PromiseStage.BROKEN, PromiseStage.KEPT_LATE} and promise.due_at:
            events.append((PromiseEvent.FELL_DUE, promise.due_at))
        if promise.ended_at:
            events.append((PromiseEvent.FULFILLED, promise.ended_at))
        self.steps.append(
            step("promise", promise.pk, "", stage, event="made", at=promise.made_at, by=promise.made_by)
        )
        for event, at in events:
            new = PROMISE.next_state(stage, event)
            self.steps.append(
                step("promise", promise.pk, stage, new, event=event, at=at, by=promise.ended_by)
            )
            stage = new


def _stranger(chance: Random) -> str:
    """A number that nobody here has, or none at all."""
    return "" if chance.random() < 0.3 else f"0800000{chance.randrange(9000):04}"
